"""A partner's card at this till: whose it is, and what of it can pay; never who bears it."""

from dataclasses import dataclass

from ganbo.doors.till import offers, saying
from ganbo.doors.till.counter import Counter
from ganbo.doors.till.identify import Found
from ganbo.doors.till.receipt import Draft
from ganbo.doors.ui import units
from ganbo.doors.ui.units import Unit
from ganbo.journeys import partner_lookup
from ganbo.journeys.partner_lookup import Recognised
from ganbo.journeys.partner_sales import Paying


@dataclass(frozen=True, slots=True)
class Theirs:
    """The issuer's name, and what can be paid; `fits`: how many points this bill takes, and what they pay."""

    issuer: str
    text: str
    gift: int | None
    points: int
    worth: int | None
    unit: Unit
    earned: int
    uses: bool
    fits: int
    pays: int


def found(text: str, at: Counter) -> Found | None:
    """A card of a partner among the businesses here; None when it is nobody's."""
    recognised = partner_lookup.elsewhere(text, at=at.now)
    return Found("partner", text, theirs=recognised) if recognised else None


def shown(found: Found, draft: Draft, at: Counter, *, uses: bool = False) -> Theirs:
    """What the counter shows of it, with the bill as it stands."""
    theirs = found.theirs
    assert theirs is not None
    partner, bill = theirs.link.partner, offers.bill(draft, at)
    to_pay = bill.to_pay or 0
    fits = min(theirs.row.points, to_pay // partner.rate) if partner.rate else 0
    return Theirs(
        issuer=theirs.link.ours.business.name,
        text=found.text,
        gift=theirs.gift,
        points=theirs.row.points,
        worth=theirs.row.worth,
        unit=units.of_wallet(theirs.link.programme, partner.wallet, saying.locale()),
        earned=partner.earned(to_pay),
        uses=uses,
        fits=fits,
        pays=min(theirs.gift, to_pay) if theirs.gift is not None else fits * partner.rate,
    )


def paying(theirs: Recognised, to_pay: int, *, uses: bool) -> tuple[Paying, int]:
    """What pays a bill, and how much of it: all points that fit when they are wanted, a gift card always."""
    rate = theirs.link.partner.rate
    if theirs.gift is not None:
        pays = min(theirs.gift, to_pay)
        return Paying(gift_card=theirs.number, by_card=pays), pays
    points = min(theirs.row.points, to_pay // rate) if uses and rate else 0
    return Paying(theirs.number, points), points * rate
