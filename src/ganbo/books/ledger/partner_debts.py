"""Debts between us and a partner in the books: `owed_by` what the partner owes us, `owed_to` what we owe it.

Accounts of the asset `partner:<id>:<currency>`; `dealings` is where debts come from, `settled` where payments go. Their
balances are derived: no row is touched by every bill.
"""

from ganbo.books.ledger.posting import Cause, Posting

OWED_BY, OWED_TO, DEALINGS, SETTLED = "owed_by", "owed_to", "dealings", "settled"
ROLES = (OWED_BY, OWED_TO, DEALINGS, SETTLED)


def asset_of(partner: str, currency: str) -> str:
    """The asset of the debts with one partner in one currency."""
    return f"partner:{partner}:{currency}"


def owe(posting: Posting, asset: str, amount: int, why: Cause, *, owed_by: bool, kind: str) -> None:
    """Plan a line of a statement: above zero the partner owes more (`owed_by`), or we owe it less."""
    side = OWED_BY if owed_by else OWED_TO
    if amount:
        debit, credit = (side, DEALINGS) if amount > 0 else (DEALINGS, side)
        posting.between(debit, credit, asset, abs(amount), kind=kind, why=why)


def settle(posting: Posting, asset: str, *, owed_by: int, owed_to: int, why: Cause) -> None:
    """Plan the payment that ends both: what is owed to us less what we owe is what one side pays."""
    for side, amount in ((OWED_BY, owed_by), (OWED_TO, -owed_to)):
        if amount:
            debit, credit = (SETTLED, side) if amount > 0 else (side, SETTLED)
            posting.between(debit, credit, asset, abs(amount), kind="settle", why=why)
