"""People of one household who spend at the same moment while one of them leaves, as often as TORTURE_RACES says."""

import os
from collections.abc import Callable
from typing import Any

from ganbo.foundation.tenancy import context
from tests.journeys import test_households as together

RACES = int(os.environ.get("TORTURE_RACES", "20"))


def test_a_household_never_spends_more_than_it_holds(new_business: Callable[[str], Any]) -> None:
    with context.within(new_business(together.PROGRAMME)):
        for _ in range(RACES):
            together.race(context.current())
        assert together.verified()
