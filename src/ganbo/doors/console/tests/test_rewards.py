"""Rewards in the console: who may, batches, a partner's codes, handing over."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from ganbo.features.rewards import batches, pools, queries
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.staff import operations
from ganbo.foundation.tenancy import context
from ganbo.journeys import holdings, join, make_vouchers, redeem_reward, verify_books
from ganbo.journeys.redemption_writing import Ask
from ganbo.people.members.operations import Person

PROGRAMME = """\
ganbo: 1
programme: console-rewards
name: Quà
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, expires: {kind: never}}
earn:
  - {id: welcome, on: signup, give: {wallet: points, amount: 1000}}
rewards:
  - {id: cake, name: {vi: Bánh, en: Cake}, kind: free_item, sku: cake, price: {wallet: points, amount: 100}, cost: 12000, value: 55000, taste: emotional}
  - {id: tumbler, name: {vi: Ly, en: Tumbler}, kind: gift, price: {wallet: points, amount: 200}, stock: 3, fulfil: later}
  - {id: books, name: {vi: Sách, en: Books}, kind: partner_card, codes: imported, price: {wallet: points, amount: 100}}
"""


@pytest.fixture
def shop(new_business: Callable[[str], Any]) -> Iterator[Any]:
    business = new_business(PROGRAMME)
    with context.within(business):
        yield business


@pytest.fixture
def browser(shop: Any) -> Callable[[str], Client]:
    """Somebody of the staff, signed in."""

    def signed_in(role: str) -> Client:
        from django.contrib.auth import get_user_model

        email = f"{role}-{shop.slug}@example.com"
        operations.ensure(email, name=role, business_id=shop.id, role=role, password="mot-mat-khau-dai")
        found = Client(headers={"accept-language": "en"}, SERVER_NAME="127.0.0.1")
        found.force_login(get_user_model().objects.get(email=email), "django.contrib.auth.backends.ModelBackend")
        return found

    return signed_in


def at(shop: Any, path: str = "") -> str:
    return f"/b/{shop.slug}/console/rewards/{path}"


def redeem(shop: Any, reward: str) -> tuple[Any, dict[str, Any]]:
    member = join.join(Person(phone=f"+849{chance.digits(8)}", name="Nguyễn Lan"), at=clock.now()).member_id
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        given = redeem_reward.redeem(pipe, shop, [Ask(("id", str(member)), reward)], now=clock.now())[0]
    return member, orjson.loads(given.answer or "")


def test_a_reward_shows_its_cost_beside_its_worth(shop: Any, browser: Callable[[str], Client]) -> None:
    page = browser("cashier").get(at(shop)).content.decode()
    for words in ("Cake", "12,000 ₫", "55,000 ₫", "to remember", "handed over later", "3 / 3", "sold out"):
        assert words in page
    assert "Make codes" not in page, "a cashier makes none"
    assert "Import" not in page


@pytest.mark.parametrize("role", ["cashier", "care", "marketer", "analyst", "auditor"])
def test_only_owners_and_managers_make_and_import_codes(shop: Any, browser: Callable[[str], Client], role: str) -> None:
    client, batch = browser(role), make_vouchers.order(make_vouchers.Wanted("cake", 1), now=clock.now())
    make_vouchers.make_some(at=clock.now())
    tried = [
        client.post(at(shop, "batches"), {"reward": "cake", "count": "5"}),
        client.get(at(shop, f"batches/{batch.id}.csv")),
        client.get(at(shop, "import")),
        client.post(at(shop, "import"), {"reward": "books", "do": "write", "text": "A"}),
        client.post(at(shop, f"hand-over/{chance.new_id()}/give-back")),
    ]
    assert [answer.status_code for answer in tried] == [403] * 5
    assert (pools.left(at=clock.now()), len(batches.latest(most=9))) == ({}, 1)


def finish(batch_id: Any) -> None:
    """Make what is left, whether or not a worker of another test is at it too."""
    until = clock.now() + timedelta(seconds=30)
    while (row := batches.get(batch_id)) is None or row.done < row.count:
        assert clock.now() < until, "a thousand codes take no half minute"
        make_vouchers.make_some(at=clock.now())


def test_a_batch_is_made_and_downloaded(shop: Any, browser: Callable[[str], Client], fumi: Any) -> None:
    manager = browser("manager")
    for form in ({"count": "0"}, {"count": "1.000.001"}, {"count": "x"}, {"count": "2", "pattern": "TET-###"}):
        assert manager.post(at(shop, "batches"), {"reward": "cake"} | form).status_code == 422, form
    assert manager.post(at(shop, "batches"), {"reward": "none", "count": "2"}).status_code == 422
    assert manager.post(at(shop, "batches"), {"reward": "cake", "count": "1.000"}).status_code == 302
    (batch,) = batches.latest(most=9)
    address = at(shop, f"batches/{batch.id}.csv")
    finish(batch.id)
    waiting = replace(batch, id=chance.new_id(), count=2_000, done=0)
    with transaction.atomic():
        batches.create(waiting)  # nobody was woken for it
    assert manager.get(at(shop, f"batches/{waiting.id}.csv")).status_code == 404, "not before it is finished"
    assert "0 of 2,000" in manager.get(at(shop)).content.decode()
    lines = b"".join(manager.get(address).streaming_content).decode().split()
    assert (lines[0], len(set(lines))) == ("code", 1_001)
    assert manager.get(f"/b/{fumi.slug}/console/rewards/batches/{batch.id}.csv").status_code == 403


def test_a_file_is_looked_through_first_and_then_brought_in(shop: Any, browser: Callable[[str], Client]) -> None:
    manager = browser("manager")
    file = SimpleUploadedFile("codes.csv", b"code,last day\nA-1,30/06/2030\nA-1\n<b>&,2030-01-01\nA-2,nonsense\n")
    looked = manager.post(at(shop, "import"), {"reward": "books", "do": "look", "file": file})
    page = looked.content.decode()
    assert "Import 2 codes" in page
    assert "Line 5: the last day is written" in page
    assert "no-store" in looked["Cache-Control"], "codes stay in no cache"
    assert pools.left(at=clock.now()) == {}, "nothing is written yet"
    text = looked.context["text"]
    assert manager.post(at(shop, "import"), {"reward": "books", "do": "write", "text": text}).status_code == 302
    assert pools.left(at=clock.now()) == {"books": 2}
    again = manager.post(at(shop, "import"), {"reward": "books", "do": "write", "text": text})
    assert "There is nothing new to import." in again.content.decode()
    _, answer = redeem(shop, "books")
    assert answer["voucher"]["code"] == "<b>&"
    assert "&lt;b&gt;" not in manager.get(at(shop, "hand-over?state=codes")).content.decode(), "staff see no code"


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"reward": "books"}, "no file"),
        ({"reward": "cake", "text": "A"}, "it makes its own codes"),
        ({"reward": "none", "text": "A"}, "no such reward"),
    ],
)
def test_what_is_not_imported(shop: Any, browser: Callable[[str], Client], form: dict[str, str], why: str) -> None:
    assert browser("owner").post(at(shop, "import"), {"do": "write"} | form).status_code == 422, why
    wrong = SimpleUploadedFile("codes.csv", b"\xff\xfeA")
    assert browser("owner").post(at(shop, "import"), {"reward": "books", "file": wrong}).status_code == 422
    assert pools.left(at=clock.now()) == {}


def test_what_is_handed_over_goes_from_list_to_list(shop: Any, browser: Callable[[str], Client]) -> None:
    _, answer = redeem(shop, "tumbler")
    cashier = browser("cashier")
    assert "Tumbler" in cashier.get(at(shop, "hand-over")).content.decode()
    for state in ("sent", "done"):
        assert cashier.post(at(shop, f"hand-over/{answer['id']}"), {"state": state}).status_code == 302
        assert "Tumbler" in cashier.get(at(shop, f"hand-over?state={state}")).content.decode()
        assert "Tumbler" not in cashier.get(at(shop, "hand-over")).content.decode()
    late = cashier.post(at(shop, f"hand-over/{answer['id']}"), {"state": "sent"}, follow=True).content.decode()
    assert "Somebody was faster" in late
    assert [r.fulfilment for r in queries.handed("done", most=9)] == ["done"], "never back"
    assert browser("analyst").get(at(shop, "hand-over")).status_code == 403


def test_a_manager_gives_points_back_for_a_code_the_partner_refused(
    shop: Any, browser: Callable[[str], Client]
) -> None:
    manager = browser("manager")
    manager.post(at(shop, "import"), {"reward": "books", "do": "write", "text": "A"})
    member, answer = redeem(shop, "books")
    page = manager.get(at(shop, "hand-over?state=codes")).content.decode()
    assert "Give the points back" in page
    back = manager.post(at(shop, f"hand-over/{answer['id']}/give-back"), follow=True)
    assert back.status_code == 200
    assert "points given back" in back.content.decode()
    assert holdings.balances(member, ["points"], at=clock.now())["points"].available == 1000
    assert pools.left(at=clock.now()) == {}, "nobody gets the code again"
    assert verify_books.verify().differences == ()
