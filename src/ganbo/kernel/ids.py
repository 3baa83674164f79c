"""UUIDv7: ordered by time, made by the application (RFC 9562)."""

from uuid import UUID


def uuid7(at_ms: int, random_bits: int) -> UUID:
    """An id of the millisecond `at_ms` (since 1970) with 74 bits of chance."""
    if not 0 <= at_ms < 1 << 48:
        raise ValueError("at_ms must fit 48 bits")
    if not 0 <= random_bits < 1 << 74:
        raise ValueError("random_bits must fit 74 bits")
    high, low = random_bits >> 62, random_bits & ((1 << 62) - 1)
    return UUID(int=at_ms << 80 | 7 << 76 | high << 64 | 2 << 62 | low)
