"""The requests of each case, made before the clock starts."""

from bisect import bisect
from itertools import accumulate
from typing import Any

import orjson

from ganbo.doors.cli.bench.load import request_bytes
from ganbo.foundation import chance, clock

FIRST_PHONE = 10_000_000


def phone(n: int) -> str:
    """The phone of the n-th member, as a till types it."""
    return f"09{FIRST_PHONE + n:08d}"


class Choice:
    """Which member is next: every one alike, or by Zipf's law with s = 1."""

    def __init__(self, members: int, *, skewed: bool = False, seed: int = 7) -> None:
        self._draw = chance.seeded(seed)
        self._members = members
        self._sums = list(accumulate(1 / rank for rank in range(1, members + 1))) if skewed else []

    def next(self) -> int:
        if not self._sums:
            return self._draw.randrange(self._members)
        return min(bisect(self._sums, self._draw.random() * self._sums[-1]), self._members - 1)


def event(prefix: str, number: int, member: int) -> dict[str, Any]:
    """A purchase of two lattes."""
    return {
        "id": f"{prefix}:{number}",
        "type": "purchase",
        "occurred_at": clock.now().isoformat(timespec="seconds"),
        "member": {"phone": phone(member)},
        "store": "hoan-kiem",
        "channel": "pos",
        "staff": "till-2",
        "data": {
            "order_id": f"{prefix}-{number}",
            "currency": "VND",
            "lines": [
                {"sku": "latte", "category": "coffee", "quantity": 2, "unit_price": 55_000, "discount": 0, "tax": 0}
            ],
            "shipping": 0,
            "discount": 0,
            "codes": [],
            "paid": [{"with": "cash", "amount": 110_000}],
        },
    }


def events(host: str, port: int, keys: list[str], count: int, choice: Choice) -> list[bytes]:
    """`count` single events; with two keys, of two businesses in turn, the second with a tenth of the members."""
    prefix = _plain(chance.token(48))
    made = []
    for n in range(count):
        turn = n % len(keys)
        member = choice.next() if turn == 0 else choice.next() // 10
        made.append(request_bytes(host, port, "/api/v1/events", keys[turn], orjson.dumps(event(prefix, n, member))))
    return made


def quotes(host: str, port: int, key: str, count: int, choice: Choice) -> list[bytes]:
    """`count` quotes."""
    return [
        request_bytes(host, port, "/api/v1/quotes", key, orjson.dumps(event("quote", n, choice.next())))
        for n in range(count)
    ]


def redemptions(host: str, port: int, key: str, count: int, choice: Choice) -> list[bytes]:
    """`count` redemptions of ten points."""
    return [
        request_bytes(
            host,
            port,
            "/api/v1/redemptions",
            key,
            orjson.dumps({"member": {"phone": phone(choice.next())}, "reward": "tea"}),
        )
        for _ in range(count)
    ]


def batch(host: str, port: int, key: str, size: int, choice: Choice) -> bytes:
    """One batch of `size` events."""
    prefix = _plain(chance.token(48))
    body = orjson.dumps({"events": [event(prefix, n, choice.next()) for n in range(size)]})
    return request_bytes(host, port, "/api/v1/events/batch", key, body)


def _plain(token: str) -> str:
    """A token as an event id may hold it."""
    return "b" + "".join(c for c in token if c.isalnum())
