"""What a partner may know of a card: whose it is not; only whether it is one of ours, and what can be paid with it."""

from dataclasses import dataclass
from datetime import datetime

from ganbo.features.rewards import queries as rewards
from ganbo.foundation.tenancy import context
from ganbo.journeys import holdings, partner_links, partner_whose, recording
from ganbo.journeys.partner_links import Link


@dataclass(frozen=True, slots=True)
class CardRow:
    """`points` that can pay at the partner's and their `worth`, minor units; None: points do not pay there."""

    points: int
    worth: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """A member's card of another business here, or (with `gift`) a gift card: the link in the issuer's books, what can be paid."""

    link: Link
    number: str
    row: CardRow
    gift: int | None = None  # what is left on the gift card, minor units


def card(partner: str, number: str, *, at: datetime) -> CardRow:
    """A card of the current business, as the partner may see it. Raises what partner_links.link raises, and MemberUnknown."""
    link = partner_links.link(partner, at=at)
    found = _seen(link, number, at=at)
    if found is None:
        raise recording.MemberUnknown(by="card")
    return found


def _seen(link: Link, number: str, *, at: datetime) -> CardRow | None:
    member = partner_whose.member(number)
    if member is None:
        return None
    wallet, partner = link.partner.wallet, link.partner
    if not partner.takes_points:
        return CardRow(0, None, link.currency)
    points = max(holdings.balances(member, [wallet], at=at)[wallet].spendable, 0)
    return CardRow(points, points * partner.rate, link.currency)


def elsewhere(number: str, *, at: datetime) -> Recognised | None:
    """Whose card this is, among the businesses here whose points are earned or taken at the current one."""
    number = number.strip().replace(" ", "")
    if not number:
        return None
    for link in partner_links.issuers(at=at):
        with context.within(link.ours.business):
            found = _seen(link, number, at=at)
            gift = _gift(link, number, at=at) if found is None else None
        if found is not None or gift:
            return Recognised(link, number, found or CardRow(0, None, link.currency), gift)
    return None


def _gift(link: Link, code: str, *, at: datetime) -> int | None:
    """What is left on a gift card of the current business that the partner takes."""
    if not link.partner.takes_gift_cards:
        return None
    row = rewards.by_code(code)
    if row is None or row.money_left is None or row.state != "issued" or row.member_id is not None:
        return None
    return row.money_left if row.expires_at is None or row.expires_at > at else None
