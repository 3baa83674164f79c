"""Bills of our members at partners': points earned and used, gift cards used, and the debts both ways, in one transaction.

The current business is the issuer. When the partner is a business here, the same lines are written, turned, into its
books by the same transaction, with the same ids; they tell a reference and never who.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from ganbo.books.ledger import partner_debts
from ganbo.books.ledger import queries as ledger
from ganbo.books.ledger.posting import Cause, Posting
from ganbo.engine import partners
from ganbo.engine.partners import NOTHING, Debt, Shares
from ganbo.features.partners import operations, queries
from ganbo.features.partners.queries import Bill, LineRow
from ganbo.foundation import chance, strict_json
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.pipelines import Pipeline, StatementFailed
from ganbo.foundation.tenancy import context
from ganbo.journeys import partner_cards, partner_links, partner_points, partner_whose, recording
from ganbo.journeys.partner_links import Link
from ganbo.journeys.partner_points import Held, Work
from ganbo.kernel.refusal import Refusal


class NotTaken(Refusal):
    """This partner does not take what the bill was to be paid with."""

    code = "partners.not_taken"


class TooMuch(Refusal):
    """More was to be paid than the bill, or more to be returned than is left of it."""

    code = "partners.too_much"


class BillUnknown(Refusal):
    """The partner told of no such bill."""

    code = "partners.bill_unknown"


@dataclass(frozen=True, slots=True)
class Told:
    """A bill as a partner tells it: its own reference, how much, whose card, and what of ours pays."""

    reference: str
    amount: int  # minor units
    card: str = ""  # the number of a member's card, or the wallet's changing code; empty: only a gift card pays
    points: int = 0
    gift_card: str = ""  # its code
    by_card: int = 0  # how much the gift card pays, minor units

    def digest(self) -> bytes:
        """The same for the same bill told again."""
        return strict_json.digest(
            {"amount": self.amount, "card": partner_whose.name(self.card), "points": self.points, "code": self.gift_card,
             "by_card": self.by_card}
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Back:
    """A return as a partner tells it: its own reference, of which bill, and how much; None: all that is left."""

    reference: str
    sale: str
    amount: int | None = None

    def digest(self) -> bytes:
        """The same for the same return told again."""
        return strict_json.digest({"sale": self.sale, "amount": self.amount})


def sell(partner: str, told: Told, *, by: str, now: datetime) -> Bill:
    """Record a bill, once per reference. Raises what partner_links.link raises, NotTaken, TooMuch, MemberUnknown, Insufficient."""
    return _twice(partner, told, lambda: _sell(partner, told, by=by, now=now))


def give_back(partner: str, back: Back, *, by: str, now: datetime) -> Bill:
    """Record a return, once per reference. Raises BillUnknown or TooMuch."""
    return _twice(partner, back, lambda: _give_back(partner, back, by=by, now=now))


def _twice(partner: str, told: Told | Back, work: Work[Bill]) -> Bill:
    """In a transaction; told before, the first answer; once more when another transaction was in the way."""
    for last in (False, True):
        try:
            with transaction.atomic():
                return _told_before(partner, told) or work()
        except (IntegrityError, StatementFailed) as failure:
            if last or (isinstance(failure, StatementFailed) and not failure.worth_repeating):
                raise
    raise AssertionError


def _told_before(partner: str, told: Told | Back) -> Bill | None:
    before = queries.bill(partner, told.reference)
    if before is not None and before.body_hash != told.digest():
        raise recording.KeyReused(key=told.reference)
    return before


def _sell(partner: str, told: Told, *, by: str, now: datetime) -> Bill:
    link = partner_links.link(partner, at=now)
    offered, schema = link.partner, link.ours.business.schema
    if (told.points and not offered.takes_points) or (told.gift_card and not offered.takes_gift_cards):
        raise NotTaken(partner=partner)
    paid = told.points * offered.rate
    if paid + told.by_card > told.amount or bool(told.gift_card) != bool(told.by_card):
        raise TooMuch(most=told.amount)
    member = partner_whose.member(told.card) if told.card else None
    if member is None and (told.card or told.points or not told.gift_card):
        raise recording.MemberUnknown(by="card")
    pipe = Pipeline.inside_django()
    held = partner_points.lock(pipe, schema, member, now=now) if member else None
    if member and held is None:
        raise recording.MemberUnknown(by="card")
    if again := _told_before(partner, told):  # whoever told it at the same time had the lock
        return again
    id = chance.new_id()
    why = Cause(str(id), now, f"partner:{partner}")
    shown = partner_whose.shown(told.card)
    earned = partner_points.sell(held, link, (told.points, told.amount), why, shown=shown) if held else 0
    card = partner_cards.pay(pipe, schema, (told.gift_card, told.by_card), member, why) if told.gift_card else None
    moved = Shares(earned, told.points, paid, told.by_card)
    bill = Bill(
        id=id, partner=partner, reference=told.reference, sale_id=None, member_id=member,
        wallet=offered.wallet, amount=told.amount, moved=moved, voucher_id=card, body_hash=told.digest(), at=now,
    )  # fmt: skip
    _write(link, bill, list(partners.debts(offered, moved)), pipe=pipe, held=held)
    audit.note(by, "partner.bill", str(id))
    return bill


def _give_back(partner: str, back: Back, *, by: str, now: datetime) -> Bill:
    sale = queries.bill(partner, back.sale)
    if sale is None or sale.sale_id is not None:
        raise BillUnknown(reference=back.sale)
    link = partner_links.link(partner, at=sale.at, agreed=False)
    pipe, schema = Pipeline.inside_django(), link.ours.business.schema
    who = sale.member_id
    held = partner_points.lock(pipe, schema, who, now=now, sale=sale.id) if who else None  # None: erased, too
    if sale.voucher_id:
        partner_cards.lock(pipe, schema, sale.voucher_id)
    if again := _told_before(partner, back):
        return again
    before, brought = queries.returned(sale.id)
    left = sale.amount - before
    amount = left if back.amount is None else back.amount
    if not 0 < amount <= left:
        raise TooMuch(most=left)
    stands = partners.kept(sale.moved, bill=sale.amount, left=left - amount)
    moved = sale.moved.less(stands).less(brought)
    moved = moved._replace(earned=_returnable(link, sale, moved.earned))
    id = chance.new_id()
    why = Cause(str(id), now, f"partner:{partner}")
    if held:
        partner_points.give_back(held, link, sale, moved, brought=brought, why=why)
    if moved.by_card:
        partner_cards.give_back(pipe, schema, sale, stands.by_card, at=now)
    bill = Bill(
        id=id, partner=partner, reference=back.reference, sale_id=sale.id, member_id=sale.member_id if held else None,
        wallet=sale.wallet, amount=amount, moved=moved, voucher_id=sale.voucher_id, body_hash=back.digest(), at=now,
    )  # fmt: skip
    turned = [Debt(f"{one.kind}_back", one.units, -one.amount) for one in partners.debts(link.partner, moved)]
    _write(link, bill, turned, pipe=pipe, held=held)
    audit.note(by, "partner.return", str(id))
    return bill


def _returnable(link: Link, sale: Bill, earned: int) -> int:
    wallet = link.programme.wallets[sale.wallet]
    return partner_points.returnable(wallet, earned, ledger.pending_of(str(sale.id)))


def _write(link: Link, bill: Bill, debts: list[Debt], *, pipe: Pipeline, held: Held | None) -> None:
    """The bill, what it moved, and its lines in the books of both sides."""
    operations.keep_bill(bill)
    if held is not None:
        held.write(pipe, link.ours.business.schema, now=bill.at)
    period = open_month(link, bill.at)
    rows = [
        LineRow(
            chance.new_id(), link.partner.id, True, debt.kind, bill.reference, debt.units, debt.amount, link.currency,
            period, "", bill.at,
        )
        for debt in debts
    ]  # fmt: skip
    keep(link, rows, pipe=pipe, cause=str(bill.id))


def open_month(link: Link, at: datetime) -> str:
    """The month that lines of this moment belong to, by the issuer's calendar; never one that is settled. Locks the accounts."""
    settled = ""
    for side in link.sides:
        with context.within(side.business):
            settled = max(settled, operations.lock(side.partner))
    return max(month_of(at, link.programme.timezone), following(settled) if settled else "")


