"""The warehouse's tables: columns with meaning and type, and the query that fills each from a business's schema.

Additive: a column or table may be added, none is renamed or taken away, so that other tools keep working. No column holds
a name, a contact, a card, a code or free text of people. Docs: docs/reference/warehouse.md (a test compares).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

FORMAT = 1  # of the files; a warehouse of another format is filled anew

TEXT, WHOLE, YES_NO = pa.string(), pa.int64(), pa.bool_()
DAY, INSTANT = pa.date32(), pa.timestamp("us", tz="UTC")

APPEND, REPLACE, SNAPSHOT = "append", "replace", "snapshot"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; money is in minor units of the business's currency, instants are UTC, days the business's."""

    name: str
    type: pa.DataType
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """`way`: append (rows never change), replace (the latest state of a row counts), snapshot (written whole each time).

    `key` names a row for ever. Facts are partitioned by the month of `day`. `sql` selects the columns in order, instants in
    microseconds; `{s}` is the schema, `{new:t}` what the watermark lets through of the rows of t, `{zone}` the business's time
    zone, `{first}` its first tier, `{counters}` the business's own accounts. Without
    `sql` the table is made otherwise (exporting.py).
    """

    name: str
    way: str
    key: tuple[str, ...]
    meaning: str
    columns: tuple[Column, ...]
    sql: str = ""
    day: str = "day"

    @property
    def partitioned(self) -> bool:
        return self.way != SNAPSHOT

    @property
    def shape(self) -> str:
        """Its columns in one text: a table of another shape is filled anew."""
        return ",".join(column.name for column in self.columns)

    def schema(self) -> pa.Schema:
        """The Arrow schema of its files."""
        return pa.schema([pa.field(column.name, column.type) for column in self.columns])


def _columns(text: str) -> tuple[Column, ...]:
    """Columns from lines of `name type meaning`."""
    types = {"text": TEXT, "whole": WHOLE, "yes_no": YES_NO, "day": DAY, "instant": INSTANT}
    lines = [line.split(maxsplit=2) for line in text.strip().splitlines()]
    return tuple(Column(name, types[kind], meaning) for name, kind, meaning in lines)


def _micros(expression: str) -> str:
    return f"(extract(epoch FROM {expression}) * 1000000)::bigint"


def _day(expression: str) -> str:
    return f"({expression} AT TIME ZONE {{zone}})::date"


EVENTS = Table(
    "events",
    REPLACE,
    ("event_id",),
    "everything that was recorded: purchases, refunds, sign-ups, visits, reviews, surveys, top-ups, custom types",
    _columns("""
event_id text the event's id
type text purchase, refund, signup, visit, review, share, survey, referral, checkin, topup or custom.*
day day when it happened, by the business's clocks
occurred_at instant when it happened
recorded_at instant when it was recorded
member_id text whose it is; null: nobody's
store text the store it names
channel text the channel it names, such as pos or web
order_id text the receipt's number: of a purchase, or the one a refund belongs to (with the store it is one order)
net whole purchases: what the goods cost after discounts, without shipping
refunded whole refunds: what was given back of their sale's net
paid_with_points whole purchases: what of the bill points paid
tier text the member's tier after it; null without a member or tiers
programme_version whole the version of the programme that judged it
reversed_at instant when it was undone; undone events do not count
"""),
    f"""SELECT e.event_id, e.type, {_day("e.occurred_at")}, {_micros("e.occurred_at")}, {_micros("e.recorded_at")},
 e.member_id, e.store, e.channel, split_part(COALESCE(k.order_key, r.order_key), E'\\x1f', 2),
 e.net, CASE WHEN e.type = 'refund' THEN (COALESCE((SELECT x.answer FROM {{s}}.events_decision x
  WHERE x.subject = e.event_id || '/settled'), d.answer)::json #>> '{{{{refunded,amount}}}}')::bigint END,
 CASE WHEN e.type = 'purchase' AND e.body LIKE '%"points"%' THEN COALESCE((SELECT sum((p->>'amount')::bigint)
  FROM json_array_elements(CASE json_typeof(e.body::json->'paid') WHEN 'array' THEN e.body::json->'paid' ELSE '[]' END) p
  WHERE p->>'with' = 'points'), 0) WHEN e.type = 'purchase' THEN 0 END,
 CASE WHEN e.member_id IS NOT NULL THEN COALESCE(d.answer::json #>> '{{{{tier,id}}}}', (SELECT x.answer::json
  #>> '{{{{tier,id}}}}' FROM {{s}}.events_decision x WHERE x.subject = e.event_id || '/claim')) END,
 d.programme_version, {_micros("e.reversed_at")}
 FROM {{s}}.events_event e LEFT JOIN {{s}}.events_decision d ON d.subject = e.event_id
 LEFT JOIN {{s}}.events_key k ON k.event_id = e.event_id AND e.type = 'purchase'
 LEFT JOIN {{s}}.events_refund r ON r.event_id = e.event_id WHERE {{new:e}}""",
)

