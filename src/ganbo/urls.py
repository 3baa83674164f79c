"""The only URL root."""

from django.urls import include, path

urlpatterns = [
    path("", include("ganbo.doors.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("ui/", include("ganbo.doors.ui.urls")),
    path("till/", include("ganbo.doors.till.urls")),
    path("wallet/", include("ganbo.doors.wallet.urls")),
    path("console/", include("ganbo.doors.console.urls")),
    path("", include("ganbo.doors.ui.landing_urls")),
]
