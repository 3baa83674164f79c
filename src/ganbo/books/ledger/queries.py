"""What the books say: balances, lots and lines of one member, and the recomputation that proves them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from ganbo.books.ledger import hold_queries, models
from ganbo.books.ledger.history import UNSEEN
from ganbo.books.ledger.lots import NEVER, Lot
from ganbo.books.ledger.pending_points import PendingPoints
from ganbo.books.ledger.posting import HELD, MEMBER, OWED, PENDING, STAMPS, account_id, stamp_asset
from ganbo.kernel.points import shown_balance

_SEEN = ~Q(kind__in=UNSEEN)
_BEFORE = datetime.min.replace(year=1900, tzinfo=UTC)
NO_ENDS: Mapping[str, datetime] = {}
NO_FLOORS: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class Balance:
    """One member's points in one asset; `available` counts what has not expired at the asked instant.

    `together`: what all hold who spend with the member; None: the member spends alone.
    """

    available: int
    pending: int
    owed: int
    next_expiry: tuple[int, datetime] | None  # amount and first unusable instant
    held: int = 0  # set aside by holds whose time is not over
    together: int | None = None
    may_spend: bool = True

    @property
    def spendable(self) -> int:
        """What the member could spend."""
        if not self.may_spend:
            return 0
        return self.available if self.together is None else self.together


@dataclass(frozen=True, slots=True)
class LotRow:
    wallet: str
    amount: int  # ever put in
    remaining: int
    earned_month: date
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """One movement on a member's account: positive what came, negative what went."""

    id: UUID
    at: datetime
    wallet: str
    amount: int
    kind: str
    cause: str
    rule: str


def balances(
    member: UUID,
    assets: list[str],
    *,
    at: datetime,
    ends: Mapping[str, datetime] = NO_ENDS,
    floors: Mapping[str, int] = NO_FLOORS,
) -> dict[str, Balance]:
    """The member's balance in each asset at `at`; `ends`: by asset, when all of it ends whatever its lots say.

    What is owed is shown below zero as far as `floors` say.
    """
    held = {(a.asset, a.role): a.balance or 0 for a in models.Account.objects.filter(holder_id=member)}
    over = _over(member) if any(role == HELD and n for (_, role), n in held.items()) else []
    found = {}
    for asset in assets:
        back = [lot for name, lot in over if name == asset]
        usable = live_lots(member, asset, at=at) + [lot for lot in back if lot.expires_at > at]
        live = _ending(usable, ends.get(asset, NEVER), at=at)
        ending = [lot for lot in live if lot.expires_at != NEVER]
        first = min((lot.expires_at for lot in ending), default=None)
        amount = sum(lot.remaining for lot in ending if lot.expires_at == first)
        spendable = sum(lot.remaining for lot in live)
        available, owed = shown_balance(spendable, held.get((asset, OWED), 0), floors.get(asset, 0))
        found[asset] = Balance(
            available=available,
            pending=held.get((asset, PENDING), 0),
            owed=owed,
            next_expiry=(amount, first) if first else None,
            held=held.get((asset, HELD), 0) - sum(lot.remaining for lot in back),
        )
    return found


def _over(member: UUID) -> list[tuple[str, Lot]]:
    """(asset, lot) of what holds whose time is over still keep in the books: it counts as come back."""
    over = [hold for hold in hold_queries.open_holds([member]) if hold.due]
    return [(h.asset, replace(lot, remaining=part)) for h in over for lot, part in h.parts]


def _ending(lots: list[Lot], end: datetime, *, at: datetime) -> list[Lot]:
    """The lots as they are when everything ends at `end` at the latest."""
    if end == NEVER:
        return lots
    return [replace(lot, expires_at=min(lot.expires_at, end)) for lot in lots] if end > at else []


def stamps(member: UUID, cards: list[str]) -> dict[str, int]:
    """How many stamps the books hold on each of these cards of a member; 0 on one that was never stamped."""
    held = dict(
        models.Account.objects.filter(
            holder_id=member, role=STAMPS, asset__in=[stamp_asset(card) for card in cards]
        ).values_list("asset", "balance")
    )
    return {card: held.get(stamp_asset(card)) or 0 for card in cards}


