"""Addresses of the API."""

from django.urls import path

from ganbo.doors.api import batches, codes, events, health, members, programme, rewards, terms, tiers
from ganbo.doors.api.app import api

OPERATIONS = (
    batches,
    codes,
    events,
    health,
    members,
    programme,
    rewards,
    terms,
    tiers,
)  # imported so that they register themselves

urlpatterns = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("api/v1/", api.urls),
]