def month_of(at: datetime, zone: ZoneInfo) -> str:
    """2026-11"""
    return f"{at.astimezone(zone):%Y-%m}"


def following(month: str) -> str:
    """The month after it."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12}-{number % 12 + 1:02}"


def keep(link: Link, rows: Iterable[LineRow], *, pipe: Pipeline, cause: str) -> None:
    """Write lines and their transfers into the books of both sides."""
    for side in link.sides:
        mine = side is link.ours
        there = [row if mine else row.turned(side.partner) for row in rows]
        posting, asset = Posting(new_id=chance.new_id), link.asset(side)
        for row in there:
            why = Cause(cause, row.at, f"partner:{side.partner}")
            if row.kind != "settle":
                owed_by = queries.owed_by(ours=row.ours, kind=row.kind)
                partner_debts.owe(posting, asset, row.amount, why, owed_by=owed_by, kind="debt")
        with context.within(side.business):
            operations.keep_lines(there)
            pipe.run(posting.statements(side.business.schema, now=there[0].at) if there else [])


def standing(sale: Bill) -> Shares:
    """What of a bill still stands."""
    return sale.moved.less(queries.returned(sale.id)[1]) if sale.sale_id is None else NOTHING


def by_id(id: UUID) -> Bill | None:
    """A bill by the cause of its transfers."""
    return queries.of_causes([str(id)]).get(str(id))
