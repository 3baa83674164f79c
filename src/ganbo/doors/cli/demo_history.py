"""A year in the life of a café chain, from a seed: members with Vietnamese names, weekly rhythm, Tết quiet and rush.

The same seed and base day always give the same history, so that a start that was interrupted goes on where it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from ganbo.foundation import chance
from ganbo.kernel import ids
from ganbo.people.members.operations import Person

MEMBERS = 2_000
DAYS = 365
SEED = 2026
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
STORES = (("hoan-kiem", "Hoàn Kiếm", 0.45), ("cau-giay", "Cầu Giấy", 0.33), ("thao-dien", "Thảo Điền", 0.22))
_FAMILY = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
]
_MIDDLE = ["Thị", "Văn", "Ngọc", "Minh", "Thu", "Thanh", "Đức", "Gia", "Bảo", "Khánh", "Quỳnh", "Hữu", "Xuân", "Anh"]
_GIVEN = [
    "An",
    "Anh",
    "Bình",
    "Châu",
    "Chi",
    "Cường",
    "Diệp",
    "Dung",
    "Dũng",
    "Duy",
    "Giang",
    "Hà",
    "Hải",
    "Hằng",
    "Hạnh",
    "Hiếu",
    "Hoa",
    "Hòa",
    "Hùng",
    "Hương",
    "Khoa",
    "Kiên",
    "Lâm",
    "Liên",
    "Linh",
    "Long",
    "Ly",
    "Mai",
    "Minh",
    "My",
    "Nam",
    "Nga",
    "Ngân",
    "Nhi",
    "Nhung",
    "Oanh",
    "Phong",
    "Phúc",
    "Phương",
    "Quân",
    "Quang",
    "Sơn",
    "Tâm",
    "Thảo",
    "Thu",
    "Thúy",
    "Tiến",
    "Trang",
    "Trinh",
    "Trung",
    "Tú",
    "Tuấn",
    "Uyên",
    "Vân",
    "Việt",
    "Vy",
    "Yến",
]
_FORMS = ("anh", "chị", "cô", "chú", "bạn", "em")
_MENU = (
    ("latte", "coffee", 55_000, 24),
    ("ca-phe-sua", "coffee", 39_000, 30),
    ("americano", "coffee", 45_000, 14),
    ("peach-tea", "tea", 49_000, 16),
    ("lotus-tea", "tea", 52_000, 8),
    ("croissant", "bakery", 35_000, 10),
    ("cake", "bakery", 65_000, 6),
    ("beans-250", "beans", 120_000, 3),
)
# First day of the lunar year; the week around it is quiet, the week before is busy.
_TET = (date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26), date(2029, 2, 13), date(2030, 2, 2))
LAN, MINH, BA_TU = "+84912345678", "+84987654321", "+84903000003"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A member of the demo: id, who they are, when they came, and how often they buy in a week; levels come by buying."""

    id: UUID
    person: Person
    at: datetime
    weekly: float
    until: date


def members(base: date) -> list[Enrolled]:
    """Everybody, the cast first."""
    draw = chance.seeded(SEED)
    cast = [
        (
            Person(phone=LAN, email="lan@example.com", card="GB-0001", name="Nguyễn Thị Lan", address_form="chị"),
            350,
            1.3,
        ),
        (Person(phone=MINH, email="minh@example.com", name="Trần Văn Minh", address_form="anh"), 1, 0.0),
        (Person(phone=BA_TU, card="GB-0003", name="Lê Thị Tư", address_form="cô"), 340, 0.0),
    ]
    found = [_enrolled(place, who, ago=ago, weekly=weekly, base=base) for place, (who, ago, weekly) in enumerate(cast)]
    for place in range(len(cast), MEMBERS):
        name = f"{draw.choice(_FAMILY)} {draw.choice(_MIDDLE)} {draw.choice(_GIVEN)}"
        email = f"khach{place}@example.com" if draw.random() < 0.4 else None
        person = Person(
            phone=f"+849{10_000_000 + place * 4_999 % 90_000_000:08d}",
            email=email,
            card=f"GB-{place + 1:04d}" if draw.random() < 0.3 else None,
            name=name,
            address_form=draw.choice(_FORMS),
        )
        weekly = min(draw.expovariate(1 / 0.42), 4.0)
        ago = draw.randrange(1, DAYS)
        gone = base - timedelta(days=draw.randrange(0, ago + 1)) if draw.random() < 0.45 else base
        found.append(_enrolled(place, person, ago=ago, weekly=weekly, base=base, until=gone))
    return found


