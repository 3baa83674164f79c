"""A business's own colour made readable: darkened for white text by day, lightened for dark text at night.

Colours are sRGB triples 0…255; contrast is WCAG 2.2's ratio.
"""

import re
from dataclasses import dataclass

Colour = tuple[int, int, int]

TEA = "0B6B5A"
WHITE: Colour = (255, 255, 255)
PAPER: Colour = (0xFA, 0xF9, 0xF6)
NIGHT: Colour = (0x12, 0x18, 0x16)
NIGHT_SURFACE: Colour = (0x1B, 0x23, 0x20)
TEXT_CONTRAST = 4.5
NIGHT_CONTRAST = 7.0
_HEX = re.compile(r"[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True)
class Shades:
    """What the pages use of one accent, each as #rrggbb."""

    accent: str
    pressed: str
    tint: str
    deep: str
    night: str
    night_pressed: str
    night_tint: str


def parse(text: str) -> Colour | None:
    """#0B6B5A or 0B6B5A as a colour; anything else is None."""
    digits = text.removeprefix("#")
    if not _HEX.fullmatch(digits):
        return None
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def luminance(colour: Colour) -> float:
    """Relative luminance, 0 black … 1 white (WCAG 2.2)."""
    parts = [c / 255 for c in colour]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: Colour, b: Colour) -> float:
    """1 … 21."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """`share` of b in a, 0…1, rounded to the nearest step."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def readable(colour: Colour) -> Colour:
    """`colour`, darkened in steps of 2 % until white text on it reaches 4.5 (so also 3.0 against Giấy)."""
    for step in range(51):
        found = mix(colour, (0, 0, 0), step / 50)
        if contrast(found, WHITE) >= TEXT_CONTRAST:
            return found
    return 0, 0, 0


def readable_at_night(colour: Colour) -> Colour:
    """`colour`, lightened until it reads 7.0 on the dark ground, as button and as text."""
    for step in range(51):
        found = mix(colour, WHITE, step / 50)
        if contrast(found, NIGHT) >= NIGHT_CONTRAST:
            return found
    return WHITE


def shades(colour: Colour) -> Shades:
    """Every shade of one accent."""
    day, night = readable(colour), readable_at_night(colour)
    return Shades(
        accent=_hex(day),
        pressed=_hex(mix(day, (0, 0, 0), 0.25)),
        tint=_hex(mix(day, WHITE, 0.89)),
        deep=_hex(mix(day, (0, 0, 0), 0.3)),
        night=_hex(night),
        night_pressed=_hex(mix(night, WHITE, 0.3)),
        night_tint=_hex(mix(NIGHT_SURFACE, night, 0.14)),
    )


def stylesheet(colour: Colour) -> str:
    """The CSS that puts one accent over ui's own."""
    s = shades(colour)
    return (
        f":root{{--accent:{s.accent};--accent-pressed:{s.pressed};--accent-tint:{s.tint};"
        f"--accent-card:{s.accent};--accent-card-deep:{s.deep}}}\n"
        '@media screen and (prefers-color-scheme:dark){:root:not([data-theme="light"]){'
        f"--accent:{s.night};--accent-pressed:{s.night_pressed};--accent-tint:{s.night_tint}}}}}\n"
    )


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
