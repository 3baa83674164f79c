"""The same expressions on DuckDB and on Spark give the same rows."""

from collections.abc import Iterator
from typing import Any

import pytest

from ganbo.insights.kpis import counting, facts
from ganbo.insights.kpis.definitions import KPIS
from ganbo.insights.warehouse import reading
from tests.insights.test_kpis import made

__all__ = ["made"]


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """A small Spark on this machine."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("ganbo-tests")
    settings = {
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    found = builder.getOrCreate()
    found.sparkContext.setLogLevel("ERROR")
    yield found
    found.stop()


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_duckdb_and_spark_give_the_same_rows(made: Any, session: Any) -> None:
    """Every KPI, by each grouping in turn, so that every expression and every key is computed by both."""
    warehouse = reading.opened(made["folder"], made["business"].slug)
    assert warehouse is not None
    embedded, cluster = facts.Facts(warehouse, facts.DuckDb()), facts.Facts(warehouse, facts.Spark(session))
    told = 0
    for n, kpi in enumerate(KPIS.values()):
        by = kpi.by[n % len(kpi.by)]
        rows = [counting.sums(one, kpi, by).to_pyarrow().to_pylist() for one in (embedded, cluster)]
        assert rows[0] == rows[1], (kpi.name, by)
        told += len(rows[0])
    assert told > 150
