"""The tables people open in a spreadsheet: members, balances, vouchers, history, consents, staff.

Times are the shop's clocks. A cell that a spreadsheet would take for a formula begins with an apostrophe.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_LAST = "9999-01-01"  # later than this is never


@dataclass(frozen=True, slots=True)
class View:
    """A CSV: the query of its rows, over the schema {s} and the zone {zone}."""

    name: str
    about: str
    columns: tuple[str, ...]
    sql: str

    @property
    def file(self) -> str:
        return f"{self.name}.csv"

    def query(self, *, schema: str, zone: str, business: int) -> str:
        """`schema` and `zone` quoted as SQL wants them."""
        return self.sql.format(s=schema, zone=zone, business=business)


def safe(text: str) -> str:
    """SQL: the text, with an apostrophe before what a spreadsheet would compute."""
    return rf"CASE WHEN {text} ~ '^[=+\-@\t\r＝＋－＠]' THEN '''' || {text} ELSE {text} END"


def _clock(instant: str) -> str:
    """SQL: the instant as the shop's clocks showed it."""
    return f"to_char({instant} AT TIME ZONE {{zone}}, 'YYYY-MM-DD HH24:MI:SS')"


def _last(instant: str) -> str:
    """SQL: the last usable second before an end; empty when there is none."""
    shown = _clock(f"({instant} - interval '1 second')")
    return f"CASE WHEN {instant} < '{_LAST}' THEN {shown} END"


def _select(columns: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f'{sql} AS "{name}"' for name, sql in columns)


def _view(name: str, about: str, columns: Sequence[tuple[str, str]], rest: str) -> View:
    return View(name, about, tuple(column for column, _ in columns), f"SELECT {_select(columns)} {rest}")


_WHO = (("member_id", "m.id"), ("name", safe("m.name")), ("phone", safe("m.phone")), ("email", safe("m.email")))
MEMBERS = _view(
    "members",
    "a row a member; `ganbo import members` reads it",
    (
        *_WHO,
        ("external_id", safe("m.external_id")),
        ("card", safe("(SELECT min(c.number) FROM {s}.members_card c WHERE c.member_id = m.id AND c.blocked_at IS NULL)")),
        ("address_form", "m.address_form"),
        ("birthday", "m.birthday"),
        ("language", "m.locale"),
        ("joined", _clock("m.created_at")),
        ("tier", "t.tier"),
        ("purchases", "t.purchases"),
        ("spend", "t.spend"),
        ("visits", "t.visits"),
        ("last_purchase", _clock("t.last_purchase_at")),
    ),
    "FROM {s}.members_member m LEFT JOIN {s}.members_standing t ON t.member_id = m.id ORDER BY m.id",
)  # fmt: skip
_BALANCES = """
    FROM (
        SELECT a.holder_id, a.asset, 'available' AS state, l.remaining AS amount, l.earned_month, l.expires_at,
            NULL::timestamptz AS usable_at
        FROM {s}.ledger_lot l JOIN {s}.ledger_account a ON a.id = l.account_id AND a.role = 'member'
        WHERE l.remaining > 0
        UNION ALL
        SELECT p.member_id, p.asset, 'pending', p.remaining, p.earned_month, p.expires_at, p.usable_at
        FROM {s}.ledger_pending p WHERE p.remaining > 0
        UNION ALL
        SELECT a.holder_id, a.asset, a.role, a.balance, NULL, NULL, NULL
        FROM {s}.ledger_account a WHERE a.role IN ('owed', 'held', 'stamps') AND a.balance > 0
    ) b JOIN {s}.members_member m ON m.id = b.holder_id
    ORDER BY m.id, b.asset, b.state, b.expires_at, b.earned_month, b.usable_at, b.amount"""
