"""Lines of the budget: a reward commits its cost, use spends it, an end frees it; a hard stop is never overspent."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from threading import Barrier
from typing import Any

import orjson
import pytest
from django.db import connection

from ganbo.books.events import queries as events
from ganbo.books.events import reading
from ganbo.books.ledger import budgets as books
from ganbo.features.programmes import budget_view, why
from ganbo.features.programmes import queries as programmes
from ganbo.features.rewards import models, queries
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.journeys import (
    fulfil_redemption,
    join,
    make_vouchers,
    publish_programme,
    record_events,
    redeem_reward,
    reverse,
    settle_budgets,
    verify_books,
)
from ganbo.journeys.record_events import Asked
from ganbo.journeys.redemption_writing import Ask
from ganbo.people.members.operations import Person

PROGRAMME = """\
ganbo: 1
programme: budgets
name: Ngân sách
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm, expires: {kind: never}}
  card: {name: tiền thẻ, money: true}
earn:
  - {id: welcome, on: signup, give: {wallet: points, amount: 1000}}
  - {id: thanks, on: review, give: {voucher: cake}}
stamp_cards:
  - {id: coffee, on: purchase, lines: 'line.sku == "latte"', size: 2, reward: cake}
rewards:
  - {id: tea, kind: free_item, sku: tea, cost: 9000, budget: gifts, valid_days: 10, price: {wallet: points, amount: 1}}
  - {id: cake, kind: free_item, sku: cake, cost: 10000, budget: gifts, valid_days: 10}
  - {id: tote, kind: gift, fulfil: later, cost: 30000, budget: gifts, price: {wallet: points, amount: 1}}
  - {id: money, kind: card_money, amount: 5000, wallet: card, cost: 5000, budget: gifts, price: {wallet: points, amount: 1}}
  - {id: free, kind: free_item, sku: water, cost: 0, budget: gifts, price: {wallet: points, amount: 1}}
budget:
  lines: {gifts: {planned: 50000, stop: hard}}
