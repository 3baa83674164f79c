"""Which proof a spend needs, given what was spent that day, and whether what was shown is one: one place for every spend.

What members spent in a day stands in a counter that their lock guards, so that spends at the same moment add up; a proof
is used in the transaction that spends. A programme without `spend_proof` reads and writes nothing of this.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from ganbo.books.events.reading import VOUCHED, EventRequest, Shown
from ganbo.engine import paying, proof
from ganbo.engine.programme import Programme, Reward
from ganbo.features.programmes.in_force import Timeline
from ganbo.foundation.pipelines import Row, Statement, array, texts, uuid_array
from ganbo.journeys import card_paying, gathering
from ganbo.journeys.gathering import MemberKey
from ganbo.kernel.refusal import Refusal

RULE = "proof:spent"  # of the counter; no id of the document has a colon
GIVEN, USED, TOKEN = "given", "used", "token"


class ProofNeeded(Refusal):
    """Spending so much in a day takes a proof, or a stronger one than was shown; `ways` names those that are enough.

    `spent`: what the day comes to with this spend, in minor units.
    """

    code = "proof.needed"


class ProofNotGood(Refusal):
    """What was shown is used, over, somebody else's, or for less; show another one."""

    code = "proof.not_good"


class Spend(NamedTuple):
    """One spend asked for: whose value, and what was shown for it."""

    member: MemberKey
    shown: Shown | None


class Read(NamedTuple):
    """A proof as it stands in the books."""

    member_id: UUID
    by: str
    state: str
    most: int | None
    expires_at: datetime


class Planned(NamedTuple):
    """A spend that is proved."""

    member_id: UUID
    value: int
    by: str
    proof_id: UUID | None


@dataclass
class Proofs:
    """What trip one read, and what the batch uses; `spent` by member in minor units, this batch's spends included."""

    day: str = ""
    read: dict[UUID, Read] = field(default_factory=dict)
    spent: dict[UUID, int] = field(default_factory=dict)
    added: dict[UUID, int] = field(default_factory=dict)
    used: list[tuple[UUID, Planned, str]] = field(default_factory=list)  # (proof, spend, what it was used for)


def day_of(programme: Programme, now: datetime) -> str:
    """The business's day, as its counter names it."""
    return f"day:{now.astimezone(programme.timezone).date().isoformat()}"


def of_requests(requests: Iterable[EventRequest], *, needed: bool) -> list[Spend]:
    """The spends among events; none where no proof is needed, as for quotes and history."""
    if not needed:
        return []
    return [Spend(r.member, r.shown) for r in requests if r.member and (card_paying.wanted(r) or _points(r))]


def _points(request: EventRequest) -> bool:
    return request.type == "purchase" and bool(paying.wishes(request.data))


@lru_cache(maxsize=4096)
def _sql(schema: str) -> tuple[str, str, str, str]:
    who = gathering.who_sql(schema)
    return (
        f'SELECT id, member_id, "by", state, most, expires_at FROM "{schema}".members_proof WHERE id = ANY($1::uuid[])',
        who + "SELECT w.id, u.money FROM (SELECT DISTINCT id FROM who) w"
        f" JOIN \"{schema}\".programmes_usage u ON u.subject = 'member:' || w.id AND u.rule = $6 AND u.period = $7",
        f'INSERT INTO "{schema}".members_proof AS p (id, member_id, "by", state, most, asked_by, store, note,'
        " decided_by, reason, created_at, expires_at, used_at, used_for)"
        " SELECT i, m, b, 'used', NULL, '', '', '', '', '', $5::timestamptz, $5::timestamptz, $5::timestamptz, f"
        " FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS t(i, m, b, f)"
        " ON CONFLICT (id) DO UPDATE SET state = 'used', used_at = excluded.used_at, used_for = excluded.used_for",
        f'INSERT INTO "{schema}".programmes_usage AS u (subject, rule, period, count, points, money)'
        " SELECT 'member:' || m, $3, $4, 0, 0, n FROM unnest($1::uuid[], $2::bigint[]) AS t(m, n) ORDER BY m"
        " ON CONFLICT (subject, rule, period) DO UPDATE SET money = u.money + excluded.money",
    )


