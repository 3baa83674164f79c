"""What `ganbo liability` prints, and the words of its entries."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from rich import box
from rich.table import Table

from ganbo.doors.cli import saying
from ganbo.foundation import i18n
from ganbo.insights.liability import statement
from ganbo.insights.liability.journal import Line
from ganbo.insights.liability.statement import Statement

Said = tuple[str, str]  # Vietnamese, English
TEXTS: Mapping[str, Said] = {
    "earned": ("Hoãn doanh thu: {wallet} đã tặng, {month}", "Deferred: {wallet} given, {month}"),
    "paid_in": ("Khách nạp {wallet}, {month}", "Customers topped up {wallet}, {month}"),
    "brought_over": (
        "Số dư chuyển từ hệ thống cũ: {wallet}, {month}",
        "Brought over from another system: {wallet}, {month}",
    ),
    "redeemed": ("Ghi nhận doanh thu: {wallet} đã đổi, {month}", "Revenue: {wallet} redeemed, {month}"),
    "expired": ("Ghi nhận doanh thu: {wallet} hết hạn, {month}", "Revenue: {wallet} expired, {month}"),
    "adjusted": ("Điều chỉnh: {wallet}, {month}", "Adjustment: {wallet}, {month}"),
}
BASES: Mapping[str, Said] = {
    "given": ("do bạn đưa ra (--value)", "told by you (--value)"),
    "money": ("là tiền: 1 đơn vị là 1 đồng của chính nó", "money: a unit is a unit of money"),
    "redeemed": ("bình quân của những gì khách đã đổi trong 365 ngày qua", "the mean of what was redeemed in the last 365 days"),
    "pay": ("mức trừ điểm vào hóa đơn; chưa ai đổi", "the rate at which it pays bills; nothing was redeemed yet"),
    "face_value": ("giá trị quy đổi ghi trong chương trình; chưa ai đổi", "the programme's face value; nothing was redeemed yet"),
    "catalogue": ("bình quân các quà trong chương trình; chưa ai đổi", "the mean of the programme's rewards; nothing was redeemed yet"),
    "none": ("không biết: hãy ghi value hoặc cost cho quà, hoặc dùng --value", "unknown: give rewards a value or cost, or use --value"),
}  # fmt: skip
LACKING: Mapping[str, Said] = {
    "nothing_given": ("chưa tặng gì", "nothing was given"),
    "no_lots": ("tem không có hạn dùng", "stamps do not end"),
    "few_members": ("chưa đủ dữ liệu: dưới 30 khách đã đổi hay hết hạn", "not enough data: points of fewer than 30 members met an end"),
    "few_redeemers": ("chưa đủ dữ liệu: dưới 10 khách đã đổi", "not enough data: fewer than 10 members who redeemed"),
    "too_young": ("chưa đủ dữ liệu: phần lớn còn quá mới để biết", "not enough data: most of it is too young to tell"),
    "never_ends": ("chưa có gì hết hạn", "nothing has expired yet"),
}  # fmt: skip
PARTS: Mapping[str, Said] = {
    "waiting": ("điểm chờ", "waiting"),
    "held": ("tạm giữ", "held"),
    "owed": ("khách còn nợ ngoài số này", "besides, owed by members"),
}
ASSUMED: Said = ("giả định: khách sẽ đổi hết phần chưa rõ", "assumed: whatever is not known will be redeemed")
HEADS: tuple[Said, ...] = (
    ("Kỳ", "Period"), ("Đầu kỳ", "Opening"), ("+ Tích", "+ Earned"), ("− Đổi", "− Redeemed"), ("− Hết hạn", "− Expired"),
    ("± Chỉnh", "± Adjusted"), ("Cuối kỳ", "Closing"), ("Giá trị", "Value"),
)  # fmt: skip


def pick(said: Said, lang: str) -> str:
    """The words in the reader's language."""
    return said[0] if lang == "vi" else said[1]


def name_of(wallet: dict[str, Any], lang: str) -> str:
    """What the merchant calls a wallet or card."""
    names = wallet["name"]
    return str(names.get(lang) or names.get("vi") or wallet["wallet"])


def entries(found: Statement, accounts: Mapping[str, str], lang: str) -> list[Line]:
    """The entries in the reader's words."""
    names = {wallet["wallet"]: name_of(wallet, lang) for wallet in found.shown["wallets"]}
    return statement.entries(found, {k: pick(v, lang) for k, v in TEXTS.items()}, names=names, accounts=accounts)


def show(shown: dict[str, Any], lang: str) -> None:
    """All of it."""
    print_ = saying.console.print
    total = sum(wallet["outstanding"]["value"] for wallet in shown["wallets"])
    print_(
        pick(
            (
                f"Đến {_day(shown['to'], lang)}, bạn còn nợ thành viên {_money(total, shown, lang)}.",
                f"On {_day(shown['to'], lang)} you still owe your members {_money(total, shown, lang)}.",
            ),
            lang,
        ),
        markup=False,
    )
    for wallet in shown["wallets"]:
        print_()
        print_(_roll_forward(wallet, shown, lang))
        for line in _lines(wallet, shown, lang):
            print_(f"  {line}", markup=False, soft_wrap=True)
    print_()
    print_(_stress(shown, lang))
    print_(_allocation(shown, lang), markup=False)


def _roll_forward(wallet: dict[str, Any], shown: dict[str, Any], lang: str) -> Table:
    title = name_of(wallet, lang)
    if wallet["wallet"].startswith(statement.STAMPS):
        title = pick((f"{title} (tem)", f"{title} (stamps)"), lang)
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 0), collapse_padding=True)
    for n, head in enumerate(HEADS):
        table.add_column(pick(head, lang), justify="left" if n == 0 else "right", no_wrap=True)
    for row in wallet["rows"]:
        period = row["period"]
        table.add_row(
            _day(period, lang) if shown["by"] == "day" else f"{period:%m/%Y}" if lang == "vi" else f"{period:%Y-%m}",
            *(i18n.number(row[name], lang) for name in statement.COLUMNS),
            _money(row["money"]["closing"], shown, lang),
        )
    return table


