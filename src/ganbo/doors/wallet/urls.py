"""Addresses of the wallet."""

from django.urls import path

from ganbo.doors.wallet import sign_in, views

app_name = "wallet"
urlpatterns = [
    path("", views.card, name="card"),
    path("show/", views.show, name="show"),
    path("gifts/", views.gifts, name="gifts"),
    path("gifts/redeem/", views.redeem, name="redeem"),
    path("gifts/goal/", views.choose_goal, name="goal"),
    path("vouchers/<uuid:voucher_id>/", views.voucher, name="voucher"),
    path("history/", views.history, name="history"),
    path("me/", views.me, name="me"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("code/", sign_in.code, name="code"),
    path("join/", sign_in.join, name="join"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
]
