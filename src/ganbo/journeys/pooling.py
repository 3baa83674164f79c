"""Points that people of a household spend together: whose lots pay, how much there is, and what paid.

Lots stay with who earned them. A spend takes, over all people, what ends first, then what was earned first; of equals
one's own, then by the people's ids. All their standings are locked then, in the order of their ids.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ganbo.books.ledger.lots import Lot
from ganbo.books.ledger.posting import MEMBER, Cause, Posting, account_id
from ganbo.engine.programme import Programme
from ganbo.journeys.gathering import Standing
from ganbo.kernel.refusal import Refusal

NO_ORDER = ("", "")


class MayNotSpend(Refusal):
    """What the household holds is spent by others of it; this person earns for it."""

    code = "households.may_not_spend"


def pooled(standing: Standing, programme: Programme, wallet: str) -> bool:
    """Whether a wallet is spent together with others."""
    accounts = programme.accounts
    return standing.household is not None and accounts is not None and wallet in accounts.wallets


def may_spend(standing: Standing, programme: Programme, wallet: str) -> bool:
    """Whether the member may spend a wallet at all."""
    household, accounts = standing.household, programme.accounts
    if household is None or accounts is None or wallet not in accounts.wallets:
        return True
    return household.role(standing.member_id) in accounts.may_spend


def others(standing: Standing, programme: Programme, wallet: str) -> list[UUID]:
    """Who pays with the member, in order; nobody when the wallet is each one's own."""
    if standing.household is None or not pooled(standing, programme, wallet):
        return []
    return [member for member, _ in standing.household.people if member != standing.member_id]


def available(posting: Posting, standing: Standing, programme: Programme, wallet: str, *, at: datetime) -> int:
    """What lies in the lots of all who pay at `at`."""
    members = (standing.member_id, *others(standing, programme, wallet))
    lots = [lot for member in members for lot in posting.lots.get(account_id(MEMBER, wallet, member), {}).values()]
    return sum(lot.remaining for lot in lots if lot.expires_at > at)


def spend(
    posting: Posting,
    standing: Standing,
    programme: Programme,
    taken: tuple[str, int],
    why: Cause,
    *,
    now: datetime,
    order: tuple[str, str] = NO_ORDER,
) -> list[dict[str, Any]]:
    """Burn (wallet, amount), first what is held for the order. Raises MayNotSpend, or Insufficient; then nothing is planned.

    Returns whose lots paid how much; nothing when they are all the member's own.
    """
    wallet, amount = taken
    if not may_spend(standing, programme, wallet):
        raise MayNotSpend()
    mates = others(standing, programme, wallet)
    burnt = posting.pay(standing.member_id, wallet, amount, why, order=order, now=now, others=mates)
    return _whose(burnt, wallet, [standing.member_id, *mates]) if mates else []


def _whose(burnt: Sequence[tuple[Lot, int]], wallet: str, members: Sequence[UUID]) -> list[dict[str, Any]]:
    amounts = dict.fromkeys((account_id(MEMBER, wallet, member) for member in members), 0)
    for lot, part in burnt:
        amounts[lot.account] += part
    paid = zip(members, amounts.values(), strict=True)
    found = [{"member_id": str(member), "amount": amount} for member, amount in paid if amount]
    return [] if len(found) == 1 and found[0]["member_id"] == str(members[0]) else found


def shown(standing: Standing, programme: Programme, wallet: str, held: dict[UUID, int]) -> dict[str, Any]:
    """What the household holds of a wallet beside one's own, as balances show it; nothing when it is not pooled."""
    if standing.household is None or not pooled(standing, programme, wallet):
        return {}
    together = sum(max(held.get(member, 0), 0) for member, _ in standing.household.people)
    return {"household": {"available": together, "may_spend": may_spend(standing, programme, wallet)}}
