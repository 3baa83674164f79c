"""Bills at partners', lines of statements and what is settled, as plain rows."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from ganbo.engine.partners import NOTHING, Shares
from ganbo.features.partners import models

MOST_LINES = 10_000  # of one statement; a month of one partner
MOST_MONTHS = 120


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill of a member at a partner's, or (with `sale_id`) a return of one. `amount`: of the bill, minor units."""

    id: UUID
    partner: str
    reference: str
    sale_id: UUID | None
    member_id: UUID | None
    wallet: str
    amount: int
    moved: Shares
    voucher_id: UUID | None
    body_hash: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of a statement: above zero the partner owes us more. `ours`: of our points and cards."""

    id: UUID
    partner: str
    ours: bool
    kind: str
    reference: str
    units: int
    amount: int
    currency: str
    period: str
    settles: str
    at: datetime

    def turned(self, partner: str) -> "LineRow":
        """The same in the books of the other side, where we are `partner`."""
        return replace(self, partner=partner, ours=not self.ours, amount=-self.amount)


def bill(partner: str, reference: str) -> Bill | None:
    """What the partner told with this reference."""
    found = models.Deal.objects.filter(partner=partner, reference=reference).first()
    return _bill(found) if found else None


def returned(sale_id: UUID) -> tuple[int, Shares]:
    """How much of a bill came back so far, and what that brought back."""
    amount, moved = 0, NOTHING
    for row in models.Deal.objects.filter(sale_id=sale_id):
        amount += row.bill
        back = Shares(row.earned, row.used, row.paid, row.by_card)
        moved = Shares(*(a + b for a, b in zip(moved, back, strict=True)))
    return amount, moved


def of_causes(causes: list[str]) -> dict[str, Bill]:
    """Bills by the cause that stands at their transfers."""
    ids = [UUID(cause) for cause in causes if len(cause) == len(str(UUID(int=0))) and cause.count("-") == 4]
    return {str(row.pk): _bill(row) for row in models.Deal.objects.filter(pk__in=ids)}


def _bill(row: models.Deal) -> Bill:
    return Bill(
        id=row.pk,
        partner=row.partner,
        reference=row.reference,
        sale_id=row.sale_id,
        member_id=row.member_id,
        wallet=row.wallet,
        amount=row.bill,
        moved=Shares(row.earned, row.used, row.paid, row.by_card),
        voucher_id=row.voucher_id,
        body_hash=bytes(row.body_hash),
        at=row.at,
    )


def lines(partner: str, period: str, *, most: int = MOST_LINES) -> list[LineRow]:
    """The lines of a month, in the order in which they came."""
    found = models.Line.objects.filter(partner=partner, period=period).order_by("at", "reference", "kind", "id")[:most]
    return [_line(row) for row in found]


def _line(row: models.Line) -> LineRow:
    return LineRow(
        row.pk, row.partner, row.ours, row.kind, row.reference, row.units, row.amount, row.currency, row.period,
        row.settles, row.at,
    )  # fmt: skip


def balance(partner: str, *, before: str = "", through: str = "") -> int:
    """What the partner owes us, less what we owe it: of all lines, of months before one, or up to one."""
    found = models.Line.objects.filter(partner=partner)
    if before:
        found = found.filter(period__lt=before)
    if through:
        found = found.filter(period__lte=through)
    return int(found.aggregate(n=Sum("amount"))["n"] or 0)


def sides(partner: str, *, after: str, through: str) -> tuple[int, int]:
    """(what the partner owes us, what we owe it) by lines of months after one up to another, payments left out."""
    ours, theirs = 0, 0
    rows = (
        models.Line.objects.filter(partner=partner, period__gt=after, period__lte=through)
        .exclude(kind="settle")
        .values("ours", "kind")
        .annotate(n=Sum("amount"))
    )
    for row in rows:
        if owed_by(ours=row["ours"], kind=row["kind"]):
            ours += int(row["n"])
        else:
            theirs -= int(row["n"])
    return ours, theirs


def owed_by(*, ours: bool, kind: str) -> bool:
    """Whether a line stands on the side of what the partner owes us: our points earned there, theirs spent here."""
    return ours == kind.startswith("earn")


def months(partner: str) -> list[str]:
    """The months that have lines, the newest first."""
    found = models.Line.objects.filter(partner=partner).order_by("-period").values_list("period", flat=True)
    return list(found.distinct()[:MOST_MONTHS])


def known() -> list[str]:
    """Every partner that ever had a line."""
    return sorted(models.Line.objects.values_list("partner", flat=True).distinct())


def owed_for(partner: str, reference: str) -> int:
    """What one bill or return makes the partner owe us."""
    found = models.Line.objects.filter(partner=partner, ours=True, reference=reference).exclude(kind="settle")
    return int(found.aggregate(n=Sum("amount"))["n"] or 0)


def whose(reference: str) -> str:
    """The partner whose points or cards one of our sales used, by its event's id; empty: none's."""
    found = models.Line.objects.filter(reference=reference, ours=False).exclude(kind="settle").first()
    return found.partner if found else ""


def used_here(references: list[str]) -> dict[str, list[LineRow]]:
    """The lines of our own sales and returns that used partners' points or cards, by event id."""
    found: dict[str, list[LineRow]] = {}
    rows = models.Line.objects.filter(reference__in=references, ours=False).exclude(kind="settle").order_by("kind")
    for row in rows:
        found.setdefault(row.reference, []).append(_line(row))
    return found


def settled_through(partner: str) -> str:
    """The last settled month, or ""."""
    found = models.Settling.objects.filter(pk=partner).first()
    return found.settled_through if found else ""


def agreed(partner: str) -> str:
    """The terms of the partner's that were agreed to last, or ""."""
    found = models.Agreement.objects.filter(partner=partner).order_by("-at", "-id").first()
    return found.terms if found else ""
