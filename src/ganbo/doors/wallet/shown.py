"""What the wallet's card shows, as frozen rows; gifts are in offered.py, history in past.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from ganbo.books.ledger.queries import Balance
from ganbo.doors.ui import units
from ganbo.doors.ui.units import Unit
from ganbo.engine.programme import Programme
from ganbo.features.programmes import pot_sentences
from ganbo.features.programmes.sentences import holding
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.journeys import holdings
from ganbo.people.members.queries import MemberRow

EXPIRING_WITHIN = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class CardRow:
    """The member's card: the first kind of points large, `others` that hold something below it."""

    name: str
    tier: str
    balance: int
    owed: int
    unit: Unit
    worth: int | None
    currency: str
    expiring: int
    expiring_on: date | None
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends on one day, or never: so much of one wallet."""

    amount: int
    unit: Unit
    on: date | None


def wallet_of(programme: Programme) -> str:
    """The kind of points the card shows: the first of the document; money only when there is nothing else."""
    wallets = programme.wallets.values()
    return next((wallet.id for wallet in wallets if not wallet.money), next(iter(programme.wallets)))


def called(member: MemberRow, locale: str) -> str:
    """Chị Lan; in English Lan."""
    given = member.name.split()[-1] if member.name else ""
    if locale != "vi":
        return given or _("Welcome")
    form = member.address_form or "bạn"
    return f"{form[0].upper()}{form[1:]} {given}".strip()


def card(member: MemberRow, programme: Programme, *, locale: str, now: datetime) -> CardRow:
    """The card as it is now."""
    wallet = wallet_of(programme)
    balances = holdings.balances(member.id, list(programme.wallets), at=now)
    held = balances[wallet]
    face = programme.wallets[wallet].face_value
    level = programme.by_level.get(member.tier or programme.first_tier or "")
    ends = held.next_expiry
    soon = ends is not None and ends[1] - now <= EXPIRING_WITHIN
    return CardRow(
        name=called(member, locale),
        tier=level.name.text(locale) if level else "",
        balance=held.available,
        owed=held.owed,
        unit=units.of_wallet(programme, wallet, locale),
        worth=held.available * face if face and not programme.wallets[wallet].money else None,
        currency=programme.currency,
        expiring=ends[0] if ends and soon else 0,
        expiring_on=last_day(ends[1], programme) if ends and soon else None,
        others=tuple(
            f"{programme.wallets[w].name.text(locale)}: {units.of_wallet(programme, w, locale).said(b.available, locale)}"
            if programme.wallets[w].money
            else units.of_wallet(programme, w, locale).said(b.available, locale)
            for w, b in balances.items()
            if w != wallet and b.available
        )
        + tuple(together(programme, balances, locale=locale)),
    )


def together(programme: Programme, balances: Mapping[str, Balance], *, locale: str) -> list[str]:
    """What the household holds of each kind of points it spends together: Gia đình: 240 điểm."""
    return [
        _("Household: %(points)s") % {"points": units.of_wallet(programme, wallet, locale).said(held.together, locale)}
        for wallet, held in balances.items()
        if held.together is not None
    ]


def topups(programme: Programme, *, locale: str) -> list[str]:
    """What can be paid onto the card at the till, the smallest first."""
    speaker = Speaker(programme, locale)
    return [pot_sentences.offer(one, speaker) for one in sorted(programme.topups, key=lambda one: one.pay)]


def endings(
    member: MemberRow, programme: Programme, *, locale: str, now: datetime, within: timedelta | None = None
) -> list[Ending]:
    """What ends when, one row per wallet and day, the first first; with `within` only what ends that soon."""
    sums: dict[tuple[date, str], int] = {}
    never: dict[str, int] = {}
    for lot in holdings.lot_rows(member.id, list(programme.wallets), at=now):
        if not lot.remaining or (lot.expires_at is not None and lot.expires_at <= now):
            continue
        if lot.expires_at is None:
            never[lot.wallet] = never.get(lot.wallet, 0) + lot.remaining
        elif within is None or lot.expires_at - now <= within:
            key = (last_day(lot.expires_at, programme), lot.wallet)
            sums[key] = sums.get(key, 0) + lot.remaining
    rows = [Ending(n, units.of_wallet(programme, w, locale), on) for (on, w), n in sorted(sums.items())]
    if within is None:
        rows += [Ending(n, units.of_wallet(programme, w, locale), None) for w, n in never.items()]
    return rows


def how_it_ends(programme: Programme, rows: list[Ending], *, locale: str) -> list[str]:
    """When what is earned ends, grace included: one sentence for each kind of points that stands in `rows`."""
    speaker = Speaker(programme, locale)
    units_shown = {row.unit for row in rows}
    return [
        f"{wallet.name.text(locale) or wallet.id}: {holding.expiry(wallet.expires, speaker)}"
        for wallet in programme.wallets.values()
        if units.of_wallet(programme, wallet.id, locale) in units_shown
    ]


def masked(email: str) -> str:
    """l•••@example.com: enough for its owner to know it again."""
    name, _at, domain = email.partition("@")
    return f"{name[:1]}•••@{domain}"


def last_day(expires_at: datetime, programme: Programme) -> date:
    """The last day on which points can be used."""
    return (expires_at - timedelta(seconds=1)).astimezone(programme.timezone).date()
