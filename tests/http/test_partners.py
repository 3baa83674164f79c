"""Partners over HTTP: an outside one with its own key, two businesses here, statements on both sides, nobody else's."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.conf import settings

from ganbo.features.rewards import batches
from ganbo.features.rewards import queries as rewards
from ganbo.foundation import chance, clock
from ganbo.foundation.staff import keys
from ganbo.foundation.tenancy import context
from ganbo.journeys import join, make_vouchers, publish_programme, verify_books
from ganbo.people.members.operations import Person
from tests import serving
from tests.http.test_codes import only
from tests.journeys.test_partners import AT_BOOKS, BOOKS, CAFE, OUTSIDE

AT = "/partners/florist"


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return {}


@pytest.fixture
def shop(new_business: Callable[[str], Any], made: dict[str, Any]) -> Iterator[Any]:
    """The module's café, with a florist outside that takes gift cards, too."""
    if not made:
        made["shop"] = new_business(CAFE + OUTSIDE.replace("[points]", "[points, gift_card]"))
    with context.within(made["shop"]):
        yield made["shop"]


@pytest.fixture
def florist(server: str, shop: Any) -> httpx.Client:
    return only(server, shop, "partner:florist")


@pytest.fixture
def client(server: str, shop: Any) -> Iterator[httpx.Client]:
    yield from serving.client(server, shop)


def card_of() -> str:
    card = f"C{chance.digits(9)}"
    join.join(Person(phone=f"+849{chance.digits(8)}", card=card), at=clock.now())
    return card


def gift_card() -> str:
    """The code of a gift card of 200,000."""
    batch = make_vouchers.order(make_vouchers.Wanted("our-card", 1), now=clock.now())
    while make_vouchers.make_some(at=clock.now()):
        pass
    return next(batches.all_codes(batch, key=settings.CODE_KEY))


def test_an_outside_partner_with_its_own_key(florist: httpx.Client, client: httpx.Client) -> None:
    card = card_of()
    asked = florist.post(f"{AT}/card", json={"card": card}).json()
    assert asked == {"issuer": "Test", "points": 500, "worth": {"amount": 50_000, "currency": "VND"}}
    told = {"reference": "r1", "amount": 120_000, "card": card, "points": 40}
    first = florist.post(f"{AT}/bills", json=told)
    assert first.status_code == 201, first.text
    assert (first.json()["earned"], first.json()["paid_by_points"]["amount"]) == (6, 4_000)
    assert first.json()["owed"]["amount"] == 6 * 101 - 40 * 97
    assert florist.post(f"{AT}/bills", json=told).json() == first.json(), "told again"
    assert florist.post(f"{AT}/card", json={"card": card}).json()["points"] == 466
    part = florist.post(f"{AT}/returns", json={"reference": "r2", "bill": "r1", "amount": 60_000}).json()
    assert (part["earned"], part["points_used"], part["owed"]["amount"]) == (3, 20, 20 * 97 - 3 * 101)
    (row,) = client.get("/partners").json()["items"]
    assert (row["id"], row["agreed"], row["owed"]["amount"]) == ("florist", True, 3 * 101 - 20 * 97)
    (month,) = row["months"]
    shown = florist.get(f"{AT}/statements/{month}").json()
    assert [(line["kind"], line["reference"], line["amount"]) for line in shown["lines"]] == [
        ("earn", "r1", 606), ("points", "r1", -3880), ("earn_back", "r2", -303), ("points_back", "r2", 1940)
    ]  # fmt: skip
    assert (shown["state"], shown["opening"], shown["closing"]) == ("running", 0, -1637)
    early = client.post(f"{AT}/statements/{month}/settle")
    assert (early.status_code, early.json()["code"]) == (409, "partners.month_not_over")
    assert verify_books.verify().differences == ()


