"""Codes of a partner come into the pool of a reward: first what would come of it, then chunk by chunk, nothing twice.

A chunk is a transaction; a break costs nothing, for what is kept already is told apart when the file comes again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from ganbo.engine.programme import Reward
from ganbo.features.programmes import queries as programmes
from ganbo.features.rewards import code_files, pools
from ganbo.features.rewards.code_files import Bad, Line, Read
from ganbo.features.rewards.pools import New
from ganbo.foundation import chance
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.tenancy import context
from ganbo.journeys.redeem_reward import RewardUnknown
from ganbo.kernel.refusal import Refusal

CHUNK = 5_000


class NotImported(Refusal):
    """This reward makes its own codes; only one with `codes: imported` takes those of others."""

    code = "codes.not_imported"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an import would do: `again` stand twice in the file, `known` are kept already, whichever reward has them."""

    reward: str
    new: list[Line]
    again: int
    known: int
    bad: list[Bad]

    @property
    def duplicate(self) -> int:
        return self.again + self.known


@dataclass(frozen=True, slots=True)
class Brought:
    """What an import did: codes kept, and vouchers that waited and have their code now."""

    added: int
    filled: int


def reward_of(reward: str, *, now: datetime) -> Reward:
    """The reward that takes codes of others. Raises RewardUnknown or NotImported."""
    found = programmes.in_force_at(context.current().schema, now).programme.rewards.get(reward)
    if found is None:
        raise RewardUnknown(reward=reward)
    if not found.imported:
        raise NotImported(reward=reward)
    return found


def read(text: str, *, now: datetime) -> Read:
    """A file's lines; days end at midnight where the business is."""
    zone = programmes.in_force_at(context.current().schema, now).programme.timezone
    return code_files.read(text, zone=zone, now=now)


def look(reward: str, found: Read, *, now: datetime) -> Outlook:
    """What an import would do; changes nothing. Raises RewardUnknown or NotImported."""
    name, key = reward_of(reward, now=now).id, settings.CODE_KEY
    lines, again = code_files.once(found.lines)
    new: list[Line] = []
    for start in range(0, len(lines), CHUNK):
        some = {pools.fingerprint(line.code, key=key): line for line in lines[start : start + CHUNK]}
        have = pools.known(list(some))
        new += [line for print_, line in some.items() if print_ not in have]
    return Outlook(name, new, again, len(lines) - len(new), found.bad)


def bring_in(outlook: Outlook, *, by: str, now: datetime, told: Callable[[int], None] = lambda _: None) -> Brought:
    """Keep the new codes, then give them to vouchers that wait; `told` hears how many of them are done."""
    added = 0
    for start in range(0, len(outlook.new), CHUNK):
        some = outlook.new[start : start + CHUNK]
        with transaction.atomic():
            added += pools.add(
                outlook.reward, [New(chance.new_id(), line.code, line.expires_at) for line in some], at=now
            )
        told(start + len(some))
    filled = fill(outlook.reward, now=now)
    with transaction.atomic():
        audit.note(by, "codes.imported", outlook.reward, added=added, filled=filled)
    return Brought(added, filled)


def fill(reward: str, *, now: datetime) -> int:
    """Vouchers of this reward that wait get their codes, as far as there are any; how many did."""
    filled = 0
    while True:
        with transaction.atomic():
            some = pools.fill_waiting(reward, at=now)
        filled += some
        if some < pools.MOST_FILLED:
            return filled


def fill_all(*, now: datetime) -> int:
    """The same for every reward: what was left over when others held the last codes, or came back to life."""
    return sum(fill(reward, now=now) for reward in pools.waiting_rewards())
