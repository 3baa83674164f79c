"""What contract.md names but this version cannot carry out: refused with a message that says so, by where it stands."""

LATER: dict[str, frozenset[str]] = {
    "": frozenset(
        [
            "referral",
            "games",
            "occasions",
            "messages",
            "goals",
            "runs",
            "legal",
            "products",
            "never",
            "offers",
            "perks",
            "packages",
            "topups",
            "accounts",
            "partners",
            "milestones",
            "challenges",
            "spend_proof",
            "claims",
            "holdout",
        ]
    ),
    "wallets": frozenset(["pay", "refundable"]),
    "give": frozenset(["by_tier"]),
    "benefits": frozenset(["perks"]),
    "rewards": frozenset(["choose", "within_days"]),
    "budget": frozenset(["period", "by_store", "message_cost"]),
    "expect": frozenset(["pay"]),
}
LATER_VALUES = {
    "stop": frozenset({"hard"}),
    "scope": frozenset({"code"}),
    "on": frozenset({"refund", "referral"}),
}
