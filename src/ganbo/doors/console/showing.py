"""What every console page needs: language, zone, currency, names of wallets and stores."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ganbo.books.events import queries as events
from ganbo.engine.programme import Programme
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import NoProgramme, Timeline
from ganbo.foundation import clock, i18n
from ganbo.foundation.staff import access
from ganbo.foundation.staff.access import StaffRow
from ganbo.people.members import proofs

BEFORE_A_PROGRAMME = ("VND", ZoneInfo("Asia/Ho_Chi_Minh"))
MAY_PUBLISH = frozenset({"owner", "manager", "marketer"})
MAY_PUT_IN_FORCE = frozenset({"owner", "manager"})
REVIEWS = MAY_PUBLISH | {"analyst", "auditor"}
MAY_SET_UP = frozenset({"owner", "manager"})
SEES_CONTACTS = frozenset({"owner", "manager", "care"})


@dataclass(frozen=True, slots=True)
class Showing:
    """How one request's answer is shown; `timeline` is None before the first programme."""

    staff: StaffRow
    locale: str
    now: datetime
    timeline: Timeline | None

    @property
    def programme(self) -> Programme | None:
        return self.timeline.at(self.now).programme if self.timeline else None

    @property
    def zone(self) -> ZoneInfo:
        return self.programme.timezone if self.programme else BEFORE_A_PROGRAMME[1]

    @property
    def currency(self) -> str:
        return self.programme.currency if self.programme else BEFORE_A_PROGRAMME[0]

    @property
    def assets(self) -> list[str]:
        return list(self.programme.wallets) if self.programme else []

    def unit(self, asset: str) -> str:
        """What the merchant calls one wallet's points."""
        wallet = self.programme.wallets.get(asset) if self.programme else None
        return (wallet.name.text(self.locale) if wallet else "") or asset

    def number(self, n: int) -> str:
        return i18n.number(n, self.locale)

    def money(self, amount: int) -> str:
        return i18n.money(amount, self.currency, self.locale)

    def points(self, amount: int, asset: str, *, signed: bool = False) -> str:
        """240 điểm; with `signed` +240 điểm or −240 điểm."""
        sign = ("+" if amount >= 0 else "−") if signed else ""
        unit = self.unit(asset)
        if abs(amount) == 1 and self.locale == "en":
            unit = unit.removesuffix("s")
        return f"{sign}{self.number(abs(amount) if signed else amount)} {unit}"

    def day(self, at: datetime) -> str:
        return i18n.day(at.astimezone(self.zone).date(), self.locale)

    def moment(self, at: datetime) -> str:
        return i18n.moment(at, self.zone, self.locale)


def begin(request: HttpRequest) -> Showing:
    """Read what this request's pages need."""
    try:
        timeline = programmes.timeline(request.business.schema)  # type: ignore[attr-defined]
    except NoProgramme:
        timeline = None
    return Showing(
        staff=request.staff,  # type: ignore[attr-defined]
        locale=i18n.known((get_language() or "vi").partition("-")[0]),
        now=clock.now(),
        timeline=timeline,
    )


def who(actor: str) -> str:
    """Who did something, as people call them; what is not a person by what it is."""
    kind = actor.partition(":")[0]
    if kind == "key":
        return _("another system")
    return {"cli": _("the command line"), "demo": _("the demo")}.get(kind) or access.name_of(actor)


def store_names() -> dict[str, str]:
    """What each store is called; its id when nobody named it."""
    return {store.id: store.name for store in events.stores()}


def approvals_waiting(showing: Showing) -> int:
    """How many approvals wait for this person; what they asked for themselves is somebody else's."""
    if showing.staff.role not in MAY_SET_UP:
        return 0
    asked = proofs.asked(at=showing.now, stores=showing.staff.stores)
    return sum(row.asked_by != showing.staff.actor for row in asked)


def page(
    request: HttpRequest, template: str, showing: Showing, *, section: str, status: int = 200, **context: Any
) -> HttpResponse:
    """One console page; `section` is the part of the navigation it belongs to."""
    role = showing.staff.role
    if section == "programme":
        context = _head(showing) | context
    return render(
        request,
        template,
        {
            "section": section,
            "staff": showing.staff,
            "may_publish": role in MAY_PUBLISH,
            "may_put_in_force": role in MAY_PUT_IN_FORCE,
            "reviews": role in REVIEWS,
            "may_set_up": role in MAY_SET_UP,
            "approvals_waiting": approvals_waiting(showing),
            **context,
        },
        status=status,
    )


def _head(shown: Showing) -> dict[str, Any]:
    """Name and version of what is in force, for the head of the programme's pages."""
    if shown.timeline is None:
        return {"programme_name": "", "version": None}
    now = shown.timeline.at(shown.now)
    return {
        "programme_name": now.programme.name.text(shown.locale),
        "version": now.version,
        "since": shown.day(now.in_force_from),
    }
