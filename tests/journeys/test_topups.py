"""Money on the card: paid in with a bonus, spent in the stated order, back again, and never more than there is."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganbo.engine import loading, pots
from ganbo.engine.refusing import DocumentRefused
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes import terms
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.journeys import holdings, join, reverse, sell, verify_books
from ganbo.kernel.refusal import Refusal
from ganbo.people.members.operations import Person

PROGRAMME = """\
ganbo: 1
programme: prepaid
name: Trả trước
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm, expires: {kind: never}}
  card: {name: tiền trong thẻ, money: true}
  gift_money: {name: tiền thưởng, money: true, refundable: false, expires: {kind: rolling, months: 6}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
topups:
  - {pay: 100000}
  - {pay: 500000, bonus: 50000, bonus_wallet: gift_money, spend: SPEND}
"""


@pytest.fixture(params=["paid_first", "bonus_first"])
def spend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def shop(new_business: Any, spend: str) -> Iterator[Any]:
    business = new_business(PROGRAMME.replace("SPEND", spend))
    with context.within(business):
        yield business


def somebody() -> str:
    return str(join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id)


def told(shop: Any, type: str, member: str | None, data: dict[str, Any], id: str = "") -> dict[str, Any]:
    """Record an event now; the answer. Raises the refusal."""
    body = {"id": id or str(chance.new_id()), "type": type, "occurred_at": clock.now().isoformat(), "data": data}
    outcome = sell.record(shop, body | ({"member": member} if member else {}), now=clock.now())
    if outcome.refusal is not None:
        raise outcome.refusal
    found: dict[str, Any] = orjson.loads(outcome.answer or "")
    return found


def bought(shop: Any, member: str | None, amount: int, card: int, **more: Any) -> dict[str, Any]:
    paid = [{"with": "card_money", "amount": card}, {"with": "cash", "amount": amount - card}]
    return told(shop, "purchase", member, {"amount": amount, "paid": paid} | more)


def held(member: str) -> tuple[int, int, int]:
    """Points, paid money, bonus."""
    from uuid import UUID

    found = holdings.balances(UUID(member), ["points", "card", "gift_money"], at=clock.now())
    return found["points"].available, found["card"].available, found["gift_money"].available


def plain(sentences: list[str]) -> str:
    """One text with plain spaces."""
    return " ".join(" ".join(sentences).split())


def test_a_top_up_goes_onto_the_card_with_its_bonus_and_earns_nothing(shop: Any) -> None:
    member = somebody()
    answer = told(shop, "topup", member, {"amount": 500_000, "paid_with": "cash"}, id="top-1")
    assert held(member) == (0, 500_000, 50_000)
    assert plain(answer["because"]) == "500.000 ₫ đã vào thẻ, quán tặng thêm 50.000 ₫ tiền thưởng."
    with pytest.raises(Refusal) as reused:
        told(shop, "topup", member, {"amount": 100_000}, id="top-1")
    assert reused.value.code == "idempotency.key_reused", "another amount under the same id"
    assert held(member) == (0, 500_000, 50_000), "a refused one changes nothing"
    assert verify_books.verify().differences == ()


@pytest.mark.parametrize(
    ("data", "code", "why"),
    [
        ({"amount": 300_000}, "topups.unknown", "not one of the programme's amounts"),
        ({"amount": 500_000, "currency": "USD"}, "wrong_currency", "another currency"),
        ({"amount": 0}, "greater_than_equal", "nothing is no top-up"),
        ({"amount": 500_000, "bonus": 90_000}, "extra_forbidden", "the bonus is the programme's"),
    ],
)
def test_what_cannot_be_topped_up(shop: Any, data: dict[str, Any], code: str, why: str) -> None:
    member = somebody()
    with pytest.raises(Refusal) as refused:
        told(shop, "topup", member, data)
    assert [p.code for p in refused.value.problems] == [code], why  # type: ignore[attr-defined]
    assert held(member) == (0, 0, 0), why


def test_the_card_pays_in_the_stated_order_and_the_purchase_earns(shop: Any, spend: str) -> None:
    member = somebody()
    told(shop, "topup", member, {"amount": 500_000})
    answer = bought(shop, member, 520_000, 510_000)
    left = (51_000 - 51_000, 40_000) if spend == "paid_first" else (40_000, 0)
    assert held(member) == (52, *left), "stored value earns as cash does"
    used = {row["wallet"]: row["amount"] for row in answer["effects"] if row["kind"] == "money_used"}
    first = {"card": 500_000, "gift_money": 10_000}
    assert used == (first if spend == "paid_first" else {"gift_money": 50_000, "card": 460_000})
    assert verify_books.verify().differences == ()


def test_more_than_the_card_holds_is_refused_and_takes_nothing(shop: Any) -> None:
    member = somebody()
    told(shop, "topup", member, {"amount": 100_000})
    for pay, code, why in ((100_001, "ledger.insufficient", "one đồng too much"),):
        with pytest.raises(Refusal) as refused:
            bought(shop, member, 200_000, pay)
        assert refused.value.code == code, why
    assert held(member) == (0, 100_000, 0)
    with pytest.raises(Refusal) as nobody:
        bought(shop, None, 50_000, 50_000)
    assert nobody.value.problems[0].code == "card_of_nobody"  # type: ignore[attr-defined]


def test_a_quote_says_what_the_card_would_pay_and_whether_it_suffices(shop: Any) -> None:
    member = somebody()
    told(shop, "topup", member, {"amount": 100_000})
    body = {"id": "q", "type": "purchase", "occurred_at": clock.now().isoformat(), "member": member}
    enough = body | {"data": {"amount": 60_000, "paid": [{"with": "card_money", "amount": 60_000}]}}
    outcome = sell.quote(shop, enough, now=clock.now())
    assert orjson.loads(outcome.answer or "")["balances_after"]["card"]["available"] == 40_000
    short = body | {"data": {"amount": 160_000, "paid": [{"with": "card_money", "amount": 160_000}]}}
    refusal = sell.quote(shop, short, now=clock.now()).refusal
    assert refusal is not None
    assert refusal.code == "ledger.insufficient"
    assert held(member) == (0, 100_000, 0), "a quote changes nothing"


def test_returned_goods_put_the_cards_part_back_after_the_money(shop: Any, spend: str) -> None:
    """Of 100,000 the card paid 60,000: the first 40,000 returned are cash, the rest goes back onto the card."""
    member = somebody()
    told(shop, "topup", member, {"amount": 500_000})
    bought(shop, member, 540_000, 540_000)
    last = held(member)
    bought(shop, member, 50_000, 10_000, order_id="o1")
    assert held(member)[1:] == (0, 0)
    first = told(shop, "refund", None, {"order_id": "o1", "amount": 30_000})
    assert (first["refunded"]["in_money"], held(member)[1:]) == (30_000, (0, 0)), "cash first"
    second = told(shop, "refund", None, {"order_id": "o1", "amount": 15_000}, id="r2")
    assert second["refunded"]["in_money"] == 10_000
    assert sum(held(member)[1:]) == 5_000, "the card paid last and is paid back last"
    assert "Trở lại thẻ: 5.000 ₫" in plain(second["because"])
    reverse.reverse_event("r2", reason="mistake", by="test", now=clock.now())
    assert held(member)[1:] == (0, 0), "an undone return is paid from the card again"
    told(shop, "refund", None, {"order_id": "o1"})
    assert held(member)[1:] == last[1:], "into the pot it came from"
    assert verify_books.verify().differences == ()


def test_an_undone_return_whose_money_was_spent_is_owed(shop: Any) -> None:
    member = somebody()
    told(shop, "topup", member, {"amount": 100_000})
    bought(shop, member, 100_000, 100_000, order_id="o1")
    told(shop, "refund", None, {"order_id": "o1"}, id="r1")
    bought(shop, member, 80_000, 80_000)
    reverse.reverse_event("r1", reason="mistake", by="test", now=clock.now())
    assert held(member)[1] == 0
    told(shop, "topup", member, {"amount": 100_000})
    assert held(member)[1] == 20_000, "80,000 were owed and are made good first"
    assert verify_books.verify().differences == ()


def test_the_tills_undo_of_a_sale_puts_everything_back_onto_the_card(shop: Any) -> None:
    member = somebody()
    told(shop, "topup", member, {"amount": 500_000})
    sold = bought(shop, member, 530_000, 530_000, shipping=0)
    reverse.reverse_event(sold["event_id"], reason="mistake", by="test", now=clock.now())
    assert held(member) == (0, 500_000, 50_000)
    assert verify_books.verify().differences == ()


def test_a_top_up_is_undone_while_all_of_it_is_there(shop: Any) -> None:
    member = somebody()
    told(shop, "topup", member, {"amount": 500_000}, id="t1")
    undone = orjson.loads(reverse.reverse_event("t1", reason="mistake", by="test", now=clock.now()).answer)
    assert held(member) == (0, 0, 0)
    assert undone["taken_back"] == {"card": 500_000, "gift_money": 50_000}
    assert plain(undone["because"]).startswith("Đã hủy lần nạp: trả lại 500.000 ₫ tiền mặt.")
    told(shop, "topup", member, {"amount": 500_000}, id="t2")
    bought(shop, member, 510_000, 510_000)
    before = held(member)
    with pytest.raises(reverse.TopUpSpent):
        reverse.reverse_event("t2", reason="mistake", by="test", now=clock.now())
    assert held(member) == before, "what was spent cannot be handed back in cash"
    assert verify_books.verify().differences == ()


@pytest.mark.parametrize("spend", ["bonus_first"], indirect=True)
def test_fifty_payments_at_once_never_spend_more_than_there_is(shop: Any) -> None:
    member = somebody()
    told(shop, "topup", member, {"amount": 500_000})

    def pay(n: int) -> str:
        from ganbo.books.events import reading
        from ganbo.journeys import record_all
        from ganbo.journeys.record_events import Asked

        body = {"id": f"race-{n}", "type": "purchase", "occurred_at": clock.now().isoformat(), "member": member,
                "data": {"amount": 40_000, "paid": [{"with": "card_money", "amount": 40_000}]}}  # fmt: skip
        with closing(Pipeline.open(**connection_parameters())) as pipe:
            asked = Asked(shop, clock.now())
            return record_all.record(pipe, asked, [reading.read(body, region="VN")])[0].status

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(pay, range(50)))
    assert answers.count("applied") == 13, "550,000 hold thirteen bills of 40,000"
    assert sum(held(member)[1:]) == 550_000 - 13 * 40_000
    assert verify_books.verify().differences == ()


@settings(max_examples=15)
@given(st.data())
def test_any_history_keeps_every_dong(prepaid: Any, data: st.DataObject) -> None:
    """Paid in and added, less paid out: whatever is bought, returned, undone, the card holds exactly the rest."""
    shop, member, orders, worth = prepaid, "", [], 0
    with context.within(shop):
        member = somebody()
        for _ in range(data.draw(st.integers(1, 8))):
            what = data.draw(st.sampled_from(["topup", "buy", "refund"]))
            if what == "topup":
                amount = data.draw(st.sampled_from([100_000, 500_000]))
                told(shop, "topup", member, {"amount": amount})
                worth += amount + (50_000 if amount == 500_000 else 0)
            elif what == "buy":
                total = data.draw(st.integers(1, 300_000))
                card = data.draw(st.integers(0, total))
                if card > worth:
                    with pytest.raises(Refusal):
                        bought(shop, member, total, card)
                    continue
                order = f"o{chance.new_id().hex}"
                bought(shop, member, total, card, order_id=order)
                worth -= card
                orders.append([order, total, total - card, 0])
            elif orders:
                order = data.draw(st.sampled_from(orders))
                if order[1] == order[3]:
                    continue
                amount = data.draw(st.integers(1, order[1] - order[3]))
                told(shop, "refund", None, {"order_id": order[0], "amount": amount})
                worth += max(order[3] + amount - order[2], 0) - max(order[3] - order[2], 0)
                order[3] += amount
        assert sum(held(member)[1:]) == worth
        assert verify_books.verify().differences == ()


@pytest.fixture(scope="module")
def prepaid(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    from django.db import connection

    from ganbo.foundation.tenancy import operations
    from ganbo.journeys import publish_programme

    with django_db_blocker.unblock():
        options = connection.settings_dict["OPTIONS"]
        role = options.pop("options")
        connection.close()
        made = operations.create("Test", slug=f"t{chance.new_id().hex[-10:]}")
        connection.close()
        options["options"] = role
        with context.within(made):
            publish_programme.publish(PROGRAMME.replace("SPEND", "paid_first"), by="tests")
        yield made


def test_a_bonus_ends_by_its_own_rule_and_the_paid_money_does_not(shop: Any) -> None:
    member = somebody()
    told(shop, "topup", member, {"amount": 500_000})
    lots = programmes.in_force_at(shop.schema, clock.now()).programme.wallets
    ends = lots["gift_money"].expires.expires_at(clock.now())
    assert ends is not None
    assert ends > clock.now() + timedelta(days=150)
    assert lots["card"].expires.expires_at(clock.now()) is None


@pytest.mark.parametrize(
    ("old", "new", "code", "why"),
    [
        ("{pay: 100000}", "{pay: 500000}", "duplicate_topup", "which bonus?"),
        ("{pay: 100000}", "{pay: 100000, bonus: 5}", "bonus_and_wallet", "a bonus goes somewhere"),
        ("bonus_wallet: gift_money", "bonus_wallet: card", "bonus_wallet", "a bonus is never paid out"),
        ("bonus_wallet: gift_money", "bonus_wallet: points", "bonus_wallet", "points are no money"),
        ("{pay: 100000}", "{pay: 100000, wallet: gift_money}", "topup_wallet", "paid money is refundable"),
        ("{name: tiền trong thẻ, money: true}", "{name: x, money: true, on_refund: keep}", "topup_wallet_policy", "what is undone goes"),
        ("{pay: 100000}", "{pay: 1, bonus: 1, bonus_wallet: gift_money, spend: bonus_first}", "topups_spend", "one order"),
        ("{name: điểm,", "{name: điểm, refundable: false,", "refundable_money", "points are not paid for"),
    ],
)  # fmt: skip
def test_top_ups_that_mean_nothing(old: str, new: str, code: str, why: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        loading.load(PROGRAMME.replace("SPEND", "paid_first").replace(old, new))
    assert [e.code for e in refused.value.errors] == [code], why


def test_the_terms_say_amounts_order_and_what_is_never_paid_out() -> None:
    programme = loading.load(PROGRAMME.replace("SPEND", "bonus_first"))
    assert programme.pots == ("gift_money", "card")
    text = plain([terms.of(programme, lang="en").text])
    assert "Pay 500,000 ₫ onto the card and get 50,000 ₫ of tiền thưởng." in text
    assert "The card pays with tiền thưởng first, then with tiền trong thẻ." in text
    assert "never paid out" in text


@given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 50)), st.integers(0, 200))
def test_shares_follow_the_order_and_never_pass_what_is_held(held: dict[str, int], amount: int) -> None:
    parts = pots.shares("abc", held, amount)
    assert sum(n for _, n in parts) == min(amount, sum(held.values()))
    for wallet, n in parts[:-1]:
        assert n == held[wallet], "the next one pays only when this one is empty"