BALANCES = _view(
    "balances",
    "a row a lot: how much of what, earned when, until when. `available` rows of a wallet add up to its balance",
    (
        *_WHO,
        ("wallet", safe("b.asset")),
        ("state", "b.state"),
        ("amount", "b.amount"),
        ("earned_month", "to_char(b.earned_month, 'YYYY-MM')"),
        ("usable_until", _last("b.expires_at")),
        ("usable_from", _clock("b.usable_at")),
    ),
    _BALANCES,
)
VOUCHERS = _view(
    "vouchers",
    "a row a voucher, coupon or gift card; codes only in codes.csv",
    (
        ("voucher_id", "v.id"),
        *_WHO,
        ("reward", safe("v.reward")),
        ("state", "v.state"),
        ("source", "v.source"),
        ("uses", "v.uses"),
        ("used", "v.used"),
        ("money", "v.amount"),
        ("money_left", "v.remaining"),
        ("created", _clock("v.created_at")),
        ("usable_from", _clock("v.usable_from")),
        ("usable_until", _last("v.expires_at")),
        ("used_at", _clock("v.used_at")),
    ),
    "FROM {s}.rewards_voucher v LEFT JOIN {s}.members_member m ON m.id = v.member_id ORDER BY v.id",
)
_HISTORY = """
    FROM {s}.events_event e
    FULL JOIN (
        SELECT t.id, t.at, t.cause, t.kind, t.rule, a.holder_id, a.asset,
            CASE WHEN t.credit_id = a.id THEN t.amount ELSE -t.amount END AS change
        FROM {s}.ledger_transfer t JOIN {s}.ledger_account a
            ON a.role IN ('member', 'stamps') AND a.id IN (t.credit_id, t.debit_id)
    ) t ON t.cause = e.event_id
    LEFT JOIN {s}.members_member m ON m.id = COALESCE(t.holder_id, e.member_id)
    ORDER BY COALESCE(t.at, e.occurred_at), COALESCE(e.event_id, t.cause), t.id"""
HISTORY = _view(
    "history",
    "a row a thing that happened and what it moved: an event without points has one row, one with two wallets two",
    (
        ("at", _clock("COALESCE(t.at, e.occurred_at)")),
        *_WHO,
        ("what", safe("COALESCE(e.type, t.kind)")),
        ("event_id", safe("COALESCE(e.event_id, t.cause)")),
        ("store", safe("e.store")),
        ("net", "e.net"),
        ("wallet", safe("t.asset")),
        ("change", "t.change"),
        ("kind", "t.kind"),
        ("rule", safe("t.rule")),
        ("reversed", _clock("e.reversed_at")),
    ),
    _HISTORY,
)
_CONSENTS = """
    FROM (
        SELECT member_id, channel, purpose, CASE WHEN given THEN 'yes' ELSE 'no' END AS answer, source, at, recorded_at
        FROM {s}.members_consent
        UNION ALL
        SELECT member_id, 'terms', 'terms of version ' || version || ', ' || lang, 'yes', channel, at, at
        FROM {s}.programmes_acceptance
    ) c LEFT JOIN {s}.members_member m ON m.id = c.member_id
    ORDER BY c.member_id, c.at, c.channel, c.purpose, c.answer"""
CONSENTS = _view(
    "consents",
    "a row a yes or no: to being written to, and to the terms; of a channel and purpose the latest counts",
    (
        ("member_id", "c.member_id"),
        *_WHO[1:],
        ("channel", safe("c.channel")),
        ("purpose", safe("c.purpose")),
        ("answer", "c.answer"),
        ("source", safe("c.source")),
        ("said", _clock("c.at")),
        ("recorded", _clock("c.recorded_at")),
    ),
    _CONSENTS,
)
STAFF = _view(
    "staff",
    "who works here; `staff:7` in other files is number 7. No passwords",
    (
        ("number", "u.id"),
        ("name", safe("u.name")),
        ("email", safe("u.email")),
        ("role", "s.role"),
        ("stores", safe("array_to_string(s.stores, ' ')")),
    ),
    "FROM public.staff_membership s JOIN public.staff_user u ON u.id = s.user_id"
    " WHERE s.business_id = {business} ORDER BY u.id",
)
VIEWS = (MEMBERS, BALANCES, VOUCHERS, HISTORY, CONSENTS, STAFF)
CODES = View(
    "codes",
    "with --with-codes only: codes that can still be used, in the clear. Whoever has this file can spend them",
    ("code", "voucher_id", "member_id", "reward"),
    "",
)
