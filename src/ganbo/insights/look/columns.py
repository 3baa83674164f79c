"""Which column of a sales file is which: guessed from Vietnamese and English names, or told."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

KNOWN: dict[str, tuple[str, ...]] = {
    "order_id": (
        *("order id", "order no", "order number", "order code", "order", "invoice no", "invoice id", "invoice number"),
        *("invoice", "receipt no", "receipt id", "receipt", "bill no", "bill", "transaction id", "transaction"),
        *("ma don hang", "so don hang", "ma don", "so don", "ma hoa don", "so hoa don", "hoa don", "ma giao dich"),
        *("so chung tu", "ma chung tu", "so phieu", "ma phieu", "so hd", "ma hd", "don hang"),
    ),
    "member": (
        *("member id", "member", "customer id", "customer code", "customer no", "customer", "client id", "client"),
        *("card", "phone", "phone number", "email", "customer name", "ma thanh vien", "thanh vien", "ma khach hang"),
        *("ma khach", "ma kh", "the thanh vien", "ma the", "so dien thoai", "sdt khach", "sdt", "dien thoai"),
        *("khach hang", "khach", "ten khach hang", "ten khach"),
    ),
    "occurred_at": (
        *("occurred at", "order date", "invoice date", "transaction date", "date time", "datetime", "timestamp"),
        *("created at", "date", "time", "sold at", "ngay gio", "ngay ban", "thoi gian ban", "ngay mua", "ngay lap"),
        *("ngay hoa don", "ngay don hang", "ngay giao dich", "ngay tao", "ngay ct", "thoi gian", "ngay", "gio ban"),
    ),
    "amount": (
        *("amount", "net amount", "line total", "total amount", "total vnd", "total", "net sales", "sales", "revenue"),
        *("net", "value", "thanh tien", "tong tien", "tong cong", "tong thanh toan", "khach phai tra", "khach tra"),
        *("so tien", "doanh thu", "tong tien hang", "gia tri", "tri gia"),
    ),
    "quantity": ("quantity", "qty", "so luong", "sl"),
    "unit_price": ("unit price", "price", "don gia", "gia ban", "gia"),
    "discount": ("discount", "giam gia", "chiet khau", "tien giam"),
    "sku": ("sku", "product code", "item code", "ma hang", "ma san pham", "ma sp", "ma mon"),
    "category": ("category", "product group", "nhom hang", "loai hang", "danh muc", "nhom"),
    "store": ("store", "shop", "branch", "cua hang", "chi nhanh", "diem ban"),
}


class NoColumns(Exception):
    """The heading lacks columns without which nothing can be read."""

    def __init__(self, heading: list[str], lacking: list[str]) -> None:
        super().__init__(", ".join(lacking))
        self.heading, self.lacking = heading, lacking


class MapUnknown(Exception):
    """`--map` names a field or a column that there is not."""


def plain(name: str) -> str:
    """Lower case, without accents and signs: `Mã đơn hàng` and `ma_don_hang` are one."""
    bare = "".join(one for one in unicodedata.normalize("NFD", name) if not unicodedata.combining(one))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare.lower().replace("đ", "d")).split())


Known = Mapping[str, Sequence[str]]


def guess(heading: Sequence[str], told: Mapping[str, str], known: Known = KNOWN) -> dict[str, int]:
    """Field → position in the heading; what was told comes before what is guessed."""
    names = [plain(one) for one in heading]
    found: dict[str, int] = {}
    for field, column in told.items():
        if field not in known or plain(column) not in names:
            raise MapUnknown(f"{field}={column}")
        exact = [place for place, one in enumerate(heading) if one.strip() == column.strip()]
        found[field] = exact[0] if exact else names.index(plain(column))
    for field, aliases in known.items():
        if field in found:
            continue
        free = [alias for alias in aliases if alias in names and names.index(alias) not in found.values()]
        if free:
            found[field] = names.index(free[0])
    if "amount" in found and "amount" not in told and {"quantity", "unit_price"} <= set(told):
        del found["amount"]
    return found


def missing(found: Mapping[str, int]) -> list[str]:
    """Fields without which nothing can be said."""
    lacking = [field for field in ("member", "occurred_at") if field not in found]
    if "amount" not in found and not {"quantity", "unit_price"} <= set(found):
        lacking.append("amount")
    return lacking


Lacking = Callable[[Mapping[str, int]], list[str]]


def find(
    rows: Sequence[Sequence[str]], told: Mapping[str, str], known: Known = KNOWN, lacking: Lacking = missing
) -> tuple[int, dict[str, int]]:
    """The place of the heading among a file's first rows, and what stands where in it. Raises NoColumns or MapUnknown."""
    failed: MapUnknown | None = None
    for place, row in enumerate(rows):
        try:
            found = guess(row, told, known)
        except MapUnknown as unknown:
            failed = failed or unknown
            continue
        if not lacking(found):
            return place, found
    if failed and told:
        raise failed
    heading = next((list(row) for row in rows if sum(bool(cell.strip()) for cell in row) > 1), [""])
    raise NoColumns(heading, lacking(guess(heading, told, known)))