# An order's discount is spread over its lines by largest remainder, ties to the earlier: kernel.points.split in SQL.
_OF_ORDER = (
    """COALESCE((b.body->>'discount')::numeric, 0) + COALESCE((b.body #>> '{{points,amount}}')::numeric, 0) AS off"""
)
_EACH_LINE = """json_to_recordset(CASE json_typeof(b.body->'lines') WHEN 'array' THEN b.body->'lines' ELSE '[]' END)
 AS (sku text, category text, quantity numeric, unit_price bigint, discount bigint)"""
_GROSS = "div(2 * COALESCE(i.quantity, 1) * 1000 * i.unit_price + 1000, 2000)::bigint"
LINES = Table(
    "lines",
    APPEND,
    ("event_id", "line"),
    "the lines of purchases; a purchase that was told as one amount has none",
    _columns("""
event_id text the purchase
line whole its place on the receipt, from 0
day day when it happened, by the business's clocks
sku text what was bought; null when the till did not say
category text its category as the till told it
quantity whole thousandths: 2000 is two pieces, 350 is 0.35 kg
gross whole quantity × price, half up
net whole after the line's discount and its share of the order's
"""),
    f"""SELECT e.event_id, i.n - 1, {_day("e.occurred_at")}, i.sku, i.category,
 (COALESCE(i.quantity, 1) * 1000)::bigint, g.gross, g.gross - COALESCE(i.discount, 0) - COALESCE(s.off[i.n], 0)
 FROM {{s}}.events_event e CROSS JOIN LATERAL (SELECT e.body::json AS body OFFSET 0) b
 CROSS JOIN LATERAL (SELECT {_OF_ORDER} OFFSET 0) o
 CROSS JOIN LATERAL ROWS FROM ({_EACH_LINE}) WITH ORDINALITY i(sku, category, quantity, unit_price, discount, n)
 CROSS JOIN LATERAL (SELECT {_GROSS} AS gross) g
 LEFT JOIN LATERAL (SELECT array_agg((p.part + (p.turn <= o.off - p.parts)::int)::bigint ORDER BY p.n) AS off FROM (
  SELECT x.n, x.part, sum(x.part) OVER () AS parts,
   row_number() OVER (ORDER BY x.part * x.whole - o.off * x.net, x.n) AS turn
  FROM (SELECT y.*, CASE WHEN y.whole > 0 THEN div(o.off * y.net, y.whole) ELSE 0 END AS part
   FROM (SELECT i.n, ({_GROSS}) - COALESCE(i.discount, 0) AS net, sum(({_GROSS}) - COALESCE(i.discount, 0)) OVER () AS whole
    FROM ROWS FROM ({_EACH_LINE}) WITH ORDINALITY i(sku, category, quantity, unit_price, discount, n)) y) x) p) s ON o.off > 0
 WHERE e.type = 'purchase' AND {{new:e}}""",
)

ANSWERS = Table(
    "answers",
    REPLACE,
    ("event_id", "question"),
    "marks that members gave in surveys (`data.nps` 0–10, `data.csat` 1–5, `data.ces` 1–7) and reviews (`data.rating` 1–5)",
    _columns("""
event_id text the survey or review
question text nps, csat, ces or rating
day day when it was given, by the business's clocks
member_id text who gave it
store text the store it names
score whole the mark
reversed_at instant when it was undone; undone answers do not count
"""),
    f"""SELECT e.event_id, q.question, {_day("e.occurred_at")}, e.member_id, e.store,
 (e.body::json->>q.question)::bigint, {_micros("e.reversed_at")} FROM {{s}}.events_event e
 JOIN (VALUES ('survey', 'nps', 0, 10), ('survey', 'csat', 1, 5), ('survey', 'ces', 1, 7), ('review', 'rating', 1, 5))
 q(type, question, least, most) ON q.type = e.type
 WHERE e.type IN ('survey', 'review') AND json_typeof(e.body::json->q.question) = 'number'
 AND e.body::json->>q.question ~ '^\\d{{{{1,2}}}}$'
 AND (e.body::json->>q.question)::int BETWEEN q.least AND q.most AND {{new:e}}""",
)

