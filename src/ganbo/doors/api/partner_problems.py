"""Refusals of partners and gift cards as the table of problems.py has them: code → (status, title, sentence)."""


def _(text: str) -> str:
    """Marks a sentence for the catalogue."""
    return text


MORE: dict[str, tuple[int, str, str]] = {
    "gift_cards.not_sold": (422, _("Not sold"), _("The programme has no gift card “%(reward)s”.")),
    "gift_cards.unknown": (404, _("Unknown gift card"), _("This is no gift card that can be used.")),
    "gift_cards.too_much": (409, _("Too much on it"), _("There may be %(most)s on this card at most.")),
    "gift_cards.used": (
        409,
        _("Used already"),
        _("Something was paid with this card or onto it, so its sale cannot be undone; nothing was changed."),
    ),
    "partners.unknown": (404, _("Unknown partner"), _("The programme has no partner “%(partner)s”.")),
    "partners.not_agreed": (
        409,
        _("Not agreed"),
        _("“%(partner)s” does not name this business as its partner, or has not agreed to the terms as they are now."),
    ),
    "partners.not_taken": (409, _("Not taken there"), _("“%(partner)s” does not take what was to pay.")),
    "partners.too_much": (409, _("Too much"), _("More than there is: %(most)s at most.")),
    "partners.bill_unknown": (404, _("Unknown bill"), _("The partner told of no bill “%(reference)s”.")),
    "partners.month_not_over": (409, _("Not over"), _("%(month)s is not over on both sides; settle it then.")),
    "partners.settled": (409, _("Settled already"), _("%(month)s is settled already.")),
    "partners.not_yours": (
        409,
        _("The other side's to say"),
        _("You owe this amount; the partner says when it was paid."),
    ),
}
