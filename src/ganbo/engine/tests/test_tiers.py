"""How members move between levels: behaviour tables, each row with why, and properties."""

import copy
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganbo.engine import loading, progress, tiers
from ganbo.engine.programme import Programme
from ganbo.engine.tiers import Holder

JOINED = date(2025, 6, 15)
TODAY = date(2026, 11, 25)
LEVELS = """
  - {id: bronze}
  - {id: silver, enter: {spend: 5000, purchases: 20}, keep: {spend: 3000}}
  - {id: gold, enter: {spend: 15000, purchases: 60}}
  - {id: diamond, invitation_only: true}
"""


def programme(rules: str = "", levels: str = LEVELS) -> Programme:
    """A programme with `tiers` of these rules, a key on each line, and these levels."""
    head = """\
ganbo: 1
programme: small
name: Nhỏ
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm, expires: {kind: never}}
  miles: {name: dặm, expires: {kind: never}, spendable: false}
rewards:
  - {id: tote, kind: gift}
tiers:
"""
    body = "".join(f"  {line}\n" for line in rules.splitlines() if line.strip())
    return loading.load(head + body + "  levels:" + levels.replace("\n", "\n  "))


ROLLING = "metric: {any: [spend, purchases]}\nwindow: {kind: rolling, months: 12}\n"
YEARLY = "window: {kind: calendar_year}\n"


def months(**counts: int) -> dict[str, Any]:
    """`months(m2026_11=5000)`: spend by month."""
    return {"months": {name[1:].replace("_", "-"): {"spend": n} for name, n in counts.items()}}


def who(tier: str | None, state: dict[str, Any], since: str | None = "2025-07-01", **held: Any) -> Holder:
    if since is not None:
        state = {**state, "tier": {"since": since, "n": 1, **held}}
    return Holder(tier, state, JOINED)


@pytest.mark.parametrize(
    ("tree", "values", "holds", "ways", "missing"),
    [
        (("least", "spend", 5), {"spend": 5}, True, [{}], {}),
        (("least", "spend", 5), {}, False, [{"spend": 5}], {"spend": 5}),
        (
            ("any", (("least", "spend", 5), ("least", "purchases", 2))),
            {"spend": 1},
            False,
            [{"spend": 4}, {"purchases": 2}],
            {"spend": 4, "purchases": 2},
        ),
        (("any", (("least", "spend", 5), ("least", "purchases", 2))), {"purchases": 2}, True, [{"spend": 5}, {}], {}),
        (
            ("all", (("least", "spend", 5), ("least", "purchases", 2))),
            {"spend": 9},
            False,
            [{"purchases": 2}],
            {"purchases": 2},
        ),
        (
            ("any", (("all", (("least", "spend", 5), ("least", "purchases", 2))), ("least", "spend", 9))),
            {"spend": 4},
            False,
            [{"spend": 1, "purchases": 2}, {"spend": 5}],
            {"spend": 1, "purchases": 2},
        ),
    ],
    ids=[
        "exactly reached is reached",
        "nothing yet lacks all of it",
        "any: each way lacks its own",
        "any: one reached is enough and nothing lacks",
        "all: what is reached does not lack",
        "a tree of both: the least of each metric",
    ],
)
def test_thresholds(tree: Any, values: dict[str, int], holds: bool, ways: list[Any], missing: dict[str, int]) -> None:
    assert tiers.holds(tree, values) is holds
    assert tiers.ways(tree, values) == ways
    assert tiers.missing(tree, values) == missing


@pytest.mark.parametrize(
    ("rules", "day", "spend", "why"),
    [
        (ROLLING, "2026-11-25", 239, "this month and the twelve before it"),
        (ROLLING, "2026-12-01", 39, "a new month drops the one thirteen months ago"),
        (YEARLY, "2026-11-25", 9, "this year only"),
        (YEARLY, "2025-12-31", 1230, "a late event is looked at in its own year"),
        (YEARLY, "2027-01-01", 0, "a new year begins at nothing"),
        ("window: {kind: anniversary}", "2026-11-25", 5, "since June, the month they joined"),
        ("window: {kind: anniversary}", "2026-05-31", 1234, "the year of membership before"),
    ],
)
def test_windows(rules: str, day: str, spend: int, why: str) -> None:
    state = months(m2025_10=1000, m2025_11=200, m2025_12=30, m2026_03=4, m2026_11=5)
    values = tiers.now_values(rules_of(rules), Holder(None, state, JOINED), date.fromisoformat(day))
    assert values.get("spend", 0) == spend, why


