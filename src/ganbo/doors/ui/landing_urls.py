"""The first page, at the root; and what only the demo has."""

from django.conf import settings
from django.urls import path

from ganbo.doors.ui import outbox, views

urlpatterns = [path("", views.landing, name="landing")]
if settings.DEMO:
    urlpatterns.append(path("demo/outbox", outbox.outbox, name="demo-outbox"))
