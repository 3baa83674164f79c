"""What does not fit together in a document is refused under a code of its own."""

import json
from typing import Any

import pytest

from ganbo.engine import loading

RULE = {"id": "a", "on": "purchase", "give": {"wallet": "points", "amount": 1}}
CARD = {"id": "coffee", "size": 10, "reward": "latte"}
EVENT = {"type": "visit", "occurred_at": "2026-11-23T10:00:00+07:00"}
WHOLE: dict[str, Any] = {
    "ganbo": 1, "programme": "p", "name": "P", "currency": "VND", "timezone": "Asia/Ho_Chi_Minh",
    "wallets": {"points": {"name": "điểm"}, "card": {"name": "tiền", "money": True}},
    "tiers": {"levels": [{"id": "bronze"}, {"id": "silver", "enter": {"spend": 100}}]},
    "rewards": [{"id": "latte", "kind": "free_item", "sku": "latte"}],
}  # fmt: skip


def _wallet(**keys: Any) -> dict[str, Any]:
    return {"wallets": {"points": {"name": "điểm", **keys}}}


def _rule(**keys: Any) -> dict[str, Any]:
    return {"earn": [{**RULE, **keys}]}


def _tiers(**keys: Any) -> dict[str, Any]:
    return {"tiers": {**WHOLE["tiers"], **keys}}


def _level(**keys: Any) -> dict[str, Any]:
    return _tiers(levels=[{"id": "bronze"}, {"id": "silver", **keys}])


def _reward(**keys: Any) -> dict[str, Any]:
    return {"rewards": [*WHOLE["rewards"], {"id": "b", "kind": "gift", **keys}]}


def _card(**keys: Any) -> dict[str, Any]:
    return {"stamp_cards": [{**CARD, **keys}]}


def _example(**keys: Any) -> dict[str, Any]:
    return {"examples": [{"event": EVENT, "expect": {}, **keys}]}


NET = {"wallet": "points", "amount": 1, "per": 10, "of": "net"}


def _story_package(**step: Any) -> dict[str, Any]:
    return {"examples": [{"story": [{"event": EVENT}, {"package": step}], "expect": {}}]}


