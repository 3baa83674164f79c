"""Accounts of several people as a programme allows them: what is spent together, by whom, and how many there may be."""

from collections.abc import Callable
from dataclasses import dataclass

from ganbo.engine.document import ProgrammeDoc

OWNER, ADULT, CHILD = ROLES = ("owner", "adult", "child")


@dataclass(frozen=True, slots=True)
class Accounts:
    """`people`: at most so many, the owner among them; `may_spend`: roles; an invitation lasts `invite_days`."""

    wallets: frozenset[str]
    people: int
    may_spend: frozenset[str]
    invite_days: int


def accounts_of(doc: ProgrammeDoc, error: Callable[..., None]) -> Accounts | None:
    """The compiled ones; what does not fit goes to `error`."""
    of = doc.accounts
    if of is None:
        return None
    for place, name in enumerate(of.wallets):
        wallet, path = doc.wallets.get(name), ("accounts", "wallets", place)
        if wallet is None:
            error("unknown_wallet", path, id=name)
        elif wallet.money:
            error("pool_of_money", path, id=name)
        elif not wallet.spendable:
            error("wallet_not_spendable", path, id=name)
        elif wallet.on_refund == "unlimited":
            error("pool_below_zero", path, id=name)
    return Accounts(frozenset(of.wallets), of.people, frozenset(of.may_spend), of.invite_days)
