"""Nights on which nothing can change are not lived through: the end is the same as with every one of them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ganbo.engine import loading
from ganbo.journeys import replaying
from ganbo.journeys.living import Life
from tests.journeys.test_stories import PROGRAMME

DAY = timedelta(days=1)
BEGIN = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)

WINDOWS = st.sampled_from(
    [
        "{kind: rolling, months: 3}",
        "{kind: rolling, months: 12}",
        "{kind: calendar_year}",
        "{kind: anniversary}",
        "{kind: lifetime}",
        "{kind: since_change}",
    ]
)
TIERS = st.fixed_dictionaries(
    {
        "window": WINDOWS,
        "valid": st.sampled_from(["", "valid: {plus_months: 4}", "valid: {until: end_of_year}", "valid: {until: end_of_month, plus_months: 2}"]),
        "upgrade": st.sampled_from(["at_once", "period_end"]),
        "downgrade": st.sampled_from(["{mode: one_step}", "{mode: to_eligible}", "{mode: never}", "{mode: one_step, grace_days: 20}"]),
        "yearly": st.booleans(),
    }
)  # fmt: skip
PAST = st.lists(st.tuples(st.integers(0, 120), st.sampled_from([150_000, 600_000, 1_200_000])), min_size=1, max_size=12)


def source(of: dict[str, Any]) -> str:
    tiers = f"""\
tiers:
  metric: {{any: [spend, purchases]}}
  window: {of["window"]}
  upgrade: {of["upgrade"]}
  downgrade: {of["downgrade"]}
  {of["valid"]}
  levels:
    - {{id: bronze}}
    - {{id: silver, enter: {{spend: 1000000, purchases: 4}}, benefits: {{on_enter: [cake]}}}}
    - {{id: gold, enter: {{spend: 3000000, purchases: 9}}{", benefits: {yearly: [latte]}" if of["yearly"] else ""}}}
"""
    before, _, rest = PROGRAMME.partition("tiers:\n")
    return before + tiers + rest[rest.index("rewards:") :]


class EveryNight(Life):
    """Looks at every night, as the worker does."""

    def _next_night(self) -> date | None:
        return self._reviewed + DAY


@given(of=TIERS, past=PAST)
@settings(max_examples=120, deadline=None)
def test_quiet_nights_change_nothing(of: dict[str, Any], past: list[tuple[int, int]]) -> None:
    programme = loading.load(source(of))
    ends = []
    for kind in (Life, EveryNight):
        standing = replaying._standing(BEGIN, replaying._WHO)
        life = kind(replaying.timeline_of(programme), [standing], at=BEGIN, untold=True)
        life.tell(replaying._signup(BEGIN, replaying._WHO))
        at = BEGIN
        for n, (days, amount) in enumerate(past):
            at += days * DAY
            told = replaying._signup(at, replaying._WHO)
            life.tell(told._replace(id=f"s{n}", type="purchase", data={"amount": amount}))
        life.wait_until(at + 800 * DAY)
        state = {key: value for key, value in standing.state.items() if key != "gifts"}
        vouchers = sorted((v.reward, v.at) for v, _ in life.vouchers.values())
        ends.append((standing.tier, state, vouchers, life.posting.balances))
    assert ends[0] == ends[1]
