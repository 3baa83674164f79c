from django.conf import settings
from django.urls import path
from django.views.i18n import set_language

from ganbo.doors.ui import views

app_name = "ui"
urlpatterns = [
    path("language/", set_language, name="language"),
    path("accent/<str:digits>.css", views.accent_css, name="accent"),
    path("offline/", views.offline, name="offline"),
]
if settings.DEMO or settings.DEBUG:
    urlpatterns.append(path("gallery/", views.gallery, name="gallery"))
