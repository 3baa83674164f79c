"""A contact is proved by one code, once, in the browser that asked; who has no account sees the same pages."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from ganbo.doors.wallet.tests.test_terms import agreed
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import sign_in_member
from ganbo.people.members import models, queries, signing_in

CODE, SIGN_IN, CARD, JOIN = "/b/cafe/wallet/code/", "/b/cafe/wallet/sign-in/", "/b/cafe/wallet/", "/b/cafe/wallet/join/"
Browsers = Callable[[], Client]
Digits = Callable[[str], str]


def a_phone() -> str:
    return f"+849{chance.digits(8)}"


def wrong(digits: str) -> str:
    return f"{(int(digits) + 1) % 1_000_000:06d}"


def ask(phone: str, *, network: str = "", at: Any = None) -> sign_in_member.Asked:
    return sign_in_member.ask_code(phone, network=network, locale="vi", at=at or clock.now())


def test_the_code_opens_the_wallet(browser: Browsers, enrol: Any, digits_sent: Digits) -> None:
    lan, client = enrol("Nguyễn Thị Lan", tier="gold", address_form="chị"), browser()
    assert client.get(CARD).headers["Location"] == SIGN_IN, "nobody's wallet leads to the sign-in"
    client.post(SIGN_IN, {"contact": "0" + lan.phone[3:]})
    answer = client.post(CODE, {"code": digits_sent(lan.phone)})
    assert answer.headers["Location"] == CARD
    page = client.get(CARD).content.decode()
    assert "Chị Lan" in page
    assert "Vàng" in page
    session = client.cookies["ganbo_member_cafe"]
    assert (session["httponly"], session["samesite"], session["max-age"]) == (True, "Lax", 30 * 86_400)
    assert not models.Session.objects.filter(digest=session.value.encode()).exists(), "only the token's hash is kept"


@pytest.fixture
def live(settings: Any) -> None:
    """As in a real shop: the demo's ease on limits is off, and no code is shown."""
    settings.DEMO = False


def test_a_known_and_an_unknown_contact_see_the_same_page(browser: Browsers, enrol: Any, live: None) -> None:
    known, unknown = enrol("Minh").phone, a_phone()
    pages = []
    for contact in (known, unknown):
        text = browser().post(SIGN_IN, {"contact": contact}).content.decode().replace(contact, "CONTACT")
        pages.append(
            re.sub(r'(name="csrfmiddlewaretoken" value=")\w+|FToken": "\w+"|nonce="[^"]*"|[0-9]{6}\.<', "", text)
        )
    assert pages[0] == pages[1]
    assert not re.search(r"\b\d{6}\b", re.sub(r"<[^>]+>", "", pages[0])), "the code is in the message only"


@pytest.mark.parametrize(
    "typed, why",
    [
        ("12", "too short for a phone"),
        ("lan@", "no address without a domain"),
        ("０９１２３４５６７８", "full-width digits come from a keyboard in the wrong mode"),
        ("", "nothing was typed"),
    ],
)
def test_what_is_no_contact_is_said_with_its_remedy(browser: Browsers, typed: str, why: str) -> None:
    before = models.SignInCode.objects.count()
    answer = browser().post(SIGN_IN, {"contact": typed})
    assert answer.status_code == 422, why
    assert "0912 345 678" in answer.content.decode() or "lan@example.com" in answer.content.decode()
    assert models.SignInCode.objects.count() == before


def test_the_code_works_once_and_only_where_it_was_asked_for(
    browser: Browsers, enrol: Any, digits_sent: Digits
) -> None:
    minh, his, another = enrol("Minh"), browser(), browser()
    his.post(SIGN_IN, {"contact": minh.phone})
    digits = digits_sent(minh.phone)
    assert another.post(CODE, {"code": digits}).headers["Location"] == SIGN_IN, "no cookie, no try"
    another.post(SIGN_IN, {"contact": a_phone()})
    assert another.post(CODE, {"code": digits}).status_code == 422, "the digits belong to his browser's code"
    asked = his.cookies["ganbo_code"].value
    assert his.post(CODE, {"code": digits}).status_code == 302
    his.cookies["ganbo_code"] = asked
    assert his.post(CODE, {"code": digits}).status_code == 422, "used"
    assert models.Session.objects.filter(member_id=minh.id).count() == 1


def test_five_tries_and_then_not_even_the_right_code(browser: Browsers, enrol: Any, digits_sent: Digits) -> None:
    minh, client = enrol("Minh"), browser()
    client.post(SIGN_IN, {"contact": minh.phone})
    digits = digits_sent(minh.phone)
    assert client.get(CODE).headers["Location"] == SIGN_IN, "a reload is no try"
    for _ in range(5):
        assert client.post(CODE, {"code": wrong(digits)}).status_code == 422
    assert client.post(CODE, {"code": digits}).status_code == 422
    assert not models.Session.objects.filter(member_id=minh.id).exists()


def test_a_code_ends_after_ten_minutes(cafe: Any, digits_sent: Digits) -> None:
    phone, at = a_phone(), clock.now()
    asked = ask(phone, at=at)
    with pytest.raises(signing_in.WrongCode):
        sign_in_member.prove(asked.code_id, digits_sent(phone), at=at + timedelta(minutes=10))
    assert sign_in_member.prove(asked.code_id, digits_sent(phone), at=at + timedelta(minutes=9, seconds=59))


