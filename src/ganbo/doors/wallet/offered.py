"""Gifts as the wallet shows them: what can be used now, the member's goal, what is to be had, soon, and had already."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from ganbo.books.ledger import queries as ledger
from ganbo.doors.ui import units
from ganbo.doors.ui.units import Unit
from ganbo.doors.wallet import shown
from ganbo.engine.programme import Programme, Reward
from ganbo.features.programmes import catalogue, reward_conditions, stamp_cards
from ganbo.features.programmes.stamp_cards import StampCardRow
from ganbo.features.rewards import pools
from ganbo.features.rewards import queries as rewards
from ganbo.features.rewards.queries import VoucherRow
from ganbo.foundation import i18n
from ganbo.journeys import holdings
from ganbo.people.members.queries import MemberRow

MOST_NOW = 3
RHYTHM = timedelta(days=180)
LEAST_VISITS, FARTHEST = 2, 50  # visits needed to know a rhythm; a goal further away is better not counted in visits


@dataclass(frozen=True, slots=True)
class GiftRow:
    """A reward for points, or one that a stamp card brings (`card` then, without a price)."""

    id: str
    name: str
    price: int
    have: int
    unit: Unit
    left: int | None
    affordable: bool
    conditions: tuple[str, ...]
    card: StampCardRow | None = None
    plus: int = 0
    others_spend: bool = False  # the member's household, and not the member

    @property
    def missing(self) -> int:
        """Points or stamps to go; 0 when only the stock is missing."""
        return self.card.missing if self.card else max(self.price - self.have, 0)

    @property
    def gone(self) -> bool:
        """Nothing left of it."""
        return self.left == 0


@dataclass(frozen=True, slots=True)
class Pick:
    """A reward that can be picked of a choice."""

    id: str
    name: str
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VoucherShown:
    """A voucher that is the member's: what it is, until when, and its conditions in plain lines."""

    id: UUID
    name: str
    quantity: int
    code: str
    state: str
    last_on: date | None
    conditions: tuple[str, ...]
    partners: bool = False  # the code is a partner's; empty while there is none
    issuer: str = ""
    fulfilment: str = ""  # how far it is, in words, of what is handed over later
    choices: tuple[Pick, ...] = ()  # of an open choice: what can be picked

    @property
    def usable(self) -> bool:
        """Neither used, nor void, nor over."""
        return self.state == "issued"


@dataclass(frozen=True, slots=True)
class Now:
    """One thing that can be used or had now; opens at `href`."""

    name: str
    sub: str
    icon: str
    href: str


@dataclass(frozen=True, slots=True)
class GoalRow:
    """The way to a reward: `have` of `of`, what is missing, and in how many visits by the member's own rhythm."""

    name: str
    have: int
    of: int
    note: str
    pace: str
    chosen: bool


def gifts(member: MemberRow, programme: Programme, *, locale: str, now: datetime) -> list[GiftRow]:
    """Rewards one can have first, then the nearest."""
    held = holdings.balances(member.id, list(programme.wallets), at=now)
    balances = {wallet: {"available": balance.spendable} for wallet, balance in held.items()}
    who = catalogue.looking(member, programme, at=now)
    left = pools.left(at=now)
    rows = catalogue.rewards(programme, locale=locale, balances=balances, taken=rewards.taken(), pools=left, who=who)
    cards = {row.reward: row for row in stamp_cards.of_member(member.id, programme, locale=locale)}
    found = []
    for row in rows:
        reward = programme.rewards[row["id"]]
        said = tuple(reward_conditions.lines(reward, programme, locale=locale))
        if row["price"]:
            wallet = row["price"]["wallet"]
            unit = units.of_wallet(programme, wallet, locale)
            price, one = row["price"]["amount"], held[wallet]
            have = one.available if one.together is None else one.together
            found.append(
                GiftRow(
                    row["id"],
                    row["name"],
                    price,
                    have,
                    unit,
                    row["stock"],
                    row["affordable"],
                    said,
                    None,
                    reward.plus,
                    not one.may_spend,
                )
            )
        elif row["id"] in cards and not cards[row["id"]].done:
            card = cards[row["id"]]
            found.append(
                GiftRow(row["id"], row["name"], card.of, card.count, Unit(_("stamps")), None, False, said, card)
            )
    return sorted(found, key=lambda gift: (not gift.affordable, gift.gone, _share_missing(gift), gift.price))


def _share_missing(gift: GiftRow) -> float:
    return gift.missing / gift.price if gift.price else 0.0


def vouchers(member: MemberRow, programme: Programme, *, locale: str, now: datetime) -> list[VoucherShown]:
    """The member's usable vouchers, the first to end first; those without an end last."""
    rows = [of_voucher(row, programme, locale=locale, now=now) for row in rewards.vouchers_of(member.id)]
    return sorted((row for row in rows if row.usable), key=lambda row: row.last_on or date.max)