TRANSFERS = Table(
    "transfers",
    APPEND,
    ("id",),
    "the books: one debit, one credit, a positive amount; never changed",
    _columns("""
id text the transfer
day day when it counts, by the business's clocks
at instant when it counts
recorded_at instant when it was recorded
asset text the wallet (points …), `stamp:<card>`, `budget:<line>`, `partner:<id>:<currency>` …
kind text earn, opening, spend, expire, reverse, restore, return, redate, hold, commit … (see the ledger)
amount whole units of the asset, above zero
debit_role text the account it leaves: member, owed, pending, held, stamps, issued, spent, expired, planned, committed …
debit_member text whose account that is; null: the business's own
credit_role text the account it enters
credit_member text whose account that is; null: the business's own
cause text the event, redemption or job that caused it
rule text the rule that gave it
lot_id text the one lot it adds to (credit_role = member) or takes from; null: none
"""),
    f"""SELECT t.id, {_day("t.at")}, {_micros("t.at")}, {_micros("t.recorded_at")}, t.asset, t.kind, t.amount,
 COALESCE(d.role, cd.role, ''), d.holder_id, COALESCE(c.role, cc.role, ''), c.holder_id, t.cause, t.rule, t.lot_id
 FROM {{s}}.ledger_transfer t LEFT JOIN {{s}}.ledger_account d ON d.id = t.debit_id
 LEFT JOIN {{s}}.ledger_account c ON c.id = t.credit_id
 LEFT JOIN {{counters}} cd(id, role) ON cd.id = t.debit_id LEFT JOIN {{counters}} cc(id, role) ON cc.id = t.credit_id WHERE {{new:t}}""",
)

LOTS = Table(
    "lots",
    APPEND,
    ("id",),
    "lots of points: whose, until when; what is in one is the sum of its transfers",
    _columns("""
id text the lot
earned_month day first day of the month it was earned in
member_id text whose it is
asset text the wallet
expires_at instant first instant at which it cannot be used; null: it never ends
"""),
    f"""SELECT l.id, l.earned_month, a.holder_id, a.asset,
 CASE WHEN l.expires_at < '9999-12-31T00:00:00Z' THEN {_micros("l.expires_at")} END
 FROM {{s}}.ledger_lot l JOIN {{s}}.ledger_account a ON a.id = l.account_id WHERE {{new:l}}""",
    day="earned_month",
)

REDEMPTIONS = Table(
    "redemptions",
    REPLACE,
    ("id",),
    "points turned into rewards",
    _columns("""
id text the redemption
day day when it was made, by the business's clocks
member_id text who redeemed
reward text the reward's id
quantity whole how many
wallet text what paid
price whole units of the wallet, in all
plus whole money paid besides, in all
state text issued or reversed
reversed_at instant when it was taken back
budget text the budget line that pays when no voucher carries it; null: none
cost whole what it takes of the line
"""),
    f"""SELECT r.id, {_day("r.created_at")}, r.member_id, r.reward, r.quantity, r.wallet, r.price, r.plus, r.state,
 {_micros("r.reversed_at")}, NULLIF(r.budget, ''), r.cost FROM {{s}}.rewards_redemption r WHERE {{new:r}}""",
)

VOUCHERS = Table(
    "vouchers",
    REPLACE,
    ("id",),
    "the right to a reward, and gift cards (those with an amount); never the code",
    _columns("""
id text the voucher
day day when it was made, by the business's clocks
redemption_id text the redemption it comes from; null: none
member_id text whose it is; null: whoever bears it
reward text the reward's id
quantity whole how many of it
source text redemption, rule, card, tier, staff, batch or sale
cause text the event that gave it
rule text the rule, card or tier that gave it
state text issued, used or void
uses whole how often it may be used
used whole how often it was
amount whole gift cards: the money it came with
remaining whole gift cards: the money still on it
usable_from instant from when it can be used; null: at once
expires_at instant first instant at which it cannot be used; null: it never ends
used_at instant when it was used up
budget text the budget line that pays; null: none
cost whole what it takes of the line
booked text as the budget has it: committed, spent, void or ended
"""),
    f"""SELECT v.id, {_day("v.created_at")}, v.redemption_id, v.member_id, v.reward, v.quantity, v.source,
 NULLIF(v.cause, ''), NULLIF(v.rule, ''), v.state, v.uses, v.used, v.amount, v.remaining, {_micros("v.usable_from")},
 {_micros("v.expires_at")}, {_micros("v.used_at")}, NULLIF(v.budget, ''), v.cost, NULLIF(v.booked, '')
 FROM {{s}}.rewards_voucher v WHERE {{new:v}}""",
)

VOUCHER_USES = Table(
    "voucher_uses",
    REPLACE,
    ("id",),
    "vouchers and gift cards used on orders",
    _columns("""
id text the use
day day when it was used, by the business's clocks
voucher_id text the voucher
cause text the sale's event, or order:<order id> while no sale was recorded
times whole how many of its uses
amount whole gift cards: money taken
state text redeemed, recorded or released; released ones do not count
"""),
    f"""SELECT u.id, {_day("u.at")}, u.voucher_id, u.cause, u.times, u.amount, u.state
 FROM {{s}}.rewards_use u WHERE {{new:u}}""",
)

