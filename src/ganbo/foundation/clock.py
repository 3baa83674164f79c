"""The only place that reads the clock; everything below gets times as arguments."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that only go forward; for durations, never for dates."""
    return time.monotonic()


def pause(seconds: float) -> None:
    """Wait a moment; only where there is nothing to be told by."""
    time.sleep(seconds)
