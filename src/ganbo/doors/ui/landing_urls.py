"""The first page, at the root."""

from django.urls import path

from ganbo.doors.ui import views

urlpatterns = [path("", views.landing, name="landing")]
