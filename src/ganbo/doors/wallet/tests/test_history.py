"""Whatever the journeys can write, the member finds it in the history with a title and a reason, in both languages."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.utils import translation

import ganbo
from ganbo.books.ledger import history as ledger_history
from ganbo.books.ledger import models as ledger_models
from ganbo.books.ledger.history import UNSEEN
from ganbo.books.ledger.posting import account_id, stamp_asset
from ganbo.doors.wallet import past, past_vouchers
from ganbo.doors.wallet.past_rows import GROUPS, HistoryRow, happenings
from ganbo.features.programmes import queries as programmes
from ganbo.features.rewards import queries as rewards
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import expire_points, import_balances, release_pending, reverse, sell, sign_in_member
from ganbo.journeys.import_balances import Opening
from ganbo.journeys.redemption_writing import Ask
from ganbo.people.members import queries
from ganbo.people.members.models import Standing

SOURCE = Path(ganbo.__file__).parent
RULES = """\
ganbo: 1
programme: history
name: {vi: Gắn Bó, en: Club}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, expires: {kind: rolling, days: 40}, on_refund: within_balance}
  slow: {name: {vi: xu, en: coins}, pending: {kind: after, days: 7}, on_refund: within_balance}
  miles: {name: {vi: dặm, en: miles}, pending: {kind: until_event, event: custom.delivered, days: 30}}
  card: {name: {vi: tiền trong thẻ, en: card money}, money: true}
earn:
  - {id: base, name: {vi: Mua hàng, en: Purchases}, on: purchase, when: order.net >= 10000, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: slow, name: {vi: Xu chậm, en: Slow coins}, on: purchase, when: order.net >= 10000, give: {wallet: slow, amount: 5}}
  - {id: fly, name: {vi: Dặm giao hàng, en: Delivery miles}, on: purchase, when: order.net >= 10000, give: {wallet: miles, amount: 3}}
  - {id: big, name: {vi: Đơn lớn, en: Big bill}, on: purchase, when: order.net >= 400000, give: {voucher: ten}}
  - {id: hello, name: {vi: Chào mừng, en: Welcome}, on: signup, give: {wallet: points, amount: 50}}
stamp_cards:
  - {id: coffee, name: {vi: Thẻ cà phê, en: Coffee card}, on: purchase, lines: 'line.category == "coffee"', size: 5, head_start: 1, reward: latte}
tiers:
  window: {kind: lifetime}
  levels:
    - {id: bronze, name: {vi: Đồng, en: Bronze}}
    - {id: silver, name: {vi: Bạc, en: Silver}, enter: {spend: 450000}, benefits: {multiply: 1.2, on_enter: [tea]}}
rewards:
  - {id: latte, name: {vi: Một ly latte, en: A latte}, kind: free_item, sku: latte, valid_days: 10}
  - {id: ten, name: {vi: Phiếu mười phần trăm, en: Ten percent off}, kind: discount, percent: 10, valid_days: 30}
  - {id: tea, name: {vi: Trà đào, en: Peach tea}, kind: free_item, sku: tea, price: {wallet: points, amount: 30}, valid_days: 30}
  - {id: money, name: {vi: Tiền thẻ, en: Money on the card}, kind: card_money, wallet: card, amount: 5000, price: {wallet: points, amount: 10}}
