"""The plain templates fitted to a shop's own numbers: how large the gift is, after how many visits, and how long it lasts.

Pure: the same shop and the same dials make the same document. Money in minor units of the currency.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ganbo.features.programmes import templates
from ganbo.features.programmes.document_tree import Tree

SOONER, MORE, FRIENDS = "sooner", "more", "friends"
AIMS: Mapping[str, tuple[str, ...]] = {
    SOONER: ("stamps", "points", "cashback"),
    MORE: ("big_stamps", "big_points", "big_voucher"),
    FRIENDS: ("pair_stamps", "family_points", "pair_cashback"),
}  # three proposals for each, the simplest to explain first
NAMES: Mapping[str, tuple[str, str]] = {
    "stamps": ("Thẻ tem", "Stamp card"),
    "points": ("Điểm đổi quà", "Points for a gift"),
    "cashback": ("Hoàn tiền vào thẻ", "Cashback on the card"),
    "big_stamps": ("Tem cho hóa đơn lớn", "Stamps for larger bills"),
    "big_points": ("Điểm nhân đôi khi mua nhiều", "Double points on larger bills"),
    "big_voucher": ("Điểm đổi phiếu cho hóa đơn lớn", "Points for a voucher on a larger bill"),
    "pair_stamps": ("Thẻ tem đi hai", "Stamp card for two"),
    "family_points": ("Điểm chung cả nhà", "Points shared at home"),
    "pair_cashback": ("Hoàn tiền dùng khi đi hai", "Cashback to use for two"),
}
LEAST_VISITS, MOST_VISITS = 2, 20
LEAST_MONTHS, MOST_MONTHS = 1, 24
HEAD_START = 2  # stamps given on the first card, as in the template, where the card is long enough
LARGER, FOR_TWO = 1.3, 1.8  # of the mean bill: a larger bill, a bill for two
UNITS_A_BILL = 10  # points a mean bill earns, so that people can reckon with them
_DIGITS = {"VND": 0}
_DAYS_A_MONTH = 30
_STEPS = 50


@dataclass(frozen=True, slots=True)
class Shop:
    """What of a shop the documents are fitted to. `bill`: the mean bill; `cap`: the most a month may cost; `store`: only there."""

    currency: str
    zone: str
    bill: int
    cap: int
    store: str = ""
    organiser: str = ""
    starts: date | None = None


@dataclass(frozen=True, slots=True)
class Dials:
    """What can be turned: what the gift is worth, visits up to the first one, months until points or the gift end."""

    gift: int
    visits: int
    months: int


def turned(dials: Dials, shop: Shop) -> Dials:
    """Within what can be printed and understood: a gift of at most two bills, visits and months in their bounds."""
    step = nice_step(shop.bill)
    return replace(
        dials,
        gift=min(max(dials.gift, step), max(2 * shop.bill, step)),
        visits=min(max(dials.visits, LEAST_VISITS), MOST_VISITS),
        months=min(max(dials.months, LEAST_MONTHS), MOST_MONTHS),
    )


def nice_step(bill: int) -> int:
    """What a gift is counted in: the greatest of 1, 2, 5, 10, 20, 50 … that goes fifty times into a bill."""
    step = 1
    while step * 10 * _STEPS <= bill:
        step *= 10
    return max(step * n for n in (1, 2, 5) if n == 1 or step * n * _STEPS <= bill)


def nice(amount: int, bill: int) -> int:
    """An amount rounded down to whole steps, never nothing."""
    step = nice_step(bill)
    return max(amount // step * step, step)


def first(kind: str, shop: Shop, *, share: float, visits: int) -> Dials:
    """Dials under which even who always comes back costs at most `share` of what they spend."""
    gift = int(share * visits * shop.bill / (2 if kind == "big_points" else 1))
    return turned(Dials(nice(min(gift, shop.bill), shop.bill), visits, 3 if "stamps" in kind else 12), shop)


def source(kind: str, shop: Shop, dials: Dials) -> str:
    """The document of a proposal, as YAML with the template's own remarks left out."""
    base = "stamp-card" if "stamps" in kind else "cashback-card" if "cashback" in kind else "points"
    tree = Tree(_bare(templates.source(base)))
    names = NAMES[kind]
    tree.merge((), _old(tree, "programme", "name", "currency", "timezone"), {
        "programme": kind.replace("_", "-"), "name": {"vi": names[0], "en": names[1]},
        "currency": shop.currency, "timezone": shop.zone,
    })  # fmt: skip
    {"stamp-card": _stamps, "cashback-card": _cashback, "points": _points}[base](tree, kind, shop, dials)
    if kind == "family_points":
        tree.add(("accounts",), {"pool": "household", "wallets": ["points"], "may_spend": ["owner", "adult"]})
    tree.add(("budget",), {"period": "month", "lines": {"rewards": {"planned": shop.cap}}})
    if shop.organiser:
        tree.add(("legal",), {"organiser": shop.organiser})
    if shop.starts:
        tree.add(("runs",), {"from": shop.starts})
    return str(tree)


