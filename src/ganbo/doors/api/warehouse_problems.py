"""Refusals of what reads the warehouse as the table of problems.py has them: code → (status, title, sentence)."""


def _(text: str) -> str:
    """Marks a sentence for the catalogue."""
    return text


PROBLEMS: dict[str, tuple[int, str, str]] = {
    "warehouse.not_filled": (
        409,
        _("No figures yet"),
        _("The warehouse has not been filled yet; that is done each night, or now by: ganbo warehouse export."),
    ),
}
