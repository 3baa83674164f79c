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
    "too_many_cards": ("thành viên đã có mười thẻ: {what}", "is a member who has ten cards already: {what}"),
}


def said(reason: str, what: str) -> str:
    """The reason in the terminal's language."""
    if reason in REASONS:
        return saying.pick(*REASONS[reason]).format(what=what)
    text = sentences.reason(reason, saying.language())
    return f"{text}: {what}" if what else text
