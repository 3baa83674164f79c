"""Whether everything a member may be told can be said: a condition without a standard sentence needs `say`."""

from collections.abc import Callable

from ganbo.engine import wording
from ganbo.engine.document import ProgrammeDoc
from ganbo.engine.text import Path

Missing = Callable[[Path], None]


def check(doc: ProgrammeDoc, missing: Missing) -> None:
    """Report every condition and formula that has no words."""
    for place, rule in enumerate(doc.earn):
        if rule.say is None:
            _conditions(("earn", place), rule.when, rule.lines, missing=missing)
            amount = rule.give.amount if rule.give else None
            if isinstance(amount, str) and wording.formula_words(amount) is None:
                missing(("earn", place, "give", "amount"))
    for place, card in enumerate(doc.stamp_cards):
        if card.say is None:
            _conditions(("stamp_cards", place), card.when, card.lines, missing=missing)
    for place, challenge in enumerate(doc.challenges):
        if challenge.say is None:
            _conditions(("challenges", place, "needs"), None, challenge.needs.lines, missing=missing)
    for place, reward in enumerate(doc.rewards):
        if reward.say is None:
            _conditions(("rewards", place), reward.when, reward.lines, missing=missing)
    for place, offer in enumerate(doc.offers):
        if offer.say is None:
            _conditions(("offers", place), offer.when, offer.lines, missing=missing)
    counts = doc.tiers.counts if doc.tiers else None
    if counts and counts.purchase and counts.say is None and wording.clause(counts.purchase) is None:
        missing(("tiers", "counts", "purchase"))


def _conditions(where: Path, when: str | None, lines: str | None, *, missing: Missing) -> None:
    for key, source in (("when", when), ("lines", lines)):
        if source is not None and wording.clause(source) is None:
            missing((*where, key))
