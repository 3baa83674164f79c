"""Survival of points against a textbook, against SciPy, by hand, and against shops whose breakage is known."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy import stats

from ganbo.insights.liability import breakage as of
from ganbo.insights.liability.breakage import FLOWS, breakage, curve, greenwood, lots

FIRST = date(2025, 1, 1)
# Freireich et al. (1963), weeks of remission under 6-MP, as in Cox and Oakes; the 12 patients after it were censored
RELAPSED = {6: 3, 7: 1, 10: 1, 13: 1, 16: 1, 22: 1, 23: 1}
CENSORED = {6: 1, 9: 1, 10: 1, 11: 1, 17: 1, 19: 1, 20: 1, 25: 1, 32: 2, 34: 1, 35: 1}


def at_ages(counts: dict[int, int], last: int) -> np.ndarray:
    return np.array([float(counts.get(age, 0)) for age in range(last + 1)])


def test_freireichs_patients() -> None:
    """The published column: 0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448; standard errors 0.0764 … 0.1346."""
    events, censored = at_ages(RELAPSED, 35), at_ages(CENSORED, 35)
    found = curve(events, np.zeros(36), censored)
    assert [round(found.living[t], 3) for t in RELAPSED] == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    errors = np.sqrt(greenwood(events, np.zeros(36), censored))
    assert [round(errors[t], 4) for t in (6, 7, 10, 23)] == [0.0764, 0.0869, 0.0963, 0.1346]


def test_with_one_cause_it_is_scipys() -> None:
    draw = np.random.default_rng(7)
    ages, dead = draw.integers(0, 60, 400), draw.random(400) < 0.6
    events, censored = np.bincount(ages[dead], minlength=61) * 1.0, np.bincount(ages[~dead], minlength=61) * 1.0
    theirs = stats.ecdf(stats.CensoredData.right_censored(ages, ~dead)).sf
    ours = curve(events, np.zeros(61), censored).living
    assert ours == pytest.approx(theirs.evaluate(np.arange(61)), abs=1e-12)
    mine = np.sqrt(greenwood(events, np.zeros(61), censored))
    for q, low in zip(
        theirs.quantiles, theirs.confidence_interval(0.95, method="linear").low.probabilities, strict=True
    ):
        if low > 0 and ours[int(q)] > 0.02:
            assert ours[int(q)] - stats.norm.ppf(0.975) * mine[int(q)] == pytest.approx(low, abs=1e-9)


def test_two_causes_by_hand() -> None:
    """10 points: at 1 two redeemed; at 2 one ends, one leaves; at 3 three of the six left are redeemed; three end at 4."""
    found = curve(np.array([0, 2, 0, 3, 0.0]), np.array([0, 0, 1, 0, 3.0]), np.array([0, 0, 1, 0, 0.0]))
    assert found.redeemed == pytest.approx([0, 0.2, 0.2, 0.2 + 0.7 * 0.5, 0.55])
    assert found.ended == pytest.approx([0, 0, 0.1, 0.1, 0.45])
    assert found.living[-1] == 0


def flow(
    member: str, day: int, kind: str, out_of: str, into: str, amount: int, month: date = FIRST
) -> tuple[object, ...]:
    return ("points", member, month, FIRST + timedelta(days=day), kind, out_of, into, amount)


def table(rows: list[tuple[object, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=FLOWS, orient="row")


def fates(rows: list[tuple[object, ...]], today: int) -> set[tuple[int, str, int]]:
    found = lots(table(rows), today=FIRST + timedelta(days=today))
    return {(age, what, n) for _, age, what, n in found.iter_rows()}


GIVEN = flow("lan", 3, "earn", "issued", "member", 100)


@pytest.mark.parametrize(
    ("more", "expected", "why"),
    [
        ([], {(97, "living", 100)}, "still there: as old as it is today"),
        ([flow("lan", 13, "spend", "member", "spent", 40)], {(10, "redeemed", 40), (97, "living", 60)}, "in parts"),
        (
            [flow("lan", 13, "spend", "member", "spent", 40), flow("lan", 20, "return", "spent", "member", 15)],
            {(10, "redeemed", 25), (97, "living", 75)},
            "what came back was not redeemed",
        ),
        (
            [flow("lan", 13, "expire", "member", "expired", 100), flow("lan", 20, "unexpire", "expired", "member", 100),
             flow("lan", 20, "unexpire", "member", "issued", 100)],
            {(17, "gone", 100)},
            "an end undone by a return is none",
        ),
        ([flow("lan", 13, "reverse", "member", "issued", 30)], {(10, "gone", 30), (97, "living", 70)}, "taken back"),
        ([flow("lan", 13, "hold", "member", "held", 30)], {(97, "living", 100)}, "set aside is still hers"),
        (
            [flow("lan", 13, "redate", "member", "issued", 100), flow("lan", 13, "redate", "issued", "member", 100)],
            {(97, "living", 100)},
            "another end is no other lot",
        ),
        ([flow("lan", 20, "earn", "issued", "member", 50)], {(97, "living", 150)}, "the month's later points join it"),
        ([flow("lan", 200, "spend", "member", "spent", 40)], {(97, "living", 100)}, "the future is not known"),
    ],
)  # fmt: skip
def test_what_became_of_a_lot(more: list[tuple[object, ...]], expected: set[tuple[int, str, int]], why: str) -> None:
    assert fates([GIVEN, *more], 100) == expected, why


def shop(seed: int, members: int, *, share: float, life: int = 365, open_for: int = 900) -> pl.DataFrame:
    """Members with 40–200 points each, given on any day; whoever redeems (`share`) does so with all, before the end."""
    draw, rows = np.random.default_rng(seed), []
    for n in range(members):
        name, given, units = f"m{n}", int(draw.integers(0, open_for)), int(draw.integers(40, 200))
        month = (FIRST + timedelta(days=given)).replace(day=1)
        rows.append(flow(name, given, "earn", "issued", "member", units, month))
        if draw.random() < share:
            rows.append(flow(name, given + int(draw.integers(1, life)), "spend", "member", "spent", units, month))
        else:
            rows.append(flow(name, given + life, "expire", "member", "expired", units, month))
    return table(rows)


def test_a_known_breakage_is_found_while_most_lots_still_live() -> None:
    """Of 3,000 members 70 % redeem; a third of the lots are still open. Simply dividing would say 55 % or so."""
    found = breakage(lots(shop(1, 3000, share=0.7), today=FIRST + timedelta(days=899)))
    assert found.lacking == ""
    assert found.redeemed.low < 0.7 < found.redeemed.high
    assert found.redeemed.high - found.redeemed.low < 0.06


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """200 shops of 300 members: 95 % cover, within what 200 trials allow; Greenwood's, with each point alone, rarely does."""
    covered = naive = 0
    for seed in range(200):
        known = lots(shop(seed, 300, share=0.6), today=FIRST + timedelta(days=899))
        found = breakage(known)
        covered += found.redeemed.low <= 0.6 <= found.redeemed.high
        tables = {
            what: np.bincount(part["age"], weights=part["amount"], minlength=found.days + 1)
            for (what,), part in known.partition_by("what", as_dict=True).items()
        }
        spread = np.sqrt(greenwood(tables["redeemed"], tables["ended"], tables["living"])[-1])
        naive += abs(found.curve.redeemed[-1] - 0.6) <= 1.96 * spread
    assert 180 <= covered <= 199
    assert naive < 80


