"""The terms: what the rules say, in the words a customer reads, the same text for the same rules."""

from pathlib import Path

import pytest

import ganbo
from ganbo.engine import loading
from ganbo.engine.programme import Programme
from ganbo.features.programmes import terms

DEMO = (Path(ganbo.__file__).parent / "doors" / "cli" / "demo_programme.yaml").read_text(encoding="utf-8")
FULL = """\
ganbo: 1
programme: full
name: {vi: Đủ, en: Full}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, expires: {kind: end_of_year, years: 1, grace: {until: 06-30}}, pending: {kind: after, days: 7}, on_refund: only_pending}
  miles: {name: {vi: dặm, en: miles}, spendable: false, expires: {kind: inactivity, months: 18, reset_by: [purchase, visit]}}
  card: {name: {vi: tiền trong thẻ, en: card money}, money: true}
earn:
  - {id: base, on: purchase, lines: '!line.labels.exists(l, l == "sale") && !(line.category in ["tobacco", "alcohol"])', give: {wallet: points, amount: 1, per: 10000, of: net, carry: true, base: {shipping: in, paid_with_points: out}}}
  - {id: june, on: purchase, during: {from: 2027-06-01, until: 2027-07-01, days: [sat, sun], hours: [14, 17]}, multiply: {wallet: points, by: 2}, combine: best}
  - {id: gift, on: purchase, when: 'tier_at_least("silver") && (store == "hue" || channel == "app")', give: {voucher: tea}}
  - {id: fly, on: custom.flight, give: {wallet: miles, amount: 'event.miles * table.class[event.class] / 100'}}
  - {id: third, on: purchase, when: 'member.purchases % 3 == 0', say: {vi: mua lần thứ ba, en: it is every third purchase}, give: {wallet: points, amount: 5}}
tables: {class: {Y: 50, C: 150}}
stamp_cards:
  - {id: wash, name: {vi: Thẻ rửa xe, en: Wash card}, lines: 'line.sku == "wash"', size: 6, head_start: 2, reward: tea}
tiers:
  window: {kind: rolling, months: 12}
  downgrade: {mode: one_step, grace_days: 30}
  counts: {purchase: order.net >= 30000, max_per_day: 1}
  levels:
    - {id: bronze, name: {vi: Đồng, en: Bronze}}
    - {id: silver, name: {vi: Bạc, en: Silver}, enter: {any: {spend: 5000000, visits: 20}}, keep: {spend: 3000000}, benefits: {multiply: {points: {rules: [base], by: 1.2}}, on_enter: [tea]}}
rewards:
  - {id: tea, name: {vi: Trà đào, en: Peach tea}, kind: free_item, sku: tea, min_order: 50000, stacking: exclusive, valid_days: 14}
  - {id: money, name: {vi: Tiền thẻ, en: Card money}, kind: card_money, wallet: card, amount: 20000, price: {wallet: points, amount: 300, plus: 5000, by_tier: {silver: 250}}}
"""

# document, locale, what must be said, why
SAID = [
    (FULL, "en", "base: 1 point for every 10,000 ₫ of these items, when the item is not marked “sale” and the category is anything but tobacco or alcohol. What is left below a full step counts next time.", "an exclusion is told, and the carry"),
    (FULL, "en", "The delivery fee earns, too. What was paid with points does not earn.", "switches of the base"),
    (FULL, "vi", "khi ngày từ 01/06/2027 đến trước 01/07/2027, ngày là thứ Bảy hoặc Chủ nhật và giờ từ 14 giờ đến 17 giờ.", "times"),
    (FULL, "en", "gift: A voucher “Peach tea” for a purchase, when the tier is Silver or above and the store is hue or the channel is app.", "names, not ids"),
    (FULL, "en", "fly: Miles for “flight”, counted from “miles” and “class” by the table “class”.", "a formula"),
    (FULL, "vi", "third: 5 điểm cho một lần mua, khi mua lần thứ ba.", "what has no standard sentence is said as the merchant says it"),
    (FULL, "vi", "Thẻ rửa xe: Khi món là wash: mỗi món mua được 1 tem; đủ 6 tem được “Trà đào”. Thẻ đầu tiên có sẵn 2 tem. Món được tặng không được tem.", "a stamp card"),
    (FULL, "en", "They end with the year, 1 year after the one they were earned in. They may still be used until the next 30 June.", "grace"),
    (FULL, "vi", "Dùng được sau khi tích 7 ngày. Khi trả hàng, chỉ thu hồi phần điểm chờ.", "pending and returns"),
    (FULL, "en", "They end when 18 months go by without a purchase or a visit. They only count towards tiers", "inactivity"),
    (FULL, "vi", "Bạc: Đạt khi chi tiêu 5.000.000 ₫ hoặc 20 lần ghé. Giữ hạng với chi tiêu 3.000.000 ₫. “base” nhân 1,2. Khi lên hạng: Trà đào.", "a tier: reach, keep, benefits"),
    (FULL, "en", "Who no longer meets the conditions goes down one tier at a time.", "losing a tier"),
    (FULL, "en", "Peach tea: One for free. The voucher can be used for 14 days. The bill must be at least 50,000 ₫. Not together with other offers.", "a voucher's conditions"),
    (FULL, "en", "Card money: 20,000 ₫ of card money for 300 points and 5,000 ₫. For Silver: 250 points.", "points and money, a price for a tier"),
    (DEMO, "vi", "Lần mua thứ ba: Một voucher “Trà đào” cho một lần mua, khi đây là lần mua thứ 3.", "the demo"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "locale", "said", "why"), SAID, ids=[row[3] for row in SAID])
def test_the_terms_say_it(source: str, locale: str, said: str, why: str) -> None:
    assert said in terms.of(loading.load(source, publishing=True), lang=locale).text, why


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("source", [FULL, DEMO], ids=["full", "demo"])
def test_the_shop_alone_knows_its_costs(source: str, locale: str) -> None:
    text = terms.of(loading.load(source), lang=locale).text
    assert "Costs the shop" not in text and "Chi phí" not in text


def test_the_same_rules_have_the_same_digest_and_other_rules_another() -> None:
    def digest(source: str, organiser: str = "") -> str:
        return terms.of(loading.load(source), lang="vi", organiser=organiser).digest

    assert digest(DEMO) == digest(DEMO.replace("# The programme of the demo", "# Another comment"))
    assert digest(DEMO) != digest(DEMO.replace("per: 10000", "per: 20000"))
    assert digest(DEMO) != digest(DEMO, "Gắn Bó")


def test_sentences_too_long_to_read_are_named() -> None:
    def long(programme: Programme) -> list[str]:
        return [one.part for one in terms.long_sentences(terms.of(programme, lang="en"))]

    wordy = DEMO.replace("when: event.verified", "when: event.verified\n    say: {en: " + "very " * 30 + "long}")
    assert long(loading.load(DEMO)) == []
    assert long(loading.load(wordy)) == ["How you earn"]
