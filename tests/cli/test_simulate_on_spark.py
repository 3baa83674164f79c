"""A back-test on a Spark cluster of several executors gives what processes of one machine give."""

import os
import sys
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ganbo.doors.cli import simulating
from ganbo.insights.look import reading
from ganbo.insights.simulation import comparing, on_spark, pasts, running, totals
from ganbo.insights.simulation.assuming import Assumed
from tests.cli.test_simulate import DRAFT

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
OTHER = DRAFT.replace("amount: 1, per: 10000", "amount: 1, per: 5000")


@pytest.fixture
def past(tmp_path: Path) -> pasts.Pasts:
    rows = [
        f"B{n};K{n * n % 997};2026-{n % 5 + 1:02d}-{n % 28 + 1:02d} 10:{n % 60:02d};coffee;{1 + n % 3};{20_000 + n}"
        for n in range(11_000)
    ]
    rows += [f"B{n};K{n * n % 997};2026-05-29 10:00;coffee;-1;5000" for n in range(0, 11_000, 500)]
    file = tmp_path / "sales.csv"
    file.write_text("\n".join(["mã đơn;khách;ngày giờ;nhóm;số lượng;đơn giá", *rows]), encoding="utf-8")
    return pasts.arrange(reading.read(file, reading.Asked(lines=True)), tmp_path / "lines.arrow", zone=ZONE)


def work_of(past: pasts.Pasts, *sources: str) -> running.Work:
    assumed = Assumed("rate=0.6", Fraction(3, 5), Fraction(1, 50))
    drafts = simulating.Drafts(sources, assumed, datetime(2026, 6, 1, tzinfo=ZONE))
    return running.Work(simulating.make, drafts, past.path, ZONE)


def test_two_executors_give_what_one_machine_gives(past: pasts.Pasts, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyspark.sql import SparkSession

    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    built = SparkSession.builder.master("local-cluster[2,1,1024]").config("spark.ui.enabled", "false")
    session = built.config("spark.executor.memory", "1g").config("spark.sql.shuffle.partitions", "4").getOrCreate()
    work, done = work_of(past, DRAFT, OTHER), list[int]()
    try:
        keys, lived = on_spark.run(work, past, session, step=done.append)
    finally:
        session.stop()
    assert len(done) > 1, "dealt out to several partitions"
    assert sum(done) == sum(size for _, size in past.shards)
    here, expected = running.run(work, past, processes=1)
    assert sorted(keys) == sorted(here)
    programmes = [draft.programme for draft in simulating.make(work.of)]
    for one, other, programme in zip(lived, expected, programmes, strict=True):
        assert totals.told(one, programme, anonymous=0) == totals.told(other, programme, anonymous=0)
        assert comparing.winners(keys, one) == comparing.winners(here, other)
    assert comparing.against(keys, lived[1], lived[0]) == comparing.against(here, expected[1], expected[0])


def test_members_who_share_a_budget_are_not_dealt_out(past: pasts.Pasts) -> None:
    hard = DRAFT.replace("planned: 10000", "planned: 10000, stop: hard")
    with pytest.raises(on_spark.SharedOnSpark):
        on_spark.run(work_of(past, hard), past, None)  # type: ignore[arg-type]  refused before any session is asked
