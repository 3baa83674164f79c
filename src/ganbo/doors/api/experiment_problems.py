"""What is said of experiments and goals that cannot be: rows of the tables in problems.py."""


def _(text: str) -> str:
    """Marks a sentence for the catalogue."""
    return text


# code: (status, title, sentence)
PROBLEMS: dict[str, tuple[int, str, str]] = {
    "experiments.exists": (
        409,
        _("Exists already"),
        _("There is an experiment “%(slug)s”; choose another short name."),
    ),
    "experiments.unknown": (404, _("Unknown experiment"), _("There is no experiment “%(slug)s”.")),
    "experiments.over": (409, _("Over already"), _("The experiment “%(slug)s” has ended or was stopped.")),
    "experiments.too_many": (
        409,
        _("Too many experiments"),
        _("There are %(most)s experiments, and more are not kept."),
    ),
}
FIELDS: dict[str, str] = {
    "experiment_slug": _("must be small letters, digits and hyphens, beginning with a letter, at most 40"),
    "experiment_text": _("must have 1 to %(most)s characters"),
    "experiment_choice": _("must be one of %(choices)s"),
    "experiment_cards": _("goes with “metric: completion_rate” and “unit: member”: the name that stamp cards have as “experiment”"),
    "experiment_cards_unknown": _("names no stamp cards: no two of the programme in force have “experiment: %(id)s”"),
    "experiment_store_metric": _("must be revenue unless members are compared"),
    "experiment_least": _("must be above 0 and at most 5; 0.1 is ten per cent more"),
    "experiment_days": _("must be %(least)s to %(most)s days after starts_on"),
    "experiment_past": _("has passed; members enter from a day on that is still to come"),
    "experiment_long_past": _("must not be more than %(most)s days ago"),
    "experiment_groups": _("must be two to %(most)s groups with different ids"),
    "experiment_store_unknown": _("names no store of this business: %(store)s"),
    "experiment_shares": _("must have shares above 0 that add up to 1 at most"),
    "experiment_stores": _("must each have stores, and no store twice"),
}  # fmt: skip
