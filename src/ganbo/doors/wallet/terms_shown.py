"""The terms as a page shows them, and the yes that a form sends back: to these words, ticked by hand."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from ganbo.features.programmes import queries, terms
from ganbo.features.programmes.terms import Part
from ganbo.foundation.tenancy import context
from ganbo.journeys.accept_terms import Words

_SENT = re.compile(r"(\d{1,9}):(vi|en):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class TermsShown:
    """The terms of one version in the page's language; `since` is the shop's day on which they began."""

    words: Words
    title: str
    parts: tuple[Part, ...]
    since: date

    @property
    def sent(self) -> str:
        """What the form carries: which words stood on the page."""
        return f"{self.words.version}:{self.words.lang}:{self.words.digest}"


def in_force(*, locale: str, at: datetime) -> TermsShown:
    """The terms that apply now. Raises NoProgramme."""
    now = queries.in_force_at(context.current().schema, at)
    kept = queries.terms_of(now.version, lang=locale)
    if kept is None:
        raise LookupError(f"version {now.version} is in force without a source")
    title, parts = terms.parts_of(kept.text)
    since = now.in_force_from.astimezone(now.programme.timezone).date()
    return TermsShown(Words(kept.version, kept.lang, kept.digest), title, parts, since)


def agreed(request: HttpRequest, *, locale: str, at: datetime) -> Words | str:
    """The words a form says yes to; else the sentence why it does not: not ticked, or other terms than those in force."""
    found = _SENT.fullmatch(request.POST.get("terms", ""))
    sent = Words(int(found[1]), found[2], found[3]) if found else None
    now = in_force(locale=sent.lang if sent else locale, at=at).words
    if sent != now:
        return _("The terms changed just now. Read them again, then say yes.")
    if request.POST.get("agree") != "yes":
        return _("Read the terms, then tick this box.")
    return now
