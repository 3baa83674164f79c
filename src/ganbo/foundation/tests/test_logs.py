"""Log lines: machine-readable on wish, discreet always."""

import logging
from typing import Any

import orjson

from ganbo.foundation import logs


def line(kind: str, **extra: Any) -> str:
    record = logging.LogRecord("ganbo.test", logging.WARNING, __file__, 1, "%d messages wait", (3,), None)
    record.__dict__.update(extra)
    return logs.formatter(kind).format(record)


def test_json_lines_have_fields() -> None:
    told = orjson.loads(line("json", store="hk"))
    assert (told["event"], told["level"], told["logger"], told["store"]) == (
        "3 messages wait", "warning", "ganbo.test", "hk",
    )  # fmt: skip
    assert told["timestamp"].endswith("Z")
    assert "business" not in told


def test_the_business_is_named(cafe: Any) -> None:
    assert orjson.loads(line("json"))["business"] == "cafe"
    assert "business=cafe" in line("line")


def test_nobody_is_recognised_in_a_log() -> None:
    for kind in ("json", "line"):
        told = line(kind, phone="+84912345678", code="123456")
        assert "+84912345678" not in told
        assert "123456" not in told


def test_an_exception_keeps_its_traceback() -> None:
    try:
        raise ValueError("no such lane")
    except ValueError as failure:
        info = (type(failure), failure, failure.__traceback__)
    assert "ValueError: no such lane" in orjson.loads(line("json", exc_info=info))["exception"]


def test_a_traceback_shows_no_values() -> None:
    password = "-".join(("khong", "ai", "biet"))  # joined: the source line itself is shown
    try:
        raise ValueError(f"{len(password)} letters were refused")
    except ValueError as failure:
        info = (type(failure), failure, failure.__traceback__)
    for kind in ("json", "line"):
        told = line(kind, exc_info=info)
        assert "letters were refused" in told
        assert password not in told, kind
