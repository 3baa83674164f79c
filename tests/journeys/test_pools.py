"""Codes of partners: imported once, sealed, given to one member each, shown to nobody else."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.db import connection

from ganbo.books.events import reading
from ganbo.features.rewards import pools, queries
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.journeys import (
    holdings,
    import_codes,
    join,
    publish_programme,
    record_events,
    redeem_reward,
    reverse,
    verify_books,
)
from ganbo.journeys.record_events import Asked
from ganbo.journeys.redemption_writing import Ask
from ganbo.people.members.operations import Person

PROGRAMME = """\
ganbo: 1
programme: pools
name: Mã đối tác
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm, expires: {kind: never}}
earn:
  - {id: welcome, on: signup, give: {wallet: points, amount: 1000}}
  - {id: thanks, on: review, give: {voucher: cinema}}
  - {id: second, on: purchase, give: {voucher: cinema}}
stamp_cards:
  - {id: coffee, on: purchase, lines: 'line.sku == "latte"', size: 2, reward: cinema}
rewards:
  - {id: books, kind: partner_card, codes: imported, price: {wallet: points, amount: 100}, issuer: {name: Nhà sách}}
  - {id: cinema, kind: partner_card, codes: imported, price: {wallet: points, amount: 300}, stock: 100}
  - {id: tea, kind: free_item, sku: tea, price: {wallet: points, amount: 10}}
