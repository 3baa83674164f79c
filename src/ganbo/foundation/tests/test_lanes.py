"""A lane commits together who waits together, and never makes anybody wait for company that does not come."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from ganbo.foundation import lanes


class _Open:
    """What a lane needs of a connection: nothing is asked of it here."""

    idle = True

    def close(self) -> None: ...


def answered(asks: Sequence[int], *, most: int = 200, apart: float = 0.0) -> list[list[int]]:
    """The batches of a lane whose callers, after the first answer, ask once more; `asks`: how many begin together.

    `apart`: seconds between two who ask again.
    """
    batches: list[list[int]] = []

    def run(pipe: Any, group: Any, requests: Sequence[int]) -> list[int]:
        batches.append(list(requests))
        return [request * 2 for request in requests]

    async def work() -> None:
        lane = lanes.Lane(_Open, most=most, queue=1000)  # type: ignore[arg-type]
        lane.start(asyncio.get_running_loop())

        async def caller(n: int) -> None:
            assert await lane.submit(run, "g", n) == 2 * n
            await asyncio.sleep(n * apart)
            assert await lane.submit(run, "g", n) == 2 * n

        for together in asks:
            await asyncio.wait_for(asyncio.gather(*[caller(n) for n in range(together)]), timeout=10)
        lane.stop()

    asyncio.run(work())
    return batches


@pytest.mark.parametrize(
    ("asks", "most", "reason"),
    [
        ([1, 1], 200, "one alone is answered alone"),
        ([40], 200, "many, and all of them again"),
        ([40, 1], 200, "after many, one alone: nobody comes to fill the batch, and still it is answered"),
        ([40], 7, "no batch is larger than the most"),
    ],
)
def test_everybody_is_answered_once_and_in_small_enough_company(asks: list[int], most: int, reason: str) -> None:
    batches = answered(asks, most=most)
    assert sorted(n for batch in batches for n in batch) == sorted(n for k in asks for n in [*range(k), *range(k)]), (
        reason
    )
    assert max(map(len, batches)) <= most, reason


def test_a_moment_is_waited_for_those_who_were_answered_in_company(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        lanes, "MOMENT", 5.0
    )  # so that a slow machine changes nothing: the wait ends when they are there
    assert [len(batch) for batch in answered([40], most=40, apart=0.001)][-1] > 1, (
        "they ask one by one, and are one batch"
    )
