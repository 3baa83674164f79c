"""The console through its pages: who gets in, what they see, what they may change."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from ganbo.books.events import queries as events
from ganbo.books.events import reading
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.staff import keys, operations
from ganbo.journeys import record_events
from ganbo.journeys.record_events import Asked

PASSWORD = "mot-mat-khau-dai"
CAFE = "/b/cafe/console"


@pytest.fixture
def sign_in(cafe: Any, fumi: Any) -> Callable[[str], Client]:
    """A browser in which this member of the cast is signed in; Fumi owns the other business."""

    def signed_in(who: str) -> Client:
        from django.contrib.auth import get_user_model

        business = fumi if who == "fumi" else cafe
        role = {"hanh": "manager", "ti": "cashier", "son": "care", "fumi": "owner"}[who]
        email = f"{who}@example.com"
        operations.ensure(email, name=who.title(), business_id=business.id, role=role, password=PASSWORD)
        browser = Client(headers={"accept-language": "en"}, SERVER_NAME="127.0.0.1")
        browser.force_login(get_user_model().objects.get(email=email), "django.contrib.auth.backends.ModelBackend")
        return browser

    return signed_in


def _monday() -> datetime:
    """Ten o'clock of the last Monday that is over: the demo's Tuesday tea hour counts double."""
    now = clock.now().astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    return (now - timedelta(days=now.weekday() or 7)).replace(hour=10, minute=0, second=0, microsecond=0)


@pytest.fixture
def sale(cafe: Any) -> Callable[..., str]:
    """Sell something to a member: `sale(member, 110_000)` → event id."""

    def sell(member: Any, amount: int, store: str = "hoan-kiem") -> str:
        event_id = f"test:{chance.token(64)}"
        body = {
            "id": event_id,
            "type": "purchase",
            "occurred_at": _monday().isoformat(),
            "member": {"phone": member.phone},
            "store": store,
            "data": {"order_id": chance.token(64), "amount": amount},
        }
        pipe = Pipeline.open(**connection_parameters())
        try:
            outcome = record_events.record(pipe, Asked(cafe, clock.now()), [reading.read(body, region="VN")])[0]
        finally:
            pipe.close()
        assert outcome.status == "applied"
        return event_id

    return sell


PAGES = (
    "/",
    "/members/",
    "/programme/",
    "/programme/edit",
    "/programme/edit/yaml",
    "/programme/versions",
    "/programme/versions/1",
    "/programme/terms",
    "/programme/terms/1?lang=vi",
    "/programme/terms/1/print",
    "/behind/share",
    "/behind/returning",
)
SET_UP = ("/settings/", "/settings/stores", "/settings/keys")

# who, page, status, why
DOORS = [
    *((None, page, 302, "strangers are sent to the sign-in page") for page in (*PAGES, *SET_UP)),
    *(("fumi", page, 403, "Fumi belongs to another business") for page in (*PAGES, *SET_UP, "/poster.pdf")),
    *(("ti", page, 403, "a cashier sets nothing up") for page in SET_UP),
    *(("ti", page, 200, "a cashier may look") for page in PAGES),
    *(("hanh", page, 200, "a manager sees everything") for page in (*PAGES, *SET_UP)),
]


@pytest.mark.parametrize(("who", "page", "status", "why"), DOORS)
def test_who_gets_in(
    sign_in: Callable[[str], Client], enrol: Callable[..., Any], sale: Callable[..., str],
    who: str | None, page: str, status: int, why: str,
) -> None:  # fmt: skip
    sale(enrol("Lan"), 20_000)
    browser = sign_in(who) if who else Client(SERVER_NAME="127.0.0.1")
    assert browser.get(CAFE + page).status_code == status, why


def test_a_member_of_one_business_is_not_found_in_another(
    sign_in: Callable[[str], Client], enrol: Callable[..., Any]
) -> None:
    lan = enrol("Lan")
    assert sign_in("fumi").get(f"/b/fumi/console/members/{lan.id}").status_code == 404
    assert b"Lan" not in sign_in("fumi").get("/b/fumi/console/members/?q=lan").content.split(b"<form")[0]


def test_a_member_page_tells_why(
    sign_in: Callable[[str], Client], enrol: Callable[..., Any], sale: Callable[..., str]
) -> None:
    lan = enrol("Lan", tier="gold")
    event_id = sale(lan, 110_000)
    page = sign_in("son").get(f"{CAFE}/members/{lan.id}").content.decode()
    assert "You get 16 points" in page, "11 points times 1.5 for gold, rounded down"
    assert "What did not count" in page
    assert lan.phone in page, "care may call the member"
    assert lan.phone not in sign_in("ti").get(f"{CAFE}/members/{lan.id}").content.decode(), "a cashier need not"
    assert "You get 16 points" in sign_in("ti").get(f"{CAFE}/events/{event_id}").content.decode()


def test_search_knows_names_without_diacritics(sign_in: Callable[[str], Client], enrol: Callable[..., Any]) -> None:
    name = f"Tư {chance.token(64).lower()}"
    member = enrol(name)
    page = sign_in("hanh").get(f"{CAFE}/members/", {"q": name.replace("Tư", "tu")}).content.decode()
    assert str(member.id) in page


def test_a_store_is_confirmed(
    sign_in: Callable[[str], Client], enrol: Callable[..., Any], sale: Callable[..., str]
) -> None:
    store = f"s{chance.digits(6)}"
    sale(enrol("Minh"), 20_000, store)
    browser = sign_in("hanh")
    assert store in browser.get(f"{CAFE}/settings/stores").content.decode()
    assert browser.post(f"{CAFE}/settings/stores", {"id": store, "name": ""}).status_code == 422
    assert browser.post(f"{CAFE}/settings/stores", {"id": store, "name": "Thảo Điền"}).status_code == 302
    assert ("Thảo Điền", True) in [(s.name, s.confirmed) for s in events.stores() if s.id == store]


def test_a_key_is_shown_once_and_revoked(cafe: Any, sign_in: Callable[[str], Client]) -> None:
    browser = sign_in("hanh")
    made = browser.post(f"{CAFE}/settings/keys", {"name": "POS", "scopes": ["events:write"]})
    secret = re.search(r"gb_live_[\w-]+", made.content.decode().split("c-secret")[1])
    assert secret is not None
    key = keys.find(secret[0])
    assert key is not None
    assert key.scopes == frozenset({"events:write"})
    assert secret[0] not in browser.get(f"{CAFE}/settings/keys").content.decode(), "never again"
    browser.post(f"{CAFE}/settings/keys/{key.id}/revoke")
    assert keys.find(secret[0]) is None


def test_the_poster_is_a_pdf(sign_in: Callable[[str], Client]) -> None:
    answer = sign_in("hanh").get(f"{CAFE}/poster.pdf")
    assert answer.content.startswith(b"%PDF-")


def test_pages_hold_nothing_inline(
    sign_in: Callable[[str], Client], enrol: Callable[..., Any], sale: Callable[..., str]
) -> None:
    lan = enrol("Lan")
    sale(lan, 30_000)
    browser = sign_in("hanh")
    for page in (*PAGES, *SET_UP, f"/members/{lan.id}"):
        text = browser.get(CAFE + page).content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*(?:\ssrc=|type=.application.json))", text), page


def test_failed_tries_close_only_that_account(cafe: Any, sign_in: Callable[[str], Client]) -> None:
    from axes.models import AccessAttempt

    sign_in("ti")
    browser = Client(headers={"accept-language": "en"}, SERVER_NAME="127.0.0.1")
    answer = browser.post("/b/cafe/accounts/login/", {"login": "TI@example.com", "password": "not-this-one"})
    assert "do not go together" in answer.content.decode()
    assert AccessAttempt.objects.filter(username="ti@example.com").exists()
    AccessAttempt.objects.all().delete()
    form = {"login": "ti@example.com", "password": PASSWORD}
    assert browser.post("/b/cafe/accounts/login/?next=/b/cafe/console/", form).status_code == 302
