"""What the wallet's pages show, as frozen rows."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from django.utils.translation import gettext as _

from ganbo.books.events import queries as events
from ganbo.books.ledger import queries as ledger
from ganbo.engine.programme import Programme
from ganbo.features.programmes import catalogue
from ganbo.features.rewards import queries as rewards
from ganbo.journeys import holdings
from ganbo.people.members.queries import MemberRow

EXPIRING_WITHIN = timedelta(days=60)
MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class CardRow:
    """The member's card."""

    name: str
    tier: str
    balance: int
    owed: int
    unit: str
    worth: int | None
    currency: str
    expiring: int
    expiring_on: date | None


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One movement: what, when, where, how many, and why."""

    at: datetime
    title: str
    where: str
    amount: int
    why: str
    event_id: str

    @property
    def on(self) -> date:
        """The shop's day of it; `at` stands in its zone."""
        return self.at.date()

    @property
    def gained(self) -> bool:
        """Coloured as a gain; what was spent or taken back is not."""
        return self.amount > 0


def wallet_of(programme: Programme) -> str:
    """The kind of points the card shows: the first of the document."""
    return next(iter(programme.wallets))


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
    held = holdings.balances(member.id, [wallet], at=now)[wallet]
    face = programme.wallets[wallet].face_value
    level = programme.by_level.get(member.tier or programme.first_tier or "")
    ends = held.next_expiry
    soon = ends is not None and ends[1] - now <= EXPIRING_WITHIN
    return CardRow(
        name=called(member, locale),
        tier=level.name.text(locale) if level else "",
        balance=held.available,
        owed=held.owed,
        unit=programme.wallets[wallet].name.text(locale),
        worth=held.available * face if face else None,
        currency=programme.currency,
        expiring=ends[0] if ends and soon else 0,
        expiring_on=last_day(ends[1], programme) if ends and soon else None,
    )


def masked(email: str) -> str:
    """l•••@example.com: enough for its owner to know it again."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}•••@{domain}"


def last_day(expires_at: datetime, programme: Programme) -> date:
    """The last day on which points can be used."""
    return (expires_at - timedelta(seconds=1)).astimezone(programme.timezone).date()


def gifts(member: MemberRow, programme: Programme, *, locale: str, now: datetime) -> list[dict[str, Any]]:
    """Rewards for points: those one can have first, then the nearest."""
    held = holdings.balances(member.id, list(programme.wallets), at=now)
    balances = {wallet: {"available": balance.available} for wallet, balance in held.items()}
    rows = catalogue.rewards(programme, locale=locale, balances=balances, taken=rewards.taken())
    priced = [row for row in rows if row["price"]]
    return sorted(priced, key=lambda row: (not row["affordable"], row["missing"], row["price"]["amount"]))


def history(member: MemberRow, programme: Programme, *, locale: str, most: int = MOST_LINES) -> list[HistoryRow]:
    """Movements, newest first; movements of one event or redemption stand as one line."""
    stores = {store.id: store.name for store in events.stores()}
    lines = ledger.lines(member.id, list(programme.wallets), most=most)
    ids = list({_event_of(line) for line in lines if _event_of(line)})
    known, claims = events.many(ids), events.claims(ids)
    found: dict[str, HistoryRow] = {}
    for line in lines:
        key = f"{line.cause}|{line.kind}"
        before = found.get(key)
        amount = line.amount + (before.amount if before else 0)
        if before is not None:
            found[key] = replace(before, amount=amount)
            continue
        event_id = _event_of(line)
        event = known.get(event_id)
        answer = claims[event_id].answer if event_id in claims else event.answer if event else "{}"
        where = stores.get(event.store or "", "") if event else ""
        at = line.at.astimezone(programme.timezone)
        found[key] = HistoryRow(at, _title(line, programme, locale), where, amount, _why(line, answer), event_id)
    return list(found.values())


def _title(line: ledger.Line, programme: Programme, locale: str) -> str:
    if line.kind == "spend":
        reward = programme.rewards.get(line.rule)
        return reward.name.text(locale) if reward else line.rule
    if line.kind == "earn":
        rule = programme.by_rule.get(line.rule)
        return rule.name.text(locale) if rule else line.rule
    return {
        "reverse": _("Undone: points taken back"),
        "return": _("Gift given back"),
        "expire": _("Points ended"),
    }.get(line.kind, line.kind)


def _event_of(line: ledger.Line) -> str:
    """The id of the event behind a movement; empty when there is none."""
    return line.cause.partition("/")[0] if line.kind in ("earn", "reverse") else ""


def _why(line: ledger.Line, answer: str) -> str:
    if line.kind == "earn":
        return " ".join(orjson.loads(answer).get("because", []))
    if line.kind == "expire":
        return _("Points that were not used in time end; the card says which end next.")
    if line.kind == "spend":
        return _("Points turned into a gift; its code is under Gifts.")
    return _("The shop undid it.")
