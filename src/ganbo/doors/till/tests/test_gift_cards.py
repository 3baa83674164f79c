"""Gift cards at the till: sold once however often it is pressed, topped up, paid with, undone, and in the close of shift."""

import re
from collections.abc import Callable
from typing import Any

from ganbo.doors.till.tests.test_partners import signed_in
from ganbo.features.rewards import queries
from ganbo.foundation import chance
from ganbo.foundation.tenancy import context

PROGRAMME = """\
ganbo: 1
programme: gifts
name: Quà
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
rewards:
  - {id: our-card, name: {vi: Thẻ quà tặng, en: Gift card}, kind: gift_card, amount: 200000, valid_days: 365}
"""


def test_a_gift_card_over_the_counter(new_business: Callable[..., Any]) -> None:
    shop = new_business(PROGRAMME)
    till, at = signed_in(shop), f"/b/{shop.slug}/till/"
    assert "Sell a gift card" in till.get(at).content.decode()
    form = {"reward": "our-card", "key": str(chance.new_id())}
    pages = [till.post(f"{at}gift-card/sell/", form, follow=True).content.decode() for _ in range(2)]
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-.", pages[1])
    assert code and code[0] in pages[0], "sold once, and its code shown to who sells it"
    card = re.search(r'name="card" value="([^"]+)"', pages[1])
    assert card
    assert "200,000" in till.get(at, {"q": code[0]}).content.decode()
    more = {"code": code[0], "amount": "50", "key": str(chance.new_id())}
    done = [till.post(f"{at}gift-card/top-up/", more, follow=True).content.decode() for _ in range(2)]
    assert "50,000 ₫ went onto the card." in done[1] and "250,000" in done[1] and code[0] not in done[1]
    sale = {"sale": str(chance.new_id()), "amount": "100.000", "code": code[0], "chosen": "1"}
    assert till.post(f"{at}sell/", sale, follow=True).status_code == 200
    with context.within(shop):
        row = queries.by_code(code[0])
        assert row is not None and row.money_left == 150_000
    shift = till.get(f"{at}shift/").content.decode()
    for words in ("Gift cards sold", "Gift cards topped up", "200,000", "50,000"):
        assert words in shift, words
    stays = till.post(f"{at}gift-card/undo/", {"card": card[1]}, follow=True).content.decode()
    assert "so its sale stays" in stays
    again = till.post(f"{at}gift-card/sell/", {**form, "key": str(chance.new_id())}, follow=True).content.decode()
    fresh = re.search(r'name="card" value="([^"]+)"', again)
    assert (
        fresh
        and "hand back 200,000 ₫" in till.post(f"{at}gift-card/undo/", {"card": fresh[1]}, follow=True).content.decode()
    )
    wrong = till.post(f"{at}gift-card/top-up/", {**more, "amount": "x", "key": str(chance.new_id())}, follow=True)
    assert "Type the total in digits" in wrong.content.decode()
