"""Every KPI: what each member adds to its numerator and its denominator, by month and group.

`each(facts, by)` gives rows m, key, member_id, numerator, denominator (whole numbers); a KPI is the sum of them. A row without
member is what nobody in particular stands behind: receipts without a member, money of a budget line. A count has the
denominator 0 everywhere. A *cumulative* KPI sums all months up to its own.
"""

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis import _

from ganbo.insights.kpis.facts import MONTH, NO_KEY, PRODUCT, SOURCE, STORE, TIER, Facts, month_of

SHARE, MONEY, COUNT, NUMBER, POINTS, NPS = "share", "money", "count", "number", "points", "nps"
Each = Callable[[Facts, str], ir.Table]


@dataclass(frozen=True, slots=True)
class Kpi:
    """A KPI by its fixed name; `unit`: share (0–1), money (minor units), count, number, points, nps (−100…100).

    `key` names the group of each row without `by`: "wallet" where points of different wallets stay apart, else "".
    `divided`: its value is numerator ÷ denominator, else the numerator. `whole_months`: of a month that is not over it says
    too little to be compared.
    """

    name: str
    unit: str
    each: Each
    by: tuple[str, ...] = (MONTH, TIER, STORE, PRODUCT)
    cumulative: bool = False
    key: str = ""
    whole_months: bool = False
    divided: bool = True


def _row(table: ir.Table, numerator: object, denominator: object) -> ir.Table:
    return table.select("m", "key", "member_id", numerator=_whole(numerator), denominator=_whole(denominator))


def _whole(value: object) -> ir.Value:
    return (value if isinstance(value, ir.Value | ibis.Deferred) else ibis.literal(value)).cast("int64")  # type: ignore[union-attr]


def active_members(facts: Facts, by: str) -> ir.Table:
    """Who bought at least once."""
    return _row(facts.active(by), 1, 0)


def new_buyers(facts: Facts, by: str) -> ir.Table:
    """Whose first purchase ever it was; by store and tier those of that purchase."""
    orders = facts.keyed(by).filter(_.member_id.notnull())
    first = ibis.rank().over(group_by=_.member_id, order_by=[_.at, _.event_id])
    return _row(orders.mutate(place=first).filter(_.place == 0), 1, 0)


def reactivated(facts: Facts, by: str) -> ir.Table:
    """Who bought, not for the first time, and not in the month before."""
    active = facts.active(by)
    same = ["member_id", "key"] if by in (STORE, PRODUCT) else ["member_id"]
    over = ibis.window(group_by=same, order_by="m")
    return _row(active.mutate(before=_.m.lag().over(over)).filter(_.before < _.m - 1), 1, 0)


def retained(facts: Facts, by: str) -> ir.Table:
    """Of who bought in the month before: who bought again. By store there, by product it; by tier the one they had."""
    return _kept(facts, by, 1)


def lost(facts: Facts, by: str) -> ir.Table:
    """Of who bought in the month before: who did not."""
    return _kept(facts, by, 0)


def _kept(facts: Facts, by: str, came: int) -> ir.Table:
    active = facts.active(by)
    same = ["member_id", "key"] if by in (STORE, PRODUCT) else ["member_id"]
    over = ibis.window(group_by=same, order_by="m")
    after = active.mutate(following=_.m.lead().over(over))
    back = (after.following == after.m + 1).fill_null(False).cast("int64")
    counts = back if came else 1 - back
    return after.select("key", "member_id", m=after.m + 1, numerator=counts, denominator=_whole(1))


def repeat(facts: Facts, by: str) -> ir.Table:
    """Of everybody who ever bought: who did at least twice; counted in the months of the first and the second order."""
    orders = facts.keyed(by).filter(_.member_id.notnull())
    place = ibis.row_number().over(group_by=["member_id", "key"], order_by=[_.at, _.event_id])
    early = orders.mutate(place=place).filter(_.place < 2)
    return _row(early, early.place == 1, early.place == 0)


def order_value(facts: Facts, by: str) -> ir.Table:
    """What members' orders came to, by their number."""
    return _row(facts.active(by), _.amount, _.n)


def frequency(facts: Facts, by: str) -> ir.Table:
    """Members' orders, by who bought."""
    return _row(facts.active(by), _.n, 1)


