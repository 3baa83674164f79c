"""Thể lệ: the terms in plain words of any version, how many members said yes to which, and a page to print."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from ganbo.doors.console import showing
from ganbo.doors.console.showing import Showing
from ganbo.features.programmes import change_words, queries
from ganbo.features.programmes.queries import Listed, TermsRow
from ganbo.foundation import i18n
from ganbo.foundation.staff.access import staff_only
from ganbo.people.members import queries as members

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}


@staff_only()
def terms(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """The terms of a version, of the one in force when none is named."""
    shown = showing.begin(request)
    listed = [v for v in queries.listed(request.business.schema, at=shown.now) if v.row.withdraws is None]  # type: ignore[attr-defined]
    if shown.timeline is None:
        return _page(request, shown, rows=[])
    number = number or int(shown.timeline.at(shown.now).version)
    lang = _lang(request, shown)
    text = _text(number, lang, listed)
    yeses = queries.yeses()
    return _page(
        request,
        shown,
        rows=[_row(one, yeses.get(one.row.version, {}), shown) for one in listed],
        number=number,
        lang=lang,
        languages=LANGUAGES.items(),
        digest=text.digest,
        title=title_of(text.text),
        parts=parts_of(text.text),
        worse=_worse(shown, number, lang),
        yeses=shown.number(sum(yeses.get(number, {}).values())),
        members=shown.number(members.count()),
    )


def _page(request: HttpRequest, shown: Showing, **context: Any) -> HttpResponse:
    return showing.page(request, "console/programme_terms.html", shown, section="programme", tab="terms", **context)


@staff_only()
def printed(request: HttpRequest, number: int) -> HttpResponse:
    """The same on plain paper: nothing around it."""
    shown = showing.begin(request)
    listed = queries.listed(request.business.schema, at=shown.now)  # type: ignore[attr-defined]
    lang = _lang(request, shown)
    text = _text(number, lang, listed)
    since = next(v.row.in_force_from for v in listed if v.row.version == number)
    return showing.page(
        request,
        "console/programme_terms_print.html",
        shown,
        section="",
        number=number,
        lang=lang,
        digest=text.digest,
        title=title_of(text.text),
        parts=parts_of(text.text),
        since=i18n.day(since.astimezone(shown.zone).date(), lang),
    )


def _lang(request: HttpRequest, shown: Showing) -> str:
    asked = request.GET.get("lang", "")
    return asked if asked in LANGUAGES else shown.locale


def _text(number: int, lang: str, listed: list[Listed]) -> TermsRow:
    text = queries.terms_of(number, lang=lang)
    if text is None or not any(v.row.version == number and v.row.withdraws is None for v in listed):
        raise Http404
    return text


def _row(one: Listed, yeses: dict[str, int], shown: Showing) -> dict[str, Any]:
    return {
        "n": one.row.version,
        "since": shown.day(one.row.in_force_from),
        "state": one.state,
        "yeses": shown.number(sum(yeses.values())),
        "langs": ", ".join(f"{LANGUAGES[lang]}: {shown.number(count)}" for lang, count in yeses.items()),
    }


def _worse(shown: Showing, number: int, lang: str) -> list[str]:
    """What this version made worse for members against the one before it."""
    times = shown.timeline
    this = next((v for v in times.versions if v.version == number), None) if times else None
    before = times.before(this.in_force_from) if times and this else None
    return change_words.worse(before.programme, this.programme, locale=lang) if before and this else []


def title_of(text: str) -> str:
    """The heading of the whole."""
    return next((line[2:] for line in text.splitlines() if line.startswith("# ")), "")


def parts_of(text: str) -> list[tuple[str, list[str]]]:
    """Headings with their paragraphs, from the plain Markdown the terms are kept as."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("## "):
            found.append((line[3:], []))
        elif line.startswith("- ") and found:
            found[-1][1].append(line[2:])
    return found
