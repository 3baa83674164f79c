"""The books are append-only by privilege: the role of web, worker and lanes cannot change a line."""

from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from ganbo.foundation import append_only
from ganbo.foundation.tenancy import privileges


@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_app_role_cannot_change_what_is_append_only(cafe: Any, verb: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0] == "ganbo_app"
    assert set(append_only.tables()) == {
        "ledger_transfer",
        "ledger_hold_end",
        "members_consent",
        "rewards_card_move",
        "partners_agreement",
        "partners_deal",
        "partners_line",
        "events_decision",
        "audit_line",
        "programmes_version",
        "programmes_terms",
        "programmes_acceptance",
        "experiments_exposure",
        "goals_baseline",
    }
    for table in append_only.tables():
        column = "version" if table.startswith("programmes_") else "at"
        statement = verb.format(table).replace("SET id = id", f"SET {column} = {column}")
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)


def test_the_doctor_would_see_a_wrong_grant(cafe: Any) -> None:
    assert privileges.violations(cafe.schema) == []
