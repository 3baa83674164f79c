"""Perks as the till lists them."""

from dataclasses import dataclass

from ganbo.doors.till import saying
from ganbo.doors.till.counter import Counter
from ganbo.features.programmes import perk_sentences
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.foundation import chance
from ganbo.journeys import perks
from ganbo.people.members.queries import MemberRow


@dataclass(frozen=True, slots=True)
class PerkLine:
    """One perk; `left` in words, `usable` when it can be tapped; `key` makes that pressing twice uses it once."""

    id: str
    name: str
    left: str
    usable: bool
    key: str


def name_of(perk: str, at: Counter) -> str:
    """What people call it; of one that is no longer in the programme its id."""
    found = at.programme.perks.get(perk)
    return (found.text.text(saying.locale()) if found else "") or perk


def of_member(member: MemberRow, at: Counter) -> list[PerkLine]:
    """What the member's level brings that a till counts."""
    speaker = Speaker(at.programme, saying.locale())
    return [
        PerkLine(
            id=one.perk.id,
            name=name_of(one.perk.id, at),
            left=perk_sentences.left(one.perk, one.left, speaker),
            usable=one.left != 0,
            key=str(chance.new_id()),
        )
        for one in perks.of_member(member.id, member.tier, at.programme, at=at.now)
        if one.perk.counted
    ]
