"""Nothing is spent without its proof: which one by what the day comes to, each good once, also when many ask at once."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection

from ganbo.books.events.reading import VOUCHED, Shown
from ganbo.books.ledger import queries as ledger
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import join, proving, sell, show_proof, stories
from ganbo.journeys.redemption_writing import Ask
from ganbo.kernel.refusal import Refusal
from ganbo.people.channels.models import Message
from ganbo.people.members import pins, proofs, queries, tokens
from ganbo.people.members.operations import Person
from ganbo.people.members.proofs import Asking

PROGRAMME = """\
ganbo: 1
programme: proofs
name: {vi: Giữ điểm, en: Safe}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, face_value: 100, pay: {rate: 100, as: payment}}
  card: {name: {vi: tiền trong thẻ, en: card money}, money: true}
earn:
  - {id: some, on: visit, give: {wallet: points, amount: 1000}}
  - {id: money, on: checkin, give: {wallet: card, amount: 500000}}
rewards:
  - {id: tote, name: {vi: Túi vải, en: Tote bag}, kind: gift, price: {wallet: points, amount: 300}}
spend_proof: [{by: [token, otp, manager]}, {up_to: 50000, per: day, by: [card_pin]}]
claims: {within_days: 7, by: [receipt_qr], max_per_day: 2}
examples:
  - story:
      - event: {type: visit, occurred_at: 2026-11-23T10:00:00+07:00}
      - {redeem: tote, refused: proof.needed}
      - {redeem: tote, proof: card_pin}
      - {redeem: tote, proof: card_pin, refused: proof.needed}
      - {redeem: tote, proof: otp}
      - {after: 1d, redeem: tote, proof: card_pin}
      - event: {type: purchase, data: {amount: 10000, paid: [{with: points, amount: 10000}]}}
        proof: card_pin
    expect: {balances: {points: 0}, vouchers: {tote: 3}}
"""
KEY = settings.SECRET_KEY
RACES = int(os.environ.get("TORTURE_PROOFS", "1"))
AT_THE_TILL = Asking("staff:1", note="test")


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    """PINs are hashed slowly on purpose; here the way counts, not the hash. Codes are as few as outside the demo."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.DEMO = False


@pytest.fixture
def rich(lan: str, shop: Any) -> str:
    """10.000 ₫ in points a hundred times over, and 500.000 ₫ on the card."""
    for type in ("visit", "visit", "visit", "checkin"):
        told(shop, {"id": f"e:{chance.new_id()}", "type": type, "member": lan})
    return lan


def told(shop: Any, body: dict[str, Any]) -> Any:
    return sell.record(shop, {"occurred_at": clock.now().isoformat(), **body}, now=clock.now())


def sale(member: Any, amount: int, way: str = "card_money", **more: Any) -> dict[str, Any]:
    data = {"amount": amount, "paid": [{"with": way, "amount": amount}]}
    return {"id": f"e:{chance.new_id()}", "type": "purchase", "member": member, "data": data, **more}


def spend(shop: Any, member: Any, amount: int, proof: Any = None, **more: Any) -> str:
    """applied, or the code of the refusal."""
    body = sale(member, amount, **more) | ({"proof": {"id": str(proof.id)}} if proof else {})
    outcome = told(shop, body)
    return outcome.status if outcome.refusal is None else outcome.refusal.code


def pin(member: str) -> Any:
    with_pin(member)
    return show_proof.by_pin(UUID(member), "2580", AT_THE_TILL, at=clock.now())


def with_pin(member: str) -> None:
    show_proof.set_pin(UUID(member), "2580", by="test", at=clock.now())


def otp(member: str) -> Any:
    row = queries.get(UUID(member))
    assert row is not None
    sent = show_proof.send_code(row, AT_THE_TILL, locale="vi", at=clock.now())
    body = Message.objects.get(cause=f"code:{sent.proof.id}").body
    return show_proof.by_code(sent.proof.id, body[:6], at=clock.now())


def allowed(member: str, most: int = 100_000) -> Any:
    row = show_proof.ask_manager(UUID(member), Asking("staff:1", note="túi", most=most), at=clock.now())
    show_proof.decide(row.id, yes=True, reason="quên điện thoại", by="staff:2", at=clock.now())
    return proofs.get(row.id)


def money(member: str) -> int:
    return ledger.balances(UUID(member), ["card"], at=clock.now())["card"].available


@pytest.mark.parametrize(
    ("before", "amount", "by", "end", "why"),
    [
        (0, 10_000, None, "proof.needed", "a static id alone never spends"),
        (0, 50_000, pin, "applied", "the small limit itself is small"),
        (0, 50_001, pin, "proof.needed", "above it a PIN is not enough"),
        (30_000, 20_000, pin, "applied", "both together are the limit"),
        (30_000, 20_001, pin, "proof.needed", "what was spent today counts"),
        (0, 10_000, otp, "applied", "what is good for more is good for less"),
        (0, 90_000, otp, "applied", "any amount"),
        (0, 90_000, allowed, "applied", "a manager allowed as much"),
        (0, 100_001, allowed, "proof.not_good", "a manager allowed less"),
    ],
)
def test_which_proof_a_spend_takes(
    rich: str, shop: Any, before: int, amount: int, by: Callable[[str], Any] | None, end: str, why: str
) -> None:
    if before:
        assert spend(shop, rich, before, otp(rich)) == "applied"
    assert spend(shop, rich, amount, by(rich) if by else None) == end, why
    assert money(rich) == 500_000 - before - (amount if end == "applied" else 0)


