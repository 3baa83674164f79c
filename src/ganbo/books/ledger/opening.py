"""Open the business's counter-accounts of an asset: where points come from and where they go."""

from ganbo.books.ledger.posting import COUNTER_ROLES, account_id
from ganbo.foundation.pipelines import Statement, array, text_array


def statements(schema: str, assets: list[str]) -> list[Statement]:
    """SQL that makes sure the counter-accounts exist."""
    wanted = [(asset, role) for asset in assets for role in COUNTER_ROLES]
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
