"""The PIN beside a member's card: set in the wallet, kept as a slow hash, locked after five wrong ones.

Each operation demands a transaction; a try is counted before it is looked at, so that parallel guessing gains nothing.
"""

import hmac
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import F

from ganbo.foundation.transactions import needs_transaction
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import models

LENGTH = range(4, 7)  # digits
MOST_TRIES = 5


class WeakPin(Refusal):
    """A PIN has 4 to 6 digits, not all the same and not in a row."""

    code = "pins.weak"


class NoPin(Refusal):
    """The member has set no PIN; they do it in the wallet."""

    code = "pins.none"


class WrongPin(Refusal):
    """The PIN is wrong; after five wrong ones it is locked."""

    code = "pins.wrong"


class PinLocked(Refusal):
    """Too many wrong PINs; the member sets a new one in the wallet, and until then proves otherwise."""

    code = "pins.locked"


def weak(pin: str) -> bool:
    """Whether a PIN is no PIN, or the first one that anybody tries."""
    if len(pin) not in LENGTH or not (pin.isascii() and pin.isdigit()):
        return True
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    return steps in ({0}, {1}, {9})


@needs_transaction
def put(member_id: UUID, pin: str, *, key: str, at: datetime) -> None:
    """Set or change the PIN; a locked one works again. Raises WeakPin."""
    if weak(pin):
        raise WeakPin()
    values = {"hashed": make_password(_peppered(member_id, pin, key)), "tries": 0, "changed_at": at}
    models.Pin.objects.update_or_create(member_id=member_id, defaults=values)


@needs_transaction
def count_try(member_id: UUID) -> str:
    """Count one try; the hash to compare with. Raises NoPin or PinLocked. To be committed before `fits` is asked."""
    counted = models.Pin.objects.filter(pk=member_id, tries__lt=MOST_TRIES).update(tries=F("tries") + 1)
    hashed = models.Pin.objects.filter(pk=member_id).values_list("hashed", flat=True).first()
    if hashed is None:
        raise NoPin()
    if not counted:
        raise PinLocked()
    return hashed


def fits(member_id: UUID, pin: str, hashed: str, *, key: str) -> bool:
    """Slow on purpose; no transaction need be open."""
    return check_password(_peppered(member_id, pin, key), hashed)


@needs_transaction
def was_right(member_id: UUID) -> None:
    """Wrong ones are forgotten."""
    models.Pin.objects.filter(pk=member_id).update(tries=0)


def state(member_id: UUID) -> str:
    """none, set or locked."""
    tries = models.Pin.objects.filter(pk=member_id).values_list("tries", flat=True).first()
    return "none" if tries is None else "locked" if tries >= MOST_TRIES else "set"


def left(member_id: UUID) -> int:
    """How many tries are left."""
    tries = models.Pin.objects.filter(pk=member_id).values_list("tries", flat=True).first()
    return max(MOST_TRIES - (tries or 0), 0)


def _peppered(member_id: UUID, pin: str, key: str) -> str:
    """Who steals the database alone cannot try ten thousand PINs at home."""
    return hmac.new(b"ganbo pin " + key.encode(), member_id.bytes + pin.encode(), sha256).hexdigest()
