"""What is said of KPIs that cannot be told: rows of the table in problems.py."""


def _(text: str) -> str:
    """Marks a sentence for the catalogue."""
    return text


# code: (status, title, sentence)
PROBLEMS: dict[str, tuple[int, str, str]] = {
    "kpis.unknown": (404, _("Unknown KPI"), _("There is no KPI “%(name)s”; GET /kpis lists them.")),
    "kpis.not_by": (422, _("Not told by this"), _("“%(name)s” is not told by %(by)s, but by one of: %(known)s.")),
}
