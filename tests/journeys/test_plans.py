"""The hot path's statements find their rows by key, whatever the planner was last told of a table's size."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ganbo.foundation import chance
from ganbo.foundation.pipelines import Pipeline, connection_parameters, text_array
from ganbo.journeys import gathering

PROGRAMME = (Path(__file__).parents[1] / "cafe_programme.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("what", ["lock", "look", "accounts", "usage", "keys", "orders"])
def test_a_table_that_was_empty_a_minute_ago_is_read_by_its_index(shop: Any, what: str) -> None:
    """A plan made for an empty table is kept: reading all of it for each member cost 3 ms an event once it had grown."""
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        pipe.query("ANALYZE")
        members = gathering.member_arrays([("phone", f"+849{chance.digits(8)}") for _ in range(64)])
        some = text_array(["a", "b"])
        given = {"usage": [*members, some, some], "keys": [some], "orders": [some]}.get(what, members)
        sql = getattr(gathering.texts(shop.schema), what)
        plan = "\n".join(str(row[0]) for row in pipe.query(f"EXPLAIN {sql}", *given))
    assert "Seq Scan" not in plan, plan
    if what == "usage":
        assert "Index Cond: ((subject = " in plan, plan