def rhythm(member: UUID, asset: str, since: datetime, *, zone: str) -> tuple[int, int]:
    """(days, points): on how many local days since then purchases and visits earned this, and how much in all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT (t.at AT TIME ZONE %s)::date), coalesce(sum(t.amount), 0) FROM ledger_transfer t"
            " JOIN events_event e ON e.event_id = t.cause AND e.type IN ('purchase', 'visit', 'checkin')"
            " AND e.reversed_at IS NULL WHERE t.credit_id = %s AND t.kind = 'earn' AND t.at >= %s",
            [zone, account_id(MEMBER, asset, member), since],
        )
        days, points = cursor.fetchone()
    return int(days), int(points)


def live_lots(member: UUID, asset: str, *, at: datetime) -> list[Lot]:
    """Lots with something left that has not expired at `at`, in burning order."""
    found = models.Lot.objects.filter(
        account_id=account_id(MEMBER, asset, member), expires_at__gt=at, remaining__gt=0
    ).order_by("expires_at", "earned_month")
    return [Lot(x.pk, x.account_id, x.expires_at, x.earned_month, x.remaining) for x in found]


def payers(cause: str) -> dict[UUID, UUID]:
    """account → member of everybody whose lots an event or redemption burnt; never changes once it is written."""
    debits = models.Transfer.objects.filter(cause=cause, kind="spend", lot_id__isnull=False).values("debit_id")
    found = models.Account.objects.filter(pk__in=debits).values_list("id", "holder_id")
    return {account: holder for account, holder in found if holder is not None}


def lots_by_id(ids: list[UUID]) -> dict[UUID, Lot]:
    """These lots as they are now."""
    return {
        x.pk: Lot(x.pk, x.account_id, x.expires_at, x.earned_month, x.remaining)
        for x in models.Lot.objects.filter(pk__in=ids)
    }


def lot_rows(member: UUID, assets: list[str], *, ends: Mapping[str, datetime] = NO_ENDS) -> list[LotRow]:
    """All lots of a member, the first to expire first, with what was ever put in; `ends` as for balances."""
    rows = []
    for asset in assets:
        account = account_id(MEMBER, asset, member)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT l.remaining, l.earned_month, l.expires_at,"
                " COALESCE((SELECT sum(t.amount) FROM ledger_transfer t WHERE t.credit_id = l.account_id"
                "           AND t.lot_id = l.id AND t.kind IN ('earn', 'opening', 'redate')), 0)"
                " - COALESCE((SELECT sum(t.amount) FROM ledger_transfer t WHERE t.debit_id = l.account_id"
                "           AND t.lot_id = l.id AND t.kind = 'redate'), 0)"
                " FROM ledger_lot l WHERE l.account_id = %s ORDER BY l.expires_at, l.earned_month LIMIT 500",
                [account],
            )
            end = ends.get(asset, NEVER)
            rows += [
                LotRow(asset, int(amount), remaining, month, None if min(expires, end) == NEVER else min(expires, end))
                for remaining, month, expires, amount in cursor.fetchall()
                if amount or remaining  # nothing is left of a lot that was given another end
            ]
    return rows


def lines(member: UUID, assets: list[str], *, most: int, after: UUID | None = None) -> list[Line]:
    """Movements on the member's accounts, newest first, after the line `after`."""
    accounts = [account_id(MEMBER, asset, member) for asset in assets]
    found = models.Transfer.objects.filter(_SEEN, Q(debit_id__in=accounts) | Q(credit_id__in=accounts)).order_by("-id")
    if after is not None:
        found = found.filter(pk__lt=after)
    ours = set(accounts)
    return [
        Line(t.pk, t.at, t.asset, t.amount if t.credit_id in ours else -t.amount, t.kind, t.cause, t.rule)
        for t in found[:most]
    ]


@dataclass(frozen=True, slots=True)
class Movement:
    """A transfer as reversals need it."""

    id: UUID
    debit: UUID
    credit: UUID
    wallet: str
    amount: int
    kind: str
    rule: str
    lot: UUID | None


