"""Vouchers and redemptions as rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.conf import settings

from ganbo.features.rewards import codes, models, pools


@dataclass(frozen=True, slots=True)
class VoucherRow:
    """A voucher with the code its holder may see; `redemption_id` is None when it was given, `member_id` for bearers.

    `partners`: the code is somebody else's, and empty while there is none.
    """

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
    partners: bool = False
    fulfilment: str = ""  # to_do, sent, done of what is handed over later
    money_left: int | None = None  # on a gift card, minor units
    version: int | None = None  # of the programme it was issued under
    chosen_from: str = ""  # the choice it was before its holder chose
    chosen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UseRow:
    """A voucher used for an order; `state` is redeemed, recorded or released."""

    voucher_id: UUID
    state: str


def _rows(found: Iterable[models.Voucher]) -> list[VoucherRow]:
    vouchers = list(found)
    others = [voucher.pk for voucher in vouchers if voucher.pool == pools.GIVEN]
    pool = pools.codes_of(others) if others else {}
    return [_row(voucher, pool) for voucher in vouchers]


def _row(voucher: models.Voucher, pool: Mapping[UUID, str]) -> VoucherRow:
    own = "" if voucher.pool else codes.code_of(voucher.pk, key=settings.CODE_KEY)
    return VoucherRow(
        id=voucher.pk,
        redemption_id=voucher.redemption_id,
        member_id=voucher.member_id,
        reward=voucher.reward,
        quantity=voucher.redemption.quantity if voucher.redemption else voucher.quantity,
        code=pool.get(voucher.pk, own),
        state=voucher.state,
        source=voucher.source,
        rule=voucher.rule,
        usable_from=voucher.usable_from,
        expires_at=voucher.expires_at,
        created_at=voucher.created_at,
        paid=(voucher.redemption.wallet, voucher.redemption.price) if voucher.redemption else None,
        uses_left=voucher.uses - voucher.used,
        used_at=voucher.used_at,
        partners=bool(voucher.pool),
        fulfilment=voucher.redemption.fulfilment if voucher.redemption else "",
        money_left=voucher.remaining,
        version=voucher.programme_version,
        chosen_from=voucher.chosen_from,
        chosen_at=voucher.chosen_at,
    )


def vouchers_of(member_id: UUID, *, most: int = 100) -> list[VoucherRow]:
    """A member's vouchers, newest first."""
    found = models.Voucher.objects.filter(member_id=member_id).select_related("redemption").order_by("-id")
    return _rows(found[:most])


@dataclass(frozen=True, slots=True)
class PastUse:
    """One use of a voucher; `amount` is what a gift card paid, `ended_at` when the use was taken back."""

    voucher_id: UUID
    times: int
    amount: int
    at: datetime
    ended_at: datetime | None


def past_uses(voucher_ids: list[UUID]) -> list[PastUse]:
    """Every use of these vouchers, the first one first; one query for any number."""
    found = models.Use.objects.filter(voucher_id__in=voucher_ids).order_by("id")
    return [PastUse(use.voucher_id, use.times, use.amount, use.at, use.ended_at) for use in found]


def of_holder(member_id: UUID, voucher_id: UUID) -> VoucherRow | None:
    """This voucher, when it is this member's."""
    found = models.Voucher.objects.filter(pk=voucher_id, member_id=member_id).select_related("redemption")
    return next(iter(_rows(found)), None)


def by_code(text: str) -> VoucherRow | None:
    """The voucher a typed code means, if any."""
    found = models.Voucher.objects.filter(code_hash__in=codes.hashes(text)).select_related("redemption").first()
    if found is None:
        return None
    (row,) = _rows([found])
    return row if found.batch_id is None else replace(row, code=text)  # it may have a pattern


def by_id(voucher_id: UUID) -> VoucherRow | None:
    """The voucher, whoever holds it."""
    found = models.Voucher.objects.filter(pk=voucher_id).select_related("redemption")
    return next(iter(_rows(found)), None)


def uses_of(cause: str) -> list[UseRow]:
    """What was used for one order, also what came back."""
    return [UseRow(use.voucher_id, use.state) for use in models.Use.objects.filter(cause=cause).order_by("id")]


def by_redemption(redemption_id: UUID) -> VoucherRow | None:
    """The voucher a redemption issued."""
    found = models.Voucher.objects.filter(redemption_id=redemption_id).select_related("redemption")
    return next(iter(_rows(found)), None)


def taken() -> dict[str, int]:
    """Pieces taken of rewards with limited stock."""
    return dict(models.Stock.objects.values_list("reward", "taken"))


@dataclass(frozen=True, slots=True)
class HandedRow:
    """A redemption as a list of what is handed over shows it."""

    id: UUID
    member_id: UUID
    reward: str
    quantity: int
    wallet: str
    price: int
    state: str
    fulfilment: str
    created_at: datetime


def redeemed() -> dict[UUID, list[tuple[datetime, str, int]]]:
    """Redemptions that stand: member → (when, reward, quantity), in order of time."""
    found: dict[UUID, list[tuple[datetime, str, int]]] = {}
    rows = models.Redemption.objects.exclude(state="reversed").order_by("created_at", "id")
    for member, at, reward, quantity in rows.values_list("member_id", "created_at", "reward", "quantity"):
        found.setdefault(member, []).append((at, reward, quantity))
    return found


def to_do() -> int:
    """How many redemptions wait to be handed over."""
    return models.Redemption.objects.filter(state="issued", fulfilment="to_do").count()


def handed(fulfilment: str, *, most: int, after: UUID | None = None) -> list[HandedRow]:
    """Redemptions in this state: what is to be done the oldest first, what is done the newest first."""
    found = models.Redemption.objects.filter(state="issued", fulfilment=fulfilment)
    newest_first = fulfilment == "done"
    if after is not None:
        found = found.filter(pk__lt=after) if newest_first else found.filter(pk__gt=after)
    return [_handed(one) for one in found.order_by("-id" if newest_first else "id")[:most]]


def partners_given(*, most: int) -> list[HandedRow]:
    """Redemptions that showed a partner's code, the newest first."""
    shown = models.Voucher.objects.filter(pool=pools.GIVEN, redemption__isnull=False).select_related("redemption")
    return [_handed(voucher.redemption) for voucher in shown.order_by("-id")[:most] if voucher.redemption]


def _handed(one: models.Redemption) -> HandedRow:
    return HandedRow(
        id=one.pk,
        member_id=one.member_id,
        reward=one.reward,
        quantity=one.quantity,
        wallet=one.wallet,
        price=one.price,
        state=one.state,
        fulfilment=one.fulfilment,
        created_at=one.created_at,
    )


def redeemers(ids: Iterable[str]) -> dict[str, UUID]:
    """Who redeemed, by the redemption's id as text; what is no redemption's id is left out."""
    wanted = []
    for id in ids:
        try:
            wanted.append(UUID(id))
        except ValueError:
            continue
    found = models.Redemption.objects.filter(pk__in=wanted).values_list("id", "member_id")
    return {str(id): member for id, member in found}