def statements(schema: str, timeline: Timeline | None, spends: Sequence[Spend], *, now: datetime) -> list[Statement]:
    """Two, after the members' locks: the proofs that are named, and what the members spent today; none without a need."""
    if not spends or timeline is None or not (programme := timeline.at(now).programme).spend_proof:
        return []
    proofs, spent, _, _ = _sql(schema)
    ids = [spend.shown.id for spend in spends if spend.shown and spend.shown.id]
    members = gathering.member_arrays(spend.member for spend in spends)
    return [(proofs, (array(ids),)), (spent, (*members, RULE, day_of(programme, now)))]


def of_rows(rows: Sequence[list[Row]], timeline: Timeline, *, now: datetime) -> Proofs:
    """From the rows of `statements`."""
    if not rows:
        return Proofs()
    read = {
        UUID(r[0]): Read(UUID(r[1]), str(r[2]), str(r[3]), int(r[4]) if r[4] else None, gathering.instant(r[5]))
        for r in rows[0]
    }
    return Proofs(day_of(timeline.at(now).programme, now), read, {UUID(r[0]): int(r[1] or 0) for r in rows[1]})


def plan(
    proofs: Proofs, programme: Programme, member_id: UUID, value: int, shown: Shown | None, *, now: datetime
) -> Planned | None:
    """The one question: does what was shown prove a spend of `value` minor units, after what was spent today?

    None when nothing is asked for. Changes nothing. Raises ProofNeeded or ProofNotGood.
    """
    if not programme.spend_proof:
        return None
    spent = proofs.spent.get(member_id, 0) + value
    by = proof.accepted(programme.spend_proof, spent)
    told = {"ways": by, "spent": spent, "value": value, "member_id": str(member_id)}
    if shown is None:
        raise ProofNeeded(**told)
    way = _way(proofs, member_id, value, shown, now=now)
    if way is None:
        raise ProofNotGood(**told)
    if way != VOUCHED.by and way not in by:
        raise ProofNeeded(**told)
    return Planned(member_id, value, way, shown.id)


def _way(proofs: Proofs, member_id: UUID, value: int, shown: Shown, *, now: datetime) -> str | None:
    """What was shown, when it is good."""
    if shown.id is None:
        return shown.by
    known = proofs.read.get(shown.id)
    if known is None:
        fresh = shown.fresh_until is not None and now <= shown.fresh_until
        return TOKEN if shown.by == TOKEN and shown.member_id == member_id and fresh else None
    good = known.member_id == member_id and known.state == GIVEN and known.expires_at > now
    return known.by if good and (known.most is None or value <= known.most) else None


def take(proofs: Proofs, planned: Planned | None, subject: str) -> None:
    """The spend happens: its proof is used up, and the day's sum grows. `subject`: the event or redemption."""
    if planned is None:
        return
    member = planned.member_id
    proofs.spent[member] = proofs.spent.get(member, 0) + planned.value
    proofs.added[member] = proofs.added.get(member, 0) + planned.value
    if planned.proof_id is not None:
        read = Read(member, planned.by, USED, None, datetime.min)
        proofs.read[planned.proof_id] = read
        proofs.used.append((planned.proof_id, planned, subject))


def writes(schema: str, proofs: Proofs, *, now: datetime) -> list[Statement]:
    """What trip two keeps of it."""
    _, _, used, spent = _sql(schema)
    written: list[Statement] = []
    if proofs.used:
        ids, members = [id for id, _, _ in proofs.used], [one.member_id for _, one, _ in proofs.used]
        by, why = [one.by for _, one, _ in proofs.used], [subject for _, _, subject in proofs.used]
        written.append((used, (uuid_array(ids), uuid_array(members), texts(by), texts(why), now.isoformat())))
    if proofs.added:
        members = sorted(proofs.added)
        written.append((spent, (uuid_array(members), array([proofs.added[m] for m in members]), RULE, proofs.day)))
    return written


def spent_today(member_id: UUID, programme: Programme, *, now: datetime) -> int:
    """What the member has spent today, in minor units; counted only while the programme asks for proofs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT money FROM programmes_usage WHERE subject = %s AND rule = %s AND period = %s",
            [f"member:{member_id}", RULE, day_of(programme, now)],
        )
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def worth(programme: Programme, reward: Reward, units: int, quantity: int) -> int:
    """What a redemption spends, in minor units: its units at face value; without one, what the reward is worth."""
    face = programme.wallets[reward.price[0]].face_value if reward.price else 0
    return units * face if face else (reward.value or reward.cost or 0) * quantity
