"""What happened to a member, newest first, each line with its reason."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import orjson
from django.utils.translation import gettext as _

from ganbo.books.events import queries as events
from ganbo.books.ledger import queries as ledger
from ganbo.books.ledger.queries import Line
from ganbo.doors.ui import units
from ganbo.doors.ui.units import Unit
from ganbo.engine.programme import Programme
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes import why
from ganbo.features.rewards import queries as rewards
from ganbo.features.rewards.queries import VoucherRow
from ganbo.foundation.tenancy import context
from ganbo.people.members.queries import MemberRow

MOST_LINES = 100
_OF_EVENTS = ("earn", "reverse", "owed")


@dataclass(slots=True)
class HistoryRow:
    """One thing that happened: what, when, where, how many of what, and why. `at` stands in the shop's zone."""

    at: datetime
    title: str
    where: str
    why: str
    amounts: list[tuple[int, Unit]] = field(default_factory=list)
    event_id: str = ""
    voucher: bool = False  # a voucher came; it has no number

    @property
    def on(self) -> date:
        """The shop's day of it."""
        return self.at.date()

    @property
    def gained(self) -> bool:
        """Coloured as a gain; what was spent or taken back is not."""
        return self.voucher or any(amount > 0 for amount, _unit in self.amounts)

    def add(self, amount: int, unit: Unit) -> None:
        """One movement more of the same happening."""
        for n, (before, known) in enumerate(self.amounts):
            if known == unit:
                self.amounts[n] = (before + amount, unit)
                return
        self.amounts.append((amount, unit))


def history(member: MemberRow, programme: Programme, *, locale: str, most: int = MOST_LINES) -> list[HistoryRow]:
    """Movements of points and stamps, and vouchers; what one event or redemption moved stands as one row."""
    points = ledger.lines(member.id, list(programme.wallets), most=most)
    stamped = ledger.stamp_lines(member.id, [card.id for card in programme.cards], most=most)
    ids = list({line.cause.partition("/")[0] for line in [*points, *stamped] if line.kind in _OF_EVENTS})
    reader = _Reader(programme, locale, events.many(ids), events.claims(ids))
    reader.stores = {store.id: store.name for store in events.stores()}
    reader.address = member.address_form or None
    reader.retell = locale != (member.locale or context.current().locale)
    for line in points:
        reader.moved(line, units.of_wallet(programme, line.wallet, locale))
    for line in stamped:
        if line.kind == "spend":
            reader.filled(line)
        else:
            reader.moved(line, Unit(_("stamps")))
    for voucher in rewards.vouchers_of(member.id, most=most):
        reader.voucher(voucher)
    return sorted(reader.rows.values(), key=lambda row: row.at, reverse=True)[:most]


class _Reader:
    """Gathers movements into rows."""

    def __init__(
        self,
        programme: Programme,
        locale: str,
        known: dict[str, events.EventRow],
        claims: dict[str, events.DecisionRow],
    ) -> None:
        self.programme, self.locale, self.known, self.claims = programme, locale, known, claims
        self.stores: dict[str, str] = {}
        self.address: str | None = None
        self.retell = False  # the page speaks another language than the stored sentences
        self.rows: dict[str, HistoryRow] = {}

    def moved(self, line: Line, unit: Unit) -> None:
        """Points or stamps that came or went."""
        key = f"{line.cause}|{line.kind}"
        row = self.rows.get(key)
        if row is None:
            event_id = line.cause.partition("/")[0] if line.kind in _OF_EVENTS else ""
            event = self.known.get(event_id)
            where = self.stores.get(event.store or "", "") if event else ""
            at = line.at.astimezone(self.programme.timezone)
            row = self.rows[key] = HistoryRow(
                at, self._title(line, event), where, self._why(line, event), event_id=event_id
            )
        row.add(line.amount, unit)

    def filled(self, line: Line) -> None:
        """A full card became its reward."""
        card = self.programme.by_card.get(line.wallet)
        reward = self.programme.rewards.get(card.reward) if card else None
        at = line.at.astimezone(self.programme.timezone)
        name = (reward.name.text(self.locale) if reward else "") or line.wallet
        said = {"card": (card.name.text(self.locale) if card else "") or line.wallet, "reward": name}
        why = _("%(card)s was full, so %(reward)s is yours; its code is under Gifts.") % said
        row = HistoryRow(at, name, "", why, [(line.amount, Unit(_("stamps")))])
        row.voucher = True
        self.rows[f"{line.cause}|filled|{line.wallet}"] = row

    def voucher(self, row: VoucherRow) -> None:
        """A voucher that a rule, a tier or the shop gave, and any voucher that was used."""
        reward = self.programme.rewards.get(row.reward)
        name = (reward.name.text(self.locale) if reward else "") or row.reward
        zone = self.programme.timezone
        if row.source in ("rule", "tier", "staff"):
            given = HistoryRow(row.created_at.astimezone(zone), name, "", self._why_given(row))
            given.voucher = True
            self.rows[f"voucher|{row.id}"] = given
        if row.state == "used" and row.used_at is not None:
            why = _("You used this gift at the till.")
            self.rows[f"used|{row.id}"] = HistoryRow(
                row.used_at.astimezone(zone), _("Used: %(name)s") % {"name": name}, "", why
            )

    def _why_given(self, row: VoucherRow) -> str:
        rule = self.programme.by_rule.get(row.rule)
        if row.source == "rule" and rule is not None:
            said = rule.name.text(self.locale) or rule.id
            return _("A voucher for: %(rule)s. Its code is under Gifts.") % {"rule": said}
        if row.source == "tier":
            level = self.programme.by_level.get(row.rule.partition(":")[2])
            said = level.name.text(self.locale) if level else row.rule.partition(":")[2]
            return _("A voucher that comes with the tier %(tier)s. Its code is under Gifts.") % {"tier": said}
        return _("A voucher from the shop. Its code is under Gifts.")

    def _title(self, line: Line, event: events.EventRow | None) -> str:
        if line.kind == "spend":
            reward = self.programme.rewards.get(line.rule)
            return reward.name.text(self.locale) if reward else line.rule
        if line.kind == "earn":
            rule = self.programme.by_rule.get(line.rule)
            if rule is not None:
                return rule.name.text(self.locale) or rule.id
            card = self.programme.by_card.get(line.rule.removeprefix("card:"))
            return (card.name.text(self.locale) or card.id) if card else line.rule
        return {
            "reverse": _("Undone: points taken back"),
            "return": _("Gift given back"),
            "expire": _("Points ended"),
        }.get(line.kind, line.kind)

    def _why(self, line: Line, event: events.EventRow | None) -> str:
        if line.kind == "earn":
            return self._because(line.cause.partition("/")[0], event)
        if line.kind == "expire":
            return _("Points that were not used in time end; the card says which end next.")
        if line.kind == "spend":
            return _("Points turned into a gift; its code is under Gifts.")
        return _("The shop undid it.")

    def _because(self, event_id: str, event: events.EventRow | None) -> str:
        """The stored sentences; told anew from the trace when the page speaks another language."""
        decision = self.claims.get(event_id) or event
        if decision is None:
            return ""
        trace = orjson.loads(decision.trace).get("trace") if self.retell and event is not None else None
        if trace and event is not None:
            judged_by = programmes.in_force_at(context.current().schema, event.occurred_at).programme
            return " ".join(why.because(trace, judged_by, locale=self.locale, address=self.address))
        answer: dict[str, Any] = orjson.loads(decision.answer)
        return " ".join(answer.get("because", []))
