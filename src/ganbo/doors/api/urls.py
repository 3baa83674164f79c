"""Addresses of the API."""

from django.urls import path

from ganbo.doors.api import (
    aims,
    batches,
    budgets,
    codes,
    events,
    experiments,
    gift_cards,
    goals,
    health,
    holds,
    households,
    kpis,
    liability,
    members,
    packages,
    partners,
    perks,
    pools,
    products,
    programme,
    proofs,
    rewards,
    terms,
    tiers,
)
from ganbo.doors.api.app import api

OPERATIONS = (
    batches,
    budgets,
    codes,
    events,
    experiments,
    gift_cards,
    goals,
    health,
    households,
    holds,
    kpis,
    liability,
    members,
    packages,
    partners,
    perks,
    pools,
    products,
    programme,
    proofs,
    rewards,
    terms,
    tiers,
    aims,
)  # imported so that they register themselves

urlpatterns = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("api/v1/", api.urls),
]
