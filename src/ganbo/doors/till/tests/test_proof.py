"""The till asks for a proof and goes on: each way, what is told before, a manager's no, and a scanned code of the wallet."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from ganbo.books.ledger import queries as ledger
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import join, sell, show_proof
from ganbo.people.members import proofs, tokens
from ganbo.people.members.operations import Person

PROGRAMME = """\
ganbo: 1
programme: safe-till
name: {vi: Giữ điểm, en: Safe}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, face_value: 100, pay: {rate: 100, as: payment}}
earn:
  - {id: some, on: visit, give: {wallet: points, amount: 1000}}
rewards:
  - {id: tote, name: {vi: Túi vải, en: Tote bag}, kind: gift, price: {wallet: points, amount: 300}}
spend_proof: [{up_to: 50000, per: day, by: [card_pin]}, {by: [token, otp, manager]}]
claims: {within_days: 7, by: [receipt_qr], max_per_day: 2}
"""
_made: list[Any] = []


@pytest.fixture
def cafe(new_business: Callable[[str], Any]) -> Iterator[Any]:
    if not _made:
        _made.append(new_business(PROGRAMME))
    with context.within(_made[0]):
        yield _made[0]


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def lan(cafe: Any) -> str:
    """Chị Lan with 1.000 points and the PIN 2580."""
    person = Person(phone=f"+849{chance.digits(8)}", name="Lan", address_form="chị")
    member = join.join(person, at=clock.now()).member_id
    body = {
        "id": f"e:{chance.new_id()}",
        "type": "visit",
        "member": str(member),
        "occurred_at": clock.now().isoformat(),
    }
    sell.record(cafe, body, now=clock.now())
    show_proof.set_pin(member, "2580", by="test", at=clock.now())
    return str(member)


def points(member: str) -> int:
    return ledger.balances(UUID(member), ["points"], at=clock.now())["points"].available


def gift(member: str, **more: str) -> dict[str, str]:
    return {"member": member, "reward": "tote", "key": str(chance.new_id()), **more}


def fields(page: str) -> dict[str, str]:
    """The hidden fields of the page's first form in the right pane, as a browser sends them."""
    import re

    form = page[page.index('class="till-proof') if 'class="till-proof' in page else page.index("Sẽ tiêu") :]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[: form.index("</form>")])
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def test_a_gift_waits_for_the_pin_and_is_then_given_once(cashier_client: Client, lan: str) -> None:
    before = unescape(cashier_client.get(f"/till/?member={lan}").content.decode())
    told = "Hôm nay tiêu thêm đến 50.000 ₫ với mã PIN; trên đó với mã đổi liên tục trong ví, mã dùng một lần hoặc quản lý duyệt."
    assert told in before, "told before it is needed"
    sent = gift(lan)
    asked = cashier_client.post("/till/redeem/", sent)
    page = unescape(asked.content.decode())
    assert (asked.status_code, points(lan)) == (409, 1000)
    assert (
        "Để giữ an toàn cho điểm, việc này cần mã PIN, mã đổi liên tục trong ví, mã dùng một lần hoặc quản lý duyệt."
        in page
    )
    assert "30.000" in page
    carried = fields(page)
    assert {name: carried[name] for name in sent} == sent, "what was being done stands in the page"
    wrong = cashier_client.post("/till/redeem/", carried | {"proof_do": "card_pin", "proof_shown": "1111"})
    assert "Mã PIN chưa khớp; còn 4 lần thử." in unescape(wrong.content.decode())
    right = cashier_client.post("/till/redeem/", carried | {"proof_do": "card_pin", "proof_shown": "2580"})
    assert (right.status_code, points(lan)) == (302, 700)
    above = cashier_client.post("/till/redeem/", gift(lan, proof_do="card_pin", proof_shown="2580"))
    said = unescape(above.content.decode())
    assert "trên 50.000 ₫ một ngày cần mã đổi liên tục trong ví, mã dùng một lần hoặc quản lý duyệt." in said
    assert points(lan) == 700, "30.000 ₫ twice is above the PIN's limit"


