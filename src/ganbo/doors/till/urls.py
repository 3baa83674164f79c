"""Addresses of the till: pages are read with GET, whatever changes something is posted and leads to a page."""

from django.urls import path

from ganbo.doors.till import actions, views

app_name = "till"
urlpatterns = [
    path("", views.counter, name="counter"),
    path("quote/", views.quote, name="quote"),
    path("done/<str:event_id>/", views.done, name="done"),
    path("redeemed/<uuid:redemption_id>/", views.redeemed, name="redeemed"),
    path("store/", actions.choose_store, name="store"),
    path("join/", actions.join_and_sell, name="join"),
    path("sell/", actions.sell, name="sell"),
    path("redeem/", actions.redeem, name="redeem"),
    path("undo/", actions.undo, name="undo"),
    path("undo-redemption/", actions.undo_redemption, name="undo_redemption"),
]
