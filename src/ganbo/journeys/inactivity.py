"""Wallets whose points end when a member does nothing: who was active when, and whose points are gone.

`standing.state["active"]` keeps, per such wallet, the local day of the last event that counts as activity, or the day the
first points came. Points are gone at that instant, whether or not the nightly job has been there: whoever touches the
member first ends them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from ganbo.books.events.reading import EventRequest
from ganbo.books.ledger.lots import Lot
from ganbo.books.ledger.posting import MEMBER, Cause, Posting, account_id
from ganbo.engine.decide import Decision
from ganbo.engine.expiry import Expiry
from ganbo.engine.programme import Programme, Wallet
from ganbo.features.programmes.in_force import Timeline
from ganbo.foundation.pipelines import Pipeline, array
from ganbo.journeys import gathering
from ganbo.journeys.gathering import Standing


@lru_cache(maxsize=4096)
def wallets(programme: Programme) -> tuple[Wallet, ...]:
    """The wallets of a programme that end by inactivity."""
    return tuple(w for w in programme.wallets.values() if w.expires.kind == "inactivity")


def note(standing: Standing, request: EventRequest, decision: Decision, programme: Programme) -> None:
    """Remember the day of an event that counts as activity, or that brings the first points."""
    for wallet in wallets(programme):
        active = standing.state.get("active", {}).get(wallet.id)
        earns = active is None and any(effect.wallet == wallet.id for effect in decision.effects)
        if earns or request.type in wallet.expires.reset_by:
            day = request.occurred_at.astimezone(programme.timezone).date().isoformat()
            standing.state.setdefault("active", {})[wallet.id] = max(day, active or day)
            standing.touched = True


@dataclass(frozen=True, slots=True)
class Lapse:
    """When one wallet's points of a member end, `at` the first unusable instant."""

    standing: Standing
    wallet: str
    at: datetime


def since(timeline: Timeline, wallet: str, now: datetime) -> date:
    """The local day from which the wallet has ended by inactivity: who never did anything counts from then."""
    first = None
    for version in reversed([v for v in timeline.versions if v.in_force_from <= now] or timeline.versions[:1]):
        kind = version.programme.wallets.get(wallet)
        if kind is None or kind.expires.kind != "inactivity":
            break
        first = version
    assert first is not None
    return first.in_force_from.astimezone(first.programme.timezone).date()


def ends_at(
    timeline: Timeline, state: Mapping[str, Any], created_at: datetime, *, now: datetime
) -> dict[str, datetime]:
    """wallet → the instant at which a member's points in it end, for wallets that end by inactivity."""
    programme = timeline.at(now).programme
    found = {}
    for wallet in wallets(programme):
        active = state.get("active", {}).get(wallet.id)
        joined = created_at.astimezone(programme.timezone).date()
        day = date.fromisoformat(active) if active else max(joined, since(timeline, wallet.id, now))
        found[wallet.id] = wallet.expires.inactive_at(day)
    return found


def lapsed(timeline: Timeline, standings: Iterable[Standing], *, now: datetime) -> list[Lapse]:
    """Which of these members' points have ended by inactivity."""
    if not wallets(timeline.at(now).programme):
        return []
    return [
        Lapse(standing, wallet, at)
        for standing in {s.member_id: s for s in standings}.values()
        for wallet, at in ends_at(timeline, standing.state, standing.created_at, now=now).items()
        if at <= now
    ]


def settle(pipe: Pipeline, schema: str, lapses: Sequence[Lapse], posting: Posting) -> None:
    """End the points of members who did nothing for too long, under their locks, before anything else happens."""
    holding = [one for one in lapses if posting.available(one.standing.member_id, one.wallet)]
    end(lapses, posting, _lots(pipe, schema, holding) if holding else {})


def end(lapses: Sequence[Lapse], posting: Posting, lots: Mapping[UUID, Mapping[UUID, Lot]]) -> None:
    """The same with the lots at hand, by account. No database."""
    for one in lapses:
        member = one.standing.member_id
        for lot in list(lots.get(account_id(MEMBER, one.wallet, member), {}).values()):
            if lot.remaining:
                posting.expire(member, one.wallet, lot, Cause("expiry", min(lot.expires_at, one.at)))
        if one.standing.state.get("active", {}).pop(one.wallet, None) is not None:
            one.standing.touched = True


def load(pipe: Pipeline, schema: str, timeline: Timeline, standings: Iterable[Standing], posting: Posting) -> None:
    """For a back-fill: the lots it may end on the events' clock; nothing is read when no wallet ends by inactivity."""
    names = {wallet.id for version in timeline.versions for wallet in wallets(version.programme)}
    members = {standing.member_id for standing in standings}
    accounts = [account_id(MEMBER, name, m) for m in sorted(members) for name in names if posting.available(m, name)]
    if accounts:
        posting.lots.update(_lots_of(pipe, schema, accounts))