@pytest.mark.parametrize(
    ("part", "code", "why"),
    [
        (_wallet(expires={"kind": "end_of_year", "grace": {}}), "grace_needs", "how long?"),
        (_wallet(expires={"kind": "never", "grace": {"days": 3}}), "grace_without_end", "no end to prolong"),
        (_wallet(expires={"kind": "rolling", "dates": ["06-30"]}), "expiry_needs", "dates are for fixed_dates"),
        (_wallet(expires={"kind": "fixed_dates", "dates": ["06-31"]}), "not_a_day_of_year", "June has 30 days"),
        (_wallet(pending={"kind": "after"}), "pending_needs", "after how many days?"),
        (_wallet(pending={"kind": "on_date", "date": "2027-02-30"}), "not_a_day", "there is no such day"),
        (_wallet(floor=-10), "floor_and_unlimited", "only unlimited goes below zero"),
        (_wallet(on_refund="unlimited"), "floor_and_unlimited", "how far below zero?"),
        (_wallet(money=True, face_value=10), "money_is_money", "money is worth itself"),
        (_wallet(on_refund="unlimited", floor={"gold": -1}), "unknown_tier", "no such level"),
        (_rule(give={"wallet": "points"}), "wallet_or_voucher", "how many points?"),
        (_rule(give={"wallet": "points", "amount": 1, "voucher": "latte"}), "wallet_or_voucher", "one or the other"),
        (_rule(give={"voucher": "mocha"}), "unknown_reward", "no such reward"),
        (_rule(give={"wallet": "points", "amount": 1, "base": {"tax": "in"}}), "base_needs_of", "nothing is counted"),
        (_rule(give=NET | {"amount": "event.miles"}), "formula_without_per", "a formula is the amount"),
        (_rule(give={"wallet": "points", "amount": "store"}), "formula_not_a_number", "a text is no amount"),
        (_rule(during={}), "during_needs", "when?"),
        (_rule(during={"hours": [17, 14]}), "during_needs_order", "it would end before it begins"),
        (_rule(during={"from": "2027-07-01", "until": "2027-06-01"}), "during_needs_order", "days too"),
        (_rule(combine="best"), "combine_needs_multiply", "nothing to combine"),
        (_rule(give={"voucher": "latte"}, expires={"kind": "never"}), "needs_give_wallet", "a voucher has valid_days"),
        (_card(head_start=10), "head_start_below_size", "full before the first stamp"),
        (_card(on="visit"), "stamps_need_purchase", "a visit has no units"),
        (_card(reward="mocha"), "unknown_reward", "no such reward"),
        (_tiers(metric={"any": ["spend"], "all": ["visits"]}), "any_or_all", "one or the other"),
        (_tiers(metric="smiles"), "unknown_metric", "nobody counts smiles"),
        (_tiers(window={"kind": "rolling"}), "window_months", "how long?"),
        (_tiers(window={"kind": "lifetime", "months": 3}), "window_months", "all of it"),
        (_tiers(valid={}), "valid_needs", "how long?"),
        (_tiers(metrics={"m": {}}), "wallet_or_events", "what is counted?"),
        (_tiers(levels=[{"id": "bronze", "enter": {"spend": 1}}]), "first_level_open", "members begin there"),
        (_level(enter={"spend": 0}), "threshold_form", "nothing is no threshold"),
        (_level(enter={"any": [{"spend": 1}], "visits": 2}), "threshold_form", "any stands alone"),
        (_level(enter={"smiles": 3}), "unknown_metric", "nobody counts smiles"),
        (_level(benefits={"yearly": ["mocha"]}), "unknown_reward", "no such reward"),
        (_reward(kind="gift_card"), "amount_needed", "how much is on it?"),
        (_reward(kind="card_money", amount=1), "card_money_wallet", "where does it go?"),
        (_reward(wallet="card"), "card_money_wallet", "a gift goes into no wallet"),
        (_reward(kind="card_money", amount=1, wallet="points"), "not_a_money_wallet", "points are no money"),
        (_reward(kind="partner_card"), "partner_card_codes", "the partner made the codes"),
        (_reward(codes="imported", kind="gift_card", amount=5), "imported_codes", "our own gift card has our own code"),
        (_reward(codes="imported", uses=2), "imported_codes", "the partner counts how often"),
        (_reward(issuer={"name": "X", "competitor": True}), "competitor_refused", "it sends people away"),
        (_reward(when="order.net > 1"), "condition_member_only", "no bill when it is shown"),
        (_reward(budget="gifts"), "unknown_budget_line", "no such line"),
        (_reward(budget="gifts") | {"budget": {"lines": {"gifts": {"planned": 5, "stop": "hard"}}}}, "cost_for_hard_stop", "a stop needs to know the cost"),
        (_wallet(spendable=False) | _reward(price={"wallet": "points", "amount": 1}), "wallet_not_spendable", "it is not spent"),
        (_example(story=[{"event": EVENT}]), "event_or_story", "one or the other"),
        ({"examples": [{"story": [{"after": "3d"}], "expect": {}}]}, "story_begins_with_event", "after what?"),
        ({"examples": [{"story": [{"event": EVENT, "redeem": "latte"}], "expect": {}}]}, "one_step_at_a_time", "which first?"),
        (_example(expect={"stamps": {"tea": 1}}), "unknown_card", "no such card"),
        (_example(expect={"units": {"wash": 1}}), "unknown_unit", "no package holds it"),
        (_story_package(sell="wash-10"), "unknown_package", "no such package"),
        (_story_package(use="wash"), "unknown_unit", "no package holds it"),
        (_story_package(sell="a", refund="a"), "one_deed_of_a_package", "which first?"),
        (_story_package(sell="a", quantity=2), "one_deed_of_a_package", "a sale is of one package"),
        ({"packages": [{"id": "w", "price": 1, "units": {"wash": 1}, "unit_names": {"wax": "x"}}]}, "unit_names_of_units", "no such unit"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together(part: dict[str, Any], code: str, why: str) -> None:
    with pytest.raises(loading.DocumentRefused) as refused:
        loading.load(json.dumps({**WHOLE, **part}))
    assert code in [error.code for error in refused.value.errors], (why, refused.value.errors)


def test_the_document_they_stand_in_is_a_programme() -> None:
    assert loading.load(json.dumps({**WHOLE, **_rule(), **_card(), **_example()})).cards[0].size == 10
