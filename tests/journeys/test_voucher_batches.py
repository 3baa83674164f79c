"""Batches of codes: made once, whatever breaks, usable, and nobody else's."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from ganbo.books.events.reading import FieldsRefused
from ganbo.features.rewards import batches, queries
from ganbo.foundation import clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import codes, make_vouchers, verify_books
from ganbo.journeys.codes import Typed
from ganbo.journeys.make_vouchers import Wanted

PROGRAMME = """\
ganbo: 1
programme: batches
name: Lô mã
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm, expires: {kind: never}}
  card: {name: tiền trong thẻ, money: true}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
rewards:
  - {id: ten, kind: discount, percent: 10, stock: 1000}
  - {id: our-card, kind: gift_card, amount: 200000}
  - {id: books, kind: partner_card, codes: imported}
  - {id: money, kind: card_money, amount: 5000, wallet: card}
"""
PATTERN = "TET-#####-#####-##"


@pytest.fixture
def shop(new_business: Any) -> Any:
    business = new_business(PROGRAMME)
    with context.within(business):
        yield business


def made(wanted: Wanted) -> Any:
    with transaction.atomic():  # a worker of another test cannot be at it too
        batch = make_vouchers.order(wanted, now=clock.now())
        while make_vouchers.make_some(at=clock.now()):
            pass
    return batches.get(batch.id)


def listed(batch: Any) -> list[str]:
    return list(batches.all_codes(batch, key=settings.CODE_KEY))


@pytest.mark.parametrize("pattern", ["", PATTERN])
def test_every_code_is_known_and_used_once(shop: Any, pattern: str) -> None:
    batch = made(Wanted("ten", 50, pattern))
    found = listed(batch)
    assert (batch.done, len(set(found)), queries.taken()) == (50, 50, {"ten": 50})
    for code in (found[0], found[-1].lower()):
        assert codes.check(Typed(code, None, None), locale="en", now=clock.now())["kind"] == "coupon"
    codes.redeem(Typed(found[7], None, None, "order:1"), locale="en", now=clock.now())
    with pytest.raises(FieldsRefused):
        codes.redeem(Typed(found[7], None, None, "order:2"), locale="en", now=clock.now())
    assert verify_books.verify().differences == ()


def test_a_break_midway_makes_nothing_twice(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_vouchers, "CHUNK", 20)
    real = batches._insert

    def break_off(*args: Any, **more: Any) -> None:
        real(*args, **more)
        raise ConnectionError("the power went")

    with transaction.atomic():  # a worker of another test cannot see the order, nor be at it too
        batch = make_vouchers.order(Wanted("ten", 50, PATTERN), now=clock.now())
        assert make_vouchers.make_some(at=clock.now()) == 20
        monkeypatch.setattr(batches, "_insert", break_off)
        with pytest.raises(ConnectionError):
            make_vouchers.make_some(at=clock.now())
        monkeypatch.setattr(batches, "_insert", real)
        assert [make_vouchers.make_some(at=clock.now()) for _ in range(3)] == [20, 10, 0]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT code_hash) FROM rewards_voucher WHERE batch_id = %s", [batch.id]
        )
        assert cursor.fetchone() == (50, 50)
    assert queries.taken() == {"ten": 50}


def test_a_gift_card_comes_with_its_money(shop: Any) -> None:
    code = listed(made(Wanted("our-card", 1)))[0]
    checked = codes.check(Typed(code, None, None), locale="en", now=clock.now())
    assert (checked["kind"], checked["left"]) == ("gift_card", {"currency": "VND", "amount": 200_000})


@pytest.mark.parametrize(
    ("wanted", "field", "code", "why"),
    [
        (Wanted("ten", 1, "TET-#####-#####-#"), "pattern", "codes.weak_pattern", "eleven letters: 55 bits"),
        (Wanted("ten", 1, "tet-############"), "pattern", "codes.weak_pattern", "small letters are no pattern"),
        (Wanted("ten", 1, "-############"), "pattern", "codes.weak_pattern", "a spreadsheet would compute it"),
        (Wanted("ten", 1, "=############"), "pattern", "codes.weak_pattern", "a spreadsheet would compute it"),
        (Wanted("money", 1), "reward", "codes.no_batch", "money on a member's card has no bearer"),
        (Wanted("books", 1), "reward", "codes.no_batch", "the partner made its codes"),
        (Wanted("ten", 1, "", clock.now() - timedelta(days=1)), "expires_at", "out_of_range", "ended before it began"),
    ],
)
def test_what_cannot_be_made(shop: Any, wanted: Wanted, field: str, code: str, why: str) -> None:
    with pytest.raises(FieldsRefused) as refused:
        make_vouchers.order(wanted, now=clock.now())
    assert [(p.field, p.code) for p in refused.value.problems] == [(field, code)], why


def test_the_database_and_other_businesses_learn_no_code(shop: Any, fumi: Any) -> None:
    batch = made(Wanted("ten", 3, PATTERN))
    with connection.cursor() as cursor:
        cursor.execute("SELECT v::text, b::text FROM rewards_voucher v JOIN rewards_batch b ON b.id = v.batch_id")
        kept = str(cursor.fetchall())
    assert not any(code in kept for code in listed(batch))
    with context.within(fumi):
        assert batches.get(batch.id) is None
        assert not codes.check(Typed(listed(batch)[0], None, None), locale="en", now=clock.now())["usable"]