def on_the_clock(standing: Standing, request: EventRequest, programme: Programme, posting: Posting) -> None:
    """For a back-fill: before an event, the points are gone that had ended by inactivity when it happened."""
    for wallet in wallets(programme):
        active = standing.state.get("active", {}).get(wallet.id)
        end = wallet.expires.inactive_at(date.fromisoformat(active)) if active else None
        if end is None or end > request.occurred_at:
            continue
        for lot in list(posting.lots.get(account_id(MEMBER, wallet.id, standing.member_id), {}).values()):
            if lot.remaining:
                posting.expire(standing.member_id, wallet.id, lot, Cause("expiry", min(lot.expires_at, end)))
        del standing.state["active"][wallet.id]
        standing.touched = True


def hide(lapses: Sequence[Lapse], posting: Posting) -> None:
    """Leave ended points out of a posting that only spends; the job ends them."""
    for one in lapses:
        posting.lots.pop(account_id(MEMBER, one.wallet, one.standing.member_id), None)
        posting.balances.pop((one.standing.member_id, one.wallet, MEMBER), None)


def _lots(pipe: Pipeline, schema: str, lapses: Sequence[Lapse]) -> dict[UUID, dict[UUID, Lot]]:
    return _lots_of(pipe, schema, [account_id(MEMBER, one.wallet, one.standing.member_id) for one in lapses])


def _lots_of(pipe: Pipeline, schema: str, accounts: Sequence[UUID]) -> dict[UUID, dict[UUID, Lot]]:
    sql = (
        f'SELECT id, account_id, expires_at, earned_month, remaining FROM "{schema}".ledger_lot'
        " WHERE account_id = ANY($1::uuid[]) AND remaining > 0 ORDER BY expires_at, earned_month"
    )
    return gathering.lots_of(pipe.query(sql, array(accounts)))


_IDLE = """
SELECT s.member_id FROM members_standing s JOIN members_member m ON m.id = s.member_id
  JOIN ledger_account a ON a.holder_id = s.member_id AND a.asset = %(wallet)s AND a.role = 'member' AND a.balance > 0
WHERE COALESCE((s.state::jsonb -> 'active' ->> %(wallet)s)::date,
               GREATEST((m.created_at AT TIME ZONE %(zone)s)::date, %(since)s)) <= %(last)s
ORDER BY s.member_id LIMIT %(most)s
"""


def idle_members(timeline: Timeline, *, at: datetime, most: int) -> list[UUID]:
    """Members who hold points that have ended by inactivity, up to `most` for each such wallet."""
    programme = timeline.at(at).programme
    found: set[UUID] = set()
    for wallet in wallets(programme):
        asked: dict[str, Any] = {
            "wallet": wallet.id,
            "zone": programme.timezone.key,
            "since": since(timeline, wallet.id, at),
            "last": last_idle_day(wallet.expires, at),
            "most": most,
        }
        with connection.cursor() as cursor:
            cursor.execute(_IDLE, asked)
            found.update(member for (member,) in cursor.fetchall())
    return sorted(found)


_AMOUNT = """
SELECT COALESCE(sum(a.balance), 0) FROM members_standing s
  JOIN ledger_account a ON a.holder_id = s.member_id AND a.asset = %(wallet)s AND a.role = 'member' AND a.balance > 0
WHERE (s.state::jsonb -> 'active' ->> %(wallet)s)::date BETWEEN %(first)s AND %(last)s
"""


def amounts_ending(timeline: Timeline, since: datetime, until: datetime) -> dict[str, int]:
    """wallet → how many points end in [since, until) by inactivity, unless their members do something."""
    found = {}
    for wallet in wallets(timeline.at(since).programme):
        first = last_idle_day(wallet.expires, since - timedelta(microseconds=1)) + timedelta(days=1)
        last = last_idle_day(wallet.expires, until - timedelta(microseconds=1))
        with connection.cursor() as cursor:
            cursor.execute(_AMOUNT, {"wallet": wallet.id, "first": first, "last": last})
            found[wallet.id] = int(cursor.fetchone()[0])
    return found


_ENDING = """
SELECT s.member_id, a.balance FROM members_standing s
  JOIN ledger_account a ON a.holder_id = s.member_id AND a.asset = %(wallet)s AND a.role = 'member' AND a.balance > 0
WHERE (s.state::jsonb -> 'active' ->> %(wallet)s)::date BETWEEN %(first)s AND %(last)s
  AND (%(after)s::uuid IS NULL OR s.member_id > %(after)s::uuid)
ORDER BY s.member_id LIMIT %(most)s
"""


def ending(wallet: Wallet, end: datetime, *, after: UUID | None, most: int) -> list[tuple[UUID, int]]:
    """Up to `most` members after `after` whose points end at `end` unless they do something, with how much."""
    last = last_idle_day(wallet.expires, end)
    if wallet.expires.inactive_at(last) != end:
        return []
    first = last
    while wallet.expires.inactive_at(first - timedelta(days=1)) == end:
        first -= timedelta(days=1)
    asked: dict[str, Any] = {"wallet": wallet.id, "first": first, "last": last, "after": after, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_ENDING, asked)
        return [(member, int(amount)) for member, amount in cursor.fetchall()]


def last_idle_day(expiry: Expiry, at: datetime) -> date:
    """The latest local day of activity after which the points have ended at `at`."""
    day = at.astimezone(UTC).date() - timedelta(days=31 * expiry.months + expiry.days + 3)
    while expiry.inactive_at(day + timedelta(days=1)) <= at:
        day += timedelta(days=1)
    return day
