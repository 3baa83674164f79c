"""Ready documents to begin from: plain programmes, and programmes of whole trades; each with examples and stories."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from ganbo.kernel.local_text import LocalText
from ganbo.kernel.refusal import Refusal

Kind = Literal["plain", "trade"]


@dataclass(frozen=True, slots=True)
class Template:
    """A document to begin from: `plain` ones fit any shop, those of a `trade` show what a whole programme can be."""

    name: str
    kind: Kind
    title: LocalText
    summary: LocalText


class TemplateUnknown(Refusal):
    """There is no template of this name; `ganbo programme template` lists them."""

    code = "programme.template_unknown"


def _template(name: str, kind: Kind, title: tuple[str, str], summary: tuple[str, str]) -> Template:
    """Title and summary in Vietnamese and English."""
    return Template(name, kind, *(LocalText(dict(zip(("vi", "en"), text, strict=True))) for text in (title, summary)))


_ALL = (
    _template(
        "stamp-card",
        "plain",
        ("Thẻ tem", "Stamp card"),
        (
            "Mua 10 tặng 1, tặng trước 2 tem trên thẻ đầu tiên.",
            "Buy 10, get 1; the first card begins with 2 stamps on it.",
        ),
    ),
    _template(
        "points",
        "plain",
        ("Điểm và quà", "Points and rewards"),
        (
            "Cứ 10.000 ₫ được 1 điểm, đổi lấy món miễn phí hoặc phiếu giảm giá.",
            "1 point for every 10,000 ₫, good for free items and discounts.",
        ),
    ),
    _template(
        "points-tiers",
        "plain",
        ("Điểm và hạng", "Points and tiers"),
        (
            "Tích điểm, lên hạng Bạc và Vàng theo chi tiêu 12 tháng, xuống từng bậc một.",
            "Points, and Silver and Gold by the spending of 12 months; down one step at a time.",
        ),
    ),
    _template(
        "cashback-card",
        "plain",
        ("Thẻ hoàn tiền", "Cashback card"),
        (
            "Mỗi hóa đơn hoàn 3 % vào thẻ, dùng được sau 7 ngày.",
            "3 % of every bill comes back to the card, usable after 7 days.",
        ),
    ),
    _template(
        "mall-coalition",
        "trade",
        ("Liên minh khu mua sắm", "Mall coalition"),
        (
            "Ba cửa hàng chung một thẻ: tích ở quán, dùng ở nhà sách và rạp phim; mỗi tháng bù trừ một lần.",
            "Three shops, one card: earn at the café, use at the bookshop and the cinema; netted once a month.",
        ),
    ),
    _template(
        "prepaid-cafe",
        "trade",
        ("Quán cà phê trả trước", "Prepaid café"),
        (
            "Nạp 500.000 ₫ được tặng 50.000 ₫; tiền tặng tiêu trước, mua bằng thẻ vẫn tích điểm.",
            "Pay in 500,000 ₫, get 50,000 ₫ more; the gift is spent first, and what you buy earns points.",
        ),
    ),
    _template(
        "supermarket",
        "trade",
        ("Siêu thị", "Supermarket"),
        (
            "Giá thành viên, trừ điểm vào hóa đơn, cả nhà dùng chung điểm.",
            "Members' prices, points off the bill, and families that spend their points together.",
        ),
    ),
    _template(
        "car-wash",
        "trade",
        ("Rửa xe", "Car wash"),
        (
            "6 lần rửa có trả tiền, lần thứ 7 miễn phí, tặng trước 2 tem.",
            "6 paid washes, the 7th is free, with 2 stamps as a head start.",
        ),
    ),
    _template(
        "wash-packages",
        "trade",
        ("Gói rửa xe", "Wash packages"),
        (
            "Trả trước 10 lần rửa được 11; tạm dừng được, dùng chung được, phần chưa dùng được hoàn tiền.",
            "Pay for 10 washes, get 11; may be paused and shared, and what is left is paid back.",
        ),
    ),
    _template(
        "spa-packages",
        "trade",
        ("Spa", "Spa"),
        (
            "Bán gói trị liệu trả trước, mua lẻ vẫn tích điểm.",
            "Courses of treatments paid in advance, and points on everything else.",
        ),
    ),
    _template(
        "cinema",
        "trade",
        ("Rạp phim", "Cinema"),
        (
            "Thứ Tư vé 50.000 ₫, combo bắp nước 99.000 ₫, hạng Sao được nâng cỡ bắp và tự chọn quà.",
            "Tickets for 50,000 ₫ on Wednesdays, a popcorn combo for 99,000 ₫; Stars get large popcorn and choose a treat.",
        ),
    ),
    _template(
        "shoe-shop",
        "trade",
        ("Tiệm giày", "Shoe shop"),
        ("Cứ năm đôi được giảm 20 % cho lần mua sau.", "Every five pairs bring 20 % off the next purchase."),
    ),
    _template(
        "sports-shop",
        "trade",
        ("Cửa hàng thể thao", "Sports shop"),
        (
            "Bốn hạng theo điểm tích được; từ hạng Bạc, 50 điểm đổi lấy phiếu giảm 10 %.",
            "Four tiers by points earned; from Silver on, 50 points turn into 10 % off.",
        ),
    ),
    _template(
        "cosmetics",
        "trade",
        ("Mỹ phẩm", "Cosmetics"),
        (
            "Tặng 500 điểm khi tham gia, dùng trong một năm; hàng khuyến mại không tích điểm.",
            "500 points to begin with, valid for a year; goods on sale earn nothing.",
        ),
    ),
    _template(
        "web-shop",
        "trade",
        ("Cửa hàng trên mạng", "Web shop"),
        (
            "1 xu là 1 ₫: tham gia, mua, đánh giá và chia sẻ đều được xu.",
            "1 xu is 1 ₫: joining, buying, reviewing and sharing all earn.",
        ),
    ),
    _template(
        "airline",
        "trade",
        ("Hãng bay", "Airline"),
        (
            "Dặm thưởng và dặm xét hạng theo quãng đường và hạng vé; mỗi năm chỉ xuống một bậc.",
            "Award and tier miles by distance and class; at most one step down a year.",
        ),
    ),
)


def all() -> tuple[Template, ...]:
    """Every template, the simplest first."""
    return _ALL


@cache
def source(name: str) -> str:
    """The document as YAML. Raises TemplateUnknown."""
    if name not in {one.name for one in _ALL}:
        raise TemplateUnknown(name=name)
    return resources.files(__package__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
