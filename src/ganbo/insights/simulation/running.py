"""Pasts lived through in processes, shard by shard; or, where members share something, together in the order of time."""

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from ganbo.books.events.bills import Bill
from ganbo.insights.simulation.pasts import Pasts, keys_of, of_shard
from ganbo.insights.simulation.totals import Ended, Totals

Bills = tuple[str, list[Bill]]  # a member and their bills


class Draft(Protocol):
    """A draft that members live under; made in each process by `Maker`."""

    fair: dict[str, int]
    shared: bool  # whether members take of something they share

    def live(self, member: str, bills: Sequence[Bill]) -> Ended:
        """One member's past."""

    def live_together(self, members: Iterator[Bills]) -> Iterator[Ended]:
        """All members' pasts in the order of time; what became of each, in the order in which they came."""


Maker = Callable[[Any], list[Draft]]


@dataclass(frozen=True)
class Work:
    """What every process must know: how drafts are made, of what, and where the pasts are. All of it can be pickled."""

    make: Maker
    of: Any
    path: Path
    zone: ZoneInfo


def run(
    work: Work, pasts: Pasts, *, processes: int | None = None, step: Callable[[int], None] = lambda lines: None
) -> tuple[list[str], list[Totals]]:
    """The members' keys, and the totals of each draft, members in the same order. `step` is told of lines done.

    An exception, a Ctrl-C among them, ends the processes before it goes on.
    """
    shared = [draft.shared for draft in work.make(work.of)]
    totals = [Totals() for _ in shared]
    if any(shared):
        _together(work, pasts, shared, totals)
        step(sum(size for _, size in pasts.shards))
    if not all(shared):
        apart = [n for n, one in enumerate(shared) if not one]
        for part in _apart(
            work, pasts, apart, processes or os.cpu_count() or 1, step if not any(shared) else lambda n: None
        ):
            for n, total in zip(apart, part, strict=True):
                totals[n].merge(total)
    return keys_of(work.path), totals


def _together(work: Work, pasts: Pasts, shared: Sequence[bool], totals: list[Totals]) -> None:
    for n, draft in enumerate(work.make(work.of)):
        if shared[n]:
            everybody = (
                one for start, size in pasts.shards for one in of_shard(work.path, start, size, zone=work.zone)
            )
            for ended in draft.live_together(everybody):
                totals[n].add(ended, draft.fair)


def _apart(
    work: Work, pasts: Pasts, drafts: Sequence[int], processes: int, step: Callable[[int], None]
) -> Iterator[list[Totals]]:
    """The totals of each shard, in order, whatever order they are done in."""
    if processes == 1 or len(pasts.shards) == 1:
        _begin(work, drafts)
        for shard in pasts.shards:
            yield _shard(shard)
            step(shard[1])
        return
    pool = ProcessPoolExecutor(
        min(processes, len(pasts.shards)), multiprocessing.get_context("spawn"), _begin_apart, (work, tuple(drafts))
    )
    try:
        asked = {pool.submit(_shard, shard): n for n, shard in enumerate(pasts.shards)}
        done: dict[int, list[Totals]] = {}
        after = 0
        for one in as_completed(asked):
            done[asked[one]] = one.result()
            step(pasts.shards[asked[one]][1])
            while after in done:
                yield done.pop(after)
                after += 1
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_mine: tuple[Work, list[Draft]]


def _begin(work: Work, drafts: Sequence[int]) -> None:
    global _mine
    made = work.make(work.of)
    _mine = (work, [made[n] for n in drafts])


def _begin_apart(work: Work, drafts: Sequence[int]) -> None:
    """In a process of its own: Ctrl-C is the parent's to answer; what is made once is not looked at by the collector."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _begin(work, drafts)
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)


def _shard(shard: tuple[int, int]) -> list[Totals]:
    work, drafts = _mine
    totals = [Totals() for _ in drafts]
    for member, bills in of_shard(work.path, *shard, zone=work.zone):
        for draft, total in zip(drafts, totals, strict=True):
            total.add(draft.live(member, bills), draft.fair)
    return totals
