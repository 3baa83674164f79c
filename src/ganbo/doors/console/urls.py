"""The console's pages."""

from django.urls import path

from ganbo.doors.console import gear, member_page, members, poster, programme, today

app_name = "console"
urlpatterns = [
    path("", today.today, name="today"),
    path("behind/<slug:figure>", today.behind, name="behind"),
    path("members/", members.members, name="members"),
    path("members/<uuid:member_id>", member_page.member, name="member"),
    path("events/<path:event_id>", member_page.event, name="event"),
    path("programme/", programme.cards, name="programme"),
    path("programme/yaml", programme.text, name="programme_yaml"),
    path("programme/versions", programme.versions, name="programme_versions"),
    path("programme/versions/<int:number>", programme.version, name="programme_version"),
    path("settings/", gear.settings_page, name="settings"),
    path("settings/stores", gear.stores, name="stores"),
    path("settings/keys", gear.keys, name="keys"),
    path("settings/keys/<uuid:key_id>/revoke", gear.revoke, name="revoke_key"),
    path("poster.pdf", poster.poster, name="poster"),
]