def test_a_proof_is_good_once_for_one_member_and_not_for_long(rich: str, shop: Any) -> None:
    body = sale(rich, 10_000) | {"proof": {"id": str(otp(rich).id)}, "occurred_at": clock.now().isoformat()}
    first = told(shop, body)
    assert told(shop, body).status == "replayed", "the same sale told again asks for nothing"
    again = told(shop, body | {"id": "e:other"})
    assert (first.status, again.refusal.code) == ("applied", "proof.not_good"), "a proof is used once"
    other = str(join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id)
    assert spend(shop, rich, 1_000, otp(other)) == "proof.not_good", "somebody else's"
    assert spend(shop, rich, 1_000, proofs.ProofRow(chance.new_id(), *[None] * 12)) == "proof.not_good", "nobody's"
    asked = show_proof.ask_manager(UUID(rich), Asking("staff:1", most=9_000), at=clock.now())
    assert spend(shop, rich, 1_000, asked) == "proof.not_good", "not yet allowed"
    show_proof.decide(asked.id, yes=False, reason="lạ", by="staff:2", at=clock.now())
    assert spend(shop, rich, 1_000, asked) == "proof.not_good", "refused"
    old = show_proof.ask_manager(UUID(rich), Asking("staff:1", most=9_000), at=clock.now() - timedelta(minutes=25))
    show_proof.decide(old.id, yes=True, reason="ừ", by="staff:2", at=clock.now() - timedelta(minutes=11))
    assert spend(shop, rich, 1_000, old) == "proof.not_good", "over"
    assert money(rich) == 490_000


def test_the_wallets_code_is_fresh_for_half_a_minute_and_spends_once(rich: str, shop: Any) -> None:
    def code(seconds: float) -> dict[str, str]:
        return {"token": tokens.make(UUID(rich), key=KEY, at=clock.now() - timedelta(seconds=seconds))}

    fresh, old = code(5), code(40)
    outcomes = [told(shop, sale(member, 10_000)) for member in (fresh, fresh, old, code(31))]
    assert [o.refusal.code if o.refusal else o.status for o in outcomes] == [
        "applied", "proof.not_good", "proof.not_good", "proof.not_good",
    ]  # fmt: skip
    earned = told(shop, {"id": "e:old", "type": "visit", "member": old})
    assert earned.status == "applied", "a code that is over still names its member, who earns"
    seen = show_proof.by_token(code(3)["token"], AT_THE_TILL, at=clock.now())
    assert spend(shop, rich, 60_000, seen) == "applied", "scanned in time, the bill may take a little longer"
    with pytest.raises(proving.ProofNotGood):
        show_proof.by_token(old["token"], AT_THE_TILL, at=clock.now())
    forged = tokens.make(UUID(rich), key="another key", at=clock.now())
    assert tokens.read(forged, key=KEY) is None
    assert all(tokens.read(text, key=KEY) is None for text in ("", "gbt.", "gbt.é", fresh["token"][:-1] + "A="))


def test_gifts_for_points_take_a_proof_by_what_the_points_are_worth(rich: str, shop: Any) -> None:
    def gift(shown: Shown | None, key: str | None = None) -> str:
        ask = Ask(("id", rich), "tote", 1, key, b"same", shown=shown)
        given = sell.redeem(shop, ask, now=clock.now())
        return given.status if given.refusal is None else given.refusal.code

    assert gift(None) == "proof.needed"
    first = Shown("id", pin(rich).id)
    assert (gift(first, "key"), gift(first, "key")) == ("issued", "replayed")
    assert gift(Shown("id", pin(rich).id)) == "proof.needed", "30.000 ₫ twice is more than the limit"
    assert gift(VOUCHED) == "issued", "the member's own wallet, or a server that signed them in"
    row = queries.get(UUID(rich))
    assert row is not None
    programme_day = proving.spent_today(UUID(rich), _programme(shop), now=clock.now())
    assert programme_day == 60_000, "every spend counts, however it was proved"
    assert proving.spent_today(UUID(rich), _programme(shop), now=clock.now() + timedelta(days=1)) == 0


def _programme(shop: Any) -> Any:
    from ganbo.features.programmes import queries as programmes

    return programmes.in_force_at(shop.schema, clock.now()).programme


