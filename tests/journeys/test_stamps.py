"""Stamp cards on real PostgreSQL: several at once, filled and begun again, given back, and at many tills together."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import orjson
import pytest

from ganbo.features.rewards import queries as rewards
from ganbo.foundation import chance, clock
from ganbo.journeys import reverse, verify_books
from tests.journeys.test_record_events import record

PROGRAMME = """\
ganbo: 1
programme: stamps
name: Tem
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm, expires: {kind: never}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
stamp_cards:
  - {id: cups, name: {vi: Thẻ cà phê, en: Coffee card}, on: purchase, lines: 'line.category == "coffee"', count: unit, size: 4, reward: latte, repeat: true}
  - {id: bills, name: {vi: Thẻ ghé quán, en: Visit card}, on: purchase, count: order, size: 3, head_start: 1, reward: cake, repeat: true}
rewards:
  - {id: latte, kind: free_item, sku: latte}
  - {id: cake, kind: free_item, sku: cake}
"""


def cups(member: str, quantity: int, *, free: int = 0, codes: tuple[str, ...] = ()) -> dict[str, Any]:
    """A bill of lattes; `free` ones are lines of their own."""
    latte = {"sku": "latte", "category": "coffee", "unit_price": 50_000}
    lines = [latte | {"quantity": quantity}] if quantity else []
    lines += [latte | {"quantity": free, "discount": 50_000 * free}] if free else []
    order = chance.digits(12)
    return {
        "id": f"s:{order}",
        "type": "purchase",
        "occurred_at": (clock.now() - timedelta(minutes=1)).isoformat(),
        "member": member,
        "store": "hue",
        "data": {"order_id": order, "lines": lines, "codes": list(codes)},
    }


def back(sale: dict[str, Any], n: int = 0, **data: Any) -> dict[str, Any]:
    order = sale["data"]["order_id"]
    return {
        "id": f"r{n}:{order}", "type": "refund", "occurred_at": clock.now().isoformat(), "store": "hue",
        "data": {"order_id": order} | data,
    }  # fmt: skip


def told(shop: Any, body: dict[str, Any]) -> dict[str, Any]:
    outcome = record(shop, body)[0]
    assert outcome.status in ("applied", "replayed"), outcome.refusal
    return orjson.loads(outcome.answer)


def stamped(answer: dict[str, Any], card: str = "cups") -> tuple[int, int, int] | None:
    """Added, on the card, filled."""
    found = [
        (e["added"], e["count"], e["filled"]) for e in answer["effects"] if e["kind"] == "stamp" and e["card"] == card
    ]
    return found[0] if found else None


def vouchers(member: str, reward: str = "latte") -> list[str]:
    """The states of the member's vouchers for a reward."""
    return sorted(v.state for v in rewards.vouchers_of(member) if v.reward == reward)


def test_two_cards_fill_by_one_bill_and_begin_again(shop: Any, lan: str) -> None:
    first = told(shop, cups(lan, 3))
    assert (stamped(first), stamped(first, "bills")) == ((3, 3, 0), (1, 2, 0)), "the visit card came with one stamp"
    second = told(shop, cups(lan, 3))
    assert (stamped(second), stamped(second, "bills")) == ((3, 2, 1), (1, 0, 1)), "two cups went to the next card"
    assert (vouchers(lan), vouchers(lan, "cake")) == (["issued"], ["issued"])
    assert "the next has 2 of 4" in " ".join(second["because"])
    many = told(shop, cups(lan, 11))
    assert stamped(many) == (11, 1, 3), "three cards by one bill"
    assert vouchers(lan) == ["issued"] * 4
    assert verify_books.verify().differences == ()


def test_a_free_cup_stamps_nothing_also_when_its_voucher_is_used(shop: Any, lan: str) -> None:
    told(shop, cups(lan, 4))
    code = rewards.vouchers_of(lan)[0].code
    free = told(shop, cups(lan, 0, free=1, codes=(code,)))
    assert (stamped(free), stamped(free, "bills")) == (None, None), "a bill of free cups is no bill"
    assert vouchers(lan) == ["used"]
    assert stamped(told(shop, cups(lan, 1, free=1))) == (1, 1, 0), "beside a paid one only that one counts"


