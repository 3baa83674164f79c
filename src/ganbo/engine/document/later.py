"""What contract.md names but this version cannot carry out: refused with a message that says so, by where it stands."""

LATER: dict[str, frozenset[str]] = {
    "": frozenset(
        [
            "referral",
            "games",
            "occasions",
            "messages",
        ]
    ),
    "expect": frozenset(),
}
LATER_VALUES = {
    "on": frozenset({"refund", "referral"}),
}