def rules_of(rules: str) -> Any:
    found = programme(rules).tiers
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("rules", "tier", "state", "to", "why"),
    [
        (ROLLING, None, months(m2026_11=4999), None, "one short of silver"),
        (ROLLING, None, months(m2026_11=5000), "silver", "exactly reached is reached"),
        (ROLLING, "bronze", {"months": {"2026-11": {"purchases": 20}}}, "silver", "the other metric is enough"),
        (ROLLING, "bronze", months(m2025_12=8000, m2026_11=7000), "gold", "two levels at once"),
        (ROLLING, "silver", months(m2026_11=5000), None, "it is there already"),
        (ROLLING, "diamond", months(m2026_11=15000), None, "an invitation is above what spending brings"),
        (ROLLING, "bronze", months(m2026_11=10**9), "gold", "no spending brings what needs an invitation"),
        (ROLLING + "upgrade: period_end", "bronze", months(m2026_11=5000), None, "only at the end of the period"),
        ("", "bronze", {"total": {"spend": 5000}}, "silver", "for ever counts in total"),
        ("window: {kind: since_change}", "bronze", {"since": {"spend": 5000}}, "silver", "since the last change"),
        ("metric: {all: [spend, purchases]}", "bronze", {"total": {"spend": 5000}}, None, "all: spending is not enough"),
    ],
)  # fmt: skip
def test_rising(rules: str, tier: str | None, state: dict[str, Any], to: str | None, why: str) -> None:
    move = tiers.rise(programme(rules), who(tier, state), TODAY)
    assert (move.to if move else None) == to, why


@pytest.mark.parametrize(
    ("rules", "on", "until", "why"),
    [
        ("", "2026-11-25", None, "no promise unless the document makes one"),
        ("valid: {until: end_of_year}", "2026-11-25", "2026-12-31", "the rest of the year"),
        ("valid: {until: end_of_year, plus_months: 12}", "2026-11-25", "2027-12-31", "and the year after"),
        ("valid: {until: end_of_year, plus_months: 2}", "2026-11-25", "2027-02-28", "a short month ends earlier"),
        ("valid: {until: end_of_month, plus_months: 12}", "2026-11-25", "2027-11-30", "a year of whole months"),
        ("valid: {plus_months: 3}", "2026-11-30", "2027-02-28", "the same day, or the last of a shorter month"),
        (
            "window: {kind: since_change}",
            "2026-11-25",
            "2027-11-25",
            "a year to show it again, unless it says otherwise",
        ),
    ],
)
def test_how_long_a_level_is_sure(rules: str, on: str, until: str | None, why: str) -> None:
    found = tiers.valid_until(rules_of(rules), date.fromisoformat(on))
    assert (found.isoformat() if found else None) == until, why


SOFT = "downgrade: {mode: one_step}\n"
GRACE = "downgrade: {mode: one_step, grace_days: 30}\n"
VALID = "valid: {until: end_of_year, plus_months: 12}\n"
FIXED = """
  - {id: bronze}
  - {id: silver, enter: {spend: 5000}, no_downgrade: true}
  - {id: gold, enter: {spend: 15000}}
  - {id: diamond, enter: {spend: 90000}}
"""