@pytest.mark.parametrize(
    ("bought", "returned", "used", "count", "owed", "states", "why"),
    [
        (3, 1, False, 2, 0, [], "from the card"),
        (5, 1, False, 0, 0, ["issued"], "from the stamps on the next card first"),
        (5, 2, False, 3, 0, ["void"], "then the unused voucher goes, and its stamps are there again"),
        (5, 5, False, 0, 0, ["void"], "all of it"),
        (5, 1, True, 0, 0, ["used"], "the free cup was drunk: what is on the card goes back"),
        (5, 2, True, 0, 1, ["used"], "and what is missing is owed"),
        (5, 5, True, 0, 4, ["used"], "the whole card that the free cup cost"),
    ],
)
def test_what_comes_back_takes_its_stamps(
    shop: Any, lan: str, *, bought: int, returned: int, used: bool, count: int, owed: int, states: list[str], why: str
) -> None:
    sale = cups(lan, bought)
    told(shop, sale)
    if used:
        told(shop, cups(lan, 0, free=1, codes=(rewards.vouchers_of(lan)[0].code,)))
    answer = told(shop, back(sale, lines=[{"line": 0, "quantity": returned}]))
    row = next(e for e in answer["effects"] if e["kind"] == "stamp" and e["card"] == "cups")
    assert (row["added"], row["count"], row.get("owed", 0)) == (-returned, count, owed), why
    assert vouchers(lan) == states, why
    assert verify_books.verify().differences == ()


def test_owed_stamps_come_off_the_next_ones(shop: Any, lan: str) -> None:
    sale = cups(lan, 4)
    told(shop, sale)
    told(shop, cups(lan, 0, free=1, codes=(rewards.vouchers_of(lan)[0].code,)))
    told(shop, back(sale))
    first = told(shop, cups(lan, 3))
    assert stamped(first) == (3, 0, 0), "three of the four that are owed"
    second = told(shop, cups(lan, 5))
    assert stamped(second) == (5, 0, 1), "one more, and four fill a card"
    assert vouchers(lan) == ["issued", "used"], "eight paid cups that stayed, one card: nobody gained"
    assert verify_books.verify().differences == ()


def test_an_undone_return_gives_the_stamps_and_the_voucher_again(shop: Any, lan: str) -> None:
    sale = cups(lan, 5)
    told(shop, sale)
    told(shop, back(sale, lines=[{"line": 0, "quantity": 3}]))
    assert vouchers(lan) == ["void"]
    reverse.reverse_event(f"r0:{sale['data']['order_id']}", reason="x", by="staff:1", now=clock.now())
    assert vouchers(lan) == ["issued"]
    assert stamped(told(shop, cups(lan, 1))) == (1, 2, 0), "one was left on the next card"
    assert verify_books.verify().differences == ()


def test_many_tills_at_once_lose_and_double_no_stamp(shop: Any, lan: str) -> None:
    bills = [cups(lan, 1 + n % 3) for n in range(24)]
    bought = sum(bill["data"]["lines"][0]["quantity"] for bill in bills)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda bill: told(shop, bill), bills + bills[:8]))
    for card, there in (("cups", bought), ("bills", len(bills) + 1)):
        size, reward = (4, "latte") if card == "cups" else (3, "cake")
        filled = {a["event_id"]: row[2] for a in answers if (row := stamped(a, card))}
        assert sum(filled.values()) == there // size == len(vouchers(lan, reward))
    assert stamped(told(shop, cups(lan, 1))) == (1, (bought + 1) % 4, int((bought + 1) % 4 == 0))
    assert verify_books.verify().differences == ()


def test_sales_and_their_returns_at_many_tills_end_where_they_began(shop: Any, lan: str) -> None:
    bills = [cups(lan, 1 + n % 4) for n in range(12)]
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(
            threads.map(lambda body: record(shop, body)[0].status, [x for b in bills for x in (b, back(b))])
        )
    assert set(outcomes) <= {"applied", "parked"}
    assert "issued" not in vouchers(lan), "no cup stayed, so no free one"
    assert stamped(told(shop, cups(lan, 1))) == (1, 1, 0), "nothing left over, nothing owed"
    assert verify_books.verify().differences == ()
