"""What is said of holds that cannot be: rows of the table in problems.py."""


def _(text: str) -> str:
    """Marks a sentence for the catalogue."""
    return text


# code: (status, title, sentence)
PROBLEMS: dict[str, tuple[int, str, str]] = {
    "holds.unknown": (404, _("Unknown hold"), _("No hold has this id.")),
    "holds.captured": (409, _("Captured already"), _("This hold was captured; nothing is held any more.")),
    "holds.voided": (409, _("Let go already"), _("This hold was let go; nothing is held any more.")),
    "holds.expired": (
        409,
        _("Hold expired"),
        _("The time of this hold is over, and what it held is free again; hold it anew."),
    ),
    "holds.too_much": (422, _("More than is held"), _("At most %(held)s can be captured, which is what is held.")),
    "holds.too_many": (
        409,
        _("Too many holds"),
        _("A member may have %(most)s open holds; capture or let go of one first."),
    ),
    "holds.not_spendable": (422, _("Not to be spent"), _("“%(wallet)s” cannot be spent, so none of it can be held.")),
}