@pytest.mark.parametrize(
    ("rules", "levels", "member", "day", "tier", "held", "why"),
    [
        (ROLLING, LEVELS, who("gold", months(m2026_11=15000)), "2026-12-01", None, None, "still deserved"),
        (ROLLING, LEVELS, who("gold", {}), "2026-12-01", "bronze", {"since": "2026-12-01", "n": 2}, "falls to what is deserved"),
        (ROLLING, LEVELS, who("gold", months(m2026_11=3000)), "2026-12-01", "silver", {"since": "2026-12-01", "n": 2}, "the keep threshold of the level below is enough"),
        (ROLLING + SOFT, LEVELS, who("gold", {}), "2026-12-01", "silver", {"since": "2026-12-01", "n": 2}, "one step only"),
        (ROLLING + SOFT, LEVELS, who("silver", {}, since="2026-12-01"), "2026-12-02", None, None, "no second step in the same period"),
        (ROLLING + SOFT, LEVELS, who("silver", {}, since="2026-12-01"), "2027-01-01", "bronze", {"since": "2027-01-01", "n": 2}, "the next step a period later"),
        (ROLLING + "downgrade: {mode: never}", LEVELS, who("gold", {}), "2026-12-01", None, None, "never means never"),
        (ROLLING, FIXED, who("diamond", {}), "2026-12-01", "silver", {"since": "2026-12-01", "n": 2}, "never below a level that is not lost"),
        (ROLLING, FIXED, who("silver", {}), "2026-12-01", None, None, "not lost"),
        (ROLLING, LEVELS, who("diamond", {}), "2026-12-01", None, None, "an invitation is not lost by itself"),
        (ROLLING + GRACE, LEVELS, who("gold", {}), "2026-12-01", None, {"since": "2025-07-01", "n": 1, "grace": "2026-12-31"}, "a grace begins"),
        (ROLLING + GRACE, LEVELS, who("gold", {}, grace="2026-12-31"), "2026-12-30", None, None, "within the grace nothing happens"),
        (ROLLING + GRACE, LEVELS, who("gold", {}, grace="2026-12-31"), "2026-12-31", "silver", {"since": "2026-12-31", "n": 2}, "after it the level is lost"),
        (ROLLING + GRACE, LEVELS, who("gold", months(m2026_12=15000), grace="2026-12-31"), "2026-12-20", None, {"since": "2025-07-01", "n": 1}, "reached again within the grace: it is forgotten"),
        (ROLLING + VALID, LEVELS, who("gold", {}, until="2026-12-31"), "2026-12-31", None, None, "the promise includes its last day"),
        (ROLLING + VALID, LEVELS, who("gold", {}, until="2026-12-31"), "2027-01-01", "bronze", {"since": "2027-01-01", "n": 2}, "and is over the day after"),
        (ROLLING + VALID + SOFT, LEVELS, who("gold", {}, until="2026-12-31"), "2027-01-01", "silver", {"since": "2027-01-01", "n": 2, "until": "2027-12-31"}, "a soft landing is sure for as long as the promise says"),
        (YEARLY + VALID, LEVELS, who("gold", months(m2026_03=15000), until="2026-12-31"), "2027-01-01", None, {"since": "2025-07-01", "n": 1, "until": "2027-12-31"}, "shown again in 2026: sure through 2027"),
        (YEARLY + "valid: {until: end_of_year}", LEVELS, who("gold", months(m2026_03=15000), until="2026-12-31"), "2027-01-01", None, {"since": "2025-07-01", "n": 1, "until": "2027-12-31"}, "kept by last year's count for this year"),
        (YEARLY, LEVELS, who("gold", months(m2026_03=15000), since="2026-03-04"), "2026-11-25", None, None, "reached this year: not looked at before the next"),
        (YEARLY, LEVELS, who("gold", months(m2026_03=15000), since="2026-03-04"), "2027-01-01", None, None, "the year that ended kept it"),
        (YEARLY, LEVELS, who("gold", months(m2026_03=15000), since="2026-03-04"), "2028-01-01", "bronze", {"since": "2028-01-01", "n": 2}, "the year after did not"),
        (YEARLY + GRACE, LEVELS, who("gold", months(m2026_03=14000, m2027_01=1000), grace="2027-01-31"), "2027-01-20", None, {"since": "2025-07-01", "n": 1}, "what comes in the grace counts"),
        (YEARLY + "upgrade: period_end", LEVELS, who("bronze", months(m2026_03=5000)), "2027-01-01", "silver", {"since": "2027-01-01", "n": 2}, "raised when the year is over"),
        (YEARLY + "upgrade: period_end", LEVELS, who("bronze", months(m2027_01=5000)), "2027-01-20", None, None, "this year's counts next year"),
        ("window: {kind: since_change}", LEVELS, who("gold", {"since": {"spend": 9}}, until="2026-11-24"), "2026-11-25", "bronze", {"since": "2026-11-25", "n": 2}, "not shown again since the change"),
        ("window: {kind: since_change}", LEVELS, who("gold", {"since": {"spend": 15000}}, until="2026-11-24"), "2026-11-25", None, {"since": "2025-07-01", "n": 2, "until": "2027-11-24"}, "renewed for another year"),
        (ROLLING, LEVELS, who("gold", {}, since=None), "2026-12-01", None, {"since": "2026-12-01", "n": 0, "until": "2027-12-01"}, "an imported level is sure for a whole window"),
        (ROLLING, LEVELS, who("platinum", months(m2026_11=5000)), "2026-12-01", "silver", {"since": "2026-12-01", "n": 2}, "a level that is no more: what is deserved"),
    ],
)  # fmt: skip
def test_review(
    rules: str, levels: str, member: Holder, day: str, tier: str | None, held: dict[str, Any] | None, why: str
) -> None:
    before = copy.deepcopy(member.state)
    found = tiers.review(programme(rules, levels), member, date.fromisoformat(day))
    assert member.state == before, "a review changes nothing by itself"
    assert (found.move.to if found and found.move else None) == tier, why
    assert (found.held if found else None) == held, why