def test_points_on_a_bill_wait_for_a_code(cashier_client: Client, lan: str) -> None:
    sale = {"sale": str(chance.new_id()), "member": lan, "amount": "80.000", "points": "most", "seen": "0"}
    asked = cashier_client.post("/till/sell/", sale)
    assert (asked.status_code, points(lan)) == (409, 1000)
    sent = cashier_client.post("/till/sell/", fields(asked.content.decode()) | {"proof_do": "send"})
    page = unescape(sent.content.decode())
    assert "Mã đã gửi đến ••• " in page
    code = page.split("mã là ")[1][:6]
    carried = fields(page)
    assert carried["points"] == "most"
    vain = cashier_client.post("/till/sell/", carried | {"proof_do": "otp", "proof_shown": "12"})
    assert "Mã chưa khớp hoặc đã hết hạn." in unescape(vain.content.decode())
    done = cashier_client.post("/till/sell/", carried | {"proof_do": "otp", "proof_shown": code})
    assert (done.status_code, points(lan)) == (302, 200)


def test_a_manager_allows_or_says_no_and_the_till_goes_on(
    cashier_client: Client, sign_in: Callable[..., Client], lan: str
) -> None:
    for yes, end in ((False, 1000), (True, 700)):
        carried = fields(cashier_client.post("/till/redeem/", gift(lan)).content.decode())
        asked = cashier_client.post("/till/redeem/", carried | {"proof_do": "manager"})
        assert "Đã xin quản lý" in unescape(asked.content.decode())
        waiting = fields(asked.content.decode())
        row = proofs.get(UUID(waiting["proof"]))
        assert row is not None
        assert (row.most, row.note, row.state) == (30_000, "Túi vải", "waiting")
        still = cashier_client.post("/till/redeem/", waiting, headers={"HX-Request": "true"})
        assert (still.status_code, points(lan)) == (200, 1000)
        show_proof.decide(row.id, yes=yes, reason="quên điện thoại", by="staff:0", at=clock.now())
        now = cashier_client.post("/till/redeem/", waiting, headers={"HX-Request": "true"})
        if yes:
            assert now.headers["HX-Redirect"].startswith("/till/redeemed/")
        else:
            assert "Quản lý không duyệt: quên điện thoại" in unescape(now.content.decode())
        assert points(lan) == end


def test_a_scanned_code_of_the_wallet_names_and_proves(cashier_client: Client, lan: str) -> None:
    def scanned(seconds: int) -> str:
        code = tokens.make(UUID(lan), key=settings.SECRET_KEY, at=clock.now() - timedelta(seconds=seconds))
        return str(cashier_client.get("/till/", {"q": code}).headers["Location"])

    fresh = scanned(3)
    page = unescape(cashier_client.get(fresh).content.decode())
    proof = fresh.split("proof=")[1]
    assert "Đã quét mã trong ví: tiêu điểm được ngay." in page
    assert page.count(f'name="proof" value="{proof}"') == 2, "in the gift and in the bill"
    assert cashier_client.post("/till/redeem/", gift(lan, proof=proof)).status_code == 302
    again = cashier_client.post("/till/redeem/", gift(lan, proof=proof))
    assert "Mã này đã dùng hoặc đã hết hạn." in unescape(again.content.decode())
    assert "proof=" not in scanned(45), "over: it names her, and proves nothing"
    assert points(lan) == 700
    assert cashier_client.get("/till/", {"q": "gbt.nothing"}).headers["Location"] == "/till/"


def test_a_slip_is_printed_for_a_sale_without_a_member(cashier_client: Client, cafe: Any) -> None:
    sale = str(chance.new_id())
    done = cashier_client.post("/till/sell/", {"sale": sale, "member": "", "amount": "50"}, follow=True)
    assert "In phiếu nhận điểm" in unescape(done.content.decode())
    printed = [
        unescape(cashier_client.post("/till/slip/", {"event": f"till:{sale}"}).content.decode()) for _ in range(2)
    ]
    codes = [page.split('<span class="num">')[1].split("<")[0] for page in printed]
    assert codes[0] == codes[1] and len(codes[0]) == 16 and "<svg" in printed[0]
    assert cashier_client.post("/till/slip/", {"event": "till:none"}).status_code == 302