def _enrolled(
    place: int, person: Person, *, ago: int, weekly: float, base: date, until: date | None = None
) -> Enrolled:
    day = base - timedelta(days=ago)
    at = datetime.combine(day, time(7, place % 60), ZONE)
    bits = int.from_bytes(f"demo{place:05d}".encode(), "big") & ((1 << 74) - 1)
    return Enrolled(ids.uuid7(int(at.timestamp() * 1000), bits), person, at, weekly, until or base)


def season(day: date) -> float:
    """How busy a day is: weekends more, the week before Tết much more, Tết itself quiet."""
    factor = (0.85, 0.85, 0.9, 0.95, 1.1, 1.3, 1.25)[day.weekday()]
    for tet in _TET:
        ahead = (tet - day).days
        if 0 < ahead <= 10:
            return factor * 1.5
        if -4 <= ahead <= 0:
            return factor * 0.25
    return factor


def events(base: date, everyone: list[Enrolled]) -> Iterator[dict[str, Any]]:
    """Every event of the year up to the day before `base`, in order of time, as bodies of the API."""
    draw = chance.seeded(SEED + 1)
    number = 0
    for back in range(DAYS, 0, -1):
        day = base - timedelta(days=back)
        todays: list[dict[str, Any]] = []
        for member in everyone:
            if member.at.date() == day:
                todays.append(_signup(member))
            if member.at.date() < day <= member.until and draw.random() < member.weekly / 7 * season(day):
                number += 1
                todays.append(_purchase(draw, day, number, member))
        for _ in range(round(26 * season(day))):
            number += 1
            todays.append(_purchase(draw, day, number, None))
        yield from sorted(todays, key=lambda event: (event["occurred_at"], event["id"]))


def _signup(member: Enrolled) -> dict[str, Any]:
    return {
        "id": f"signup:{member.id}",
        "type": "signup",
        "occurred_at": member.at.isoformat(),
        "member": str(member.id),
        "channel": "pos",
    }


def _purchase(draw: Any, day: date, number: int, member: Enrolled | None) -> dict[str, Any]:
    hour = draw.choices((7, 8, 9, 10, 12, 14, 15, 16, 17, 19, 20), (9, 12, 10, 7, 8, 9, 9, 8, 7, 6, 4))[0]
    at = datetime.combine(day, time(hour, draw.randrange(60), draw.randrange(60)), ZONE)
    store = draw.choices([s[0] for s in STORES], [s[2] for s in STORES])[0]
    lines = []
    for _ in range(draw.choices((1, 2, 3), (60, 30, 10))[0]):
        sku, category, price, _ = draw.choices(_MENU, [item[3] for item in _MENU])[0]
        lines.append({"sku": sku, "category": category, "quantity": draw.choice((1, 1, 1, 2)), "unit_price": price})
    event: dict[str, Any] = {
        "id": f"demo:{number:06d}",
        "type": "purchase",
        "occurred_at": at.isoformat(),
        "store": store,
        "channel": "pos",
        "staff": f"till-{1 + number % 2}",
        "data": {"order_id": f"D-{number:06d}", "currency": "VND", "lines": lines},
    }
    if member is not None:
        event["member"] = str(member.id)
    return event