@pytest.mark.parametrize(
    ("rules", "member", "missing", "until", "projected", "why"),
    [
        (ROLLING, who("bronze", {}), None, None, "bronze", "the first level cannot be lost"),
        (ROLLING, who("diamond", {}), None, None, "diamond", "nor one by invitation"),
        (ROLLING, who("gold", months(m2026_01=9000, m2026_11=7000)), {"spend": 8000, "purchases": 60}, "2027-01-31", "silver", "January's counts until it leaves the window"),
        (ROLLING + SOFT, who("gold", months(m2026_01=16000)), {"spend": 15000, "purchases": 60}, "2027-01-31", "silver", "one step"),
        (YEARLY, who("gold", months(m2026_01=14000)), {"spend": 1000, "purchases": 60}, "2026-12-31", "silver", "until the year is over"),
        (YEARLY, who("gold", months(m2026_01=15000)), {}, "2026-12-31", "gold", "nothing is missing any more"),
        (YEARLY + VALID, who("gold", {}, until="2027-12-31"), {"spend": 15000, "purchases": 60}, "2027-12-31", "bronze", "sure until the promise ends"),
        (ROLLING + GRACE, who("gold", {}, grace="2026-12-25"), {"spend": 15000, "purchases": 60}, "2026-12-24", "silver", "until the grace ends"),
        (YEARLY + "upgrade: period_end", who("bronze", months(m2026_01=5000)), None, None, "silver", "the level to come"),
    ],
)  # fmt: skip
def test_keeping(
    rules: str, member: Holder, missing: dict[str, int] | None, until: str | None, projected: str, why: str
) -> None:
    p = programme(rules if "metric" in rules else "metric: {any: [spend, purchases]}\n" + rules)
    found = tiers.keeping(p, member, TODAY)
    assert (found.missing if found else None) == missing, why
    assert (found.until.isoformat() if found else None) == until, why
    assert tiers.projected(p, member, TODAY) == projected, why


@pytest.mark.parametrize("rules", [ROLLING, YEARLY, "", "window: {kind: since_change}", "window: {kind: anniversary}"])
def test_a_level_brought_by_a_sale_goes_with_it(rules: str) -> None:
    p, found = programme(rules), rules_of(rules)
    state: dict[str, Any] = {}
    progress.add(state, found, TODAY, {"spend": 4000, "purchases": 1})
    before = copy.deepcopy(state)
    counted = progress.add(state, found, TODAY, {"spend": 1500, "purchases": 1})
    move = tiers.rise(p, Holder("bronze", state, JOINED), TODAY)
    assert move is not None
    tiers.moved(state, move, by="sale-2")
    progress.take_back(state, found, counted, before=1500, after=900, of=1500)
    assert tiers.undo(p, Holder("silver", state, JOINED), "sale-1") is None, "another event did not bring it"
    progress.take_back(state, found, counted, before=900, after=0, of=1500)
    assert tiers.undo(p, Holder("silver", state, JOINED), "sale-2") == "bronze"
    numbered = {"n": 1, "also": [0]}
    assert state.pop("tier") == numbered, "a number of change is never given twice: what came meanwhile has that one"
    assert {key: value for key, value in state.items() if value} == {
        key: value for key, value in before.items() if value
    }


