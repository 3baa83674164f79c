"""Voucher codes can be typed on any keypad, and a slip of the finger is told from another voucher."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganbo.features.rewards import codes

KEY = "a key of these tests"
VOUCHERS = st.uuids(version=4)


def code(voucher: UUID) -> str:
    return codes.code_of(voucher, key=KEY)


@given(VOUCHERS)
def test_every_letter_is_on_a_keypad_and_has_no_look_alike(voucher: UUID) -> None:
    assert set(code(voucher)) <= {*codes.ALPHABET, "-"}


@given(VOUCHERS)
def test_a_code_read_aloud_and_typed_in_small_letters_is_the_same(voucher: UUID) -> None:
    typed = code(voucher).lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert codes.hash_of(typed) == codes.hash_by_id(voucher.bytes, key=KEY)


@given(VOUCHERS, st.integers(0, 12), st.sampled_from(codes.ALPHABET))
def test_one_wrong_letter_is_no_code(voucher: UUID, place: int, letter: str) -> None:
    plain = code(voucher).replace("-", "")
    typed = plain[:place] + letter + plain[place + 1 :]
    assert (codes.normal(typed) is None) == (typed != plain)


@given(VOUCHERS, st.integers(0, 11), st.integers(1, 12))
def test_two_letters_that_changed_places_are_no_code(voucher: UUID, place: int, apart: int) -> None:
    letters = list(code(voucher).replace("-", ""))
    other = min(place + apart, 12)
    plain = "".join(letters)
    letters[place], letters[other] = letters[other], letters[place]
    typed = "".join(letters)
    assert (codes.normal(typed) is None) == (typed != plain)


@pytest.mark.parametrize("typed", ["", "S1EE-NY37-5XXC", "S1EE-NY37-5XXC-$", "S1EE-NY37-5XXU-0", "0912345678"])
def test_what_is_no_code_at_all(typed: str) -> None:
    assert codes.normal(typed) is None
    with pytest.raises(ValueError, match="not a voucher code"):
        codes.hash_of(typed)