def test_three_codes_a_quarter_of_an_hour(cafe: Any, live: None) -> None:
    phone, at = a_phone(), clock.now()
    for _ in range(3):
        ask(phone, at=at)
    with pytest.raises(signing_in.TooManyCodes):
        ask(phone, at=at + timedelta(minutes=14))
    assert ask(phone, at=at + timedelta(minutes=15, seconds=1))
    assert models.SignInCode.objects.filter(contact=phone).count() == 4


def test_ten_codes_an_hour_from_one_network(cafe: Any, live: None) -> None:
    network, at = f"192.0.{chance.digits(8)}", clock.now()
    for _ in range(10):
        ask(a_phone(), network=network, at=at)
    with pytest.raises(signing_in.TooManyCodes):
        ask(a_phone(), network=network, at=at + timedelta(minutes=59))
    assert ask(a_phone(), network=network, at=at + timedelta(minutes=61))


def at_once(business: Any, what: Callable[[], Any], *, times: int) -> list[Any]:
    """The answers of `times` calls on connections of their own; an exception is an answer."""

    def one(_: int) -> Any:
        try:
            with context.within(business):
                return what()
        except Exception as failure:
            return failure
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(one, range(times)))


def test_fifty_right_codes_at_once_are_one_session(cafe: Any, enrol: Any, digits_sent: Digits) -> None:
    minh = enrol("Minh")
    asked = ask(minh.phone)
    digits = digits_sent(minh.phone)
    answers = at_once(cafe, lambda: sign_in_member.prove(asked.code_id, digits, at=clock.now()), times=50)
    assert sum(isinstance(answer, signing_in.Proven) for answer in answers) == 1
    assert sum(isinstance(answer, signing_in.WrongCode) for answer in answers) == 49


def test_twenty_wishes_at_once_are_three_codes(cafe: Any, live: None) -> None:
    phone = a_phone()
    answers = at_once(cafe, lambda: ask(phone, network=phone), times=20)
    assert sum(isinstance(answer, sign_in_member.Asked) for answer in answers) == 3
    assert models.SignInCode.objects.filter(contact=phone).count() == 3


def test_only_a_keyed_hash_of_the_code_is_kept_and_nothing_is_logged(
    browser: Browsers, digits_sent: Digits, caplog: pytest.LogCaptureFixture
) -> None:
    phone, client = a_phone(), browser()
    client.post(SIGN_IN, {"contact": phone})
    client.post(CODE, {"code": wrong(digits_sent(phone))})
    kept = models.SignInCode.objects.get(contact=phone)
    assert digits_sent(phone).encode() not in bytes(kept.digest)
    assert len(bytes(kept.digest)) == 32
    assert digits_sent(phone) not in caplog.text
    assert phone not in caplog.text


def test_somebody_new_sees_the_gift_first_and_joins(browser: Browsers, digits_sent: Digits) -> None:
    phone, client = a_phone(), browser()
    assert "50" in client.get(SIGN_IN).content.decode(), "the welcome gift is shown before the code is asked"
    client.post(SIGN_IN, {"contact": phone})
    answer = client.post(CODE, {"code": digits_sent(phone)})
    assert answer.headers["Location"] == "/b/cafe/wallet/join/"
    assert queries.by_key("phone", phone) is None, "a proved number alone is no member yet"
    proof = client.cookies["ganbo_proof"].value
    yes = agreed(client.get(JOIN))
    assert client.post(JOIN, {"name": "Minh", "address_form": "anh"} | yes).headers["Location"] == CARD
    minh = queries.by_key("phone", phone)
    assert minh is not None
    assert (minh.name, minh.address_form) == ("Minh", "anh")
    assert "Anh Minh" in client.get(CARD).content.decode()
    client.cookies["ganbo_proof"] = proof
    client.post(JOIN, {"name": "Tí"} | yes)
    again = queries.by_key("phone", phone)
    assert again is not None
    assert (again.id, again.name) == (minh.id, "Minh"), "joining twice is one member"


def test_nobody_joins_without_a_proof(browser: Browsers, fumi: Any, digits_sent: Digits) -> None:
    client, phone = browser(), a_phone()
    answer = client.post("/b/cafe/wallet/join/", {"name": "Minh"})
    assert answer.headers["Location"] == SIGN_IN
    client.post(SIGN_IN, {"contact": phone})
    client.post(CODE, {"code": digits_sent(phone)})
    answer = client.post("/b/fumi/wallet/join/", {"name": "Minh"})
    assert answer.headers["Location"] == "/b/fumi/wallet/sign-in/", "what was proved to the café counts at the café"


def test_ten_who_join_with_one_number_are_one_member(cafe: Any) -> None:
    phone = a_phone()
    answers = at_once(
        cafe,
        lambda: sign_in_member.join(phone, name="Minh", address_form="anh", locale="vi", tier="bronze", at=clock.now()),
        times=10,
    )
    found = queries.by_key("phone", phone)
    assert found is not None
    assert set(answers) == {found.id}


def test_sign_out_ends_the_session(signed_in: Any, enrol: Any) -> None:
    client = signed_in(enrol("Minh").phone)
    token = client.cookies["ganbo_member_cafe"].value
    client.post("/b/cafe/wallet/sign-out/")
    client.cookies["ganbo_member_cafe"] = token
    assert client.get(CARD).headers["Location"] == SIGN_IN, "the old cookie opens nothing"