def test_what_came_while_a_level_was_held_that_was_undone_can_be_returned() -> None:
    p, rules = programme("window: {kind: since_change}"), rules_of("window: {kind: since_change}")
    state: dict[str, Any] = {}
    first = progress.add(state, rules, TODAY, {"spend": 5000})
    move = tiers.rise(p, Holder("bronze", state, JOINED), TODAY)
    assert move is not None
    tiers.moved(state, move, by="sale-1")
    late = progress.add(state, rules, TODAY, {"spend": 700})
    progress.take_back(state, rules, first, before=5000, after=0, of=5000)
    assert tiers.undo(p, Holder("silver", state, JOINED), "sale-1") == "bronze"
    assert state["since"] == {"spend": 700}
    progress.take_back(state, rules, late, before=700, after=0, of=700)
    assert state["since"] == {"spend": 0}


def test_a_partial_refund_keeps_a_level_that_is_still_reached() -> None:
    p, found = programme(ROLLING), rules_of(ROLLING)
    state: dict[str, Any] = {}
    counted = progress.add(state, found, TODAY, {"spend": 6000, "purchases": 1})
    move = tiers.rise(p, Holder("bronze", state, JOINED), TODAY)
    assert move is not None
    tiers.moved(state, move, by="sale")
    taken = progress.take_back(state, found, counted, before=6000, after=5000, of=6000)
    assert taken == {"spend": 1000}, "the purchase stays a purchase"
    assert tiers.undo(p, Holder("silver", state, JOINED), "sale") is None


def test_what_counts() -> None:
    own = "metrics: {miles: {wallet: miles}, engagement: {events: [review, visit]}}\nmetric: {any: [spend, purchases]}"
    levels = LEVELS + "  - {id: top, enter: {any: [{miles: 5}, {engagement: 2}, {points_earned: 9}, {visits: 3}]}}\n"
    p = programme(own, levels)
    given_out = {"points": 3, "miles": 4}

    def of(type: str, *, counts: bool = True, visited: bool = False) -> dict[str, int]:
        return progress.of_event(p, type, counts=counts, net=100, visited=visited, given=given_out)

    earned = {"miles": 4, "points_earned": 3}
    assert of("purchase", visited=True) == earned | {"spend": 100, "purchases": 1, "visits": 1}
    assert of("purchase", counts=False) == earned, "points are earned whether the purchase counts or not"
    assert of("review") == earned | {"engagement": 1}
    assert of("signup") == earned
    assert progress.of_event(programme("metric: spend", "\n  - {id: bronze}"), "purchase", counts=True, net=1, visited=True, given={}) == {}, "nothing is counted that no level reads"  # fmt: skip


def test_only_so_many_purchases_of_a_day_count() -> None:
    rules, state = rules_of("counts: {max_per_day: 1}"), dict[str, Any]()
    assert progress.counts_today(state, rules, TODAY)
    assert not progress.counts_today(state, rules, TODAY)
    assert progress.counts_today(state, rules, TODAY + timedelta(days=1))
    assert progress.counts_today(state, rules, TODAY), "a late one: better too many than too few"


def test_months_beyond_the_window_are_forgotten() -> None:
    rules, state = rules_of(ROLLING), months(m2025_06=1, m2025_07=2)
    progress.add(state, rules, TODAY, {"spend": 5})
    assert state["months"] == {"2025-07": {"spend": 2}, "2026-11": {"spend": 5}}
    assert progress.add(state, rules, date(2025, 1, 1), {"spend": 5}) is not None
    assert "2025-01" not in state["months"]


def test_a_reward_that_a_level_opens() -> None:
    p = programme("", "\n  - {id: bronze}\n  - {id: silver, benefits: {unlocks: [tote]}}\n  - {id: gold}")
    assert [tiers.unlocked(p, "tote", tier) for tier in (None, "bronze", "silver", "gold", "unknown")] == [
        False, False, True, True, False,
    ]  # fmt: skip
    assert tiers.unlocked(p, "cake", None)


