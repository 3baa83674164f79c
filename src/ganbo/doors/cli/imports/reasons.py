"""Why a row of an import is not taken, in Vietnamese and English. {what} is the cell, line or member it stumbled over."""

from ganbo.doors.cli import saying
from ganbo.insights.look import sentences

REASONS: dict[str, tuple[str, str]] = {
    "no_contact": (
        "không có số điện thoại, e-mail, mã khách hay số thẻ",
        "has no phone, e-mail, external id or card number",
    ),
    "bad_phone": ("số điện thoại “{what}” không đúng", "has “{what}”, which is no phone number"),
    "bad_email": ("e-mail “{what}” không đúng", "has “{what}”, which is no e-mail address"),
    "bad_card": (
        "số thẻ “{what}” không đúng: 4 đến 40 chữ cái, chữ số, gạch nối",
        "has “{what}”, which is no card number: 4 to 40 letters, digits or hyphens",
    ),
    "bad_birthday": ("ngày sinh “{what}” không đúng", "has “{what}”, which is no birthday"),
    "bad_joined": ("ngày tham gia “{what}” không đúng hoặc ở tương lai", "joined on “{what}”, which is no past day"),
    "bad_consent_at": (
        "ngày đồng ý “{what}” không đúng hoặc ở tương lai",
        "has a consent of “{what}”, which is no past day",
    ),
    "bad_consent": (
        "“{what}” không rõ là đồng ý hay không: ghi “có” hoặc “không”",
        "has “{what}” as a consent: write yes or no",
    ),
    "no_consent_source": (
        "có đồng ý nhận tin mà không nói đồng ý ở đâu: thêm cột “nguồn đồng ý” hoặc --consent-source",
        "has a consent but not where it was given: add a column consent_source, or --consent-source",
    ),
    "no_consent_date": (
        "có đồng ý nhận tin mà không nói ngày nào: thêm cột “ngày đồng ý” hoặc --consent-date",
        "has a consent but not of which day: add a column consent_at, or --consent-date",
    ),
    "unknown_tier": ("chương trình không có hạng “{what}”", "has the level “{what}”, which the programme has not"),
    "unknown_language": ("ngôn ngữ “{what}” không biết: vi hoặc en", "has the language “{what}”: vi or en"),
    "unknown_address_form": (
        "cách xưng hô “{what}” không biết: anh, chị, cô, chú, bác, em, bạn, quý khách",
        "has the form of address “{what}”: anh, chị, cô, chú, bác, em, bạn, quý khách",
    ),
    "too_long": ("“{what}…” quá dài hoặc có ký tự lạ", "has “{what}…”, too long or with odd characters"),
    "twice": ("lặp lại người ở dòng {what}", "is the person of line {what} again"),
    "two_members": (
        "các liên hệ thuộc hai thành viên khác nhau ({what}): gộp họ trước",
        "has contacts of two members ({what}): merge them first",
    ),
    "unknown_member": (
        "chưa có thành viên “{what}”: nhập thành viên trước",
        "is of “{what}”, whom nobody knows: import members first",
    ),
    "unknown_wallet": (
        "chương trình không có loại điểm “{what}”",
        "has the wallet “{what}”, which the programme has not",
    ),
    "no_wallet": (
        "không nói loại điểm nào: thêm cột “loại điểm” hoặc --wallet",
        "does not say which wallet: add a column wallet, or --wallet",
    ),
    "bad_amount": ("số dư “{what}” không phải con số", "has the balance “{what}”, which is no number"),
    "below_zero": (
        "số dư “{what}” nhỏ hơn 0: nợ cũ không nhập, hãy ghi 0",
        "has the balance “{what}”, below zero: a debt is not brought over, write 0",
    ),
    "fraction": ("số dư “{what}” có phần lẻ", "has the balance “{what}”, which is no whole number of units"),
    "bad_earned": ("ngày tích “{what}” không đúng hoặc ở tương lai", "was earned on “{what}”, which is no past day"),
    "bad_expires": ("ngày hết hạn “{what}” không đúng", "ends on “{what}”, which is no day"),
    "over": ("đã hết hạn ngày {what}", "ended on {what}"),
    "twice_balance": (
        "lặp lại số dư ở dòng {what}: nếu là hai lô, thêm cột “mã lô”",
        "is the balance of line {what} again: if there are two, tell them apart by a column reference",
    ),
    "other_balance": (
        "số dư này ({what}) đã nhập với số khác và giữ nguyên: hãy điều chỉnh trong bảng điều khiển",
        "was brought over before with other figures ({what}), which stay: adjust it by hand",
    ),
    "order_recorded": (
        "cửa hàng đã ghi đơn này rồi (sự kiện {what})",
        "was recorded by the shop itself already (event {what})",
    ),
    "other_sale": (
        "đã nhập với nội dung khác và giữ nguyên: ghi trả hàng hoặc điều chỉnh",
        "was imported before with other figures, which stay: record a return, or adjust",
    ),
    "bad_sale": ("đơn không đúng ở: {what}", "is no sale that can be recorded: {what}"),
    "only_returns": (
        "chỉ có dòng trả, không có dòng mua",
        "only has lines that were returned, nothing that was bought",
    ),
    "refused_sale": ("không ghi được ({what})", "cannot be recorded ({what})"),
    "too_many_cards": ("thành viên đã có mười thẻ: {what}", "is a member who has ten cards already: {what}"),
}


def said(reason: str, what: str) -> str:
    """The reason in the terminal's language."""
    if reason in REASONS:
        return saying.pick(*REASONS[reason]).format(what=what)
    text = sentences.reason(reason, saying.language())
    return f"{text}: {what}" if what else text
