"""Vouchers and redemptions as rows."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.conf import settings

from ganbo.features.rewards import codes, models


@dataclass(frozen=True, slots=True)
class VoucherRow:
    """A voucher with the code its holder may see; `redemption_id` is None when it was given, `member_id` for bearers."""

    id: UUID
    redemption_id: UUID | None
    member_id: UUID | None
    reward: str
    quantity: int
    code: str
    state: str
    source: str
    rule: str
    usable_from: datetime | None
    expires_at: datetime | None
    created_at: datetime
    paid: tuple[str, int] | None  # wallet and points, of a redemption
    uses_left: int  # reservations taken off
    used_at: datetime | None


def _row(voucher: models.Voucher) -> VoucherRow:
    return VoucherRow(
        id=voucher.pk,
        redemption_id=voucher.redemption_id,
        member_id=voucher.member_id,
        reward=voucher.reward,
        quantity=voucher.redemption.quantity if voucher.redemption else voucher.quantity,
        code=codes.code_of(voucher.pk, key=settings.CODE_KEY),
        state=voucher.state,
        source=voucher.source,
        rule=voucher.rule,
        usable_from=voucher.usable_from,
        expires_at=voucher.expires_at,
        created_at=voucher.created_at,
        paid=(voucher.redemption.wallet, voucher.redemption.price) if voucher.redemption else None,
        uses_left=voucher.uses - voucher.used,
        used_at=voucher.used_at,
    )


def vouchers_of(member_id: UUID, *, most: int = 100) -> list[VoucherRow]:
    """A member's vouchers, newest first."""
    found = models.Voucher.objects.filter(member_id=member_id).select_related("redemption").order_by("-id")
    return [_row(voucher) for voucher in found[:most]]


def of_holder(member_id: UUID, voucher_id: UUID) -> VoucherRow | None:
    """This voucher, when it is this member's."""
    found = models.Voucher.objects.filter(pk=voucher_id, member_id=member_id).select_related("redemption").first()
    return _row(found) if found else None


def by_code(text: str) -> VoucherRow | None:
    """The voucher a typed code means, if any."""
    found = models.Voucher.objects.filter(code_hash__in=codes.hashes(text)).select_related("redemption").first()
    if found is None:
        return None
    return _row(found) if found.batch_id is None else replace(_row(found), code=text)  # it may have a pattern


def by_redemption(redemption_id: UUID) -> VoucherRow | None:
    """The voucher a redemption issued."""
    found = models.Voucher.objects.filter(redemption_id=redemption_id).select_related("redemption").first()
    return _row(found) if found else None


def taken() -> dict[str, int]:
    """Pieces taken of rewards with limited stock."""
    return dict(models.Stock.objects.values_list("reward", "taken"))