def caused_by(cause: str) -> list[Movement]:
    """Every transfer of one event or redemption, in order."""
    return [
        Movement(t.pk, t.debit_id, t.credit_id, t.asset, t.amount, t.kind, t.rule, t.lot_id)
        for t in models.Transfer.objects.filter(cause=cause).order_by("pk")
    ]


def pending_of(cause: str) -> list[PendingPoints]:
    """What one event gave that waited or waits, in document order; read it under the member's lock to change it."""
    return _pending(models.PendingPoints.objects.filter(cause=cause))


def pending_due(members: list[UUID], *, at: datetime) -> list[PendingPoints]:
    """Points of these members that still wait although their time has come."""
    return _pending(models.PendingPoints.objects.filter(member_id__in=members, usable_at__lte=at, remaining__gt=0))


def members_with_pending_due(at: datetime, *, most: int) -> list[UUID]:
    """Members who have points whose wait is over, in order."""
    found = models.PendingPoints.objects.filter(usable_at__lte=at, remaining__gt=0).order_by("usable_at", "member_id")
    return sorted(set(found.values_list("member_id", flat=True)[:most]))


def _pending(found: QuerySet[models.PendingPoints]) -> list[PendingPoints]:
    return [
        PendingPoints(
            x.pk, x.member_id, x.asset, x.amount, x.remaining, x.cancelled, x.usable_at, x.awaits, x.order_id, x.cause,
            x.rule, x.expires_at, x.earned_month, x.earned_at,
        )
        for x in found.order_by("usable_at", "id")
    ]  # fmt: skip


def held(*members: UUID) -> dict[tuple[UUID, str, str], int]:
    """The members' account balances as a Posting starts from them."""
    return {
        (m, a.asset, a.role): a.balance or 0
        for a in models.Account.objects.filter(holder_id__in=members)
        if (m := a.holder_id) is not None
    }


def all_lots(member: UUID, assets: list[str]) -> dict[UUID, dict[UUID, Lot]]:
    """account → lot id → lot, with something left, of a member under lock."""
    found: dict[UUID, dict[UUID, Lot]] = {}
    for asset in assets:
        account = account_id(MEMBER, asset, member)
        found[account] = {
            x.pk: Lot(x.pk, x.account_id, x.expires_at, x.earned_month, x.remaining)
            for x in models.Lot.objects.filter(account_id=account, remaining__gt=0)
        }
    return found


def points_expiring(since: datetime, until: datetime) -> dict[str, int]:
    """How many points of each asset end in [since, until)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.asset, sum(l.remaining) FROM ledger_lot l JOIN ledger_account a ON a.id = l.account_id"
            " WHERE l.expires_at >= %s AND l.expires_at < %s AND l.remaining > 0 GROUP BY a.asset",
            [since, until],
        )
        return {asset: int(amount) for asset, amount in cursor.fetchall()}


def moved(since: datetime, until: datetime) -> dict[tuple[str, str], int]:
    """(asset, kind) → amount moved in [since, until)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT asset, kind, sum(amount) FROM ledger_transfer WHERE at >= %s AND at < %s GROUP BY asset, kind",
            [since, until],
        )
        return {(asset, kind): int(amount) for asset, kind, amount in cursor.fetchall()}