"""
STORES = PROGRAMME.replace("budget:\n", "budget:\n  by_store: {hoan-kiem: {gifts: 10000}}\n")
SOFT = PROGRAMME.replace(", stop: hard", "")


@pytest.fixture
def shop(new_business: Any) -> Any:
    business = new_business(PROGRAMME)
    with context.within(business):
        yield business


def somebody() -> Any:
    return join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id


def redeem(shop: Any, member: Any, reward: str, quantity: int = 1, *, store: str = "") -> redeem_reward.Given:
    ask = Ask(("id", str(member)), reward, quantity, store=store)
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        return redeem_reward.redeem(pipe, shop, [ask], now=clock.now())[0]


def record(shop: Any, member: Any, type: str, *, store: str = "", **data: Any) -> Any:
    body = {
        "id": f"b:{chance.new_id()}",
        "type": type,
        "occurred_at": clock.now().isoformat(),
        "member": str(member),
        "data": data,
    } | ({"store": store} if store else {})
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        outcome = record_events.record(pipe, Asked(shop, clock.now()), [reading.read(body, region="VN")])[0]
    assert outcome.refusal is None, outcome.refusal
    return orjson.loads(outcome.answer or "")


def buy(shop: Any, member: Any, *skus: str, codes: tuple[str, ...] = ()) -> Any:
    lines = [{"sku": sku, "unit_price": 50_000} for sku in skus]
    return record(shop, member, "purchase", lines=lines, **({"codes": list(codes)} if codes else {}))


def why_not(shop: Any, member: Any) -> dict[str, list[str]]:
    """What another review would not bring, as a quote says it and as it was recorded."""
    said = {}
    for locale in ("vi", "en"):
        id_ = record(shop, member, "review")["event_id"]
        stored = events.decision(id_)
        assert stored is not None
        programme = programmes.timeline(shop.schema).at(clock.now()).programme
        said[locale] = why.because_not(orjson.loads(stored.trace)["trace"], programme, locale=locale, address=None)
    return said


def told() -> list[tuple[str, int]]:
    return list(models.BudgetNotice.objects.order_by("share").values_list("key", "share"))


def stands(key: str = "gifts") -> tuple[int, int]:
    found = books.standings([key], since=clock.now() - timedelta(days=1)).get(key, books.Standing())
    return found.committed, found.spent


def settled(**later: int) -> tuple[int, int]:
    while settle_budgets.settle_some(at=clock.now() + timedelta(**later)):
        pass
    assert verify_books.verify().differences == ()
    return stands()


def test_a_reward_is_committed_then_spent_and_a_return_of_the_sale_commits_it_again(shop: Any) -> None:
    member = somebody()
    assert redeem(shop, member, "tea", 2).status == "issued"
    assert stands() == (18_000, 0), "two teas at 9,000"
    assert settled() == (18_000, 0)
    code = queries.vouchers_of(member)[0].code
    sale = buy(shop, member, "tea", codes=(code,))
    assert settled() == (0, 18_000)
    reverse.reverse_event(sale["event_id"], reason="wrong", by="t", now=clock.now())
    assert settled() == (18_000, 0), "the voucher is the member's again"


@pytest.mark.parametrize(
    ("later", "was", "reason"),
    [({"days": 9}, (9_000, 0), "its last day has not passed"), ({"days": 12}, (0, 0), "ended unused: free again")],
)
def test_what_ends_unused_is_free_again(shop: Any, later: dict[str, int], was: tuple[int, int], reason: str) -> None:
    redeem(shop, somebody(), "tea")
    assert settled(**later) == was, reason


def test_what_is_given_back_is_free_again(shop: Any) -> None:
    member = somebody()
    for reward in ("tea", "money"):
        given = redeem(shop, member, reward)
        before = settled()
        assert before == ((9_000, 0) if reward == "tea" else (0, 5_000)), "card money is spent at once"
        reverse.reverse_redemption(orjson.loads(given.answer or "")["id"], by="t", now=clock.now())
        assert settled() == (0, 0)


def test_a_gift_is_spent_when_it_is_handed_over(shop: Any) -> None:
    given = orjson.loads(redeem(shop, somebody(), "tote").answer or "")
    fulfil_redemption.fulfil(given["id"], "sent", by="t", now=clock.now())
    assert settled() == (30_000, 0)
    fulfil_redemption.fulfil(given["id"], "done", by="t", now=clock.now())
    assert settled() == (0, 30_000)


def test_a_hard_stop_refuses_with_a_sentence_and_takes_no_points(shop: Any) -> None:
    member = somebody()
    assert redeem(shop, member, "tea", 5).status == "issued"
    refused = redeem(shop, member, "tea")
    assert refused.refusal is not None and refused.refusal.code == "rewards.budget_used_up"
    assert redeem(shop, member, "free").status == "issued", "it costs nothing"
    assert redeem(shop, member, "money").status == "issued", "5,000 are left, just enough"
    assert settled() == (45_000, 5_000)
    assert settled(days=12) == (0, 5_000)
    assert redeem(shop, member, "tea").status == "issued", "what ended made room"


def test_a_rule_gives_as_long_as_the_line_pays_and_says_why_not(shop: Any) -> None:
    member = somebody()
    given = [len(record(shop, member, "review")["effects"]) for _ in range(6)]
    assert given == [1, 1, 1, 1, 1, 0], "five cakes at 10,000"
    assert why_not(shop, member) == {
        "vi": ["Quy tắc thanks chưa áp dụng: ngân sách dành cho quà này hiện đã hết."],
        "en": ["Rule thanks did not apply: the budget for it is used up for now."],
    }
    assert settled() == (50_000, 0)


def test_a_full_card_waits_for_the_budget_and_loses_no_stamp(shop: Any) -> None:
    member = somebody()
    for _ in range(5):
        record(shop, member, "review")
    buy(shop, member, "latte")
    full = buy(shop, member, "latte")
    assert [e["kind"] for e in full["effects"]] == ["stamp"], "no gift while the line is used up"
    assert settled(days=12) == (0, 0)
    later = buy(shop, member, "latte")
    assert [e.get("filled") for e in later["effects"] if e["kind"] == "stamp"] == [1]
    assert later["effects"][0]["count"] == 1, "the third stamp is on the next card"
    assert settled() == (10_000, 0)


def test_a_soft_line_goes_on_and_says_so_once(new_business: Any) -> None:
    shop = new_business(SOFT)
    with context.within(shop):
        member = somebody()
        redeem(shop, member, "tea", 5)
        settle_budgets.tell(at=clock.now())
        assert told() == [("gifts", 80)], "90 per cent; a worker that ran meanwhile would have said the same"
        redeem(shop, member, "tea", 5)
        settle_budgets.tell(at=clock.now())
        assert told() == [("gifts", 80), ("gifts", 100)]
        assert settle_budgets.tell(at=clock.now()) == 0, "told once"
        assert settled() == (90_000, 0)
        publish_programme.publish(PROGRAMME, by="tests")
        refused = redeem(shop, member, "tea").refusal
        assert refused is not None and refused.code == "rewards.budget_used_up", "what was taken before counts"


def test_a_store_gives_of_its_own_plan_and_the_others_share_the_lines(new_business: Any) -> None:
    business = new_business(STORES)
    with context.within(business):
        lan = somebody()
        assert record(business, lan, "review", store="hoan-kiem")["effects"], "a cake for 10,000: all it has"
        assert record(business, lan, "review", store="hoan-kiem")["effects"] == []
        refused = redeem(business, lan, "tea", store="hoan-kiem").refusal
        assert refused is not None and refused.code == "rewards.budget_used_up"
        assert record(business, lan, "review", store="tay-ho")["effects"], "elsewhere the line has 50,000"
        assert redeem(business, lan, "tea").refusal is None, "in the wallet, too"
        settle_budgets.settle_some(at=clock.now())
        programme = programmes.timeline(business.schema).at(clock.now()).programme
        rows = budget_view.lines(programme, at=clock.now(), locale="vi")
        assert [(row.store, row.planned, row.committed) for row in rows] == [
            ("", 50_000, 19_000),
            ("hoan-kiem", 10_000, 10_000),
        ]
        settle_budgets.tell(at=clock.now())
        assert told() == [("gifts/hoan-kiem", 100)]
        assert verify_books.verify().differences == ()


def test_a_monthly_line_starts_anew(new_business: Any) -> None:
    shop = new_business(PROGRAMME.replace("budget:\n", "budget:\n  period: month\n"))
    with context.within(shop), closing(Pipeline.open(**connection_parameters())) as pipe:
        member, now = somebody(), clock.now()
        month = now + timedelta(days=32)
        ask = Ask(("id", str(member)), "tea", 5)
        for at, status in ((now, "issued"), (now, "refused"), (month, "issued")):
            assert redeem_reward.redeem(pipe, shop, [ask], now=at)[0].status == status
        assert settled() == (0, 0), "nothing is in a line without its month"
        assert verify_books.verify().differences == ()


def test_codes_of_a_batch_are_committed_when_they_are_ordered(shop: Any) -> None:
    with pytest.raises(redeem_reward.BudgetUsedUp):
        make_vouchers.order(make_vouchers.Wanted("tea", 6), now=clock.now())
    make_vouchers.order(make_vouchers.Wanted("tea", 5), now=clock.now())
    assert settled() == (45_000, 0), "before they are made"
    while make_vouchers.make_some(at=clock.now()):
        pass
    assert settled() == (45_000, 0)


def test_verify_finds_a_line_that_is_wrong(shop: Any) -> None:
    redeem(shop, somebody(), "tea")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rewards_budget SET taken = 1")
        cursor.execute("UPDATE rewards_voucher SET cost = 2 WHERE budget <> ''")
    found = {d.id: (d.stored, d.recomputed) for d in verify_books.verify().differences}
    assert found == {"gifts taken": (1, 9_000), "gifts committed": (9_000, 2)}


def test_fifty_at_once_never_overspend(shop: Any) -> None:
    """Half redeem, half are given by a rule; on connections of their own, all started together."""
    members = [somebody() for _ in range(50)]
    barrier = Barrier(50)

    def take(n: int) -> str:
        with context.within(shop), closing(Pipeline.open(**connection_parameters())) as pipe:
            barrier.wait()
            if n % 2:
                ask = Ask(("id", str(members[n])), "tea")
                return redeem_reward.redeem(pipe, shop, [ask], now=clock.now())[0].status
            body = {"id": f"r:{n}", "type": "review", "occurred_at": clock.now().isoformat(), "member": str(members[n])}
            outcome = record_events.record(pipe, Asked(shop, clock.now()), [reading.read(body, region="VN")])[0]
            assert outcome.answer is not None, outcome.refusal
            return "issued" if orjson.loads(outcome.answer)["effects"] else "refused"

    with ThreadPoolExecutor(50) as threads:
        given = list(threads.map(take, range(50)))
    committed, spent = settled()
    assert spent == 0 and 40_000 < committed <= 50_000
    teas, cakes = (sum(g == "issued" for n, g in enumerate(given) if n % 2 == odd) for odd in (1, 0))
    assert committed == 9_000 * teas + 10_000 * cakes
    assert set(given) == {"issued", "refused"}


def test_how_it_stands_and_how_long_it_lasts(shop: Any) -> None:
    redeem(shop, somebody(), "tea", 2)
    programme = programmes.timeline(shop.schema).at(clock.now()).programme
    (row,) = budget_view.lines(programme, at=clock.now(), locale="en")
    assert (row.planned, row.committed, row.spent, row.left) == (50_000, 18_000, 0, 32_000)
    assert (row.lasts_until, row.forecast) == (None, "It is too early to say how long it lasts.")
    later = clock.now() + timedelta(days=4)
    (row,) = budget_view.lines(programme, at=later, locale="en")
    last = later.astimezone(programme.timezone).date() + timedelta(days=8)
    assert row.lasts_until == last, "18,000 in five days, 32,000 left: eight days more"
    assert row.forecast == f"At this pace it lasts until {last.day} {last:%B} {last.year}."


STORY = """\
examples:
  - story:
      - {event: {type: review, occurred_at: 2026-11-23T10:00:00+07:00, data: {}}}
      - {event: {type: review, occurred_at: 2026-11-23T11:00:00+07:00, data: {}}}
    expect: {vouchers: {cake: 1}}
"""


def test_stories_know_the_stop() -> None:
    publish_programme.check(PROGRAMME.replace("planned: 50000", "planned: 19999") + STORY)
    with pytest.raises(publish_programme.ExamplesFail):
        publish_programme.check(PROGRAMME + STORY)