WINDOWS = [ROLLING, YEARLY, "", "window: {kind: since_change}", "window: {kind: anniversary}"]
DOWN = ["", SOFT, GRACE, "downgrade: {mode: never}"]
VALIDS = ["", VALID, "valid: {plus_months: 3}"]
ALL = {(w, d, v, u): programme("\n".join((w, d, v, u))) for w in WINDOWS for d in DOWN for v in VALIDS for u in ("", "upgrade: period_end")}  # fmt: skip
days = st.dates(date(2025, 6, 15), date(2027, 3, 1))
sales = st.lists(st.tuples(days, st.integers(1, 9000)), max_size=12)


@given(st.sampled_from(list(ALL)), sales, st.sampled_from(["bronze", "silver", "gold", "diamond", None]), days)
def test_a_review_twice_is_a_review_once(key: Any, sold: list[tuple[date, int]], tier: str | None, day: date) -> None:
    p = ALL[key]
    state = counted(p, sold)
    found = tiers.review(p, Holder(tier, state, JOINED), day)
    if found is not None:
        tiers.reviewed(state, found)
        after = found.move.to if found.move else tier
        assert tiers.review(p, Holder(after, state, JOINED), day) is None


@given(st.sampled_from(WINDOWS), sales, st.integers(0, 20_000), days)
def test_more_spending_never_brings_less(window: str, sold: list[tuple[date, int]], more: int, day: date) -> None:
    p = ALL[window, "", "", ""]
    reached = []
    for extra in (0, more):
        state = counted(p, [*sold, (day, extra)])
        move = tiers.rise(p, Holder("bronze", state, JOINED), day)
        reached.append(tiers.place(p, move.to if move else "bronze"))
    assert reached[0] <= reached[1]


@given(st.sampled_from(list(ALL)), sales, st.sampled_from(["bronze", "silver", "gold"]), days)
def test_what_is_projected_comes(key: Any, sold: list[tuple[date, int]], tier: str, day: date) -> None:
    """Without grace, the review after the day that is named gives the projected level, or keeps it."""
    p = ALL[key]
    assert p.tiers is not None
    state = counted(p, sold) | {"tier": {"since": "2025-06-15", "n": 1}}
    member = Holder(tier, state, JOINED)
    kept = tiers.keeping(p, member, day)
    if p.tiers.grace_days or p.tiers.upgrade == "period_end" or kept is None:
        return
    found = tiers.review(p, member, kept.until + timedelta(days=1))
    after = found.move.to if found and found.move else tier
    if tiers.place(p, after) <= tiers.place(p, tier):
        assert after == tiers.projected(p, member, day)


@given(sales, st.lists(st.integers(0, 100), min_size=1, max_size=5), st.sampled_from(WINDOWS))
def test_partial_refunds_take_back_what_a_whole_one_does(
    sold: list[tuple[date, int]], cuts: list[int], window: str
) -> None:
    p = ALL[window, "", "", ""]
    assert p.tiers is not None
    state = counted(p, sold)
    before = copy.deepcopy(state)
    sale = progress.add(state, p.tiers, TODAY, {"spend": 777, "purchases": 1})
    left = 777
    for cut in (*sorted((777 * cut // 100 for cut in cuts), reverse=True), 0):
        progress.take_back(state, p.tiers, sale, before=left, after=cut, of=777)
        left = cut
    assert plain(state) == plain(before)


def plain(state: dict[str, Any]) -> dict[str, Any]:
    """Counters without zeros, and only months that are kept."""
    months = {m: {k: n for k, n in c.items() if n} for m, c in state.get("months", {}).items() if m >= "2025-07"}
    flat = {k: {m: n for m, n in state.get(k, {}).items() if n} for k in ("total", "since")}
    return {"months": {m: c for m, c in months.items() if c}} | flat


def counted(p: Programme, sold: list[tuple[date, int]]) -> dict[str, Any]:
    state: dict[str, Any] = {}
    assert p.tiers is not None
    for day, net in sorted(sold):
        progress.add(state, p.tiers, day, {"spend": net, "purchases": 1})
    return state
