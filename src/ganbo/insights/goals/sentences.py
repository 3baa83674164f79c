"""Goals and reports in plain words, Vietnamese and English."""

from fractions import Fraction
from typing import Any

from ganbo.engine.programme import Programme
from ganbo.features.programmes import goal_sentences
from ganbo.foundation import i18n
from ganbo.insights.goals.later import DAYS, Later
from ganbo.insights.goals.report import Advice
from ganbo.insights.goals.standing import Standing

LIGHTS = {
    "green": ("Đúng hướng", "On the way"),
    "amber": ("Chưa chắc", "Uncertain"),
    "red": ("Khó đạt", "Out of reach"),
    "grey": ("Chưa đo được", "Not measured yet"),
    "met": ("Đã đạt", "Reached"),
    "missed": ("Không đạt", "Missed"),
}


def say(pair: tuple[str, str], lang: str) -> str:
    """The one in the reader's language."""
    return pair[0] if lang == "vi" else pair[1]


def month(number: int, lang: str) -> str:
    """A month by its number."""
    return f"{number % 12 + 1:02d}/{number // 12}" if lang == "vi" else f"{number // 12}-{number % 12 + 1:02d}"


def standing(one: Standing, programme: Programme, lang: str) -> list[str]:
    """Where it stands, and where it is heading."""
    value = lambda x: goal_sentences.value(one.goal.kpi, x, programme, lang)  # noqa: E731
    if not one.points:
        return [say(("Chưa tháng nào đo được chỉ số này.", "No month has measured this figure yet."), lang)]
    last, now = month(one.points[-1][0], lang), value(one.points[-1][1])
    told = [say((f"Tháng {last}: {now}.", f"In {last}: {now}."), lang)]
    if one.start is not None:
        start = value(one.start)
        told.append(say(
            (f"Ban đầu {start} (đo khi bắt đầu).", f"It began at {start} (measured then).") if one.measured
            else (f"Ban đầu {start}.", f"It began at {start}."), lang,
        ))  # fmt: skip
    if one.ahead is not None:
        low, at, high = (value(x) for x in (one.ahead.low, one.ahead.value, one.ahead.high))
        by, n = i18n.day(one.goal.by, lang), one.ahead.months
        told.append(say((
            f"Nếu cứ như {n} tháng qua, đến {by} sẽ khoảng {at} (bốn lần trong năm: từ {low} đến {high}).",
            f"If things go on as in the last {n} months, it will be about {at} by {by} (four times in five: {low} to {high}).",
        ), lang))  # fmt: skip
    return told


def later(one: Later | None, lang: str) -> str:
    """Whether a gift is bought afterwards."""
    if one is None:
        return ""
    share, low, high = (
        i18n.percent(round(x, 3), lang, places=0) for x in (one.bought / one.members, one.low, one.high)
    )
    return say((
        f"{one.bought} trong {one.members} người nhận đã tự mua lại trong {DAYS} ngày: {share} (từ {low} đến {high}).",
        f"{one.bought} of {one.members} who got it bought it within {DAYS} days: {share} ({low} to {high}).",
    ), lang)  # fmt: skip


def advice(one: Advice, programme: Programme, lang: str) -> str:
    """One thing to change."""
    told: dict[str, Any] = dict(one.params)
    if "kpi" in told:
        kpi = told["kpi"]
        name = goal_sentences.name(kpi, lang)
        now, target = (
            goal_sentences.value(kpi, told[key], programme, lang) if key in told else "" for key in ("now", "target")
        )
        return say({
            "goal_unmeasured": (f"{name}: chưa đo được; hãy bắt đầu đo, hoặc chọn chỉ số khác.",
                                f"{name}: never measured; begin to measure it, or choose another figure."),
            "goal_missed": (f"{name}: được {now}, mục tiêu là {target}; giữ mục tiêu và đổi cách làm, hoặc đặt mục tiêu vừa sức.",
                            f"{name}: {now} where {target} was wanted; keep the goal and change the means, or set one within reach."),
            "goal_met": (f"{name}: đã đạt {now}; có thể đặt mục tiêu cao hơn.", f"{name}: reached {now}; it can be set further."),
        }[one.code], lang)  # fmt: skip
    reward = programme.rewards[told["reward"]].name.text(lang) or told["reward"]
    share = i18n.percent(Fraction(told.get("share", 0)).limit_denominator(1000), lang, places=0)
    return say({
        "gift_unwanted": (f"“{reward}”: chưa ai nhận; hãy cho dễ đến hơn, hoặc bỏ.",
                          f"“{reward}”: nobody got it; make it easier to reach, or drop it."),
        "gift_unused": (f"“{reward}”: chỉ {share} được dùng; hãy xem lại hạn và điều kiện.",
                        f"“{reward}”: only {share} were used; look at its end and conditions."),
        "gift_not_bought": (f"“{reward}”: {share} người nhận mua lại; nếu muốn giới thiệu món, hãy thử món khác.",
                            f"“{reward}”: {share} of those who got it bought it; to introduce a product, try another."),
    }[one.code], lang)  # fmt: skip
