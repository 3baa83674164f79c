"""Template tags of every page: icons, amounts, days, small drawings. Formatting itself is foundation.i18n's."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from ganbo.doors.ui.units import Unit
from ganbo.foundation import clock, i18n

register = template.Library()

SPARK_WIDTH, SPARK_HEIGHT = 120, 32
RING_CIRCUMFERENCE = 100  # pathLength of every ring, so that dashes are percent


def _locale() -> str:
    return i18n.known((get_language() or "vi").partition("-")[0])


@register.simple_tag
def icon(name: str, label: str = "", extra: str = "") -> SafeString:
    """`{% icon "gift" %}`: decoration, hidden from readers; with `label` it speaks. `extra`: classes (icon-24)."""
    href = f"{static('ui/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon {}" role="img" aria-label="{}"><use href="{}"/></svg>', extra, label, href)
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="{}"/></svg>', extra, href)


def _signed(text: str, amount: int, signed: bool) -> str:
    text = text.replace("-", "−").replace(" ₫", "\u00a0₫")
    return f"+{text}" if signed and amount > 0 else text


@register.simple_tag
def money(amount: int | None, currency: str = "VND", signed: bool = False) -> SafeString:
    """`{% money 110000 %}` → 110.000 ₫ in tabular figures; minor units; `signed=True` shows + and −. None is a dash."""
    if amount is None:
        return SafeString('<span class="num">–</span>')
    return format_html('<span class="num">{}</span>', _signed(i18n.money(amount, currency, _locale()), amount, signed))


@register.simple_tag
def number(n: int | None, signed: bool = False) -> SafeString:
    """`{% number 1240 %}` → 1.240 in tabular figures. None is a dash."""
    if n is None:
        return SafeString('<span class="num">–</span>')
    return format_html('<span class="num">{}</span>', _signed(i18n.number(n, _locale()), n, signed))


@register.simple_tag
def points(n: int, unit: str = "", signed: bool = False) -> SafeString:
    """`{% points 16 %}` → 16 điểm; `unit` is the business's own word for its points."""
    word = unit or ngettext("point", "points", abs(n))
    return format_html('<span class="num">{}</span> {}', _signed(i18n.number(n, _locale()), n, signed), word)


@register.simple_tag
def units(n: int, unit: Unit, signed: bool = False) -> SafeString:
    """`{% units 60 row.unit %}` → 60 điểm, or 50.000 ₫ when the wallet counts money."""
    if unit.currency:
        return money(n, unit.currency, signed)
    return points(n, unit.counted(n, _locale()), signed)


def _zone(zone: ZoneInfo | None) -> ZoneInfo:
    return zone or ZoneInfo(timezone.get_current_timezone_name())


@register.simple_tag
def day(on: date | datetime | None, zone: ZoneInfo | None = None) -> SafeString:
    """`{% day row.expires_on %}` as people write it; an instant is first put into `zone` (else Django's own)."""
    if on is None:
        return SafeString("–")
    if isinstance(on, datetime):
        on = on.astimezone(_zone(zone)).date()
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), i18n.day(on, _locale()))


@register.simple_tag
def moment(at: datetime | None, zone: ZoneInfo | None = None) -> SafeString:
    """`{% moment row.occurred_at zone=zone %}`: time and day."""
    if at is None:
        return SafeString("–")
    return format_html('<time datetime="{}">{}</time>', _iso(at), i18n.moment(at, _zone(zone), _locale()))


@register.simple_tag
def ago(at: datetime | None, zone: ZoneInfo | None = None) -> SafeString:
    """`{% ago row.occurred_at %}`: just now, 5 minutes ago, 3 hours ago, yesterday, 4 days ago; then the day."""
    if at is None:
        return SafeString("–")
    return format_html('<time datetime="{}">{}</time>', _iso(at), _ago(at, clock.now(), _zone(zone)))


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _ago(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    past = now - at
    if past < timedelta(minutes=1):
        return _("just now")
    if past < timedelta(hours=1):
        n = past // timedelta(minutes=1)
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", n) % {"n": n}
    days = (now.astimezone(zone).date() - at.astimezone(zone).date()).days
    if days == 0:
        n = past // timedelta(hours=1)
        return ngettext("%(n)s hour ago", "%(n)s hours ago", n) % {"n": n}
    if days == 1:
        return _("yesterday")
    if days < 7:
        return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}
    return i18n.day(at.astimezone(zone).date(), _locale())


@register.filter
def phone_end(phone: str | None) -> str:
    """The last three digits behind dots; the whole number is nobody's business at the till."""
    return f"••• {phone[-3:]}" if phone else ""


@register.filter
def initial(name: str | None) -> str:
    """The first letter of the given name, which Vietnamese writes last."""
    return name.split()[-1][0].upper() if name and name.strip() else "?"


@register.inclusion_tag("ui/parts/spark.html")
def spark(values: Sequence[float], label: str) -> dict[str, object]:
    """`{% spark weeks "Share with a member, 13 weeks" %}`: a line without axes; `label` is what readers hear."""
    numbers = [float(v) for v in values]
    if len(numbers) < 2:
        return {"points": "", "label": label}
    low, high = min(numbers), max(numbers)
    span = (high - low) or 1.0
    step = SPARK_WIDTH / (len(numbers) - 1)
    top = SPARK_HEIGHT - 4
    pairs = [f"{i * step:.1f},{2 + top - (v - low) / span * top:.1f}" for i, v in enumerate(numbers)]
    return {"points": " ".join(pairs), "label": label, "width": SPARK_WIDTH, "height": SPARK_HEIGHT}


@register.inclusion_tag("ui/parts/ring.html")
def ring(part: int, whole: int, label: str, size: int = 56) -> dict[str, object]:
    """`{% ring 38 60 "38 of 60 visits" %}`: how far the way is, as a circle; `label` is what readers hear."""
    share = max(0, min(RING_CIRCUMFERENCE, part * RING_CIRCUMFERENCE // whole if whole else 0))
    return {"share": share, "label": label, "size": size}


@register.inclusion_tag("ui/parts/stamps.html")
def stamps(full: int, of: int, fresh: int = 0) -> dict[str, object]:
    """`{% stamps 7 10 fresh=2 %}`: seven of ten stamps, the last two just landed."""
    return {"full": full, "of": of, "circles": [(i < full, full - fresh <= i < full) for i in range(of)]}
