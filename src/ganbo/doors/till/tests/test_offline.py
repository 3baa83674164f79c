"""What a till keeps and tells: signed, without anybody's number, answered entry by entry."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.test import Client

from ganbo.books.events import queries as events
from ganbo.books.ledger import queries as ledger
from ganbo.doors.till.tests.conftest import PROGRAMME
from ganbo.features.offline import models
from ganbo.features.programmes import queries as programmes
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import publish_programme
from ganbo.people.members import models as people

Enrol = Callable[..., Any]


@pytest.fixture
def offline(cafe: Any) -> None:
    """The café gives gifts up to 100,000 ₫ without a network."""
    if programmes.in_force_at(cafe.schema, clock.now()).programme.offline_up_to:
        return
    publish_programme.publish(PROGRAMME + "offline: {redeem_up_to: 100000}\n", by="tests")


@pytest.fixture
def lan(enrol: Enrol, offline: None, cashier_client: Client) -> Any:
    """Bought for a million, so that she has a hundred points and more."""
    found = enrol("Nguyễn Thị Lan", tier="gold", address_form="chị")
    sold = {"sale": str(chance.new_id()), "member": str(found.id), "amount": "1.000.000"}
    assert cashier_client.post("/till/sell/", sold).status_code == 302
    return found


def kept(client: Client) -> dict[str, Any]:
    assert client.get("/till/").status_code == 200  # names the browser
    answer = client.get("/till/offline/kept/")
    assert answer.status_code == 200
    return orjson.loads(answer.content)  # type: ignore[no-any-return]


def person(all: dict[str, Any], typed: str) -> dict[str, Any] | None:
    """As the browser looks somebody up."""
    digest = base64.b64encode(hmac.digest(all["key"].encode(), typed.encode(), hashlib.sha256)[:16]).decode()
    at = all["index"].get(digest)
    return None if at is None else all["people"][at]


def entry(all: dict[str, Any], kind: str = "sale", **fields: str) -> dict[str, Any]:
    now = int(clock.now().timestamp() * 1000)
    return {"id": str(chance.new_id()), "kind": kind, "at": now, "paper": all["paper"], "fields": fields}


def tell(client: Client, *told: Any) -> list[str]:
    answer = client.post("/till/offline/tell/", {"told": list(told)}, content_type="application/json")
    assert answer.status_code == 200
    results = orjson.loads(answer.content)["results"]
    assert [row["id"] for row in results] == [one["id"] for one in told]
    return [row["state"] for row in results]


def points(member: Any) -> int:
    return ledger.balances(member.id, ["points"], at=clock.now())["points"].available


def gift(all: dict[str, Any], who: dict[str, Any], **other: str) -> dict[str, Any]:
    fields = {"member": who["id"], "reward": "peach-tea", "day": all["day"], "lease": who["lease"]} | other
    return entry(all, "gift", **fields)


def test_the_snapshot_knows_lan_and_holds_nobodys_number(cashier_client: Client, lan: Any) -> None:
    all = kept(cashier_client)
    found = person(all, lan.phone)
    assert found is not None
    assert (found["name"], found["has"], found["may"]) == ("Chị Lan", {"points": points(lan)}, 100_000)
    assert person(all, "+84999999999") is None
    text = orjson.dumps(all).decode()
    for secret in (lan.phone, lan.phone[3:], "Nguyễn", *lan.cards):
        assert secret not in text
    assert [g["id"] for g in all["gifts"]["gold"]] == ["peach-tea"], "what is scarce or conditional waits"
    assert kept(cashier_client)["key"] != all["key"]
    cashier_client.cookies.pop("till_device")
    assert cashier_client.get("/till/offline/kept/").status_code == 409, "only for a browser that has its name"
    assert all["rates"] == [{"wallet": "points", "amount": 1, "per": 10_000, "least": 0, "times": True}]


def test_a_sale_and_a_gift_are_told_once(cashier_client: Client, lan: Any) -> None:
    all, before = kept(cashier_client), points(lan)
    who = person(all, lan.phone)
    assert who is not None
    sale, tea = entry(all, amount="110", member=who["id"]), gift(all, who)
    assert tell(cashier_client, sale, tea, sale) == ["told", "told", "again"]
    assert tell(cashier_client, tea, sale) == ["again", "again"]
    assert points(lan) == before + 16 - 60
    row = events.get(f"till:{sale['id']}")
    assert row is not None
    assert row.net == 110_000
    after = person(kept(cashier_client), lan.phone)
    assert after is not None
    assert after["may"] == 94_000
    assert not models.Conflict.objects.filter(pk__in=[sale["id"], tea["id"]]).exists()


def test_a_form_that_did_arrive_before_the_network_was_lost_counts_once(cashier_client: Client, lan: Any) -> None:
    all, before = kept(cashier_client), points(lan)
    one = entry(all, amount="50.000", member=str(lan.id))
    form = {"sale": one["id"], "member": str(lan.id), "amount": "50.000"}
    assert cashier_client.post("/till/sell/", form).status_code == 302
    assert tell(cashier_client, one) == ["again"]
    assert tell(cashier_client, one | {"fields": one["fields"] | {"amount": "60.000"}}) == ["noted"]
    assert points(lan) == before + 7


@pytest.mark.parametrize(
    ("change", "code", "why"),
    [
        ({"paper": "made:up"}, "offline.bad_paper", "a snapshot that we did not sign"),
        ({"fields": {"lease": "0" * 32}}, "offline.unreadable", "a lease that we did not sign"),
        ({"fields": {"member": "0192d8a4-5c1e-7aaa-8bbb-0123456789ab"}}, "offline.unreadable", "another member's"),
        ({"fields": {"day": "2026-11-01"}}, "offline.unreadable", "another day's"),
        ({"fields": {"member": "nobody"}}, "offline.unreadable", "no member at all"),
        ({"kind": "sale", "fields": {"amount": "much"}}, "offline.unreadable", "no amount"),
    ],
)
def test_what_was_tampered_with_moves_nothing_and_the_manager_is_told(
    cashier_client: Client, lan: Any, change: dict[str, Any], code: str, why: str
) -> None:
    all, before = kept(cashier_client), points(lan)
    who = person(all, lan.phone)
    assert who is not None
    told = gift(all, who)
    told |= change | {"fields": told["fields"] | change.get("fields", {})}
    assert tell(cashier_client, told) == ["noted"], why
    assert [c.code for c in models.Conflict.objects.filter(pk=told["id"])] == [code], why
    assert points(lan) == before, why


def test_a_sale_with_a_paper_that_is_not_ours_can_be_recorded_by_hand(cashier_client: Client, lan: Any) -> None:
    one = entry(kept(cashier_client) | {"paper": "of another key"}, amount="110", order_id="HK-7", member=str(lan.id))
    assert tell(cashier_client, one, one) == ["noted", "noted"]
    noted = models.Conflict.objects.get(pk=one["id"])
    assert orjson.loads(noted.params) == {"amount": 110_000, "order_id": "HK-7"}
    assert events.get(f"till:{one['id']}") is None


def test_a_paper_of_another_business_or_a_changed_one_is_none(
    cashier_client: Client, lan: Any, new_business: Callable[[str], Any]
) -> None:
    from ganbo.doors.till.offline import papers

    all = kept(cashier_client)
    assert papers.read(all["paper"], context.current().schema) is not None
    assert papers.read(all["paper"], "another") is None
    assert papers.read("x" + all["paper"], context.current().schema) is None


def test_a_lease_of_yesterday_gives_nothing(cashier_client: Client, lan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    all = kept(cashier_client)
    who = person(all, lan.phone)
    assert who is not None
    tea = gift(all, who)
    tomorrow = clock.now() + timedelta(days=1)
    tea["at"] = int(tomorrow.timestamp() * 1000)
    from ganbo.foundation import clock as clocks

    monkeypatch.setattr(clocks, "now", lambda: tomorrow)
    assert tell(cashier_client, tea) == ["noted"]


def test_nonsense_is_answered_and_nothing_is_lost(cashier_client: Client, lan: Any) -> None:
    all = kept(cashier_client)
    good = entry(all, amount="20.000", who=f"09{chance.digits(8)}")
    odd = [{"id": "no id", "kind": "sale"}, {"id": str(chance.new_id())}, good | {"at": "soon"}]
    assert tell(cashier_client, *odd) == ["noted", "noted", "told"]
    row = events.get(f"till:{good['id']}")
    assert row is not None
    assert people.Member.objects.get(pk=row.member_id).phone is not None, "a new number has a card"
    for body in (b"", b"[]", b'{"told": 5}', b'{"told": [5]}'):
        answer = cashier_client.post("/till/offline/tell/", body, content_type="application/json")
        assert answer.status_code == 400


def test_only_the_till_staff_of_this_business_keep_and_tell(
    host: None, offline: None, sign_in: Callable[..., Client]
) -> None:
    for client in (Client(), sign_in("care")):
        assert client.get("/till/offline/kept/").status_code == 401
        assert client.get("/till/offline/tell/").status_code == 401
        assert client.post("/till/offline/tell/", {"told": []}, content_type="application/json").status_code == 401
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/till/offline/tell/", {"told": []}, content_type="application/json").status_code == 403


def test_signing_out_gives_todays_leases_to_the_next_till(lan: Any, sign_in: Callable[..., Client]) -> None:
    first, second = sign_in("cashier"), sign_in("cashier")
    mine = person(kept(first), lan.phone)
    assert mine is not None
    assert "lease" in mine
    theirs = person(kept(second), lan.phone)
    assert theirs is not None
    assert "lease" not in theirs
    assert first.post("/till/out/", {"released": "1"}).status_code == 302
    assert first.get("/till/offline/kept/").status_code == 401
    again = person(kept(second), lan.phone)
    assert again is not None
    assert again["may"] == 100_000


def test_the_page_and_its_worker(cashier_client: Client, lan: Any) -> None:
    page = cashier_client.get("/till/offline/")
    assert page.status_code == 200
    assert "Mất mạng: vẫn tích điểm. Đổi quà tối đa 100.000\u00a0₫ một khách." in page.content.decode()
    assert lan.phone not in page.content.decode()
    worker = Client().get("/till/worker.js")
    assert worker.status_code == 200
    assert worker["Content-Type"].startswith("text/javascript")
