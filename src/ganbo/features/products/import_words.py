"""Why a line of a file of products cannot be taken, in words."""

from ganbo.features.products.files import Bad
from ganbo.foundation import i18n


def N_(text: str) -> str:  # noqa: N802 — the name the catalogue looks for
    """Marks a sentence for the catalogue."""
    return text


_REASONS = {
    "products.line_heading": N_("the first line names the columns, one of them “sku” (or “mã”)"),
    "products.line_cells": N_("it has more cells than the heading; put a cell with a comma in quotes"),
    "products.line_sku": N_("a SKU has 1 to 64 printable signs"),
    "products.line_long": N_("“%(what)s” is too long: a name has at most 200 signs, a category 64"),
    "products.line_labels": N_("at most 20 labels with | between them, each of at most 64 signs"),
    "products.line_money": N_("“%(what)s” is no amount of money; write 29000, or 12.50 where there are cents"),
}


def said(bad: Bad, *, locale: str) -> str:
    """The reason alone; the line's number stands beside it."""
    return i18n.text(i18n.known(locale), _REASONS[bad.reason]) % {"what": bad.what}
