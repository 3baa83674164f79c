"""Partners as a programme has them: what a bill there earns and pays, what it makes us owe each other, and what returns undo.

Pure; money in minor units.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from ganbo.engine.document import PartnerDoc, ProgrammeDoc, WalletDoc
from ganbo.kernel.local_text import LocalText

POINTS, GIFT_CARD = "points", "gift_card"


@dataclass(frozen=True, slots=True)
class Partner:
    """`per` 0: nothing is earned there. `rate`: what a customer's point pays there; 0 when points do not."""

    id: str
    name: LocalText
    business: str | None  # its slug, when it is one of this installation
    category: str | None
    competitor: bool
    wallet: str
    per: int
    amount: int
    pays_us: int
    accepts: frozenset[str]
    we_pay: int
    rate: int

    @property
    def takes_points(self) -> bool:
        """Whether our points pay there."""
        return POINTS in self.accepts

    @property
    def takes_gift_cards(self) -> bool:
        """Whether our gift cards pay there."""
        return GIFT_CARD in self.accepts

    def earned(self, bill: int) -> int:
        """Points for a bill: for every full step, the rest earns nothing."""
        return bill // self.per * self.amount if self.per else 0

    def terms(self, currency: str) -> dict[str, Any]:
        """What the other side agrees to, as plain JSON."""
        return {
            "currency": currency,
            "earns": {"per": self.per, "amount": self.amount, "pays_us": self.pays_us} if self.per else None,
            "accepts": sorted(self.accepts),
            "we_pay": self.we_pay if self.takes_points else None,
            "rate": self.rate if self.takes_points else None,
        }


class Shares(NamedTuple):
    """What a bill at a partner's moved, or a return of it moves back: points earned, points used, the money they and a gift card paid."""

    earned: int
    used: int
    paid: int
    by_card: int

    def less(self, other: "Shares") -> "Shares":
        """This without what the other says."""
        return Shares(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))


NOTHING = Shares(0, 0, 0, 0)


def kept(whole: Shares, *, bill: int, left: int) -> Shares:
    """What stands of a bill of which `left` remains: what was earned by its share, rounded down; what paid likewise, rounded up.

    So no return takes more points back than its share, and none hands back more than was paid.
    """
    if not bill or left >= bill:
        return whole
    earned = whole.earned * left // bill
    used = -(-whole.used * left // bill)
    return Shares(earned, used, whole.paid * used // whole.used if whole.used else 0, -(-whole.by_card * left // bill))


class Debt(NamedTuple):
    """One line of a statement: `kind` earn, points or gift_card; above zero the partner owes us more."""

    kind: str
    units: int
    amount: int


def debts(partner: Partner, moved: Shares) -> Iterator[Debt]:
    """What this makes us owe each other; of a return pass what it brings back, and turn the signs."""
    if moved.earned:
        yield Debt("earn", moved.earned, moved.earned * partner.pays_us)
    if moved.used:
        yield Debt("points", moved.used, -moved.used * partner.we_pay)
    if moved.by_card:
        yield Debt("gift_card", moved.by_card, -moved.by_card)


def partners_of(doc: ProgrammeDoc, error: Callable[..., None]) -> dict[str, Partner]:
    """The compiled ones; what is wrong goes to `error`."""
    found: dict[str, Partner] = {}
    seen: dict[str, str] = {}
    for place, one in enumerate(doc.partners):
        if one.business and one.business in seen:
            error("partner_twice", ("partners", place, "business"), id=seen[one.business])
        seen[one.business or ""] = one.id
        name, wallet = _wallet(doc, one)
        if wallet is None or wallet.money:
            error("partner_points", ("partners", place), id=name)
            continue
        rate = (wallet.pay.rate if wallet.pay else None) or wallet.face_value or 0
        if POINTS in one.accepts and not (rate and wallet.spendable):
            error("partner_points_worth", ("partners", place, "accepts"), id=name)
        earns = one.earns
        found[one.id] = Partner(
            id=one.id,
            name=LocalText(one.name or {"vi": one.id}),
            business=one.business,
            category=one.category,
            competitor=one.competitor,
            wallet=name,
            per=earns.per if earns else 0,
            amount=earns.amount if earns else 0,
            pays_us=earns.pays_us if earns else 0,
            accepts=frozenset(one.accepts),
            we_pay=one.we_pay or 0,
            rate=rate if POINTS in one.accepts else 0,
        )
    return found


def _wallet(doc: ProgrammeDoc, one: PartnerDoc) -> tuple[str, WalletDoc | None]:
    name = one.wallet or next((n for n, wallet in doc.wallets.items() if not wallet.money), "")
    return name, doc.wallets.get(name)
