"""A member's stamp cards as rows that doors can show, and the sentence of what is missing."""

from dataclasses import dataclass
from uuid import UUID

import orjson

from ganbo.books.ledger import queries as ledger
from ganbo.engine import stamps
from ganbo.engine.programme import Programme
from ganbo.foundation import i18n
from ganbo.people.members import queries as members


@dataclass(frozen=True, slots=True)
class StampCardRow:
    """One card: `count` of `of` stamps, the head start included; `filled` so far; `done` when it is not begun again."""

    id: str
    name: str
    count: int
    of: int
    filled: int
    reward: str
    reward_name: str
    done: bool

    @property
    def missing(self) -> int:
        """Stamps still to come."""
        return 0 if self.done else self.of - self.count


def of_member(member_id: UUID, programme: Programme, *, locale: str) -> list[StampCardRow]:
    """The cards of the programme as they stand for a member, in document order; two queries for any number."""
    cards = stamps.of_member(programme, str(member_id))
    if not cards:
        return []
    counts = ledger.stamps(member_id, [card.id for card in cards])
    found = members.state_of(member_id)
    kept = orjson.loads(found[0]).get("stamps", {}) if found else {}
    rows = []
    for card in cards:
        state = stamps.begin(kept.get(card.id, {}), counts[card.id])
        reward = programme.rewards[card.reward]
        done = state.filled > 0 and not card.repeat
        rows.append(
            StampCardRow(
                id=card.id,
                name=card.name.text(locale) or card.id,
                count=card.size if done else stamps.shown_count(card, state),
                of=card.size,
                filled=state.filled,
                reward=card.reward,
                reward_name=reward.name.text(locale) or reward.id,
                done=done,
            )
        )
    return rows


def to_come(row: StampCardRow, *, locale: str) -> str:
    """1 more stamp and you have: 1 latte."""
    if row.done:
        return i18n.text(locale, "This card is full.")
    if row.missing == 1:
        return i18n.text(locale, "One more stamp and %(reward)s is yours.", reward=row.reward_name)
    return i18n.text(
        locale, "%(n)s more stamps and %(reward)s is yours.", n=i18n.number(row.missing, locale), reward=row.reward_name
    )
