"""Stories: carried out in memory by the parts that carry out the real thing, and told as a sentence when they go wrong."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganbo.books.ledger import queries as ledger
from ganbo.engine import loading
from ganbo.engine.text import Placed
from ganbo.features.programmes import document_words
from ganbo.features.programmes import queries as programmes
from ganbo.features.rewards import queries as rewards
from ganbo.foundation import chance
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.journeys import (
    evaluate_tiers,
    expire_points,
    publish_programme,
    redeem_reward,
    release_pending,
    stories,
)
from ganbo.journeys.redemption_writing import Ask
from ganbo.journeys.story_world import Allowance, World
from ganbo.kernel.period import midnight
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import queries as members
from tests.journeys.test_record_events import record

PROGRAMME = """\
ganbo: 1
programme: stories
name: {vi: Chuyện, en: Stories}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, expires: {kind: end_of_month, months: 12}}
  stars: {name: {vi: sao, en: stars}, expires: {kind: inactivity, months: 6}, pending: {kind: after, days: 7}, on_refund: only_pending}
  coins: {name: {vi: xu, en: coins}, pending: {kind: until_event, event: review, days: 30}}
  money: {name: {vi: tiền, en: money}, money: true}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: star, on: checkin, give: {wallet: stars, amount: 5}}
  - {id: coin, on: share, give: {wallet: coins, amount: 3}, limits: [{period: day, count: 1}]}
  - {id: welcome, on: signup, give: {wallet: points, amount: 50}}
  - {id: spin, on: custom.spin, give: {wallet: points, amount: 2}}
  - {id: book, on: purchase, when: order.net == 77000, give: {voucher: books}}
  - {id: big, on: purchase, when: order.net >= 500000, give: {voucher: cake}}
stamp_cards:
  - {id: coffee, name: {vi: Thẻ cà phê, en: Coffee card}, lines: 'line.category == "coffee"', size: 4, head_start: 1, reward: latte}
tiers:
  window: {kind: rolling, months: 3}
  levels:
    - {id: bronze, name: {vi: Đồng, en: Bronze}}
    - {id: silver, name: {vi: Bạc, en: Silver}, enter: {spend: 1000000}, benefits: {multiply: 2, on_enter: [cake]}}
rewards:
  - {id: latte, name: {vi: Latte, en: Latte}, kind: free_item, sku: latte, cost: 12000, valid_days: 30}
  - {id: tea, name: {vi: Trà, en: Tea}, kind: free_item, sku: tea, cost: 9000, stock: 1, price: {wallet: points, amount: 10}}
  - {id: cake, name: {vi: Bánh, en: Cake}, kind: free_item, sku: cake, cost: 9000}
  - {id: cash, name: {vi: Tiền thẻ, en: Card money}, kind: card_money, wallet: money, amount: 5000, price: {wallet: points, amount: 10}}
  - {id: books, name: {vi: Sách, en: Books}, kind: partner_card, codes: imported, price: {wallet: points, amount: 10}}
  - {id: mug, name: {vi: Cốc, en: Mug}, kind: gift, price: {wallet: points, amount: 1}, when: member.visits >= 3, limits: [{period: month, count: 1}]}
