"""What happened to a member, newest first, each line with its title and its reason (words: past_words.py)."""

from uuid import UUID

from ganbo.books.events import queries as events
from ganbo.books.events.queries import DecisionRow, EventRow
from ganbo.books.ledger import history as ledger
from ganbo.doors.ui import units
from ganbo.doors.ui.units import Unit
from ganbo.doors.wallet import past_tiers, past_vouchers
from ganbo.doors.wallet.past_rows import Happening, HistoryRow, happenings
from ganbo.doors.wallet.past_words import Words
from ganbo.engine.programme import Programme
from ganbo.features.programmes import queries as programmes
from ganbo.features.rewards import queries as rewards
from ganbo.foundation.tenancy import context
from ganbo.people.members.queries import MemberRow

MOST_LINES = 100
TOLD = ("purchase", "refund")  # events with a line of their own also when they moved nothing


def history(member: MemberRow, programme: Programme, *, locale: str, most: int = MOST_LINES) -> list[HistoryRow]:
    """Movements of points and stamps, vouchers and tiers; what one event or redemption moved stands as one row."""
    cards = [card.id for card in programme.cards]
    gathered = happenings(ledger.movements(member.id, list(programme.wallets), cards, most=most))
    known = _events(member.id, gathered, most)
    words = Words(
        programme,
        locale,
        programmes.timeline(context.current().schema),
        known,
        _decisions(known),
        address=member.address_form or None,
        retell=locale != (member.locale or context.current().locale),
        of_others=_of_others(member.id, gathered, known),
    )
    stores = {store.id: store.name for store in events.stores()}
    rows = {key: _row(happening, words, stores, programme) for key, happening in gathered.items()}
    for event in known.values():
        if event.member_id == member.id:
            _without_movement(event, rows, words, stores, programme)
    found = [row for row in rows.values() if row is not None]
    found += past_tiers.rows(member, words, programme)
    found += past_vouchers.rows(member.id, programme, locale=locale, most=most)
    return sorted(found, key=lambda row: row.at, reverse=True)[:most]


def _events(member: UUID, gathered: dict[str, Happening], most: int) -> dict[str, EventRow]:
    """The member's newest events, and those behind the movements, by id."""
    known = {row.event_id: row for row in events.of_member(member, most=most)}
    causes = {happening.cause.removesuffix("/reverse") for happening in gathered.values()}
    missing = sorted(causes - known.keys())
    return known | (events.many(missing) if missing else {})


def _of_others(member: UUID, gathered: dict[str, Happening], known: dict[str, EventRow]) -> frozenset[str]:
    """Events and redemptions of others, which points of the member paid, or which brought some back."""
    causes = {happening.cause.removesuffix("/reverse") for happening in gathered.values()}
    theirs = {id for id in causes if id in known and known[id].member_id != member}
    redeemed = rewards.redeemers(causes - known.keys())
    return frozenset(theirs | {id for id, who in redeemed.items() if who != member})


def _decisions(known: dict[str, EventRow]) -> dict[str, DecisionRow]:
    return events.decisions([f"{id}{end}" for id in known for end in ("/claim", "/settled", "/reverse")])


def _row(happening: Happening, words: Words, stores: dict[str, str], programme: Programme) -> HistoryRow | None:
    event = words.event_of(happening.cause)
    first = happening.first
    at = first.recorded_at if happening.group == "again" else first.at
    return HistoryRow(
        at=at.astimezone(programme.timezone),
        title=words.title(happening),
        where=stores.get(event.store or "", "") if event else "",
        why=words.why(happening),
        amounts=_amounts(happening.usable(), words, programme),
        event_id=event.event_id if event else "",
        vouchers=1 if happening.group == "filled" else 0,
        waiting=_amounts(happening.waiting(), words, programme),
    )


def _amounts(sums: dict[tuple[str, bool], int], words: Words, programme: Programme) -> list[tuple[int, Unit]]:
    found: dict[Unit, int] = {}
    for (asset, stamps), amount in sorted(sums.items(), key=lambda one: one[0][1]):  # points before stamps
        unit = words.stamps() if stamps else units.of_wallet(programme, asset, words.locale)
        found[unit] = found.get(unit, 0) + amount
    return [(amount, unit) for unit, amount in found.items()]


def _without_movement(
    event: EventRow,
    rows: dict[str, HistoryRow | None],
    words: Words,
    stores: dict[str, str],
    programme: Programme,
) -> None:
    """A line for a purchase or a return that moved nothing, and for an undoing that did not."""
    where = stores.get(event.store or "", "")
    if event.type in TOLD and not any(key.startswith(f"{event.event_id}|") for key in rows):
        at = event.occurred_at.astimezone(programme.timezone)
        rows[f"{event.event_id}|"] = HistoryRow(
            at, words.event_title(event), where, words.of_event(event), event_id=event.event_id
        )
    if event.reversed_at is not None and f"{event.event_id}/reverse|back" not in rows:
        at, subject = event.reversed_at.astimezone(programme.timezone), f"{event.event_id}/reverse"
        rows[f"{subject}|back"] = HistoryRow(
            at, words.back_title(subject), where, words.of_undoing(subject), event_id=event.event_id
        )
