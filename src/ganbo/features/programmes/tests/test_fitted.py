"""Templates fitted to a shop: each makes a document that can be published, under dials that can be printed."""

from datetime import date

import pytest

from ganbo.engine import loading
from ganbo.features.programmes import advice_words, fitted
from ganbo.features.programmes.fitted import Dials, Shop

CAFE = Shop("VND", "Asia/Ho_Chi_Minh", 83_400, 5_000_000)
TRIAL = Shop("VND", "Asia/Ho_Chi_Minh", 83_400, 5_000_000, "hoan-kiem", "Công ty Gắn Bó", date(2026, 12, 1))
BISTRO = Shop("EUR", "Europe/Paris", 1_250, 50_000)
KINDS = [kind for kinds in fitted.AIMS.values() for kind in kinds]


@pytest.mark.parametrize("shop", [CAFE, TRIAL, BISTRO], ids=["cafe", "one store", "euros"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_proposal_can_be_published_and_nothing_grave_is_said_of_it(kind: str, shop: Shop) -> None:
    dials = fitted.first(kind, shop, share=0.03, visits=5)
    programme = loading.load(fitted.source(kind, shop, dials), publishing=True)
    assert (programme.currency, str(programme.timezone)) == (shop.currency, shop.zone)
    assert [one.code for one in advice_words.told(programme, locale="en") if one.severity == "high"] == []
    gift = programme.rewards["gift"]
    assert (gift.amount, gift.budget) == (dials.gift, "rewards")
    assert programme.budget is not None and programme.budget.monthly
    earns = [rule for rule in programme.rules if rule.give is not None] or list(programme.cards)
    assert all((one.when is not None) == bool(shop.store) for one in earns), "a trial earns in its store only"
    assert (programme.legal.organiser if programme.legal else "") == shop.organiser


@pytest.mark.parametrize(
    ("turned", "into", "why"),
    [
        (Dials(12_000, 5, 3), Dials(12_000, 5, 3), "as they are"),
        (Dials(0, 0, 0), Dials(1_000, 2, 1), "a step, two visits and a month at least"),
        (Dials(10**9, 99, 99), Dials(166_800, 20, 24), "a gift of at most two bills"),
    ],
)
def test_dials_stay_within_what_can_be_understood(turned: Dials, into: Dials, why: str) -> None:
    assert fitted.turned(turned, CAFE) == into, why


@pytest.mark.parametrize(
    ("bill", "step", "why"),
    [(83_400, 1_000, "a thousand đồng"), (1_250, 20, "twenty cents"), (9_900, 100, "a euro"), (40, 1, "never nothing")],
)
def test_gifts_are_counted_in_round_steps(bill: int, step: int, why: str) -> None:
    assert fitted.nice_step(bill) == step, why
    assert fitted.nice(step * 3 + step // 2, bill) == step * 3, "down to whole steps"


def test_the_first_gift_costs_at_most_the_share_of_whoever_always_comes_back() -> None:
    for kind in KINDS:
        dials = fitted.first(kind, CAFE, share=0.03, visits=8)
        assert dials.gift <= 0.03 * dials.visits * CAFE.bill, kind