def members_with_expired(at: datetime, *, most: int, since: datetime | None = None) -> list[UUID]:
    """Members who hold lots whose time has come, in order; with `since`, of those that ended after it only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT a.holder_id FROM ledger_lot l JOIN ledger_account a ON a.id = l.account_id"
            " WHERE l.expires_at <= %s AND l.expires_at > %s AND l.remaining > 0 ORDER BY 1 LIMIT %s",
            [at, since or _BEFORE, most],
        )
        return [holder for (holder,) in cursor.fetchall()]


def holders(assets: list[str], *, after: UUID | None, most: int) -> list[UUID]:
    """Members who hold something of these assets, usable or waiting, in order, after the member `after`."""
    found = models.Account.objects.filter(asset__in=assets, role__in=[MEMBER, PENDING], balance__gt=0)
    if after is not None:
        found = found.filter(holder_id__gt=after)
    ids = found.order_by("holder_id").values_list("holder_id", flat=True).distinct()[:most]
    return [holder for holder in ids if holder is not None]


def lots_of_members(members: list[UUID], assets: list[str]) -> list[tuple[UUID, str, Lot]]:
    """(member, asset, lot) of every lot with something left."""
    accounts = {account_id(MEMBER, asset, member): (member, asset) for member in members for asset in assets}
    found = models.Lot.objects.filter(account_id__in=list(accounts), remaining__gt=0)
    return [
        (*accounts[x.account_id], Lot(x.pk, x.account_id, x.expires_at, x.earned_month, x.remaining))
        for x in found.order_by("account_id", "expires_at", "earned_month")
    ]


def pending_of_members(members: list[UUID], assets: list[str]) -> list[PendingPoints]:
    """Points of these members that wait, or could come back."""
    waits = Q(remaining__gt=0) | Q(cancelled__gt=0)
    return _pending(models.PendingPoints.objects.filter(waits, member_id__in=members, asset__in=assets))


@dataclass(frozen=True, slots=True)
class LotGroup:
    """All lots of an asset with one end and one month of earning."""

    expires_at: datetime
    earned_month: date
    amount: int


def lot_groups(asset: str, *, at: datetime) -> list[LotGroup]:
    """What is usable of an asset at `at`, by end and month of earning."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.expires_at, l.earned_month, sum(l.remaining) FROM ledger_lot l"
            " JOIN ledger_account a ON a.id = l.account_id"
            " WHERE a.asset = %s AND l.remaining > 0 AND l.expires_at > %s GROUP BY 1, 2 ORDER BY 1, 2",
            [asset, at],
        )
        return [LotGroup(end, month, int(amount)) for end, month, amount in cursor.fetchall()]


