"""Findings, reasons, groups and headings in Vietnamese and English."""

from typing import Any

from babel import numbers as babel

REASONS = {
    "above_heading": ("đứng trên dòng tiêu đề", "stands above the heading"),
    "columns": ("số cột khác dòng tiêu đề", "has another number of columns than the heading"),
    "unclosed_quote": ("dấu ngoặc kép không đóng", "has a quote that is not closed"),
    "nul": ("có ký tự rỗng (NUL)", "has a NUL character"),
    "line_break": (
        "một ô bị ngắt dòng, có thể thiếu ngoặc kép",
        "has a cell with a line break; a quote may be missing",
    ),
    "encoding": ("có chữ không đọc được", "has letters that cannot be read"),
    "heading_again": ("lặp lại dòng tiêu đề", "is the heading again"),
    "no_order_id": ("thiếu mã đơn", "has no order id"),
    "no_date": ("thiếu ngày", "has no date"),
    "bad_date": ("ngày không có thật hoặc không đọc được", "has a date that is none or cannot be read"),
    "old_date": ("ngày trước năm 1970", "has a date before 1970"),
    "future_date": ("ngày ở tương lai", "has a date in the future"),
    "no_amount": ("thiếu số tiền", "has no amount"),
    "bad_amount": ("số tiền không đọc được", "has an amount that cannot be read"),
}
GROUPS = {
    "champions": ("khách ruột", "champions"),
    "loyal": ("trung thành", "loyal"),
    "cannot_lose": ("không được để mất", "cannot lose them"),
    "at_risk": ("sắp rời bỏ", "at risk"),
    "new": ("mới đến", "new"),
    "promising": ("hứa hẹn", "promising"),
    "growing": ("đang quen dần", "growing"),
    "fading": ("nguội dần", "fading"),
    "lost": ("đã mất", "lost"),
}
PERIODS = {"month": ("tháng", "month"), "quarter": ("quý", "quarter"), "year": ("năm", "year")}
FINDINGS = {
    "no_members": (
        "Tệp không có khách nào có tên: chưa nói được gì về khách quay lại.",
        "No receipt names a customer: nothing can be said of who comes back.",
    ),
    "half_once": ("Một nửa khách chỉ mua một lần ({share}).", "Half of the customers bought only once ({share})."),
    "once": ("{share} khách chỉ mua một lần.", "{share} of the customers bought only once."),
    "walk_in": (
        '“{member}” chiếm {share} số hóa đơn: có lẽ là khách lẻ. Chạy lại với --anonymous "{member}".',
        '“{member}” has {share} of the receipts: probably the walk-in customer. Run again with --anonymous "{member}".',
    ),
    "few_receipts": (
        "Chỉ {share} hóa đơn có tên khách: các con số sau chỉ nói về phần ấy.",
        "Only {share} of the receipts name a customer: the figures below speak of those only.",
    ),
    "top": (
        "Một phần năm khách mua nhiều nhất mang về {share} doanh thu của khách có tên.",
        "The fifth of the customers who buy most bring {share} of the named customers' revenue.",
    ),
    "existing": (
        "{share} doanh thu của khách có tên đến từ người đã mua từ kỳ trước.",
        "{share} of the named customers' revenue comes from people who had bought in an earlier period.",
    ),
    "stay": (
        "Trong 100 khách mua {period} này, khoảng {hundred} người mua tiếp {period} sau.",
        "Of 100 customers who buy in one {period}, about {hundred} buy again in the next.",
    ),
    "at_risk": (
        "{members} khách từng mua nhiều mà lâu rồi chưa quay lại: đáng hỏi thăm trước.",
        "{members} customers used to buy often and have been away for long: worth asking after first.",
    ),
    "too_few": (
        "Còn ít khách mua lại quá để ước lượng giá trị tương lai bằng mô hình.",
        "Too few customers bought again for the models to estimate what they will be worth.",
    ),
    "no_dropout": (
        "Dữ liệu không cho thấy khách rời bỏ: a và b của BG/NBD không xác định được, đừng dựa vào từng số.",
        "The data do not show that customers drop out: a and b of BG/NBD are not identified; do not rely on either.",
    ),
    "spend_alike": (
        "Mỗi lần mua, khách nào cũng tiêu xấp xỉ như nhau: q và v của Gamma-Gamma không xác định được, đừng dựa vào từng số.",
        "Customers spend much the same each time: q and v of Gamma-Gamma are not identified; do not rely on either.",
    ),
    "expected": (
        "Mười hai tháng tới, khách đang có được dự kiến mua thêm {amount}, mỗi người khoảng {each}.",
        "In the next twelve months today's customers are expected to spend {amount}, about {each} each.",
    ),
}


def pick(pair: tuple[str, str], lang: str) -> str:
    """The Vietnamese or the English of a pair."""
    return pair[0] if lang == "vi" else pair[1]


def number(value: float | int | None, lang: str, places: int | None = None) -> str:
    """A number as the reader writes it; a dash for none."""
    if value is None:
        return "–"
    if places is None:
        places = 0 if abs(value) >= 1000 or value == int(value) else 2
    return babel.format_decimal(
        round(value, places), format=f"#,##0.{'0' * places}" if places else "#,##0", locale=lang
    )


def percent(value: float | None, lang: str) -> str:
    """A fraction per cent, one place."""
    return "–" if value is None else f"{number(value * 100, lang, 1)}{' ' if lang == 'vi' else ''}%"


def sentence(finding: dict[str, Any], lang: str) -> str:
    """A finding in words."""
    values = dict(finding["values"])
    shown: dict[str, str] = {"hundred": number(values.get("share", 0) * 100, lang, 0)}
    for name, value in values.items():
        if name == "share":
            shown[name] = percent(value, lang)
        elif name == "period":
            shown[name] = pick(PERIODS[value], lang)
        else:
            shown[name] = value if isinstance(value, str) else number(value, lang, 0 if abs(value) >= 100 else None)
    return pick(FINDINGS[finding["code"]], lang).format(**shown)


def reason(code: str, lang: str) -> str:
    """Why a row was left out."""
    return pick(REASONS[code], lang)