def test_a_pin_is_guessed_five_times_and_then_locked_until_a_new_one_is_set(lan: str, shop: Any) -> None:
    member, now = UUID(lan), clock.now()

    def tried(digits: str) -> str:
        try:
            return str(show_proof.by_pin(member, digits, AT_THE_TILL, at=now).state)
        except Refusal as refusal:
            return refusal.code

    assert tried("2580") == "pins.none"
    for weak in ("123", "1234", "9876", "0000", "1234567", "12a4", "٢٥٨٠"):
        with pytest.raises(pins.WeakPin):
            show_proof.set_pin(member, weak, by="test", at=now)
    with_pin(lan)
    assert [tried(p) for p in ("1111", "2580", "1", "2", "3", "4")] == [
        "pins.wrong", "given", *["pins.wrong"] * 4,
    ], "a right one forgets the wrong ones"  # fmt: skip
    assert (tried("5"), tried("2580"), pins.state(member)) == ("pins.locked", "pins.locked", "locked")
    with_pin(lan)
    assert (tried("2580"), pins.state(member)) == ("given", "set"), "the way out: a new PIN"
    assert "2580" not in str(pins.models.Pin.objects.get(pk=member).hashed)


def test_codes_are_few_and_tried_five_times(lan: str, shop: Any) -> None:
    row = queries.get(UUID(lan))
    assert row is not None
    sent = show_proof.send_code(row, AT_THE_TILL, locale="vi", at=clock.now())
    digits = Message.objects.get(cause=f"code:{sent.proof.id}").body[:6]
    for _ in range(5):
        with pytest.raises(Refusal, match="wrong_code"):
            show_proof.by_code(sent.proof.id, "0" * 6 if digits != "0" * 6 else "1" * 6, at=clock.now())
    with pytest.raises(Refusal, match="wrong_code"):
        show_proof.by_code(sent.proof.id, digits, at=clock.now())
    show_proof.send_code(row, AT_THE_TILL, locale="vi", at=clock.now())
    show_proof.send_code(row, AT_THE_TILL, locale="vi", at=clock.now())
    with pytest.raises(Refusal, match="too_many_codes"):
        show_proof.send_code(row, AT_THE_TILL, locale="vi", at=clock.now())
    assert sent.contact == f"••• {(row.phone or '')[-3:]}"


def test_a_manager_decides_once_with_a_reason_and_never_herself(lan: str, shop: Any) -> None:
    asked = show_proof.ask_manager(UUID(lan), Asking("staff:1", store="hoan-kiem", most=9), at=clock.now())
    ask_again = [proofs.asked(at=clock.now(), stores=stores) for stores in ((), ("hoan-kiem",), ("cau-giay",))]
    assert [asked.id in [one.id for one in found] for found in ask_again] == [True, True, False]

    def decided(by: str, reason: str, at: datetime | None = None) -> str:
        try:
            show_proof.decide(asked.id, yes=True, reason=reason, by=by, at=at or clock.now())
        except Refusal as refusal:
            return refusal.code
        return "decided"

    assert decided("staff:2", "  ") == "proof.reason_needed"
    assert decided("staff:1", "mình") == "proof.not_yourself"
    assert decided("staff:2", "muộn", clock.now() + timedelta(hours=1)) == "proof.not_waiting"
    assert [decided("staff:2", "quên máy"), decided("staff:3", "tôi nữa")] == ["decided", "proof.not_waiting"]
    assert proofs.decided()[0].reason == "quên máy"


def at_once(work: list[Callable[[], str]], shop: Any) -> list[str]:
    def run(one: Callable[[], str]) -> str:
        try:
            with context.within(shop):
                return one()
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(run, work))


@pytest.mark.parametrize("race", range(RACES))
def test_the_limit_and_the_proofs_hold_when_everything_comes_at_once(rich: str, shop: Any, race: int) -> None:
    with_pin(rich)
    shown = [pin(rich) for _ in range(8)]
    ends = at_once([lambda one=one: spend(shop, rich, 20_000, one) for one in shown], shop)
    assert sorted(ends) == ["applied"] * 2 + ["proof.needed"] * 6, "two of 20.000 ₫ fit into 50.000 ₫"
    one = otp(rich)
    ends = at_once([lambda: spend(shop, rich, 1_000, one) for _ in range(6)], shop)
    assert sorted(ends) == ["applied"] + ["proof.not_good"] * 5, "one proof, one spend"
    token = {"token": tokens.make(UUID(rich), key=KEY, at=clock.now())}
    ends = at_once([lambda: spend(shop, token, 1_000) for _ in range(6)], shop)
    assert sorted(ends) == ["applied"] + ["proof.not_good"] * 5, "one code of the wallet, one spend"
    assert money(rich) == 500_000 - 42_000
    tries = at_once(
        [lambda: str(show_proof.by_pin(UUID(rich), "9", AT_THE_TILL, at=clock.now())) for _ in range(12)], shop
    )
    assert tries.count("pins.wrong") <= 5, "parallel guessing gains nothing"


def test_the_examples_of_the_document_come_out(shop: Any) -> None:
    assert stories.run(_programme(shop)) == ()
