"""A forgotten sale is claimed with its slip: once, in time, so often a day, judged by the rules of its day."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from ganbo.books.ledger import queries as ledger
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import claim_slip, join, reverse, sell, verify_books
from ganbo.kernel.refusal import Refusal
from ganbo.people.members.operations import Person

PROGRAMME = """\
ganbo: 1
programme: claims
name: {vi: Bổ sung, en: Claims}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: past, on: purchase, when: 'local.date < "2020-01-01"', give: {wallet: points, amount: 1000}}
claims: {within_days: 7, by: [receipt_qr], max_per_day: 2}
"""


def sold(shop: Any, *, days_ago: float = 0, member: str | None = None) -> str:
    """A sale of 50.000 ₫."""
    at = clock.now() - timedelta(days=days_ago)
    body = {"id": f"e:{chance.new_id()}", "type": "purchase", "occurred_at": at.isoformat(), "data": {"amount": 50_000}}
    assert sell.record(shop, body | ({"member": member} if member else {}), now=clock.now()).status == "applied"
    return str(body["id"])


def claimed(code: str, member: str) -> str:
    """claimed, again, or the code of the refusal."""
    try:
        done = claim_slip.claim(code, UUID(member), by="test", at=clock.now())
    except Refusal as refusal:
        return refusal.code
    return "again" if done.replayed else "claimed"


def points(member: str) -> int:
    return ledger.balances(UUID(member), ["points"], at=clock.now())["points"].available


def somebody() -> str:
    return str(join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id)


def test_a_slip_is_claimed_once_and_so_many_a_day(lan: str, shop: Any) -> None:
    slips = [claim_slip.slip(sold(shop), at=clock.now()) for _ in range(3)]
    assert claim_slip.slip(slips[0].event_id, at=clock.now()) == slips[0], "printed again, it is the same"
    typed = slips[0].code.lower().replace("-", " ")
    assert [claimed(typed, lan), claimed(slips[0].code, lan), claimed(slips[0].code, somebody())] == [
        "claimed", "again", "events.already_claimed",
    ]  # fmt: skip
    assert [claimed(slips[1].code, lan), claimed(slips[2].code, lan)] == ["claimed", "claims.too_many"]
    assert claimed(slips[0].code, lan) == "again", "what was claimed before does not count anew"
    assert points(lan) == 10
    assert claimed(slips[2].code, somebody()) == "claimed", "another member has a day of their own"


@pytest.mark.parametrize(
    ("days_ago", "end", "why"),
    [(6, "claimed", "within seven days"), (7, "claimed", "the last day counts"), (8, "claims.over", "one day late")],
)
def test_in_time(lan: str, shop: Any, days_ago: int, end: str, why: str) -> None:
    event = sold(shop, days_ago=days_ago)
    try:
        code = claim_slip.slip(event, at=clock.now() - timedelta(days=days_ago)).code
    except Refusal as refusal:  # pragma: no cover
        pytest.fail(refusal.code)
    assert claimed(code, lan) == end, why
    assert points(lan) == (5 if end == "claimed" else 0), "by the rules of its own day"


def test_what_cannot_be_claimed(lan: str, shop: Any) -> None:
    undone, taken = sold(shop), sold(shop, member=lan)
    code = claim_slip.slip(undone, at=clock.now()).code
    reverse.reverse_event(undone, reason="", by="test", now=clock.now())
    assert claimed(code, lan) == "events.reversed"
    for event, why in ((undone, "events.reversed"), (taken, "events.already_claimed"), ("e:none", "events.unknown")):
        with pytest.raises(Refusal) as refused:
            claim_slip.slip(event, at=clock.now())
        assert refused.value.code == why
    guesses = [claimed(text, lan) for text in ("0000-0000-0000-0", "", "no slip", *["1234-5678-9ABC-D"] * 9)]
    assert guesses[0] == "claims.unknown" and guesses[-1] == "too_fast", "who guesses must wait"
    assert points(lan) == 5, "the sale that named her"


def test_two_phones_one_slip_and_one_phone_many_slips(shop: Any) -> None:
    def at_once(work: list[tuple[str, str]]) -> list[str]:
        def one(told: tuple[str, str]) -> str:
            try:
                with context.within(shop):
                    return claimed(*told)
            finally:
                connection.close()

        with ThreadPoolExecutor(len(work)) as pool:
            return sorted(pool.map(one, work))

    people = [somebody() for _ in range(4)]
    code = claim_slip.slip(sold(shop), at=clock.now()).code
    assert at_once([(code, member) for member in people]) == ["claimed", *["events.already_claimed"] * 3]
    assert sum(points(member) for member in people) == 5
    lan, slips = somebody(), [claim_slip.slip(sold(shop), at=clock.now()).code for _ in range(5)]
    assert at_once([(code, lan) for code in slips]) == ["claimed"] * 2 + ["claims.too_many"] * 3
    assert points(lan) == 10
    assert verify_books.verify().differences == ()


def test_a_programme_without_claims_prints_none(new_business: Any) -> None:
    other = new_business(PROGRAMME.replace("claims: {", "# claims: {"))
    with context.within(other), pytest.raises(claim_slip.NoClaims):
        claim_slip.slip(sold(other), at=clock.now())
