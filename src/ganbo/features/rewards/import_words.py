"""Why a line of a partner's file cannot be taken, in words."""

from ganbo.features.rewards.code_files import Bad
from ganbo.foundation import i18n


def N_(text: str) -> str:  # noqa: N802 — the name the catalogue looks for
    """Marks a sentence for the catalogue."""
    return text


_REASONS = {
    "codes.line_code": N_("a code has 1 to 200 printable signs"),
    "codes.line_mangled": N_("a spreadsheet turned it into a rounded number; export the column as text"),
    "codes.line_day": N_("the last day is written 2027-06-30 or 30/06/2027"),
    "codes.line_over": N_("its last day is past"),
}


def said(bad: Bad, *, locale: str) -> str:
    """The reason alone; the line's number stands beside it."""
    return i18n.text(i18n.known(locale), _REASONS[bad.reason])
