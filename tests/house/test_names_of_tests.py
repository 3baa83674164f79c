"""Of tests with one name, workers run one and nobody hears of the others."""

from collections import Counter

import pytest


def test_no_two_tests_have_one_name(request: pytest.FixtureRequest) -> None:
    assert [name for name, n in Counter(item.nodeid for item in request.session.items).items() if n > 1] == []