def larger(shop: Shop) -> int:
    """The least bill that counts as a larger one."""
    return nice(int(shop.bill * LARGER), shop.bill)


def for_two(shop: Shop) -> int:
    """The least bill that counts as one for two."""
    return nice(int(shop.bill * FOR_TWO), shop.bill)


def _bare(text: str) -> str:
    """Without remarks, and without the examples: those speak of other numbers."""
    lines = [line.split("   #")[0] for line in text.splitlines() if not line.lstrip().startswith("#")]
    return "\n".join(lines[: lines.index("examples:")]) + "\n"


def _old(tree: Tree, *keys: str) -> dict[str, Any]:
    return {key: tree.value[key] for key in keys}


def _when(shop: Shop) -> dict[str, str]:
    return {"when": f'store == "{shop.store}"'} if shop.store else {}


def _voucher(kind: str, shop: Shop, dials: Dials, **more: Any) -> dict[str, Any]:
    """Money off a later bill; where it is to bring more, only off one that is large enough."""
    least = for_two(shop) if kind.startswith("pair") else larger(shop) if kind == "big_voucher" else 0
    text = f"{dials.gift:,}"
    unit = "₫" if shop.currency == "VND" else shop.currency
    shown = dials.gift if shop.currency in _DIGITS else None
    name = (
        {"vi": f"Giảm {text.replace(',', '.')} {unit}", "en": f"{text} {unit} off"}
        if shown is not None
        else {"vi": "Phiếu giảm giá", "en": "Money off"}
    )
    return {
        "id": "gift", "name": name, "kind": "discount", "amount": dials.gift, "budget": "rewards",
        **({"min_order": least} if least else {}), **more,
    }  # fmt: skip


def _stamps(tree: Tree, kind: str, shop: Shop, dials: Dials) -> None:
    head = HEAD_START if dials.visits >= 4 else 0
    card: dict[str, Any] = {
        "id": "visits", "name": {"vi": "Thẻ ghé thăm", "en": "Visit card"}, "count": "order",
        "size": dials.visits + head, **({"head_start": head} if head else {}),
        **({"min_order": larger(shop)} if kind == "big_stamps" else {}), **_when(shop), "reward": "gift",
    }  # fmt: skip
    reward = _voucher(kind, shop, dials, valid_days=dials.months * _DAYS_A_MONTH)
    tree.merge((), _old(tree, "stamp_cards", "rewards"), {"stamp_cards": [card], "rewards": [reward]})


def _points(tree: Tree, kind: str, shop: Shop, dials: Dials) -> None:
    step = max(shop.bill // UNITS_A_BILL, 1)
    per = nice(step, step) if step >= 10 else step
    price = max(round(dials.visits * shop.bill / per), 1)
    earn: list[dict[str, Any]] = [{
        "id": "base", "name": {"vi": "Tích điểm mua hàng", "en": "Points on purchases"}, "on": "purchase", **_when(shop),
        "give": {"wallet": "points", "amount": 1, "per": per, "of": "net"},
    }]  # fmt: skip
    if kind == "big_points":
        least = f"order.net >= {larger(shop)}"
        when = f'{least} && store == "{shop.store}"' if shop.store else least
        doubled = {"vi": "Nhân đôi hóa đơn lớn", "en": "Double on larger bills"}
        earn.append({"id": "larger", "name": doubled, "on": "purchase", "when": when, "multiply": {"rule": "base", "by": 2}})  # fmt: skip
    wallet = {
        "name": {"vi": "điểm", "en": "points"}, "expires": {"kind": "end_of_month", "months": dials.months},
        "on_refund": "within_balance",
    }  # fmt: skip
    reward = _voucher(kind, shop, dials, price={"wallet": "points", "amount": price}, valid_days=60)
    new = {"wallets": {"points": wallet}, "earn": earn, "rewards": [reward]}
    tree.merge((), _old(tree, "wallets", "earn", "rewards"), new)


def _cashback(tree: Tree, kind: str, shop: Shop, dials: Dials) -> None:
    share = max(round(10_000 * dials.gift / (dials.visits * shop.bill)), 1)  # ten-thousandths of a bill
    card = {
        "name": {"vi": "tiền trong thẻ", "en": "card money"}, "money": True, "on_refund": "within_balance",
        "expires": {"kind": "inactivity", "months": dials.months, "reset_by": ["purchase", "visit"]},
    }  # fmt: skip
    rule = {
        "id": "cashback", "name": {"vi": "Hoàn tiền", "en": "Cashback"}, "on": "purchase", **_when(shop),
        "give": {"wallet": "card", "amount": share, "per": 10_000, "of": "net"},
    }  # fmt: skip
    reward = _voucher(kind, shop, dials, price={"wallet": "card", "amount": dials.gift}, valid_days=90)
    new = {"wallets": {"card": card}, "earn": [rule], "rewards": [reward]}
    tree.merge((), _old(tree, "wallets", "earn", "rewards"), new)
