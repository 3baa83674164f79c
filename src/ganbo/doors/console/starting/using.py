"""Step 5: a check-list that ticks itself where the system can know, then a trial in one store, or everywhere from a day on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from ganbo.books.events import queries as events
from ganbo.doors.console import reviewing, showing, terms_page
from ganbo.doors.console.showing import MAY_PUBLISH, MAY_PUT_IN_FORCE, Showing
from ganbo.doors.console.starting import pages, planning, telling
from ganbo.engine.advice.finding import HIGH
from ganbo.engine.programme import Programme
from ganbo.features.programmes import advice_words, drafts, fitted, terms
from ganbo.features.programmes.drafts import DraftChanged
from ganbo.features.programmes.fitted import Dials
from ganbo.features.programmes.operations import InForceInPast, Overtaken
from ganbo.features.starting.operations import Gone
from ganbo.features.starting.queries import ProposalRow, SalesRow
from ganbo.foundation import i18n
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import edit_draft, starting

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Wish:
    """What the page says: who runs it, from which day, in which store alone; `agreed`: the digest of the terms that were read."""

    organiser: str
    day: str
    store: str
    agreed: str
    practised: bool
    poster: bool

    @property
    def starts(self) -> date | None:
        try:
            return date.fromisoformat(self.day)
        except ValueError:
            return None


@never_cache
@staff_only(*MAY_PUBLISH)
def use(request: HttpRequest, sales_id: UUID, proposal_id: UUID) -> HttpResponse:
    """The list; POST `do=keep` keeps what was ticked, `trial` and `all` put it to use."""
    shown, sales = showing.begin(request), planning.looked(sales_id)
    one = planning.chosen(sales, proposal_id)
    if not one.source:
        return redirect("console:start_plan", sales.id)
    wish = _wish(request, shown, sales, one)
    if request.method != "POST":
        return _page(request, shown, sales, one, wish)
    do = request.POST.get("do", "keep")
    source = _source(sales, one, wish, shown, trial=do == "trial")
    programme, problems = reviewing.checked(source, shown)
    if programme is None:
        return _page(request, shown, sales, one, wish, problem=problems[0].text, status=422)
    agreed = request.POST.get("agreed") == "yes" and request.POST.get("digest") == _digest(one)
    wish = _kept(sales, one, wish, _digest(one) if agreed else "")
    if do == "keep":
        return redirect("console:start_use", sales.id, one.id)
    problem = _lacking(programme, wish, shown, trial=do == "trial")
    if problem:
        return _page(request, shown, sales, one, wish, problem=problem, status=422)
    return _put(request, shown, sales, one, (source, wish))


def _wish(request: HttpRequest, shown: Showing, sales: SalesRow, one: ProposalRow) -> Wish:
    """As posted, else as kept of this proposal, else as most would have it."""
    if request.method == "POST":
        told = request.POST
        store = told.get("store", "")[:64]
        return Wish(
            " ".join(told.get("organiser", "").split())[:LONGEST_NAME], told.get("day", "")[:10],
            store if store in {row.id for row in events.stores()} else "", "", told.get("practised") == "yes",
            told.get("poster") == "yes",
        )  # fmt: skip
    kept = sales.ticks if sales.ticks.get("proposal") == str(one.id) else {}
    tomorrow = shown.now.astimezone(shown.zone).date() + timedelta(days=1)
    legal = shown.programme.legal if shown.programme else None
    organiser = (legal.organiser if legal else "") or request.business.name  # type: ignore[attr-defined]
    return Wish(
        kept.get("organiser", organiser), kept.get("day", tomorrow.isoformat()), kept.get("store", ""),
        kept.get("terms", ""),
        bool(kept.get("practised")), bool(kept.get("poster")),
    )  # fmt: skip


def _kept(sales: SalesRow, one: ProposalRow, wish: Wish, digest: str) -> Wish:
    ticks = {
        "proposal": str(one.id), "organiser": wish.organiser, "day": wish.day,
        "store": wish.store, "terms": digest, "practised": wish.practised, "poster": wish.poster,
    }  # fmt: skip
    try:
        starting.tick(sales.id, ticks)
    except Gone as gone:
        raise Http404 from gone
    return Wish(wish.organiser, wish.day, wish.store, digest, wish.practised, wish.poster)


def _source(sales: SalesRow, one: ProposalRow, wish: Wish, shown: Showing, *, trial: bool) -> str:
    """The proposal's document with who runs it; a trial earns in one store only.

    The first programme says its first day, so that earlier bills earn nothing; one that follows begins when it is published for.
    """
    shop = starting.shop_of(
        sales, store=wish.store if trial else "", organiser=wish.organiser, starts=None if shown.timeline else wish.starts
    )  # fmt: skip
    return fitted.source(one.kind, shop, Dials(one.gift, one.visits, one.months))


def _text(programme: Programme, shown: Showing, request: HttpRequest) -> str:
    return terms.of(programme, lang=shown.locale, organiser=request.business.name).text  # type: ignore[attr-defined]


def _digest(one: ProposalRow) -> str:
    """Of the rules that are read; who runs them and from when is what the reader wrote beside them."""
    return sha256(one.source.encode()).hexdigest()


def _lacking(programme: Programme, wish: Wish, shown: Showing, *, trial: bool) -> str:
    """What must be done before it can be put to use."""
    if _grave(programme, shown):
        return _("The rules were advised against. Turn the dials, then come back.")
    if not wish.organiser:
        return _("Write who runs the programme; the terms name them.")
    if wish.starts is None or wish.starts < shown.now.astimezone(shown.zone).date():
        return _("Choose the day on which it begins, today or later.")
    if not wish.agreed:
        return _("Read the terms and say that you accept them.")
    if trial and not wish.store:
        return _("Choose the store in which it is tried.")
    return ""


def _grave(programme: Programme, shown: Showing) -> list[Any]:
    return [one for one in advice_words.told(programme, locale=shown.locale) if one.severity == HIGH]


def _put(
    request: HttpRequest, shown: Showing, sales: SalesRow, one: ProposalRow, put: tuple[str, Wish]
) -> HttpResponse:
    """The first programme is published at once; one that follows another is reviewed first: members may lose by it."""
    source, wish = put
    latest = shown.timeline.latest if shown.timeline else 0
    begins = datetime.fromisoformat(wish.day).replace(tzinfo=shown.zone)
    since = begins if begins > shown.now else None
    try:
        revision = edit_draft.save(
            source, revision=drafts.current(latest).revision, based_on=latest, by=shown.staff.actor
        )
        if latest or shown.staff.role not in MAY_PUT_IN_FORCE:
            text = _("It is the draft now. See what changes for members, then put it in force.")
            if shown.staff.role not in MAY_PUT_IN_FORCE:
                text = _("It is the draft now. An owner or a manager puts it in force.")
            messages.success(request, text)
            later = f"?when=later&day={wish.day}" if since else ""
            return redirect(reverse("console:programme_publish") + later)
        done = edit_draft.publish(
            source, revision=revision, by=shown.staff.actor, in_force_from=since, note=_("from past sales"), expecting=0
        )
    except (DraftChanged, Overtaken):
        problem = _("Somebody wrote a draft or published a programme meanwhile. Look again, then put it to use.")
        return _page(request, shown, sales, one, wish, problem=problem, status=409)
    except InForceInPast:
        return _page(request, shown, sales, one, wish, problem=_("Choose a later day."), status=422)
    told = _("Version %(n)s is in force from %(since)s.") % {
        "n": done.version,
        "since": shown.moment(done.in_force_from),
    }
    messages.success(request, told)
    return redirect("console:programme")


def _page(
    request: HttpRequest, shown: Showing, sales: SalesRow, one: ProposalRow, wish: Wish, *, problem: str = "", status: int = 200
) -> HttpResponse:  # fmt: skip
    source = _source(sales, one, wish, shown, trial=False)
    programme, problems = reviewing.checked(source, shown)
    if programme is None:
        return pages.page(request, shown, "failed", 5, sales, problem=problems[0].text, title=pages.title(sales))
    text, shop = _text(programme, shown, request), starting.shop_of(sales)
    digest, advice = _digest(one), advice_words.told(programme, locale=shown.locale)
    grave = [found for found in advice if found.severity == HIGH]
    return pages.page(
        request, shown, "use", 5, sales, one=one, wish=wish, problem=problem, card=telling.card(one, sales, shop, shown),
        advice=advice, fine=not grave,
        cap=i18n.money(shop.cap, sales.currency, shown.locale), parts=terms_page.parts_of(text), digest=digest,
        accepted=wish.agreed == digest, named=bool(wish.organiser and wish.starts), stores=[(s.id, s.name) for s in events.stores()],
        follows=shown.timeline is not None, may_put=shown.staff.role in MAY_PUT_IN_FORCE, title=pages.title(sales),
        today=shown.now.astimezone(shown.zone).date().isoformat(), status=status,
    )  # fmt: skip