def holders_of_groups(asset: str, groups: list[LotGroup], *, most: int) -> tuple[int, list[tuple[UUID, int]]]:
    """How many members hold lots of these groups, and those who hold most, with how much."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.holder_id, sum(l.remaining), count(*) OVER () FROM ledger_lot l"
            " JOIN ledger_account a ON a.id = l.account_id"
            " JOIN unnest(%s::timestamptz[], %s::date[]) g(ends, month)"
            " ON l.expires_at = g.ends AND l.earned_month = g.month"
            " WHERE a.asset = %s AND l.remaining > 0 GROUP BY a.holder_id ORDER BY 2 DESC, 1 LIMIT %s",
            [[g.expires_at for g in groups], [g.earned_month for g in groups], asset, most],
        )
        rows = cursor.fetchall()
    return (rows[0][2] if rows else 0), [(holder, int(amount)) for holder, amount, _ in rows]


def ending(
    wanted: list[tuple[str, datetime]], *, after: UUID | None, most: int
) -> list[tuple[UUID, list[tuple[str, datetime, int]]]]:
    """Up to `most` members after `after` who hold lots that end at these instants: asset, end and how much, for each."""
    found: dict[UUID, list[tuple[str, datetime, int]]] = {}
    assets, instants = [asset for asset, _ in wanted], [end for _, end in wanted]
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH held AS (SELECT a.holder_id, a.asset, l.expires_at, sum(l.remaining) AS amount FROM ledger_lot l"
            " JOIN ledger_account a ON a.id = l.account_id"
            " JOIN unnest(%s::text[], %s::timestamptz[]) w(asset, ends)"
            " ON a.asset = w.asset AND l.expires_at = w.ends"
            " WHERE l.remaining > 0 AND (%s::uuid IS NULL OR a.holder_id > %s::uuid) GROUP BY 1, 2, 3)"
            " SELECT * FROM held WHERE holder_id IN (SELECT DISTINCT holder_id FROM held ORDER BY 1 LIMIT %s)"
            " ORDER BY holder_id, expires_at, asset",
            [assets, instants, after, after, most],
        )
        for holder, asset, end, amount in cursor.fetchall():
            found.setdefault(holder, []).append((asset, end, int(amount)))
    return list(found.items())


def spendable_of(assets: list[str], *, after: UUID | None, most: int) -> dict[UUID, dict[str, int]]:
    """Up to `most` members after `after`, in order, who hold something of these assets, and how much of each."""
    held = models.Account.objects.filter(asset__in=assets, role=MEMBER, balance__gt=0)
    if after is not None:
        held = held.filter(holder_id__gt=after)
    who = [
        holder for holder in held.values_list("holder_id", flat=True).distinct().order_by("holder_id")[:most] if holder
    ]
    found: dict[UUID, dict[str, int]] = {}
    for account in held.filter(holder_id__in=who):
        if account.holder_id is not None:
            found.setdefault(account.holder_id, {})[account.asset] = account.balance or 0
    return found


def expired_lots(members: list[UUID], *, at: datetime) -> list[tuple[UUID, str, Lot]]:
    """(member, asset, lot) of lots with something left whose time has come, in burning order."""
    accounts = {a.pk: (a.holder_id, a.asset) for a in models.Account.objects.filter(holder_id__in=members, role=MEMBER)}
    found = models.Lot.objects.filter(account_id__in=list(accounts), expires_at__lte=at, remaining__gt=0).order_by(
        "expires_at", "earned_month", "account_id"
    )
    lots = [Lot(x.pk, x.account_id, x.expires_at, x.earned_month, x.remaining) for x in found]
    return [(member, accounts[lot.account][1], lot) for lot in lots if (member := accounts[lot.account][0]) is not None]


def earned(asset: str, until: datetime, *, step: timedelta, count: int, store: str | None = None) -> list[int]:
    """Points of an asset given in each of `count` stretches of length `step` that end at `until`, the oldest first."""
    joined = " JOIN events_event e ON e.event_id = t.cause AND e.store = %(store)s" if store else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT floor(extract(epoch FROM %(until)s - t.at - interval '1 microsecond') / %(step)s)::int, sum(t.amount)"
            f" FROM ledger_transfer t{joined} WHERE t.asset = %(asset)s AND t.kind IN ('earn', 'owed')"
            " AND t.at >= %(since)s AND t.at < %(until)s GROUP BY 1",
            {
                "since": until - step * count,
                "until": until,
                "step": step.total_seconds(),
                "asset": asset,
                "store": store,
            },
        )
        found = {back: int(amount) for back, amount in cursor.fetchall()}
    return [found.get(n, 0) for n in reversed(range(count))]


def lines_between(member: UUID, assets: list[str], since: datetime, until: datetime, *, most: int) -> list[Line]:
    """Movements on the member's accounts that count in [since, until), newest first."""
    accounts = [account_id(MEMBER, asset, member) for asset in assets]
    found = models.Transfer.objects.filter(_SEEN, Q(debit_id__in=accounts) | Q(credit_id__in=accounts))
    found = found.filter(at__gte=since, at__lt=until).order_by("-at", "-id")
    ours = set(accounts)
    return [
        Line(t.pk, t.at, t.asset, t.amount if t.credit_id in ours else -t.amount, t.kind, t.cause, t.rule)
        for t in found[:most]
    ]


def available(members: list[UUID], asset: str, *, at: datetime) -> dict[UUID, int]:
    """What each of these members could spend of an asset at `at`; one query for any number."""
    accounts = {account_id(MEMBER, asset, member): member for member in members}
    found = dict.fromkeys(members, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, sum(remaining) FROM ledger_lot WHERE account_id = ANY(%s) AND expires_at > %s GROUP BY 1",
            [list(accounts), at],
        )
        for account, amount in cursor.fetchall():
            found[accounts[account]] = int(amount)
    return found


def owed(members: list[UUID], asset: str) -> dict[UUID, int]:
    """What each of these members owes of an asset; who owes nothing is left out."""
    found = models.Account.objects.filter(holder_id__in=members, asset=asset, role=OWED, balance__gt=0)
    return {a.holder_id: a.balance or 0 for a in found if a.holder_id is not None}