def _everybody(facts: Facts, by: str) -> ir.Table:
    return (
        facts.keyed(by)
        .group_by("m", "key", "member_id")
        .agg(n=_.count().cast("int64"), amount=_.amount.sum().cast("int64"))
    )


def revenue(facts: Facts, by: str) -> ir.Table:
    """What all orders came to."""
    return _row(_everybody(facts, by), _.amount, 0)


def with_member(facts: Facts, by: str) -> ir.Table:
    """Receipts with a member, by all receipts."""
    every = _everybody(facts, by)
    return _row(every, ibis.ifelse(every.member_id.notnull(), every.n, 0), _.n)


def engagement(facts: Facts, by: str) -> ir.Table:
    """What members' orders came to, by what all did."""
    every = _everybody(facts, by)
    return _row(every, ibis.ifelse(every.member_id.notnull(), every.amount, 0), _.amount)


def new_members(facts: Facts, by: str) -> ir.Table:
    """Who joined; by source the channel of their sign-up, by store where they did."""
    key = {SOURCE: _.source.fill_null(NO_KEY), STORE: _.first_store.fill_null(NO_KEY)}.get(by, ibis.literal(NO_KEY))
    return _row(facts.table("members").mutate(m=month_of(_.joined_on), key=key), 1, 0)


def _moved(column: str, sign: int) -> Each:
    def each(facts: Facts, by: str) -> ir.Table:
        return _row(_by_member(facts.moves().filter(_.column == column)), _.change * sign, 0)

    return each


def _by_member(moves: ir.Table) -> ir.Table:
    return moves.group_by("m", "key", "member_id").agg(change=_.change.sum().cast("int64"))


def redemption_rate(facts: Facts, by: str) -> ir.Table:
    """Points redeemed, by points issued."""
    return _parts(facts, ("redeemed",), ("earned",))


def breakage(facts: Facts, by: str) -> ir.Table:
    """Points that ended unused, by all that ended: used or not."""
    return _parts(facts, ("expired",), ("expired", "redeemed"))


def _parts(facts: Facts, above: tuple[str, ...], below: tuple[str, ...]) -> ir.Table:
    moves = facts.moves().filter(_.column.isin((*above, *below)))
    sign = ibis.ifelse(moves.column == "earned", moves.change, -moves.change)
    counted = moves.mutate(
        over=ibis.ifelse(moves.column.isin(above), sign, 0), under=ibis.ifelse(moves.column.isin(below), sign, 0)
    )
    sums = counted.group_by("m", "key", "member_id").agg(over=_.over.sum(), under=_.under.sum())
    return _row(sums, _.over, _.under)


def outstanding(facts: Facts, by: str) -> ir.Table:
    """Units that members hold: usable, waiting or set aside."""
    return _row(_by_member(facts.moves()), _.change, 0)


def liability(facts: Facts, by: str) -> ir.Table:
    """The same at face value; wallets without one are left out."""
    values = facts.table("wallets").filter(_.face_value.notnull()).select(wallet="wallet", each="face_value")
    held = _by_member(facts.moves()).inner_join(values, _.key == values.wallet)
    return _row(held, held.change * held.each, 0)


def _answers(facts: Facts, by: str, question: str) -> ir.Table:
    given = facts.table("answers").filter(_.reversed_at.isnull(), _.question == question)
    key = _.store.fill_null(NO_KEY) if by == STORE else ibis.literal(NO_KEY)
    return given.mutate(m=month_of(_.day), key=key)


def nps(facts: Facts, by: str) -> ir.Table:
    """Promoters (9, 10) less detractors (0–6), by all answers."""
    given = _answers(facts, by, "nps")
    return _row(given, ibis.cases((given.score >= 9, 1), (given.score <= 6, -1), else_=0), 1)


def csat(facts: Facts, by: str) -> ir.Table:
    """Answers of 4 or 5, by all."""
    given = _answers(facts, by, "csat")
    return _row(given, given.score >= 4, 1)


def ces(facts: Facts, by: str) -> ir.Table:
    """The sum of the marks, by all answers."""
    return _row(_answers(facts, by, "ces"), _.score, 1)