"""
CUPS = "{type: purchase, occurred_at: 2026-11-23T10:00:00+07:00, data: {lines: [{sku: latte, category: coffee, quantity: 2, unit_price: 55000}, {sku: cake, quantity: 1, unit_price: 40000}]}}"
BILL = "{type: purchase, occurred_at: 2026-11-23T10:00:00+07:00, data: {amount: 110000}}"
JOIN = "{type: signup, occurred_at: 2026-11-23T09:00:00+07:00}"
DEAR = "{type: purchase, occurred_at: 2026-11-23T10:00:00+07:00, data: {amount: 1000000}}"
AGAIN = "{type: purchase, data: {amount: 110000}}"


def written(story: str, expect: str, before: str = "{}") -> str:
    return f"{PROGRAMME}examples:\n  - {{given: {{member: {before}}}, story: {story}, expect: {expect}}}\n"


# what happens, what must come out, why
TRUE = [
    (f"[{{event: {CUPS}}}, {{after: 3d, refund: {{lines: [1]}}}}, {{after: 13mo}}]", "{points: 11, balances: {points: 0}, expired: {points: 11}, stamps: {coffee: 2}, tier: bronze}", "the contract's own story"),
    (f"[{{event: {CUPS}, expect: {{balances: {{points: 15}}, cards: {{coffee: 3}}}}}}, {{refund: {{}}}}]", "{points: 0, balances: {points: 0}, stamps: {coffee: 0}, cards: {coffee: 1}}", "a whole return leaves the head start"),
    (f"[{{event: {DEAR}}}, {{after: 99y}}]", "{balances: {points: 0}, tier: bronze, vouchers: {cake: 2}}", "a quiet century is soon lived through"),
    (f"[{{event: {CUPS}}}, {{refund: {{amount: 75000}}}}]", "{points: 7}", "half the money: floor(15 × ½)"),
    (f"[{{event: {CUPS}}}, {{after: 1d, event: {{type: purchase, data: {{lines: [{{category: coffee, quantity: 1, unit_price: 55000}}]}}}}, expect: {{vouchers: {{latte: 1}}, cards: {{coffee: 0}}}}}}, {{refund: {{}}}}]", "{vouchers: {latte: 0}, cards: {coffee: 3}}", "a full card gives a cup, and gives it back"),
    (f"[{{event: {JOIN}}}, {{redeem: tea}}]", "{balances: {points: 40}, vouchers: {tea: 1}}", "points pay for a reward"),
    (f"[{{event: {JOIN}}}, {{redeem: tea}}, {{redeem: tea, refused: rewards.out_of_stock}}]", "{balances: {points: 40}, vouchers: {tea: 1}}", "there was one"),
    (f"[{{event: {JOIN}}}, {{redeem: tea}}, {{redeem: cash, times: 4}}, {{redeem: cash, refused: ledger.insufficient}}]", "{balances: {points: 0, money: 20000}, money: 20000}", "card money is there at once"),
    (f"[{{event: {JOIN}}}, {{redeem: books, times: 2}}]", "{balances: {points: 30}, vouchers: {books: 2}}", "a partner has codes in a story"),
    ("[{event: {type: purchase, occurred_at: 2026-11-23T10:00:00+07:00, data: {amount: 77000}}}, {refund: {}}]", "{points: 0, vouchers: {books: 1}}", "a partner's code that was shown stays"),
    (f"[{{event: {BILL}}}, {{redeem: tea}}, {{refund: {{}}}}]", "{balances: {points: 0}, owed: {points: 10}}", "what is spent already is owed"),
    (f"[{{event: {BILL}}}, {{redeem: tea}}, {{refund: {{}}}}, {{after: 1d, event: {AGAIN}}}]", "{balances: {points: 1}, owed: {points: 0}}", "and made good by the next bill"),
    ("[{event: {type: checkin, occurred_at: 2026-11-23T10:00:00+07:00}, expect: {pending: {stars: 5}, balances: {stars: 0}}}, {after: 7d}]", "{stars: 5, pending: {stars: 0}, balances: {stars: 5}}", "seven days of waiting"),
    ("[{event: {type: checkin, occurred_at: 2026-11-23T10:00:00+07:00}}, {after: 6d, expect: {pending: {stars: 5}}}, {after: 7mo}]", "{balances: {stars: 0}, expired: {stars: 5}}", "half a year of nothing"),
    (f"[{{event: {{type: checkin, occurred_at: 2026-11-23T10:00:00+07:00}}}}, {{after: 4mo, event: {AGAIN}}}, {{after: 4mo}}]", "{balances: {stars: 5}, expired: {stars: 0}}", "a purchase keeps them alive"),
    ("[{event: {type: share, occurred_at: 2026-11-23T10:00:00+07:00}, expect: {pending: {coins: 3}}}, {after: 1d, event: {type: review}}]", "{balances: {coins: 3}, pending: {coins: 0}}", "the review they waited for"),
    ("[{event: {type: share, occurred_at: 2026-11-23T10:00:00+07:00}}, {after: 31d, event: {type: review}}]", "{balances: {coins: 0}, pending: {coins: 0}}", "it came too late"),
    ("[{event: {type: share, occurred_at: 2026-11-23T10:00:00+07:00}}, {after: 1h, event: {type: share}}, {after: 1d, event: {type: share}}]", "{coins: 6}", "once a day"),
    ("[{event: {type: custom.spin, occurred_at: 2026-11-23T10:00:00+07:00}}, {after: 1h, event: {type: custom.spin}, times: 9}]", "{points: 20}", "a custom event, ten times"),
    (f"[{{event: {DEAR}, expect: {{tier: silver, points: 100, vouchers: {{cake: 2}}}}}}, {{after: 1d, event: {AGAIN}}}]", "{tier: silver, points: 122}", "a level at once, its gift and its factor from the next bill on"),
    (f"[{{event: {DEAR}}}, {{refund: {{}}}}]", "{tier: bronze, points: 0}", "a level that this bill alone had brought goes with it"),
    (f"[{{event: {DEAR}}}, {{after: 5mo}}]", "{tier: bronze}", "the night lowers who no longer deserves it"),
    (f"[{{event: {JOIN}}}, {{after: 1d, event: {AGAIN}, times: 2}}, {{redeem: mug, refused: rewards.not_for_you}}, {{after: 1d, event: {AGAIN}}}, {{redeem: mug}}, {{redeem: mug, refused: rewards.limit_reached}}, {{after: 1mo, redeem: mug}}]", "{vouchers: {mug: 2}}", "a condition on the member, and a limit a month"),
    ("[{event: {type: purchase, occurred_at: 2026-11-23T10:00:00+07:00, data: {order_id: a, amount: 110000}}}, {event: {type: refund, data: {order_id: a}}}]", "{points: 0}", "a return told as an event"),
    ("[{event: {type: purchase, occurred_at: 2026-01-31T10:00:00+07:00, data: {amount: 110000}}}, {after: 1mo, event: {type: purchase, data: {amount: 10000}}}, {after: 1y, expect: {expired: {points: 11}}}, {after: 1d}]", "{expired: {points: 12}}", "a month after 31 January is 28 February"),
]  # fmt: skip


@pytest.mark.parametrize(("story", "expect", "why"), TRUE, ids=[row[2] for row in TRUE])
def test_a_story_that_comes_out(story: str, expect: str, why: str) -> None:
    programme = publish_programme.check(written(story, expect))
    assert len(programme.examples) == 1


def test_what_is_given_before_a_story_counts_in_it() -> None:
    before = "{tier: silver, age_days: 400, purchases: 9, spend: 900000, visits: 2, days_since_purchase: 3, stamps: {coffee: 3}}"
    cup = "{type: purchase, occurred_at: 2026-11-23T10:00:00+07:00, data: {lines: [{category: coffee, quantity: 1, unit_price: 100000}]}}"
    story = f"[{{event: {cup}}}, {{redeem: mug}}]"
    publish_programme.check(written(story, "{points: 20, vouchers: {latte: 1, mug: 1}, tier: silver}", before))


# what happens, what is expected of it, the sentence in English, the same in Vietnamese
FALSE = [
    (f"[{{event: {CUPS}}}]", "{points: 16, stamps: {coffee: 2}}", "Story in example 1, step 1 expects 16 points, but the rules give 15 points.", "Câu chuyện ở ví dụ 1, bước 1 mong 16 điểm, nhưng quy tắc cho 15 điểm."),
    (f"[{{event: {CUPS}}}, {{after: 13mo, expect: {{balances: {{points: 15}}}}}}, {{after: 1d}}]", "{}", "Story in example 1, step 2 expects a balance of 15 points, but the rules give a balance of 0 points.", "Câu chuyện ở ví dụ 1, bước 2 mong số dư 15 điểm, nhưng quy tắc cho số dư 0 điểm."),
    (f"[{{event: {CUPS}}}]", "{tier: silver}", "Story in example 1, step 1 expects the tier “Silver”, but the rules give the tier “Bronze”.", "Câu chuyện ở ví dụ 1, bước 1 mong hạng “Bạc”, nhưng quy tắc cho hạng “Đồng”."),
    (f"[{{event: {CUPS}}}]", "{cards: {coffee: 2}, vouchers: {latte: 1}}", "Story in example 1, step 1 expects 2 stamps on “Coffee card”, 1 × voucher “Latte”, but the rules give 3 stamps on “Coffee card”, 0 × voucher “Latte”.", "Câu chuyện ở ví dụ 1, bước 1 mong 2 tem trên “Thẻ cà phê”, 1 × voucher “Latte”, nhưng quy tắc cho 3 tem trên “Thẻ cà phê”, 0 × voucher “Latte”."),
    (f"[{{event: {BILL}}}, {{redeem: tea}}, {{after: 1h, redeem: cash}}]", "{}", "Story in example 1, step 3 cannot happen: there are too few points for it.", "Câu chuyện ở ví dụ 1, bước 3 không xảy ra được: không đủ điểm."),
    (f"[{{event: {BILL}}}, {{redeem: tea, refused: rewards.locked}}]", "{}", "Story in example 1, step 2 should be refused with “rewards.locked”, but it happens.", "Câu chuyện ở ví dụ 1, bước 2 phải bị từ chối với “rewards.locked”, nhưng lại xảy ra."),
    (f"[{{event: {BILL}}}, {{redeem: latte, refused: rewards.locked}}]", "{}", "Story in example 1, step 2 should be refused with “rewards.locked”, but the reward has no price in points.", "Câu chuyện ở ví dụ 1, bước 2 phải bị từ chối với “rewards.locked”, nhưng quà này không có giá bằng điểm."),
    ("[{event: {type: visit, occurred_at: 2026-11-23T10:00:00+07:00}}, {refund: {}}]", "{}", "Story in example 1, step 2 cannot happen: there is no purchase to return.", "Câu chuyện ở ví dụ 1, bước 2 không xảy ra được: chưa mua gì để trả."),
    ("[{event: {type: purchase, occurred_at: 2026-11-23T10:00:00+07:00, data: {amount: 1, price: 2}}}]", "{}", "Story in example 1, step 1 cannot happen: the event cannot be read (data.price: extra_forbidden).", "Câu chuyện ở ví dụ 1, bước 1 không xảy ra được: không đọc được sự kiện (data.price: extra_forbidden)."),
    (f"[{{event: {CUPS}}}, {{refund: {{lines: [7]}}}}]", "{}", "Story in example 1, step 2 cannot happen: the event cannot be read (data.lines.0: no_such_line).", "Câu chuyện ở ví dụ 1, bước 2 không xảy ra được: không đọc được sự kiện (data.lines.0: no_such_line)."),
    (f"[{{event: {CUPS}}}, {{after: 9999y}}]", "{}", "Story in example 1, step 2 cannot happen: the stories take too long; let less time pass, or fewer things happen.", "Câu chuyện ở ví dụ 1, bước 2 không xảy ra được: các câu chuyện kéo dài quá; hãy để ít thời gian trôi qua hơn, hoặc ít việc xảy ra hơn."),
    ("[{event: {type: visit, occurred_at: 2026-11-23T10:00:00}}]", "{}", "Story in example 1, step 1 cannot run: occurred_at needs an offset, like 2026-11-24T17:00:00+07:00.", "Câu chuyện ở ví dụ 1, bước 1 không chạy được: occurred_at needs an offset, like 2026-11-24T17:00:00+07:00."),
]  # fmt: skip


@pytest.mark.parametrize(("story", "expect", "english", "vietnamese"), FALSE, ids=[row[2][27:80] for row in FALSE])
def test_a_story_that_does_not_is_told_with_its_step(story: str, expect: str, english: str, vietnamese: str) -> None:
    source = written(story, expect)
    with pytest.raises(publish_programme.ExamplesFail) as failed:
        publish_programme.check(source)
    (failure,) = failed.value.failures
    programme = loading.load(source)
    told = [document_words.example_message(failure, programme, locale=locale) for locale in ("en", "vi")]
    assert told == [english, vietnamese]


def test_one_event_may_expect_what_only_the_books_tell() -> None:
    def source(n: int) -> str:
        event = f"{{event: {CUPS}, expect: {{points: 15, balances: {{points: {n}}}, cards: {{coffee: 3}}}}}}"
        return f"{PROGRAMME}examples:\n  - {event}\n"

    publish_programme.check(source(15))
    with pytest.raises(publish_programme.ExamplesFail) as failed:
        publish_programme.check(source(16))
    message = document_words.example_message(failed.value.failures[0], loading.load(source(16)), locale="en")
    assert message == "Example 1 expects a balance of 16 points, but the rules give a balance of 15 points."


def test_failures_of_events_and_stories_stand_in_the_order_of_the_document() -> None:
    wrong = f"  - {{event: {BILL}, expect: {{points: 1}}}}\n"
    story = f"  - {{story: [{{event: {BILL}}}], expect: {{points: 2}}}}\n"
    right = f"  - {{story: [{{event: {BILL}}}], expect: {{points: 11}}}}\n"
    with pytest.raises(publish_programme.ExamplesFail) as failed:
        publish_programme.check(f"{PROGRAMME}examples:\n{story}{right}{wrong}{story}")
    assert [(f.place, f.step) for f in failed.value.failures] == [(0, 0), (2, None), (3, 0)]


@pytest.mark.parametrize(
    ("part", "code", "why"),
    [
        ({"story": [{"event": {"type": "visit"}}], "expect": {}}, "story_begins_with_event", "when does it begin?"),
        ({"event": {"type": "visit"}, "expect": {}}, "event_needs_time", "when was it?"),
        ({"story": [{"event": Placed(BILL).value, "expect": {"cards": {"tea": 1}}}], "expect": {}}, "unknown_card", "no such card"),
        ({"story": [{"event": Placed(BILL).value}, {"redeem": "mocha"}], "expect": {}}, "unknown_reward", "no such reward"),
    ],
)  # fmt: skip
def test_what_a_story_cannot_say(part: dict[str, Any], code: str, why: str) -> None:
    with pytest.raises(loading.DocumentRefused) as refused:
        loading.load(json.dumps({**Placed(PROGRAMME).value, "examples": [part]}, default=str))
    assert code in [error.code for error in refused.value.errors], why


def test_stories_may_take_only_so_long_in_all() -> None:
    visits = "{after: 1h, event: {type: visit}, times: 100}"
    story = f"  - {{story: [{{event: {BILL}}}, {visits}], expect: {{points: 11}}}}\n"
    assert stories.run(loading.load(f"{PROGRAMME}examples:\n{story}")) == ()
    failures = stories.run(loading.load(f"{PROGRAMME}examples:\n{story * 60}"))
    assert {failure.refused for failure in failures} == {"programme.story_too_long"}
    assert len(failures) == 11, "49 × 101 steps are lived through"


# --- in memory and on the books the same comes out

BEGIN = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LIVED = st.lists(
    st.tuples(
        st.sampled_from(["", "1h", "1d", "8d", "32d"]),
        st.one_of(
            st.tuples(st.just("buy"), st.sampled_from([20_000, 110_000, 600_000]), st.integers(0, 3)),
            st.tuples(st.just("return"), st.sampled_from([{}, {"amount": 15_000}, {"lines": [0]}]), st.just(0)),
            st.tuples(st.just("take"), st.sampled_from(["tea", "cash", "mug"]), st.just(0)),
            st.tuples(st.just("do"), st.sampled_from(["checkin", "share", "review"]), st.just(0)),
        ),
    ),
    min_size=1,
    max_size=7,
)
WITH_STOCK = PROGRAMME.replace("stock: 1, ", "")


class _Real:
    """The same life on PostgreSQL, through the journeys."""

    def __init__(self, shop: Any) -> None:
        from ganbo.journeys import join
        from ganbo.people.members.operations import Person

        self.shop, self.now, self.n, self.order = shop, BEGIN, 0, ""
        self.member = join.join(Person(phone=f"+849{chance.digits(8)}", name="Lan"), at=BEGIN).member_id
        self.programme = programmes.in_force_at(shop.schema, BEGIN)

    def wait(self, at: datetime) -> None:
        day, zone = self.now.astimezone(self.programme.programme.timezone).date(), self.programme.programme.timezone
        while midnight(day + timedelta(days=1), zone) <= at:
            day += timedelta(days=1)
            self._due(midnight(day, zone))
            evaluate_tiers.evaluate(self.programme, at=midnight(day, zone))
        self._due(at)
        self.now = at

    def _due(self, at: datetime) -> None:
        while release_pending.release_some(at=at) or expire_points.expire_some(at=at):
            pass

    def tell(self, type: str, data: dict[str, Any]) -> str:
        self.n += 1
        body = {"id": f"{self.member}:{self.n}", "type": type, "occurred_at": self.now.isoformat(), "data": data}
        outcome = record(self.shop, body | {"member": str(self.member)}, now=self.now)[0]
        return outcome.refusal.code if outcome.refusal else ""

    def take(self, reward: str) -> str:
        pipe = Pipeline.open(**connection_parameters())
        try:
            ask = Ask(("id", str(self.member)), reward)
            (given,) = redeem_reward.redeem(pipe, self.shop, [ask], now=self.now)
        finally:
            pipe.close()
        return given.refusal.code if given.refusal else ""

    def state(self) -> dict[str, Any]:
        held = ledger.held(self.member)
        row = members.get(self.member)
        vouchers = Counter(v.reward for v in rewards.vouchers_of(self.member) if v.state != "void")
        return {
            "cards": {"coffee": held.get((self.member, "stamp:coffee", "stamps"), 0)},
            "tier": row.tier or "bronze",
            "vouchers": dict(vouchers),
            "counters": (row.purchases, row.spend, row.visits),
            **{
                key: {w: held.get((self.member, w, role), 0) for w in self.programme.programme.wallets}
                for key, role in (("balances", "member"), ("pending", "pending"), ("owed", "owed"))
            },
        }


@pytest.fixture(scope="module")
def shop(django_db_setup: None, django_db_blocker: Any) -> Any:
    from django.db import connection

    from ganbo.foundation.tenancy import operations

    with django_db_blocker.unblock():
        options = connection.settings_dict["OPTIONS"]
        role = options.pop("options")
        connection.close()
        made = operations.create("Chuyện", slug=f"s{chance.new_id().hex[-10:]}")
        connection.close()
        options["options"] = role
        with context.within(made):
            publish_programme.publish(WITH_STOCK, by="tests")
    return made


@given(life=LIVED)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_story_in_memory_ends_as_the_same_life_on_the_books(shop: Any, database: None, life: list[Any]) -> None:
    with context.within(shop):
        real = _Real(shop)
        world = World(real.programme.programme, {}, at=BEGIN, allowance=Allowance())
        world.record({"type": "signup"})
        for after, (what, of, cups) in life:
            at = stories.later(world.now, after, world.programme.timezone) if after else world.now
            real.wait(at)
            world.wait_until(at)
            assert _both(world, real, what, of, cups)
        told = {key: value for key, value in world.state().items() if key in real.state()}
        told["vouchers"] = {reward: n for reward, n in told["vouchers"].items() if n}
        standing = world.standing
        assert told | {"counters": (standing.purchases, standing.spend, standing.visits)} == real.state()


def _both(world: World, real: _Real, what: str, of: Any, cups: int) -> bool:
    """Do the same in both; whether both did it, or both refused it with the same code."""
    if what == "buy":
        real.order = f"{real.member}:{real.n}"
        line = [{"sku": "latte", "category": "coffee", "quantity": cups, "unit_price": 5_000}] if cups else []
        data = {"order_id": real.order, "lines": [*line, {"sku": "box", "quantity": 1, "unit_price": of}]}
        theirs = real.tell("purchase", data)
        ours = _tried(lambda: world.record({"type": "purchase", "data": data}))
    elif what == "return":
        if not real.order:
            return _tried(lambda: world.refund(of)) == "programme.story_nothing_bought"
        theirs, ours = real.tell("refund", {"order_id": real.order, **of}), _tried(lambda: world.refund(of))
    elif what == "take":
        theirs, ours = real.take(of), _tried(lambda: world.redeem(of))
    else:
        theirs, ours = real.tell(of, {}), _tried(lambda: world.record({"type": of}))
    return theirs == ours


def _tried(does: Callable[[], None]) -> str:
    try:
        does()
    except Refusal as refusal:
        return refusal.code
    return ""