def _lines(wallet: dict[str, Any], shown: dict[str, Any], lang: str) -> list[str]:
    """Assumptions and breakage of one wallet, each a sentence."""
    worth, said, stands = wallet["worth"], wallet["breakage"], wallet["rows"][-1]
    each = _number(worth["value"], lang)
    cost = _number(worth["cost"], lang)
    found = [
        pick((f"Một đơn vị đáng {each} (vốn {cost}): ", f"A unit is worth {each} (costs {cost}): "), lang)
        + pick(BASES[worth["basis"]], lang) + ".",
    ]  # fmt: skip
    parts = [
        pick(label, lang) + " " + i18n.number(stands[key], lang)
        for key, label in PARTS.items()
        if stands[key]
    ]  # fmt: skip
    if parts:
        found.append(pick(("Trong đó", "Of it"), lang) + ": " + ", ".join(parts) + ".")
    unknown = [use["name"] for use in worth["uses"] if use["value"] is None and use["units"] > 0]
    if unknown:
        names = ", ".join(unknown)
        found.append(
            pick(
                (
                    f"Không biết giá trị của: {names}; không tính vào bình quân.",
                    f"Nobody knows what these are worth, so they have no weight: {names}.",
                ),
                lang,
            )
        )
    by_cost = [use["name"] for use in worth["uses"] if use["by_cost"]]
    if by_cost and worth["basis"] in ("redeemed", "catalogue"):
        names = ", ".join(by_cost)
        found.append(
            pick(
                (
                    f"Chưa ghi giá trị (value) của: {names}; lấy giá vốn thay.",
                    f"No value is written for {names}; their cost stands in.",
                ),
                lang,
            )
        )
    late = sum(row["late"] for row in wallet["rows"])
    if late:
        n = i18n.number(late, lang)
        found.append(
            pick((f"{n} được ghi sau khi tháng đã hết.", f"{n} were written down after their month had ended."), lang)
        )
    return [*found, *_breakage(said, wallet, shown, lang)]


def _breakage(said: dict[str, Any], wallet: dict[str, Any], shown: dict[str, Any], lang: str) -> list[str]:
    if wallet["money"]:
        return []
    unused = said["unused"]
    found = []
    if said["lacking"]:
        found.append(
            pick(("Điểm không dùng đến: ", "Breakage: "), lang) + pick(LACKING[said["lacking"]], lang)
            + "; " + pick(ASSUMED, lang) + "."
        )  # fmt: skip
    if said["lacking"] in ("", "too_young"):
        share, low, high = (_percent(unused[key], lang) for key in ("share", "low", "high"))
        found.append(
            pick(
                (
                    f"Không bao giờ được đổi: {share} (95 %: {low} – {high}) số đã tặng.",
                    f"Never redeemed: {share} (95 %: {low} – {high}) of what is given.",
                ),
                lang,
            )
        )
        expected = wallet["outstanding"]["expected"]
        share, low, high = (_money(expected[key], shown, lang) for key in ("share", "low", "high"))
        found.append(
            pick(
                (
                    f"Dự kiến khách sẽ đòi: {share} ({low} – {high}).",
                    f"Expected to be asked for: {share} ({low} – {high}).",
                ),
                lang,
            )
        )
    return found


def _stress(shown: dict[str, Any], lang: str) -> Table:
    stress = shown["stress"]
    day = _day(stress["by"], lang)
    title = pick((f"Nếu mọi người đổi hết ngày {day}", f"If everybody redeems everything on {day}"), lang)
    cost = _money(stress["cost"], shown, lang)
    table = Table(title=pick((f"{title}: tốn {cost}", f"{title}: {cost}"), lang), title_justify="left")
    for n, head in enumerate(
        (("Hạng mục ngân sách", "Budget line"), ("Sẽ tốn", "It takes"), ("Còn lại", "Left"), ("Thiếu", "Short"))
    ):
        table.add_column(pick(head, lang), justify="left" if n == 0 else "right")
    for line in stress["lines"]:
        named = line["line"] or pick(("(ngoài ngân sách)", "(no budget line)"), lang)
        left = _money(line["left"], shown, lang) if line["line"] else "–"
        table.add_row(
            named, _money(line["cost"], shown, lang), left, _money(line["short"], shown, lang) if line["short"] else "–"
        )
    return table


def _allocation(shown: dict[str, Any], lang: str) -> str:
    parts = shown["allocation"]["allocated"]
    sales, goods = _money(shown["allocation"]["sales"], shown, lang), _money(parts["goods"], shown, lang)
    rest = _money(sum(parts.values()) - parts["goods"], shown, lang)
    return pick(
        (f"IFRS 15: trong {sales} doanh số, {goods} là hàng đã bán, {rest} hoãn lại cho điểm.",
         f"IFRS 15: of {sales} of sales, {goods} are goods sold and {rest} are deferred for what was given."), lang,
    )  # fmt: skip


def _money(amount: int, shown: dict[str, Any], lang: str) -> str:
    return i18n.money(amount, shown["currency"], lang)


def _percent(share: float, lang: str) -> str:
    return _number(share * 100, lang) + " %"


def _number(n: float, lang: str) -> str:
    """With one decimal at most."""
    return i18n.number(f"{n:.1f}".removesuffix(".0"), lang)


def _day(day: date, lang: str) -> str:
    return i18n.day(day, lang)