def test_what_is_open_now_is_judged_by_its_age() -> None:
    """Who redeems does so within a hundred days; the youngest open lot is older, so none of what is open will be."""
    draw, rows = np.random.default_rng(3), []
    for n in range(2000):
        given, name = int(draw.integers(0, 300)), f"m{n}"
        month = (FIRST + timedelta(days=given)).replace(day=1)
        rows.append(flow(name, given, "earn", "issued", "member", 50, month))
        if draw.random() < 0.8:
            rows.append(flow(name, given + int(draw.integers(1, 100)), "spend", "member", "spent", 50, month))
        else:
            rows.append(flow(name, given + 365, "expire", "member", "expired", 50, month))
    found = breakage(lots(table(rows), today=FIRST + timedelta(days=450)))
    assert found.lacking == ""
    assert found.redeemed.low < 0.8 < found.redeemed.high
    assert found.open_redeemed.share < 0.01


@pytest.mark.parametrize(
    ("rows", "today", "lacking", "why"),
    [
        (shop(4, 20, share=0.5), 2000, "few_members", "twenty people say nothing of the others"),
        (shop(4, 200, share=0.0), 2000, "few_redeemers", "nobody redeemed yet: the rewards may be out of reach"),
        (shop(4, 3000, share=0.7, open_for=100), 100, "never_ends", "no lot has come to its end"),
        (
            pl.concat(
                [
                    shop(4, 100, share=0.5, life=30, open_for=31),
                    shop(5, 2000, share=0.7, open_for=31).with_columns(pl.col("member") + "b"),
                ]
            ),
            200,
            "too_young",
            "only the few with a short life have ended",
        ),
        (table([]), 100, "nothing_given", "no points"),
    ],
)
def test_too_little_is_said_to_be_too_little(rows: pl.DataFrame, today: int, lacking: str, why: str) -> None:
    found = breakage(lots(rows, today=FIRST + timedelta(days=today)))
    assert found.lacking == lacking, why
    if lacking != "too_young":
        assert found.open_redeemed == of.Estimate(1.0, 1.0, 1.0), "then everything is taken to be redeemed"
    assert found.redeemed.share >= 0.7 - 0.05
