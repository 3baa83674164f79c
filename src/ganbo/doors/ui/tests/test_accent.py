"""A shop's colour stays readable whatever the shop picks."""

import pytest

from ganbo.doors.ui import accent


@pytest.mark.parametrize(
    ("given", "day", "why"),
    [
        ("#0B6B5A", "#0b6b5a", "ganbo's own colour already reads 6.4 on white"),
        ("F2B233", "#966e20", "turmeric is far too light for white text"),
        ("#FFFFFF", "#757575", "white itself becomes the lightest readable grey"),
        ("#000000", "#000000", "black needs nothing"),
    ],
)
def test_darkened_until_white_text_reads(given: str, day: str, why: str) -> None:
    colour = accent.parse(given)
    assert colour is not None
    assert accent.shades(colour).accent == day, why


@pytest.mark.parametrize("given", ["", "#12345", "red", "#GGGGGG", "0B6B5A;", "##0B6B5"])
def test_only_six_hex_digits_are_a_colour(given: str) -> None:
    assert accent.parse(given) is None


def test_every_shade_of_any_colour_reads() -> None:
    steps = (0, 51, 102, 153, 204, 255)
    for colour in [(r, g, b) for r in steps for g in steps for b in steps]:
        assert accent.contrast(accent.readable(colour), accent.WHITE) >= 4.5
        assert accent.contrast(accent.readable(colour), accent.PAPER) >= 3.0
        assert accent.contrast(accent.readable_at_night(colour), accent.NIGHT) >= 7.0
        shades = accent.shades(colour)
        day, tint = accent.parse(shades.pressed), accent.parse(shades.tint)
        night, night_tint = accent.parse(shades.night_pressed), accent.parse(shades.night_tint)
        assert day and tint and night and night_tint
        assert accent.contrast(night, night_tint) >= 4.5, colour
        assert accent.contrast(day, tint) >= 4.5, colour