def acquisition_cost(facts: Facts, by: str) -> ir.Table:
    """What is planned on lines that no reward draws on, by who joined; a plan for all is spread over twelve months."""
    joined = new_members(facts, MONTH).select("m", "key", "member_id", numerator=_whole(0), denominator=_whole(1))
    lines = facts.table("budget_lines").filter(~_.rewards)
    month = ibis.ifelse(lines.monthly, lines.planned, (lines.planned / 12).floor().cast("int64"))
    planned = lines.agg(planned=month.sum().fill_null(0).cast("int64"))
    spent = joined.select("m").distinct().cross_join(planned).filter(_.planned > 0)
    cost = spent.select(
        "m",
        key=ibis.literal(NO_KEY),
        member_id=ibis.null("string"),
        numerator=_.planned,
        denominator=_whole(0),
    )
    return _if_any(joined, lines).union(cost)


def _if_any(table: ir.Table, lines: ir.Table) -> ir.Table:
    """The table when the budget has such lines at all: a cost of nothing known is not nothing."""
    return table.cross_join(lines.agg(lines=_.count())).filter(_.lines > 0).drop("lines")


def retention_cost(facts: Facts, by: str) -> ir.Table:
    """What rewards took of the budget's lines, less what came back, by who bought."""
    vouchers = facts.table("vouchers").filter(_.booked.isin(["committed", "spent"]), _.member_id.notnull(), _.cost > 0)
    given = facts.table("redemptions").filter(_.budget.notnull(), _.state == "issued", _.cost > 0)
    costs = [
        one.select(m=month_of(one.day), key=ibis.literal(NO_KEY), member_id="member_id", numerator="cost")
        for one in (vouchers, given)
    ]
    spent = costs[0].union(costs[1]).mutate(denominator=_whole(0))
    active = facts.active(MONTH).select("m", "key", "member_id", numerator=_whole(0), denominator=_whole(1))
    lines = facts.table("budget_lines").filter(_.rewards)
    return _if_any(active.union(spent.select(*active.columns)), lines)


_ASKED = (MONTH, STORE)

KPIS = {
    kpi.name: kpi
    for kpi in (
        Kpi("crr", SHARE, retained, whole_months=True),
        Kpi("churn", SHARE, lost, whole_months=True),
        Kpi("repeat_purchase_rate", SHARE, repeat, (MONTH, STORE, PRODUCT), cumulative=True),
        Kpi("aov", MONEY, order_value),
        Kpi("purchase_frequency", NUMBER, frequency, whole_months=True),
        Kpi("active_members", COUNT, active_members, whole_months=True, divided=False),
        Kpi("new_members", COUNT, new_members, (MONTH, STORE, SOURCE), whole_months=True, divided=False),
        Kpi("new_buyers", COUNT, new_buyers, whole_months=True, divided=False),
        Kpi("reactivated_members", COUNT, reactivated, whole_months=True, divided=False),
        Kpi("revenue", MONEY, revenue, whole_months=True, divided=False),
        Kpi("receipts_with_member", SHARE, with_member, (MONTH, STORE)),
        Kpi("engagement_share", SHARE, engagement, (MONTH, STORE, PRODUCT)),
        Kpi("points_issued", POINTS, _moved("earned", 1), (MONTH,), key="wallet", whole_months=True, divided=False),
        Kpi(
            "points_redeemed", POINTS, _moved("redeemed", -1), (MONTH,), key="wallet", whole_months=True, divided=False
        ),
        Kpi("points_expired", POINTS, _moved("expired", -1), (MONTH,), key="wallet", whole_months=True, divided=False),
        Kpi("redemption_rate", SHARE, redemption_rate, (MONTH,), key="wallet", whole_months=True),
        Kpi("breakage", SHARE, breakage, (MONTH,), key="wallet", whole_months=True),
        Kpi("points_outstanding", POINTS, outstanding, (MONTH,), cumulative=True, key="wallet", divided=False),
        Kpi("liability", MONEY, liability, (MONTH,), cumulative=True, key="wallet", divided=False),
        Kpi("nps", NPS, nps, _ASKED),
        Kpi("csat", SHARE, csat, _ASKED),
        Kpi("ces", NUMBER, ces, _ASKED),
        Kpi("acquisition_cost", MONEY, acquisition_cost, (MONTH,), whole_months=True),
        Kpi("retention_cost", MONEY, retention_cost, (MONTH,), whole_months=True),
    )
}
