"""Chương trình: the rules in force as sentences."""

from django.http import HttpRequest, HttpResponse

from ganbo.doors.console import rule_sentences, showing
from ganbo.foundation.staff.access import staff_only


@staff_only()
def cards(request: HttpRequest) -> HttpResponse:
    """The programme in force, as cards in the order a member meets them."""
    shown = showing.begin(request)
    programme = shown.programme
    found = rule_sentences.sections(programme, shown.locale) if programme else []
    return showing.page(request, "console/programme.html", shown, section="programme", tab="cards", sections=found)
