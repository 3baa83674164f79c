"""Packages as a programme sells them: units for a price, how long they last, and what unused ones are worth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from ganbo.engine.document import PackageDoc
from ganbo.engine.expiry import months_later
from ganbo.kernel.local_text import LocalText
from ganbo.kernel.period import midnight
from ganbo.kernel.points import split


@dataclass(frozen=True, slots=True)
class Package:
    """`units`: how many of each; `months`: None for ever; `price` in minor units."""

    id: str
    name: LocalText
    price: int
    units: Mapping[str, int]
    months: int | None
    pause_days: int
    shared: bool
    refundable: bool
    unit_names: Mapping[str, LocalText] = field(default_factory=dict)

    def unit_name(self, unit: str, locale: str) -> str:
        """What people call a unit: lần rửa."""
        found = self.unit_names.get(unit)
        return (found.text(locale) if found else "") or unit

    def ends_at(self, sold_at: datetime, zone: ZoneInfo) -> datetime | None:
        """First unusable instant: the midnight after the same day so many months later."""
        if self.months is None:
            return None
        last = months_later(sold_at.astimezone(zone).date(), self.months)
        return midnight(last + timedelta(days=1), zone)


def package_of(doc: PackageDoc) -> Package:
    """The compiled one."""
    return Package(
        id=doc.id,
        name=LocalText(doc.name or {"vi": doc.id}),
        price=doc.price,
        units=doc.units,
        months=doc.months,
        pause_days=doc.pause_days,
        shared=doc.share == "household",
        refundable=doc.refund == "pro_rata",
        unit_names={unit: LocalText(name) for unit, name in doc.unit_names.items()},
    )


def refund_of(price: int, *, sold: int, left: int) -> int:
    """The part of the price that the units left stand for: largest remainder, so that both parts make the price."""
    return split(price, [Fraction(sold - left), Fraction(left)])[1]
