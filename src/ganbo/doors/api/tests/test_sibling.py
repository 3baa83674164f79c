"""How a large batch is divided: nobody's events in two halves, and nothing divided that cannot be divided safely."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganbo.doors.api import sibling
from ganbo.doors.api.sibling import Sibling, SiblingGone

PHONES = [f"09{n:08d}" for n in range(300)]


def told(members: list[Any]) -> list[dict[str, Any]]:
    return [{"id": f"e{n}", "member": member} for n, member in enumerate(members)]


@given(
    st.permutations(PHONES),
    st.lists(st.sampled_from(["{p}", "+84{t}", "0084 {t}", "{p} "]), min_size=300, max_size=300),
)
@settings(max_examples=20, deadline=None)
def test_a_member_is_in_one_half_however_the_phone_is_written(phones: list[str], spellings: list[str]) -> None:
    written = [s.format(p=p, t=p[1:]) for p, s in zip(phones, spellings, strict=True)]
    found = sibling.halves(told([{"phone": phone} for phone in [*phones, *written]]))
    assert found is not None
    half = {place: n for n, places in enumerate(found) for place in places}
    assert sorted(half) == list(range(600))
    assert [half[n] for n in range(300)] == [half[n + 300] for n in range(300)]


@pytest.mark.parametrize(
    ("members", "divided", "why"),
    [
        ([{"phone": p} for p in PHONES], True, "one way of naming members"),
        ([{"phone": p} for p in PHONES[:199]], False, "too few to be worth it"),
        ([{"phone": p} for p in PHONES[:299]] + [{"card": "123456"}], False, "the card's holder may have one of the phones"),
        ([None] * 300, True, "without members there is no order to keep"),
        ([f"0198c0de-0000-7000-8000-{n:012d}" for n in range(300)], True, "bare ids"),
        ([["not", "a", "member"]] * 300, True, "what cannot be read is refused in either half"),
    ],
)  # fmt: skip
def test_what_is_divided(members: list[Any], divided: bool, why: str) -> None:
    assert (sibling.halves(told(members)) is not None) is divided, why


def test_a_sibling_answers_and_is_missed_when_it_is_gone() -> None:
    def work(head: dict[str, Any], body: bytes) -> bytes:
        if head["die"]:
            raise SiblingGone
        return body[::-1]

    one = Sibling(work)
    one.ask({"die": False}, b"abc" * 1_000_000)
    assert one.answer() == b"cba" * 1_000_000
    with pytest.raises(SiblingGone):  # when handing over, or when waiting for the answer
        one.ask({"die": True}, b"")
        one.answer()
