"""Proofs over HTTP: a spend is refused with what is enough, each way gives one, a trusted key needs none."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.conf import settings

from ganbo.foundation import chance, clock
from ganbo.foundation.staff import keys
from ganbo.foundation.tenancy import context
from ganbo.journeys import show_proof
from ganbo.people.channels.models import Message
from ganbo.people.members import tokens
from tests import serving
from tests.journeys.test_proofs import PROGRAMME


@pytest.fixture
def shop(new_business: Any) -> Iterator[Any]:
    business = new_business(PROGRAMME)
    with context.within(business):
        yield business


@pytest.fixture
def trusted(server: str, shop: Any) -> Iterator[httpx.Client]:
    yield from serving.client(server, shop)


@pytest.fixture
def till(server: str, shop: Any) -> Iterator[httpx.Client]:
    scopes = [scope for scope in keys.SCOPES if scope != "spend:vouched"]
    _, secret = keys.create(shop.id, name="till", scopes=scopes)
    headers = {"Authorization": f"Bearer {secret}", "Accept-Language": "en"}
    with httpx.Client(base_url=server + "/api/v1", headers=headers, timeout=20) as client:
        yield client


def rich(client: httpx.Client) -> str:
    member = client.post("/members", json={"phone": f"+849{chance.digits(8)}", "card": chance.digits(9)}).json()["id"]
    for type in ("visit", "checkin"):
        assert client.post("/events", json=event(member, type=type)).status_code == 201
    return str(member)


def event(member: Any, amount: int = 0, *, type: str = "purchase", **more: Any) -> dict[str, Any]:
    data = {"amount": amount, "paid": [{"with": "card_money", "amount": amount}]} if amount else {}
    at = clock.now().isoformat()
    return {"id": f"e:{chance.new_id()}", "type": type, "occurred_at": at, "member": member, "data": data, **more}


def test_every_way_of_proving_a_spend(till: httpx.Client, trusted: httpx.Client, shop: Any) -> None:
    lan = rich(till)
    plain = till.post("/events", json=event(lan, 60_000))
    told = plain.json()
    assert (plain.status_code, told["code"], told["spent"]) == (409, "proof.needed", 60_000)
    assert told["ways"] == ["token", "otp", "manager"]
    assert told["detail"].endswith("needs a proof, one of: token, otp, manager.")
    gift = till.post("/redemptions", json={"member": lan, "reward": "tote"}).json()
    assert gift["ways"] == ["card_pin", "token", "otp", "manager"]

    sent = till.post("/proofs", json={"member": lan, "by": "otp"}, headers={"Idempotency-Key": "once"})
    again = till.post("/proofs", json={"member": lan, "by": "otp"}, headers={"Idempotency-Key": "once"})
    assert (sent.status_code, sent.json()["state"], again.json()) == (201, "waiting", sent.json())
    at = f"/proofs/{sent.json()['id']}"
    digits = Message.objects.get(cause=f"code:{sent.json()['id']}").body[:6]
    wrong = till.post(f"{at}/confirm", json={"code": "000000" if digits != "000000" else "1"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "members.wrong_code")
    assert till.post(f"{at}/confirm", json={"code": digits}).json()["state"] == "given"
    body = event(lan, 60_000, proof={"id": sent.json()["id"]})
    assert [till.post("/events", json=body).status_code for _ in range(2)] == [201, 200], "told again, the same answer"
    assert till.get(at).json()["state"] == "used"
    used = till.post("/events", json=event(lan, 1_000, proof={"id": sent.json()["id"]}))
    assert (used.status_code, used.json()["code"]) == (409, "proof.not_good")

    code = tokens.make(_id(lan), key=settings.SECRET_KEY, at=clock.now())
    assert till.post("/redemptions", json={"member": {"token": code}, "reward": "tote"}).status_code == 201
    bad = till.post("/events", json=event({"token": "gbt.none"}, 1_000)).json()
    assert bad["errors"][0] | {"message": ""} == {"field": "member.token", "code": "members.bad_token", "message": ""}

    asked = till.post("/proofs", json={"member": lan, "by": "manager", "amount": 70_000, "note": "áo"}).json()
    assert (asked["state"], asked["amount"]["amount"]) == ("waiting", 70_000)
    show_proof.decide(_id(asked["id"]), yes=True, reason="khách quen", by="staff:2", at=clock.now())
    assert till.get(f"/proofs/{asked['id']}").json()["reason"] == "khách quen"
    batch = {"events": [event(lan, 70_000, proof={"id": asked["id"]}), event(lan, 70_000)]}
    results = till.post("/events/batch", json=batch).json()["results"]
    assert [r["status"] for r in results] == ["applied", "refused"]
    assert trusted.post("/events/batch", json={"events": [event(lan, 7_000)]}).json()["applied"] == 1
    assert trusted.post("/events", json=event(lan, 7_000)).status_code == 201, "it signed the member in itself"
    spent = till.get(f"/members/{lan}/spending").json()
    assert spent["spent"]["amount"] == 60_000 + 30_000 + 70_000 + 14_000
    assert spent["levels"][0] == {"ways": ["card_pin"], "left": {"amount": 0, "currency": "VND"}}


def test_a_wrong_pin_stays_counted_also_under_a_key(till: httpx.Client, shop: Any, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # the server's
    lan = rich(till)
    show_proof.set_pin(_id(lan), "2580", by="test", at=clock.now())

    def tried(pin: str | None) -> dict[str, Any]:
        body = {"member": lan, "by": "card_pin"} | ({"pin": pin} if pin else {})
        found: dict[str, Any] = till.post("/proofs", json=body, headers={"Idempotency-Key": "pin"}).json()
        return found

    assert tried(None)["errors"][0]["code"] == "proof.pin_needed"
    assert [tried("1")["code"] for _ in range(5)] == ["pins.wrong"] * 4 + ["pins.locked"]
    assert tried("2580")["code"] == "pins.locked"
    show_proof.set_pin(_id(lan), "2580", by="test", at=clock.now())
    proof = tried("2580")["id"]
    assert till.post("/events", json=event(lan, 50_000, proof={"id": proof})).status_code == 201


def test_nobody_elses(till: httpx.Client, fumi_api: httpx.Client, shop: Any) -> None:
    lan = rich(till)
    asked = till.post("/proofs", json={"member": lan, "by": "manager", "amount": 1}).json()
    assert fumi_api.get(f"/proofs/{asked['id']}").json()["code"] == "proof.unknown"
    assert fumi_api.post("/proofs", json={"member": lan, "by": "otp"}).json()["code"] == "members.unknown"


def _id(text: str) -> Any:
    from uuid import UUID

    return UUID(text)
