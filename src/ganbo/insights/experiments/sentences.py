"""The result in plain words, Vietnamese and English: what came out, how sure that is, and what to do with it."""

from decimal import Decimal
from fractions import Fraction

from ganbo.features.experiments.queries import ExperimentRow
from ganbo.foundation import i18n
from ganbo.insights.experiments import result as results
from ganbo.insights.experiments.result import Compared, Result

METRICS = {
    "revenue": ("Doanh thu tăng thêm", "Incremental revenue"),
    "repeat_rate": ("Tỷ lệ quay lại", "Share who came back"),
    "completion_rate": ("Tỷ lệ tích đầy thẻ", "Share who filled the card"),
}
UNITS = {
    "member": ("thành viên", "members"),
    "store": ("cửa hàng", "stores"),
    "start_date": ("tuần", "weeks"),
}
VERDICTS = {
    results.PLANNED: ("Chưa bắt đầu", "Not begun"),
    results.PRELIMINARY: ("Tạm thời", "Preliminary"),
    results.TOO_FEW: ("Chưa đủ dữ liệu", "Not enough data"),
    results.UNEVEN: ("Nhóm bị lệch", "Groups are uneven"),
    results.MORE: ("Hơn rõ rệt", "Clearly more"),
    results.LESS: ("Kém rõ rệt", "Clearly less"),
    results.SAME: ("Không khác rõ", "No clear difference"),
}


def say(pair: tuple[str, str], lang: str) -> str:
    """The one in the reader's language."""
    return pair[0] if lang == "vi" else pair[1]


def metric(row: ExperimentRow, lang: str) -> str:
    """What is compared."""
    if row.unit == "store":
        return say(("Doanh số so với trước", "Sales against before"), lang)
    if row.unit == "start_date":
        return say(("Doanh thu mỗi tuần", "Revenue a week"), lang)
    return say(METRICS[row.metric], lang)


def figure(row: ExperimentRow, value: float, lang: str, currency: str, *, signed: bool = False) -> str:
    """A group's figure, or with `signed` a difference: 19 %, 182.000 ₫, +12.000 ₫."""
    if row.metric in results.SHARES or row.unit == "store":
        text = i18n.percent(Fraction(Decimal(f"{abs(value):.6f}")), lang, places=1)
        text = say((text.replace(" %", " điểm %"), text.replace(" %", " points")), lang) if signed else text
    else:
        text = i18n.money(round(abs(value)), currency, lang)
    sign = "−" if value < 0 else "+" if signed else ""
    return sign + text


def sentences(row: ExperimentRow, found: Result, lang: str, currency: str) -> list[str]:
    """The verdict first, then what it rests on."""
    told = [_headline(row, found, lang, currency)]
    if found.verdict not in (results.PLANNED, results.TOO_FEW, results.UNEVEN):
        told += [_compared(row, one, lang, currency) for one in found.compared]
    if row.unit == "start_date":
        told.append(say((
            "So trước với sau không tách được ảnh hưởng của mùa vụ; muốn chắc hơn, hãy so các cửa hàng cùng lúc.",
            "Before and after cannot be told from the season; comparing stores at the same time is surer.",
        ), lang))  # fmt: skip
    return told


def _headline(row: ExperimentRow, found: Result, lang: str, currency: str) -> str:
    last, n = i18n.day(row.ends_on, lang), i18n.number(min(g.n for g in found.groups), lang)
    unit = say(UNITS[row.unit], lang)
    if found.verdict == results.PLANNED:
        day = i18n.day(row.starts_on, lang)
        return say((f"Thử nghiệm bắt đầu ngày {day}.", f"It begins on {day}."), lang)
    if found.verdict == results.PRELIMINARY:
        return say((
            f"Chưa tới ngày kết thúc ({last}): các con số chỉ để theo dõi, chưa kết luận được gì.",
            f"It runs until {last}: these figures are to watch only and decide nothing yet.",
        ), lang)  # fmt: skip
    if found.verdict == results.UNEVEN:
        return say((
            "Hai nhóm không đông như đã bốc thăm, nên không so sánh được. Hãy tìm xem có gì chỉ lọc thành viên của một nhóm.",
            "The groups are not as large as they were drawn, so they cannot be compared. Look for what leaves out members of one group.",
        ), lang)  # fmt: skip
    if found.verdict == results.TOO_FEW:
        lift = i18n.percent(round(found.least_lift, 2), lang, places=0) if found.least_lift else "–"
        return say((
            f"Chưa đủ dữ liệu để kết luận: nhóm nhỏ nhất có {n} {unit}, chỉ thấy được chênh lệch từ {lift} trở lên.",
            f"Not enough data to decide: the smallest group has {n} {unit}, which shows differences of {lift} or more only.",
        ), lang)  # fmt: skip
    return {
        results.MORE: say(("Có khác biệt, hơn mức ngẫu nhiên.", "There is a difference beyond chance."), lang),
        results.LESS: say(("Có khác biệt, kém đi quá mức ngẫu nhiên.", "It did worse, beyond chance."), lang),
        results.SAME: say(
            (
                "Không thấy khác biệt rõ với số người đủ lớn.",
                "No clear difference, though the groups are large enough.",
            ),
            lang,
        ),
    }[found.verdict]


def _compared(row: ExperimentRow, one: Compared, lang: str, currency: str) -> str:
    by, low, high = (
        figure(row, value, lang, currency, signed=True)
        for value in (one.difference.by, one.difference.low, one.difference.high)
    )
    mine, first = name(row, one.id, lang), name(row, row.groups[0].id, lang)
    said = say(
        (f"“{mine}” so với “{first}”: {by} (khoảng tin cậy 95 %: {low} đến {high}).",
         f"“{mine}” against “{first}”: {by} (95 % interval {low} to {high})."), lang,
    )  # fmt: skip
    if one.gain is not None and row.unit == "member":
        whole, least, most = (figure(row, value, lang, currency, signed=True) for value in one.gain)
        said += " " + say(
            (f"Cả nhóm: {whole} ({least} đến {most}).", f"For the whole group: {whole} ({least} to {most})."), lang
        )
    return said


def name(row: ExperimentRow, group: str, lang: str) -> str:
    """What a group is called."""
    fixed = {"before": ("trước ngày bắt đầu", "before the start"), "after": ("từ ngày bắt đầu", "from the start on")}
    if row.unit == "start_date" and group in fixed:
        return say(fixed[group], lang)
    return next((g.name for g in row.groups if g.id == group and g.name), group)
