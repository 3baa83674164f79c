"""The wallet's changing code: says who and when, signed; good for half a minute and for one spend.

`gbt.` and 32 bytes: the member's id, the second it was made, and 96 bits of an HMAC over both.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

PREFIX = "gbt."
VALID = timedelta(seconds=30)
_SKEW = timedelta(seconds=5)  # between the clocks of two servers
_MAC = 12


@dataclass(frozen=True, slots=True)
class Token:
    """`id` names the code in the books: what was spent with it cannot be spent with it again."""

    id: UUID
    member_id: UUID
    made_at: datetime

    def fresh(self, *, at: datetime) -> bool:
        """Whether it may still prove a spend."""
        return self.made_at - _SKEW <= at <= self.made_at + VALID


def make(member_id: UUID, *, key: str, at: datetime) -> str:
    """A code for the member, of this second."""
    said = member_id.bytes + int(at.timestamp()).to_bytes(4, "big")
    return PREFIX + base64.urlsafe_b64encode(said + _mac(said, key)).decode().rstrip("=")


def read(text: str, *, key: str) -> Token | None:
    """Whose it is and of when, however old; None when ganbo never made it."""
    try:
        whole = base64.b64decode(text.removeprefix(PREFIX) + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    said, mac = whole[:20], whole[20:]
    if not text.startswith(PREFIX) or len(mac) != _MAC or not hmac.compare_digest(mac, _mac(said, key)):
        return None
    made_at = datetime.fromtimestamp(int.from_bytes(said[16:], "big"), UTC)
    return Token(UUID(bytes=sha256(whole).digest()[:16]), UUID(bytes=said[:16]), made_at)


def _mac(said: bytes, key: str) -> bytes:
    return hmac.digest(sha256(b"ganbo wallet code " + key.encode()).digest(), said, "sha256")[:_MAC]
