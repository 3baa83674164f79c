"""Addresses of the API."""

from django.urls import path

from ganbo.doors.api import events, health, members, programme, rewards, tiers
from ganbo.doors.api.app import api

OPERATIONS = (events, health, members, programme, rewards, tiers)  # imported so that they register themselves

urlpatterns = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("api/v1/", api.urls),
]