CARD_MOVES = Table(
    "card_moves",
    APPEND,
    ("id",),
    "money onto gift cards that were sold: the sale, a top-up, or below zero the sale undone",
    _columns("""
id text the move
day day when it was made, by the business's clocks
voucher_id text the gift card
kind text sold, topped_up or cancelled
amount whole money; below zero when it was cancelled
store text where
"""),
    f"""SELECT m.id, {_day("m.at")}, m.voucher_id, m.kind, m.amount, NULLIF(m.store, '')
 FROM {{s}}.rewards_card_move m WHERE {{new:m}}""",
)

MEMBERS = Table(
    "members",
    SNAPSHOT,
    ("member_id",),
    "who is a member now; somebody who was erased is not there any more, and their facts lead to nobody",
    _columns("""
member_id text the member
joined_on day when they joined, by the business's clocks
tier text their tier now; null: the programme has none
source text the channel of their sign-up; null: it was not told
first_store text where they signed up, else bought first; null: not told
"""),
    f"SELECT m.id, {_day('m.created_at')}, COALESCE(s.tier, {{first}}), NULL, NULL FROM {{s}}.members_member m"
    " LEFT JOIN {s}.members_standing s ON s.member_id = m.id",
)

STORES = Table(
    "stores",
    SNAPSHOT,
    ("store",),
    "the stores",
    _columns("""
store text its id
name text its name
confirmed yes_no whether somebody confirmed it
"""),
    "SELECT id, name, confirmed FROM {s}.events_store",
)

PRODUCTS = Table(
    "products",
    SNAPSHOT,
    ("sku",),
    "the product list",
    _columns("""
sku text its code
name text its name
category text its category
price whole its price; null: not told
cost whole what it costs the shop; null: not told
"""),
    "SELECT sku, name, NULLIF(category, ''), price, cost FROM {s}.products_product",
)

WALLETS = Table(
    "wallets",
    SNAPSHOT,
    ("wallet",),
    "the wallets of the programme in force",
    _columns("""
wallet text its id; the `asset` of transfers
face_value whole what one unit is worth, minor units; null: not told
money yes_no whether its units are money
spendable yes_no whether members can spend it
currency text the programme's currency
"""),
)

BUDGET_LINES = Table(
    "budget_lines",
    SNAPSHOT,
    ("line", "store"),
    "the budget of the programme in force; what was taken stands in transfers of `budget:<line>`",
    _columns("""
line text its name
store text the store whose own plan it is; empty: everybody's
planned whole what is planned: of a month when `monthly`, else in all
monthly yes_no whether the plan starts anew each month
hard yes_no whether it is never overspent
rewards yes_no whether a reward of the programme draws on it
"""),
)

TIER_CHANGES = Table(
    "tier_changes",
    APPEND,
    ("member_id", "day", "before", "after"),
    "members whose tier was another one at the last export: also what a night's review did without any event",
    _columns("""
member_id text the member
day day of the export that saw it, by the business's clocks
before text their tier before; null: there were none
after text their tier now; null: there are none
"""),
)

FACTS = (
    EVENTS,
    LINES,
    ANSWERS,
    TRANSFERS,
    LOTS,
    REDEMPTIONS,
    VOUCHERS,
    VOUCHER_USES,
    CARD_MOVES,
)
LISTS = (STORES, PRODUCTS)
TABLES = (*FACTS, TIER_CHANGES, MEMBERS, *LISTS, WALLETS, BUDGET_LINES)


def by_name() -> dict[str, Table]:
    """Every table by its name."""
    return {table.name: table for table in TABLES}


def described() -> Iterator[str]:
    """The reference of all tables, as lines of Markdown."""
    kinds = {pa.string(): "text", pa.int64(): "whole number", pa.bool_(): "yes/no", DAY: "day", INSTANT: "instant"}
    for table in TABLES:
        yield from (f"### `{table.name}`", "", f"{table.meaning[0].upper()}{table.meaning[1:]}.", "")
        yield f"Key: {', '.join(f'`{name}`' for name in table.key)}. {_HOW[table.way]}"
        yield from ("", "| column | type | meaning |", "|---|---|---|")
        yield from (f"| `{column.name}` | {kinds[column.type]} | {column.meaning} |" for column in table.columns)
        yield ""


_HOW = {
    APPEND: "Rows never change; a file a month.",
    REPLACE: "The latest state of a row; a file a month.",
    SNAPSHOT: "As it is now, written whole at each export.",
}
