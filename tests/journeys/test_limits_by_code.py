"""Limits by code: so often over all sales on which one voucher is used, whoever uses it; told twice or claimed it is the same code."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from ganbo.books.events import reading
from ganbo.features.rewards import batches
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.journeys import claim, holdings, join, make_vouchers, record_events, reverse, verify_books
from ganbo.journeys.make_vouchers import Wanted
from ganbo.journeys.record_events import Asked
from ganbo.people.members.operations import Person

PROGRAMME = """\
ganbo: 1
programme: by-code
name: Theo mã
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm, expires: {kind: never}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1}, limits: [{scope: code, period: ever, count: 2}]}
  - {id: extra, on: purchase, give: {wallet: points, amount: 10}, limits: [{scope: code, period: month, points: 25}]}
rewards:
  - {id: ten, kind: discount, amount: 100, uses: 50}
"""


def code() -> str:
    """A new code for whoever bears it."""
    with transaction.atomic():  # a worker of another test cannot be at it too
        batch = make_vouchers.order(Wanted("ten", 1), now=clock.now())
        while make_vouchers.make_some(at=clock.now()):
            pass
    return next(batches.all_codes(batch, key=settings.CODE_KEY))


def somebody() -> str:
    return str(join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id)


def buy(shop: Any, member: str | None, *codes: str) -> str:
    id = f"k:{chance.new_id()}"
    data: dict[str, Any] = {"lines": [{"sku": "a", "unit_price": 50_000, "discount": 100 * len(codes)}]}
    body = {"id": id, "type": "purchase", "occurred_at": clock.now().isoformat(), "data": data | {"codes": list(codes)}}
    if member:
        body["member"] = member
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        outcome = record_events.record(pipe, Asked(shop, clock.now()), [reading.read(body, region="VN")])[0]
    assert outcome.refusal is None, outcome.refusal
    return id


def points(member: str) -> int:
    return holdings.balances(UUID(member), ["points"], at=clock.now())["points"].available


def test_a_code_counts_whoever_uses_it_and_no_code_is_no_limit(shop: Any) -> None:
    one, two, lan, minh = code(), code(), somebody(), somebody()
    for member, worth in ((lan, 11), (minh, 11), (lan, 5), (minh, 0)):
        before = points(member)
        buy(shop, member, one)
        assert points(member) - before == worth, "twice by count, and 25 points in a month"
    before = points(lan)
    buy(shop, lan)
    assert points(lan) - before == 11, "a sale without a code is not limited by code"
    buy(shop, lan, two)
    assert points(lan) - before == 22, "another code has its own count"
    buy(shop, lan, two, one)
    assert points(lan) - before == 22, "of two codes the one that is used up decides"
    assert verify_books.verify().differences == ()


def test_what_is_undone_or_claimed_counts_for_the_same_code(shop: Any) -> None:
    one, lan, minh = code(), somebody(), somebody()
    first = buy(shop, lan, one)
    reverse.reverse_event(first, reason="t", by="tests", now=clock.now())
    assert points(lan) == 0
    buy(shop, lan, one)
    assert points(lan) == 11, "what was undone left the count"
    nobodys = buy(shop, None, one)
    claim.claim(nobodys, ("id", minh), by="tests", now=clock.now())
    assert points(minh) == 11, "a claimed sale counts for the code it was made with"
    buy(shop, minh, one)
    assert points(minh) == 16
    assert verify_books.verify().differences == ()


def test_at_once_it_gives_no_more_than_one_after_the_other(shop: Any) -> None:
    one, members, gate = code(), [somebody() for _ in range(4)], Barrier(4)

    def press(member: str) -> None:
        with context.within(shop):
            gate.wait()
            buy(shop, member, one)
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(press, members))
    assert sorted(points(member) for member in members) == [0, 5, 11, 11]
    assert verify_books.verify().differences == ()