def of_voucher(row: VoucherRow, programme: Programme, *, locale: str, now: datetime) -> VoucherShown:
    """One voucher as its page shows it."""
    reward = programme.rewards.get(row.reward)
    last_on = shown.last_day(row.expires_at, programme) if row.expires_at else None
    over = row.state == "issued" and row.expires_at is not None and row.expires_at <= now
    spent = row.state == "issued" and row.uses_left < 1
    said: list[str] = []
    if reward is not None and not reward.choose:
        left = max(row.uses_left, 1)
        said = reward_conditions.lines(reward, programme, locale=locale, last_on=last_on, uses=left)
    return VoucherShown(
        id=row.id,
        name=(reward.name.text(locale) if reward else "") or row.reward,
        quantity=row.quantity,
        code="" if reward is not None and reward.choose else row.code,
        state="expired" if over else "used" if spent else row.state,
        last_on=last_on,
        conditions=tuple(said),
        partners=row.partners,
        issuer=(reward.issuer if reward else "") or "",
        fulfilment=_fulfilment(row.fulfilment),
        choices=_choices(reward, programme, locale) if reward is not None else (),
    )


def _choices(reward: Reward, programme: Programme, locale: str) -> tuple[Pick, ...]:
    found = [programme.rewards[id] for id in reward.choose if id in programme.rewards]
    return tuple(
        Pick(one.id, one.name.text(locale) or one.id, tuple(reward_conditions.lines(one, programme, locale=locale)))
        for one in found
    )


def _fulfilment(state: str) -> str:
    return {
        "to_do": _("The shop is getting it ready."),
        "sent": _("It is on its way to you."),
        "done": _("You have it already."),
    }.get(state, "")


def usable_now(mine: list[VoucherShown], offered: list[GiftRow], *, locale: str) -> list[Now]:
    """At most three: vouchers, the first to end first, then rewards that can be had."""
    found = []
    for voucher in mine:
        until = _("until %(day)s") % {"day": i18n.day(voucher.last_on, locale)} if voucher.last_on else ""
        if voucher.choices:
            until = " · ".join(part for part in (_("choose one"), until) if part)
        name = f"{voucher.name} × {voucher.quantity}" if voucher.quantity > 1 else voucher.name
        found.append(Now(name, until, "voucher", reverse("wallet:voucher", args=[voucher.id])))
    for gift in offered:
        if gift.affordable:
            href = f"{reverse('wallet:gifts')}#{gift.id}"
            found.append(Now(gift.name, gift.unit.said(gift.price, locale), "gift", href))
    return found[:MOST_NOW]


def nearest(offered: list[GiftRow]) -> GiftRow | None:
    """The reward with the shortest way to go."""
    return next((gift for gift in offered if not gift.affordable and not gift.gone), None)


def goal(member: MemberRow, offered: list[GiftRow]) -> GiftRow | None:
    """The reward the member saves for, when the shop still gives it."""
    return next((gift for gift in offered if gift.id == member.goal), None) if member.goal else None


def way_to(
    gift: GiftRow, member: MemberRow, programme: Programme, *, locale: str, now: datetime, chosen: bool = False
) -> GoalRow:
    """The bar, what is missing, and the visits it takes when the member's own rhythm is known."""
    note, pace = _("ready for you"), ""
    if gift.gone:
        note = _("has run out")
    elif gift.others_spend:
        note = _("others of your household take it")
    elif gift.missing:
        missing = gift.unit.said(gift.missing, locale)
        if gift.card is not None:
            missing = stamps_said(gift.missing, locale)
        note = _("%(missing)s to go") % {"missing": missing}
        pace = _pace(gift, member, programme, now=now)
    return GoalRow(gift.name, min(gift.have, gift.price), gift.price, note, pace, chosen)


def stamps_said(n: int, locale: str) -> str:
    """1 tem; 2 tem."""
    if n == 1:
        return _("1 stamp")
    return _("%(n)s stamps") % {"n": i18n.number(n, locale)}


def _pace(gift: GiftRow, member: MemberRow, programme: Programme, *, now: datetime) -> str:
    reward = programme.rewards[gift.id]
    if gift.card is not None or reward.price is None:
        return ""
    zone = programme.timezone.key
    days, points = ledger.rhythm(member.id, reward.price[0], now - RHYTHM, zone=zone)
    if days < LEAST_VISITS or points < 1:
        return ""
    visits = -(-gift.missing * days // points)
    if visits > FARTHEST:
        return ""
    return _("about one more visit") if visits == 1 else _("about %(n)s more visits") % {"n": visits}
