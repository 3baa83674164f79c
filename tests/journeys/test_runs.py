"""A programme that ends: nothing is redeemed after its last day, its vouchers end with it, members hear of it before."""

from contextlib import closing
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from ganbo.books.events import reading
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes import terms, why
from ganbo.features.rewards import queries
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.journeys import join, quote, record_events, redeem_reward, verify_books, warn_of_end
from ganbo.journeys.record_events import Asked
from ganbo.journeys.redemption_writing import Ask
from ganbo.people.channels import queries as channels
from ganbo.people.members.operations import Person

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = clock.now().astimezone(HANOI).date()
LAST = TODAY + timedelta(days=10)
SOURCE = f"""
ganbo: 1
programme: ends
name: Chương trình có hạn
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets: {{points: {{name: {{vi: điểm, en: points}}, expires: {{kind: never}}}}}}
earn:
  - {{id: welcome, on: signup, give: {{wallet: points, amount: 100}}}}
  - {{id: base, on: purchase, give: {{wallet: points, amount: 1, per: 10000, of: net}}}}
tiers: {{metric: spend, levels: [{{id: new}}, {{id: old, enter: {{spend: 100000}}}}]}}
rewards: [{{id: tea, kind: free_item, sku: tea, valid_days: 30, price: {{wallet: points, amount: 1}}}}]
never: {{earn: [tobacco], pay: [tobacco], reward: [alcohol], why: {{vi: Luật cấm khuyến mại thuốc lá, en: The law bans promoting tobacco}}}}
runs: {{from: {TODAY - timedelta(days=30)}, earn_until: {LAST - timedelta(days=5)}, spend_until: {LAST}}}
legal: {{organiser: Công ty Gắn Bó, tax_code: "0101234567", type: frequent_customer, notice_no: 12/TB, areas: [Hà Nội]}}
"""


@pytest.fixture
def shop(new_business: Any) -> Any:
    business = new_business(SOURCE)
    with context.within(business):
        yield business


def somebody() -> Any:
    person = Person(email=f"lan{chance.digits(9)}@example.com", name="Lan", locale="en")
    return join.join(person, at=clock.now()).member_id


def sale(member: Any, *lines: dict[str, Any]) -> dict[str, Any]:
    body = {"id": f"r:{chance.new_id()}", "type": "purchase", "occurred_at": clock.now().isoformat()}
    return body | {"member": str(member), "data": {"lines": list(lines)}}


TEA = {"sku": "tea", "category": "drinks", "unit_price": 50_000}
CIGARETTES = {"sku": "555", "category": "tobacco", "unit_price": 100_000}


def at(day: Any, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=HANOI)


def test_nothing_is_redeemed_before_the_first_or_after_the_last_day(shop: Any) -> None:
    member = somebody()
    with closing(Pipeline.open(**connection_parameters())) as pipe:

        def redeem(now: datetime) -> str:
            given = redeem_reward.redeem(pipe, shop, [Ask(("id", str(member)), "tea")], now=now)[0]
            return given.refusal.code if given.refusal else given.status

        assert redeem(at(LAST, 23)) == "issued"
        assert redeem(at(LAST + timedelta(days=1), 0)) == "programme.over"
        assert redeem(at(TODAY - timedelta(days=31))) == "programme.not_begun"
    (voucher,) = queries.vouchers_of(member)
    assert voucher.expires_at == at(LAST + timedelta(days=1), 0), "its thirty days are cut short"
    assert verify_books.verify().differences == ()


def test_what_is_left_out_counts_for_no_level_and_a_quote_says_why(shop: Any) -> None:
    member = somebody()
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        quoted = quote.quote(pipe, Asked(shop, clock.now()), [quote.read(sale(member, TEA, CIGARETTES), region="VN")])[
            0
        ]
        said = orjson.loads(quoted.answer or "")["because_not"]
        requests = [
            reading.read(sale(member, *lines), region="VN") for lines in ((TEA, CIGARETTES), (CIGARETTES,), (TEA,))
        ]
        answers = [orjson.loads(o.answer or "") for o in record_events.record(pipe, Asked(shop, clock.now()), requests)]
    assert said == [
        "On this bill this earned nothing: tobacco.",
        "On this bill this cannot be paid for with points: tobacco.",
        "The law bans promoting tobacco.",
    ]
    assert [sum(e["amount"] for e in a["effects"] if e["kind"] == "wallet") for a in answers] == [5, 0, 5]
    assert [a["tier"]["id"] for a in answers] == ["new", "new", "old"], "100,000 of tea, not of cigarettes"
    assert verify_books.verify().differences == ()


def test_after_the_last_day_to_earn_the_reason_is_its_date(shop: Any) -> None:
    late = at(LAST - timedelta(days=4))
    member = somebody()
    body = sale(member, TEA) | {"occurred_at": late.isoformat()}
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        quoted = quote.quote(pipe, Asked(shop, late), [quote.read(body, region="VN")])[0]
    answer = orjson.loads(quoted.answer or "")
    last = LAST - timedelta(days=5)
    assert answer["effects"] == []
    assert answer["because_not"] == [f"Nothing was earned: the last day to earn was {last.day} {last:%B} {last.year}."]


def test_members_who_hold_points_hear_of_the_end_seven_days_before(shop: Any) -> None:
    member = somebody()
    seven = LAST - timedelta(days=7)
    assert warn_of_end.warn(shop, at=at(seven, 8)) == 0, "not the hour"
    assert warn_of_end.warn(shop, at=at(seven)) == 1
    assert warn_of_end.warn(shop, at=at(seven, 14)) == 0, "told once"
    (message,) = [m for m in channels.of_member(member) if m.kind == "expiry"]
    assert f"The last day to redeem is {LAST.day} {LAST:%B} {LAST.year}. You have: 100 points." in message.body
    assert warn_of_end.warn(shop, at=at(LAST - timedelta(days=12))) == 1, "seven days before the last day to earn"
    assert warn_of_end.warn(shop, at=at(LAST - timedelta(days=6))) == 0


def test_the_terms_say_all_of_it(shop: Any) -> None:
    programme = programmes.timeline(shop.schema).at(clock.now()).programme
    english, vietnamese = (terms.of(programme, lang=lang, organiser="Quán").text for lang in ("en", "vi"))
    for words in (
        "The last day to redeem",
        "Tax code: 0101234567.",
        "programme for frequent customers",
        "never earn points",
        "The law bans",
    ):
        assert words in english, words
    for words in ("Ngày cuối", "Mã số thuế: 0101234567.", "không bao giờ", "Luật cấm khuyến mại thuốc lá."):
        assert words in vietnamese, words
    assert why.you("en", None) == "You"
