"""Money on the member's card: what tops it up, and in which order its wallets pay a bill."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ganbo.engine.document import ProgrammeDoc, TopUpDoc
from ganbo.kernel.refusal import Refusal

TYPE = "topup"  # the event
PAID, BONUS = "topup:paid", "topup:bonus"  # what stands as the rule; no rule's own id has a colon


class NoSuchTopUp(Refusal):
    """The programme takes other amounts; `amounts` names them, smallest first."""

    code = "topups.unknown"


@dataclass(frozen=True, slots=True)
class TopUp:
    """`pay` goes into `wallet`, `bonus` (0: none) into `bonus_wallet`; both in minor units."""

    pay: int
    wallet: str
    bonus: int
    bonus_wallet: str
    bonus_first: bool

    def given(self) -> Iterator[tuple[str, int, str]]:
        """(wallet, amount, rule) of what it puts onto the card."""
        yield self.wallet, self.pay, PAID
        if self.bonus:
            yield self.bonus_wallet, self.bonus, BONUS


def find(topups: Sequence[TopUp], amount: int) -> TopUp:
    """The one of this amount. Raises NoSuchTopUp."""
    for one in topups:
        if one.pay == amount:
            return one
    raise NoSuchTopUp(amounts=tuple(sorted(one.pay for one in topups)))


def topups_of(doc: ProgrammeDoc, error: Callable[..., None]) -> tuple[TopUp, ...]:
    """The compiled ones; what does not fit goes to `error`."""
    refundable = [name for name, wallet in doc.wallets.items() if wallet.money and wallet.refundable]
    _each_once(doc.topups, error)
    found = []
    for place, one in enumerate(doc.topups):
        into = one.wallet or (refundable[0] if len(refundable) == 1 else "")
        if into not in refundable:
            error("topup_wallet", ("topups", place, "wallet" if one.wallet else "pay"))
        bonus = one.bonus_wallet or ""
        if bonus and (bonus not in doc.wallets or not doc.wallets[bonus].money or doc.wallets[bonus].refundable):
            error("bonus_wallet", ("topups", place, "bonus_wallet"), id=bonus)
        found.append(TopUp(one.pay, into, one.bonus or 0, bonus, one.spend == "bonus_first"))
    for name in sorted({name for one in found for name in (one.wallet, one.bonus_wallet)} & doc.wallets.keys()):
        kept = doc.wallets[name]
        if kept.on_refund != "within_balance" or kept.pending.kind != "none":
            error("topup_wallet_policy", ("wallets", name), id=name)
    return tuple(found)


def _each_once(docs: Sequence[TopUpDoc], error: Callable[..., None]) -> None:
    amounts: set[int] = set()
    order = next((one.spend for one in docs if one.bonus), "")
    for place, one in enumerate(docs):
        if one.pay in amounts:
            error("duplicate_topup", ("topups", place, "pay"), pay=one.pay)
        amounts.add(one.pay)
        if one.bonus and one.spend != order:
            error("topups_spend", ("topups", place, "spend"))


def order(wallets: Mapping[str, Any], topups: Sequence[TopUp]) -> tuple[str, ...]:
    """The money wallets in the order in which they pay a bill: those of top-ups as they say, then as written."""
    found: dict[str, None] = {}
    for one in sorted(topups, key=lambda one: not one.bonus):
        pair = (one.wallet, one.bonus_wallet)
        found |= dict.fromkeys(reversed(pair) if one.bonus_first else pair)
    found.pop("", None)
    return tuple(found | dict.fromkeys(name for name, wallet in wallets.items() if wallet.money))


def shares(order: Sequence[str], held: Mapping[str, int], amount: int) -> list[tuple[str, int]]:
    """What each wallet pays of `amount`, in order; less in all than `amount` when the card holds less."""
    found, left = [], amount
    for wallet in order:
        part = min(left, held.get(wallet, 0))
        if part > 0:
            found.append((wallet, part))
            left -= part
    return found
