"""Open the business's counter-accounts of an asset: where points come from and where they go; those of the budget and of partners."""

from collections.abc import Iterable

from ganbo.books.ledger import partner_debts
from ganbo.books.ledger.budgets import ROLES, asset_of
from ganbo.books.ledger.posting import COUNTER_ROLES, account_id
from ganbo.foundation.pipelines import Statement, array, text_array


def statements(schema: str, assets: list[str]) -> list[Statement]:
    """SQL that makes sure the counter-accounts exist."""
    return _open(schema, [(asset, role) for asset in assets for role in COUNTER_ROLES])


def budget_lines(schema: str, keys: Iterable[str]) -> list[Statement]:
    """SQL that makes sure the accounts of these lines exist."""
    return _open(schema, [(asset_of(key), role) for key in sorted(keys) for role in sorted(ROLES)])


def partner(schema: str, asset: str) -> list[Statement]:
    """SQL that makes sure the accounts of the debts with a partner exist."""
    return _open(schema, [(asset, role) for role in partner_debts.ROLES])


def _open(schema: str, wanted: list[tuple[str, str]]) -> list[Statement]:
    return [
        (
            f'INSERT INTO "{schema}".ledger_account (id, asset, role) SELECT * FROM unnest($1::uuid[], $2::text[],'
            " $3::text[]) ON CONFLICT (id) DO NOTHING",
            (
                array([account_id(role, asset) for asset, role in wanted]),
                text_array([asset for asset, _ in wanted]),
                array([role for _, role in wanted]),
            ),
        )
    ]