"""


@pytest.fixture
def shop(new_business: Any) -> Any:
    business = new_business(PROGRAMME)
    with context.within(business):
        yield business


def somebody() -> Any:
    return join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id


def bring(reward: str, text: str) -> import_codes.Brought:
    now = clock.now()
    return import_codes.bring_in(import_codes.look(reward, import_codes.read(text, now=now), now=now), by="t", now=now)


def redeem(shop: Any, member: Any, reward: str, quantity: int = 1, key: str | None = None) -> redeem_reward.Given:
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        ask = Ask(("id", str(member)), reward, quantity, key, b"same")
        return redeem_reward.redeem(pipe, shop, [ask], now=clock.now())[0]


def record(shop: Any, member: Any, type: str, **data: Any) -> str:
    body = {
        "id": f"p:{chance.new_id()}",
        "type": type,
        "occurred_at": clock.now().isoformat(),
        "member": str(member),
        "data": data,
    }
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        told = record_events.record(pipe, Asked(shop, clock.now()), [reading.read(body, region="VN")])[0]
    assert told.status == "applied"
    return str(body["id"])


def available(member: Any) -> int:
    return holdings.balances(member, ["points"], at=clock.now())["points"].available


def agree() -> None:
    assert verify_books.verify().differences == ()


def test_an_import_says_first_what_it_would_do_and_does_nothing_twice(shop: Any) -> None:
    text = 'code,last day\nA-1,2030-06-30\nA-2\nA-1,2030-06-30\n\n"A-3","30/06/2030"\n1.23457E+15\nA-4,31/02/2030\nA-5,2020-01-01\n'
    now = clock.now()
    found = import_codes.look("books", import_codes.read(text, now=now), now=now)
    assert ([line.code for line in found.new], found.again, found.known) == (["A-1", "A-2", "A-3"], 1, 0)
    assert [(b.number, b.reason) for b in found.bad] == [
        (7, "codes.line_mangled"),
        (8, "codes.line_day"),
        (9, "codes.line_over"),
    ]
    assert pools.left(at=now) == {}, "looking changes nothing"
    assert bring("books", text).added == 3
    assert bring("books", text).added == 0
    again = import_codes.look("cinema", import_codes.read("A-2\nB-1\n", now=now), now=now)
    assert (again.known, [line.code for line in again.new]) == (1, ["B-1"]), "a code belongs to one reward"
    assert pools.left(at=now) == {"books": 3}
    assert pools.left(at=now + timedelta(days=2000)) == {"books": 1}, "two end on 30 June 2030"


@pytest.mark.parametrize(("reward", "code"), [("tea", "codes.not_imported"), ("nothing", "rewards.unknown")])
def test_only_a_reward_that_says_so_takes_codes(shop: Any, reward: str, code: str) -> None:
    with pytest.raises(import_codes.NotImported if reward == "tea" else redeem_reward.RewardUnknown) as refused:
        import_codes.look(reward, import_codes.read("A\n", now=clock.now()), now=clock.now())
    assert refused.value.code == code


def test_the_code_that_ends_first_is_given_first_once_and_then_it_is_sold_out(shop: Any) -> None:
    bring("books", 'LATER,2031-01-01\nSOON "x"\\n,2030-01-01\n')
    lan, minh = somebody(), somebody()
    first = redeem(shop, lan, "books", key="k1")
    answer = orjson.loads(first.answer or "")
    assert answer["voucher"] == {"code": 'SOON "x"\\n', "expires_at": "2030-01-01T23:59:59+07:00"}
    again = redeem(shop, lan, "books", key="k1")
    assert (again.status, again.answer) == ("replayed", first.answer), "the same code, byte by byte"
    assert orjson.loads(redeem(shop, minh, "books").answer or "")["voucher"]["code"] == "LATER"
    sold_out = redeem(shop, minh, "books").refusal
    assert sold_out is not None and (sold_out.code, sold_out.params["left"]) == ("rewards.out_of_stock", 0)
    assert available(minh) == 900
    (mine,) = queries.vouchers_of(lan)
    assert (mine.code, mine.partners) == ('SOON "x"\\n', True)
    agree()


def test_one_at_a_time(shop: Any) -> None:
    bring("books", "A\nB\n")
    lan = somebody()
    refused = redeem(shop, lan, "books", quantity=2).refusal
    assert refused is not None and refused.code == "rewards.one_code_each"
    assert (available(lan), pools.left(at=clock.now())) == (1000, {"books": 2})


def test_a_refused_redemption_takes_no_code(shop: Any) -> None:
    bring("cinema", "A\n")
    lan = somebody()
    for _ in range(3):
        redeem(shop, lan, "tea", quantity=30)
    poor = redeem(shop, lan, "cinema").refusal
    assert poor is not None and poor.code == "ledger.insufficient"
    assert pools.left(at=clock.now()) == {"cinema": 1}
    agree()


def test_a_shown_code_is_spent(shop: Any) -> None:
    """No undo at the till; a manager may give the points back, and nobody gets the code again."""
    bring("books", "A\n")
    lan = somebody()
    redemption = orjson.loads(redeem(shop, lan, "books").answer or "")["id"]
    with pytest.raises(reverse.CodeShown):
        reverse.reverse_redemption(redemption, by="tests", now=clock.now())
    assert available(lan) == 900
    reverse.reverse_redemption(redemption, by="tests", now=clock.now(), even_shown=True)
    assert available(lan) == 1000
    refused = redeem(shop, somebody(), "books").refusal
    assert refused is not None and refused.code == "rewards.out_of_stock"
    agree()


def test_a_gift_takes_the_next_code_or_waits_for_it(shop: Any) -> None:
    bring("cinema", "A,2030-01-01\n")
    lan, minh = somebody(), somebody()
    record(shop, lan, "review")
    record(shop, minh, "review")
    (first,), (second,) = queries.vouchers_of(lan), queries.vouchers_of(minh)
    assert (first.code, second.code, second.partners) == ("A", "", True)
    assert first.expires_at == datetime(2030, 1, 1, 17, tzinfo=UTC), "midnight after its last day in Vietnam"
    agree()
    assert bring("cinema", "B\nC\n") == import_codes.Brought(2, 1)
    assert queries.vouchers_of(minh)[0].code in ("B", "C")
    assert pools.left(at=clock.now()) == {"cinema": 1}
    agree()


def test_a_returned_sale_takes_back_what_waits_and_leaves_what_was_shown(shop: Any) -> None:
    bring("cinema", "A\n")
    lan, minh = somebody(), somebody()
    shown, waiting = (
        record(shop, who, "purchase", lines=[{"sku": "cake", "quantity": 1, "unit_price": 10_000}])
        for who in (lan, minh)
    )
    for sale in (shown, waiting):
        reverse.reverse_event(sale, reason="wrong", by="tests", now=clock.now())
    assert [(v.code, v.state) for v in queries.vouchers_of(lan)] == [("A", "issued")]
    assert [(v.code, v.state) for v in queries.vouchers_of(minh)] == [("", "void")]
    assert bring("cinema", "B\n").filled == 0, "nothing waits any more"
    agree()


def test_the_database_and_another_business_learn_no_code(shop: Any, fumi: Any) -> None:
    bring("books", "SECRET-PARTNER-CODE\n")
    lan = somebody()
    redeem(shop, lan, "books", key="k2")
    with connection.cursor() as cursor:
        kept = ""
        for table in ("rewards_pool", "rewards_voucher", "rewards_redemption", "idempotency_answer", "outbox_fact"):
            cursor.execute(f"SELECT t::text FROM {table} t")
            kept += str(cursor.fetchall())
    assert "SECRET" not in kept
    assert queries.of_holder(somebody(), queries.vouchers_of(lan)[0].id) is None
    with context.within(fumi):
        assert pools.left(at=clock.now()) == {}


def test_a_key_that_was_lost_shows_nothing_and_gives_nothing(shop: Any, settings: Any) -> None:
    bring("books", "A\n")
    assert pools.readable()
    settings.CODE_KEY = "another key"
    assert not pools.readable(), "ganbo doctor says so"
    refused = redeem(shop, somebody(), "books").refusal
    assert refused is not None and refused.code == "rewards.out_of_stock"


def test_verify_finds_a_code_without_voucher_and_a_wrong_stock(shop: Any) -> None:
    bring("cinema", "A\nB\n")
    lan = somebody()
    redeem(shop, lan, "cinema")
    agree()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rewards_pool SET voucher_id = %s, given_at = now() WHERE voucher_id IS NULL", [lan])
        cursor.execute("UPDATE rewards_stock SET taken = 7")
        cursor.execute("UPDATE rewards_voucher SET pool = 'given' WHERE pool = ''")
    found = {d.what: (d.stored, d.recomputed) for d in verify_books.verify().differences}
    assert found == {"partner's code given without a voucher": (1, 0), "stock": (7, 1)}


def test_the_stock_of_a_reversed_redemption_is_that_of_its_version(shop: Any) -> None:
    """Taken before the stock was limited, given back after it: the counter knows nothing of it."""
    lan = somebody()
    redemption = orjson.loads(redeem(shop, lan, "tea").answer or "")["id"]
    publish_programme.publish(PROGRAMME.replace("sku: tea, ", "sku: tea, stock: 5, "), by="tests")
    redeem(shop, lan, "tea")
    reverse.reverse_redemption(redemption, by="tests", now=clock.now())
    assert queries.taken()["tea"] == 1
    agree()
