"""What a till keeps for the time without a network, as JSON. Nobody's phone, card or surname is in it: people are found
by a keyed hash of what is typed, made with a key of this snapshot that the browser keeps but does not give out.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from ganbo.doors.till import saying
from ganbo.doors.till.counter import Counter
from ganbo.doors.till.offline import papers
from ganbo.doors.ui import units
from ganbo.engine import offline
from ganbo.engine.programme import Programme, Rule
from ganbo.foundation import chance
from ganbo.journeys import offline_till
from ganbo.journeys.offline_till import Kept, Known
from ganbo.journeys.sync_offline import Till
from ganbo.kernel import money
from ganbo.people.members import contacts
from ganbo.people.members.queries import WALLET_CODE, MemberRow

_HASH = 16  # bytes of a keyed hash: nobody else's by chance
_FROM = re.compile(r"order\.net >= (\d{1,15})")


def of(at: Counter, device: UUID) -> dict[str, Any]:
    """The snapshot of this counter for this browser."""
    store, schema = at.store.id if at.store else None, at.business.schema
    kept = offline_till.keep(device=device, store=store, now=at.now)
    key = chance.token(256)
    people = [_person(one, kept, device, schema) for one in kept.known]
    return {
        "paper": papers.write(Till(device, store, at.staff.actor, at.now), schema),
        "taken": _ms(at.now),
        "ends": _ms(at.now + papers.LIVES),
        "day": kept.day.isoformat(),
        "day_ends": _ms(kept.until),
        "key": key,
        "phones": dict(zip(("code", "trunk"), contacts.numbering(at.business.country), strict=True)),
        "money": {"currency": at.currency, "digits": money.digits(at.currency)},
        "units": {w: units.of_wallet(at.programme, w, saying.locale()).word for w in at.programme.wallets},
        "rates": [rate for rule in at.programme.rules if (rate := _rate(rule)) is not None],
        "times": {level.id: float(level.multiply) for level in at.programme.levels},
        "gifts": _gifts(at.programme),
        "limit": at.programme.offline_up_to,
        "people": people,
        "index": {digest: n for n, one in enumerate(kept.known) for digest in _hashes(one.row, key.encode())},
    }


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _person(one: Known, kept: Kept, device: UUID, schema: str) -> dict[str, Any]:
    found: dict[str, Any] = {"id": str(one.row.id), "name": saying.called(one.row), "has": one.balances}
    found["tier"] = one.row.tier or ""
    if one.may_give:
        lease = papers.Lease(device, one.row.id, kept.day)
        found |= {"may": one.may_give, "lease": lease.signature(schema)}
    return found


def _hashes(row: MemberRow, key: bytes) -> Iterator[str]:
    """Of everything by which a till may be told who stands there."""
    for text in (row.phone, *row.cards, f"{WALLET_CODE}{row.id}"):
        if text:
            digest = hmac.digest(key, text.encode(), hashlib.sha256)[:_HASH]
            yield base64.b64encode(digest).decode()


def _rate(rule: Rule) -> dict[str, Any] | None:
    """A plain rule on the whole bill, for what a sale will probably earn; others add to it when it is told."""
    give = rule.give
    if rule.on != "purchase" or give is None or give.wallet is None or give.formula or rule.lines or rule.during:
        return None
    if give.of == "quantity" or give.never:
        return None
    least = _FROM.fullmatch(rule.when.source) if rule.when else None
    if rule.when and not least:
        return None
    plain = {"wallet": give.wallet, "amount": give.amount, "per": give.per, "least": int(least[1]) if least else 0}
    return plain | {"times": rule.tier_multiplier}


def _gifts(programme: Programme) -> dict[str, list[dict[str, Any]]]:
    """What may be given, by tier; "" is nobody's."""
    found: dict[str, list[dict[str, Any]]] = {}
    for tier in ("", *(level.id for level in programme.levels)):
        found[tier] = [
            {
                "id": gift.reward.id,
                "name": saying.reward(programme, gift.reward.id),
                "wallet": gift.wallet,
                "price": gift.price,
                "worth": gift.worth,
            }
            for gift in offline.gifts(programme, tier or None)
        ]
    return found