"""
VIETNAMESE = re.compile(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)


@pytest.fixture
def shop(new_business: Callable[[str], Any]) -> Iterator[Any]:
    made = new_business(RULES)
    with context.within(made):
        yield made


def a_member() -> Any:
    phone = f"+849{chance.digits(8)}"
    lan = sign_in_member.join(phone, name="Lan", address_form="chị", locale="vi", tier=None, at=clock.now())
    return queries.get(lan)


class Teller:
    """What happens to one member of one shop."""

    def __init__(self, shop: Any, member: Any) -> None:
        self.shop, self.member = shop, member

    def tell(self, type: str, data: dict[str, Any], *, ago: timedelta = timedelta(), at: datetime | None = None) -> str:
        id, when = f"{type.rpartition('.')[2]}-{chance.new_id()}", (at or clock.now()) - ago
        told = {"id": id, "type": type, "occurred_at": when.isoformat(), "member": {"id": str(self.member.id)}}
        outcome = sell.record(self.shop, told | {"data": data}, now=at or clock.now())
        assert outcome.refusal is None, outcome.refusal
        return id

    def buy(self, cups: int, *, price: int = 50_000, **more: Any) -> tuple[str, str]:
        """(event, order): so many cups."""
        order, codes = f"o-{chance.new_id()}", more.pop("codes", [])
        line = {"sku": "latte", "category": "coffee", "quantity": cups, "unit_price": price}
        data = {"order_id": order, "currency": "VND", "lines": [line]} | ({"codes": codes} if codes else {})
        return self.tell("purchase", data, **more), order

    def give_back(self, order: str, cups: int) -> str:
        return self.tell("refund", {"order_id": order, "lines": [{"sku": "latte", "quantity": cups}]})

    def undo(self, event: str) -> None:
        reverse.reverse_event(event, reason="test", by="tests", now=clock.now())

    def redeem(self, reward: str) -> str:
        ask = Ask(("id", str(self.member.id)), reward, key=chance.token(), body_hash=b"test")
        given = sell.redeem(self.shop, ask, now=clock.now())
        assert given.refusal is None, given.refusal
        (newest,) = ledger_models.Transfer.objects.filter(kind="spend", rule=reward).order_by("-id")[:1]
        return str(newest.cause)

    def history(self, locale: str = "vi") -> list[HistoryRow]:
        programme = programmes.in_force_at(self.shop.schema, clock.now()).programme
        member = queries.get(self.member.id)
        assert member is not None
        with translation.override(locale):
            return past.history(member, programme, locale=locale)

    def titles(self, locale: str = "vi") -> list[str]:
        return [row.title for row in self.history(locale)]


@pytest.fixture
def lan(shop: Any) -> Teller:
    return Teller(shop, a_member())


def everything(lan: Teller) -> None:
    """One life with everything in it that the books can write."""
    opening = Opening(1, ("phone", lan.member.phone), "points", 5, clock.now() + timedelta(days=9), date(2026, 1, 1))
    import_balances.bring_in([opening], import_balances.Told(), now=clock.now())
    lan.buy(2, ago=timedelta(days=60))  # its points have ended by now
    expire_points.expire_some(at=clock.now())
    release_pending.release_some(at=clock.now())  # coins released, miles cancelled
    delivered, order = lan.buy(1)
    lan.tell("custom.delivered", {"order_id": order})  # miles released
    returned = lan.give_back(order, 1)
    lan.undo(returned)  # restored
    _sale, full = lan.buy(3)  # the card is full: stamps spent
    lan.give_back(full, 3)  # the card's voucher goes, its stamps come back
    lan.undo(delivered)
    lan.redeem("money")


def walk(lan: Teller) -> None:
    everything(lan)
    tea = lan.redeem("tea")
    reverse.reverse_redemption(UUID(tea), by="tests", now=clock.now())
    _event, large = lan.buy(9)  # silver, and a voucher by rule
    for _ in range(2):
        lan.redeem("tea")
    voucher = next(v for v in rewards.vouchers_of(lan.member.id) if v.reward == "ten")
    used, _order = lan.buy(1, codes=[f"voucher:{voucher.id}"])
    lan.undo(used)  # the voucher is back
    lan.give_back(large, 9)  # more than is left: owed, and no longer silver
    lan.buy(1)  # makes good what was owed
    lan.buy(1, price=5_000)  # earns nothing


def kinds(member: Any) -> set[str]:
    accounts = [
        account_id(role, asset, member.id)
        for role, assets in (
            ("member", ("points", "slow", "miles", "card")),
            ("pending", ("points", "slow", "miles", "card")),
            ("owed", ("points", "slow", "miles", "card", stamp_asset("coffee"))),
            ("stamps", (stamp_asset("coffee"),)),
        )
        for asset in assets
    ]
    found = ledger_models.Transfer.objects.filter(debit_id__in=accounts) | ledger_models.Transfer.objects.filter(
        credit_id__in=accounts
    )
    return set(found.values_list("kind", flat=True))


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_everything_the_journeys_write_has_a_title_and_a_reason(lan: Teller, locale: str) -> None:
    walk(lan)
    assert kinds(lan.member) == set(GROUPS), "the walk writes every kind there is"
    rows = lan.history(locale)
    for row in rows:
        assert len(row.title) > 2 and len(row.why) > 10, row
        assert row.why.endswith("."), row
        for id in ("base", "slow", "fly", "big", "hello", "coffee", "card:", "tier:", "%("):
            assert id not in f" {row.title} ", row
        if locale == "en":
            assert not VIETNAMESE.search(row.title.replace("₫", "") + row.why.replace("₫", "")), row
    told = " | ".join(row.title for row in rows)
    for title in TITLES[locale]:
        assert title in told, f"{title} in {told}"


TITLES = {
    "vi": ["Đã trả hàng", "Hoàn tác", "Trả hàng bị hoàn tác", "Điểm hết hạn", "Đã dùng được", "Không còn chờ", "Trả lại: Trà đào",
           "Một ly latte", "Lên hạng Bạc", "Xuống hạng Đồng", "Đã dùng: Phiếu", "Có lại: Phiếu", "Tiền thẻ", "Chào mừng"],
    "en": ["Returned", "Undone", "Return undone", "Points ended", "Now yours to use", "Waiting ended", "Given back: Peach tea",
           "A latte", "Up to Silver", "Down to Bronze", "Used: Ten", "Yours again: Ten", "Money on the card", "Welcome"],
}  # fmt: skip


def test_every_kind_of_transfer_in_the_source_is_known_to_the_history() -> None:
    source = (SOURCE / "books" / "ledger" / "posting.py").read_text(encoding="utf-8")
    written = set(re.findall(r'kind="(\w+)"', source))
    assert len(written) > 8, "the source is still read"
    assert written == set(GROUPS) | set(UNSEEN), "a new kind needs its words in doors/wallet/past_rows.py"


def test_every_source_of_a_voucher_has_a_reason(lan: Teller) -> None:
    comment = (SOURCE / "features" / "rewards" / "models.py").read_text(encoding="utf-8")
    found = re.search(r"source = models\.TextField\(.*# (.*)", comment)
    assert found
    sources = set(found[1].split(", "))
    assert sources >= {"redemption", "rule", "card", "tier", "staff", "batch"}
    walk(lan)
    row = rewards.vouchers_of(lan.member.id)[0]
    programme = programmes.in_force_at(lan.shop.schema, clock.now()).programme

    for source in sources:
        for locale in ("vi", "en"):
            with translation.override(locale):
                said = past_vouchers.given(replace(row, source=source, rule="none"), programme, locale)
            assert len(said) > 10, source


def test_the_sums_of_the_history_are_the_balance(lan: Teller) -> None:
    """Every line that is shown counts once: what came less what went is what is there."""
    walk(lan)
    moved = ledger_history.movements(lan.member.id, ["points", "slow", "miles", "card"], ["coffee"], most=1000)
    sums: dict[tuple[str, bool], int] = {}
    waits: dict[tuple[str, bool], int] = {}
    for happening in happenings(moved).values():
        for key, n in happening.usable().items():
            sums[key] = sums.get(key, 0) + n
        for key, n in happening.waiting().items():
            waits[key] = waits.get(key, 0) + n
    roles = {
        ("points", False): "member",
        ("slow", False): "member",
        ("miles", False): "member",
        ("card", False): "member",
    }
    for (asset, stamps), role in roles.items():
        held = ledger_models.Account.objects.filter(pk=account_id(role, asset, lan.member.id)).first()
        assert sums.get((asset, stamps), 0) == (held.balance if held else 0), asset
    stamped = ledger_models.Account.objects.get(pk=account_id("stamps", stamp_asset("coffee"), lan.member.id))
    assert sums["coffee", True] == stamped.balance


def test_each_end_of_points_is_a_line_of_its_own(lan: Teller) -> None:
    lan.buy(1, ago=timedelta(days=60))
    lan.buy(2, ago=timedelta(days=50))
    expire_points.expire_some(at=clock.now())
    ends = [row for row in lan.history() if row.title == "Điểm hết hạn"]
    assert [row.amounts[0][0] for row in ends] == [-10, -5]
    assert len({row.on for row in ends}) == 2, "on the days they ended"


def test_a_purchase_is_called_by_what_the_document_names_first(lan: Teller) -> None:
    lan.buy(2)
    row = lan.history()[0]
    assert row.title == "Mua hàng", "not by its stamps, nor by the last rule"
    assert [(n, unit.word) for n, unit in row.amounts] == [(10, "điểm"), (3, "tem")]
    assert sorted((n, unit.word) for n, unit in row.waiting) == [(3, "dặm"), (5, "xu")]


def test_a_purchase_that_earned_nothing_says_why(lan: Teller) -> None:
    data = {"order_id": "small", "currency": "VND", "lines": [{"sku": "pin", "quantity": 1, "unit_price": 5_000}]}
    lan.tell("purchase", data)
    row = lan.history()[0]
    assert (row.title, row.amounts) == ("Mua hàng", [])
    assert "5.000" in row.why and "10.000" in row.why, "what was missing is named"
    assert "10,000" in lan.history("en")[0].why.replace("\u00a0", " ")


def test_a_level_set_by_the_review_is_told(shop: Any, lan: Teller) -> None:
    standing = Standing.objects.get(member_id=lan.member.id)
    standing.tier, standing.state = "silver", '{"tier":{"since":"2026-11-01","n":1}}'
    standing.save()
    for locale, title in (("vi", "Hạng Bạc"), ("en", "Tier: Silver")):
        (row,) = [row for row in lan.history(locale) if row.title == title]
        assert row.on.isoformat() == "2026-11-01" and row.why


def test_nobody_finds_another_members_lines(shop: Any, lan: Teller) -> None:
    walk(lan)
    minh = Teller(shop, a_member())
    assert minh.titles() == ["Chào mừng"]


PREPAID = """\
ganbo: 1
programme: prepaid
name: {vi: Trả trước, en: Prepaid}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}}
  card: {name: {vi: tiền trong thẻ, en: card money}, money: true}
  gift: {name: {vi: tiền tặng, en: gift money}, money: true, refundable: false}