def test_a_gift_card_pays_there_in_parts_and_gets_returns_back(florist: httpx.Client, client: httpx.Client) -> None:
    code = gift_card()
    told = {"reference": "g1", "amount": 150_000, "gift_card": {"code": code, "amount": 120_000}}
    first = florist.post(f"{AT}/bills", json=told).json()
    assert (first["earned"], first["paid_by_gift_card"]["amount"], first["owed"]["amount"]) == (0, 120_000, -120_000)
    short = florist.post(f"{AT}/bills", json=told | {"reference": "g2"})
    assert (short.status_code, short.json()["errors"][0]["code"]) == (422, "codes.gift_card_short")

    def left() -> int:
        return int(client.post("/codes/check", json={"code": code}).json()["left"]["amount"])

    assert left() == 80_000
    for reference, amount, then in (("g3", 50_000, 120_000), ("g4", None, 200_000)):
        back = {"reference": reference, "bill": "g1"} | ({"amount": amount} if amount else {})
        assert florist.post(f"{AT}/returns", json=back).status_code == 201
        assert left() == then
    found = rewards.by_code(code)
    assert found is not None and found.state == "issued"
    assert verify_books.verify().differences == ()


# (path, body, status, code, why)
WRONG = [
    ("card", {"card": "nobody"}, 422, "members.unknown", "no card of ours"),
    ("bills", {"reference": "w", "amount": 5, "card": "nobody"}, 422, "members.unknown", "no card of ours"),
    ("bills", {"reference": "w", "amount": 0, "card": "x"}, 422, "fields.refused", "a bill of nothing"),
    ("bills", {"reference": "w", "amount": 5}, 422, "fields.refused", "whose?"),
    ("bills", {"reference": "w", "amount": 5, "card": "x", "phone": "y"}, 422, "fields.refused", "no phones here"),
    (
        "bills",
        {"reference": "w", "amount": 5, "gift_card": {"code": "x", "amount": 6}},
        409,
        "partners.too_much",
        "more",
    ),
    ("returns", {"reference": "w", "bill": "none"}, 404, "partners.bill_unknown", "no such bill"),
]


@pytest.mark.parametrize(("path", "body", "status", "code", "why"), WRONG)
def test_what_is_refused(
    florist: httpx.Client, path: str, body: dict[str, Any], status: int, code: str, why: str
) -> None:
    answer = florist.post(f"{AT}/{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), why


def test_a_partners_key_is_for_its_own_calls_alone(
    florist: httpx.Client, client: httpx.Client, fumi_api: httpx.Client, server: str, shop: Any
) -> None:
    assert florist.post("/partners/baker/card", json={"card": "x"}).status_code == 403
    for call in ("/partners", "/members", "/programme"):
        assert florist.get(call).status_code == 403, call
    assert florist.post(f"{AT}/statements/2026-01/settle").status_code == 403
    assert only(server, shop, "members:read").post(f"{AT}/card", json={"card": "x"}).status_code == 403
    assert fumi_api.post(f"{AT}/card", json={"card": "x"}).status_code == 404, "another business has no such partner"
    assert client.get(f"{AT}/statements/2020-01").status_code == 404
    assert client.get(f"{AT}/statements/2020-13").status_code in (404, 422)
    with pytest.raises(ValueError, match="unknown scope"):
        keys.create(shop.id, name="x", scopes=["partner:"])


def test_two_businesses_here_agree_then_both_read_the_same(server: str, new_business: Callable[..., Any]) -> None:
    cafe, books = new_business(CAFE.removesuffix("partners:\n")), new_business(BOOKS.removesuffix("partners:\n"))
    with context.within(cafe):
        publish_programme.publish(CAFE + f"  - {{id: bookshop, business: {books.slug}, {AT_BOOKS}}}\n", by="tests")
        card = card_of()
    with context.within(books):
        publish_programme.publish(BOOKS + f"  - {{id: coffee, business: {cafe.slug}}}\n", by="tests")
    ours, theirs = only(server, cafe, "partners:write"), only(server, books, "partners:write")
    told = {"reference": "b1", "amount": 100_000, "card": card}
    refused = ours.post("/partners/bookshop/bills", json=told)
    assert (refused.status_code, refused.json()["code"]) == (409, "partners.not_agreed")
    assert '"pays_us":110' in theirs.post("/partners/coffee/agree").json()["terms"].replace(" ", "")
    bill = ours.post("/partners/bookshop/bills", json=told).json()
    assert (bill["earned"], bill["owed"]["amount"]) == (5, 550)
    month = ours.get("/partners").json()["items"][0]["months"][0]
    mine = ours.get(f"/partners/bookshop/statements/{month}").json()
    yours = theirs.get(f"/partners/coffee/statements/{month}").json()
    assert (mine["closing"], yours["closing"]) == (550, -550)
    assert [line["id"] for line in mine["lines"]] == [line["id"] for line in yours["lines"]]
