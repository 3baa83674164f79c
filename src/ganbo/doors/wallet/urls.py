"""Addresses of the wallet."""

from django.urls import path

from ganbo.doors.wallet import agreeing, claiming, family, packs, picking, pinning, sign_in, views

app_name = "wallet"
urlpatterns = [
    path("", views.card, name="card"),
    path("show/", views.show, name="show"),
    path("show/code/", pinning.code, name="show_code"),
    path("gifts/", views.gifts, name="gifts"),
    path("gifts/redeem/", views.redeem, name="redeem"),
    path("gifts/goal/", views.choose_goal, name="goal"),
    path("vouchers/<uuid:voucher_id>/", views.voucher, name="voucher"),
    path("vouchers/<uuid:voucher_id>/choose/", picking.choose, name="choose"),
    path("packages/<uuid:package_id>/", packs.package, name="package"),
    path("family/", family.family, name="family"),
    path("family/do/", family.do, name="family_do"),
    path("history/", views.history, name="history"),
    path("me/", views.me, name="me"),
    path("pin/", pinning.pin, name="pin"),
    path("claim/", claiming.claim, name="claim"),
    path("claim/<str:code>/", claiming.claim, name="claim_code"),
    path("terms/", agreeing.terms, name="terms"),
    path("terms/agree/", agreeing.agree, name="agree"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("code/", sign_in.code, name="code"),
    path("join/", sign_in.join, name="join"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
]