earn:
  - {id: base, name: {vi: Mua hàng, en: Purchases}, on: purchase, when: order.net >= 10000, give: {wallet: points, amount: 1, per: 10000, of: net}}
topups: [{pay: 500000, bonus: 50000, bonus_wallet: gift, spend: bonus_first}]
"""


def test_money_on_the_card_comes_and_goes_with_its_reasons(new_business: Callable[[str], Any]) -> None:
    with context.within(new_business(PREPAID)) as _:
        lan = Teller(context.current(), a_member())
        topped = lan.tell("topup", {"amount": 500_000})
        order = f"o-{chance.new_id()}"
        paid = [{"with": "card_money", "amount": 60_000}]
        lan.tell("purchase", {"order_id": order, "amount": 60_000, "paid": paid})
        lan.tell("refund", {"order_id": order})
        lan.undo(topped)
        told = [
            (row.title, sorted((n, unit.word) for n, unit in row.amounts), plain(row.why)) for row in lan.history("vi")
        ]
    assert [one[:2] for one in told] == [
        ("Hoàn tác: Nạp tiền", [(-500_000, "tiền trong thẻ"), (-50_000, "tiền tặng")]),
        ("Đã trả hàng", [(-6, "điểm"), (10_000, "tiền trong thẻ"), (50_000, "tiền tặng")]),
        ("Mua hàng", [(-50_000, "tiền tặng"), (-10_000, "tiền trong thẻ"), (6, "điểm")]),
        ("Nạp tiền", [(50_000, "tiền tặng"), (500_000, "tiền trong thẻ")]),
    ]
    whys = [why for _, _, why in told]
    assert whys[0].startswith("Đã hủy lần nạp: trả lại 500.000 ₫ tiền mặt.")
    assert "Trở lại thẻ: 10.000 ₫ tiền trong thẻ và 50.000 ₫ tiền tặng." in whys[1]
    assert "Trả bằng thẻ: 50.000 ₫ tiền tặng và 10.000 ₫ tiền trong thẻ." in whys[2]
    assert whys[3] == "500.000 ₫ đã vào thẻ, quán tặng thêm 50.000 ₫ tiền tặng."


def plain(text: str) -> str:
    """With plain spaces."""
    return " ".join(text.split())
