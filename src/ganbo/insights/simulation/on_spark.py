"""The same pasts, lived through on a Spark cluster: dealt out by member, each partition by the very same function.

Executors need ganbo in their Python; the lines travel with the job, so no folder is shared. Needs the extra `spark`.
"""

import pickle
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ganbo.insights.simulation.pasts import COLUMNS, Pasts, members_of
from ganbo.insights.simulation.running import Work
from ganbo.insights.simulation.totals import Totals

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

_TOLD = "keys array<string>, lines long, totals binary"
_LEAST_LINES = 5_000  # in a partition; fewer are not worth a start


class SharedOnSpark(ValueError):
    """Members take of something they share, so that they must be lived through together: by the local engine."""


def run(
    work: Work, pasts: Pasts, session: "SparkSession", *, step: Callable[[int], None] = lambda lines: None
) -> tuple[list[str], list[Totals]]:
    """As `running.run`. Raises SharedOnSpark."""
    import polars as pl

    drafts = work.make(work.of)
    if any(draft.shared for draft in drafts):
        raise SharedOnSpark()
    lines = pl.read_ipc(pasts.path).with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))
    parts = max(min(lines.height // _LEAST_LINES, 4 * session.sparkContext.defaultParallelism), 1)
    dealt = session.createDataFrame(lines.to_arrow(compat_level=pl.CompatLevel.oldest())).repartition(parts, "member")
    told = dealt.sortWithinPartitions("place").mapInArrow(_living(work), _TOLD)
    keys: list[str] = []
    totals = [Totals() for _ in drafts]
    for row in told.toLocalIterator():
        keys += row["keys"]
        for total, part in zip(totals, pickle.loads(row["totals"]), strict=True):  # noqa: S301  our own executors wrote it
            total.merge(part)
        step(row["lines"])
    return keys, totals


def _living(work: Work) -> Callable[[Iterator["pa.RecordBatch"]], Iterator["pa.RecordBatch"]]:
    """What an executor does with a partition: whole members, in order of time."""

    def live(batches: Iterator["pa.RecordBatch"]) -> Iterator["pa.RecordBatch"]:
        import pyarrow as pa

        drafts = work.make(work.of)
        totals, keys, lines = [Totals() for _ in drafts], list[str](), 0

        def rows() -> Iterator[tuple[Any, ...]]:
            nonlocal lines
            for batch in batches:
                lines += batch.num_rows
                yield from zip(*(batch.column(name).to_pylist() for name in COLUMNS), strict=True)

        for member, bills in members_of(rows(), zone=work.zone):
            keys.append(member)
            for draft, total in zip(drafts, totals, strict=True):
                total.add(draft.live(member, bills), draft.fair)
        yield pa.RecordBatch.from_pydict(
            {"keys": [keys], "lines": [lines], "totals": [pickle.dumps(totals)]},
            schema=pa.schema([("keys", pa.list_(pa.string())), ("lines", pa.int64()), ("totals", pa.binary())]),
        )

    return live
