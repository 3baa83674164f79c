"""`POST /events/batch`: up to 10,000 events at once, recorded by a process of its own so that single calls stay fast.

The web process hands the body to the bulk process through a Unix socket and passes its answer on. Without such a process
(GANBO_BULK_SOCKET empty) the work is done here, in a thread.
"""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from django.conf import settings

from ganbo.books.events import reading
from ganbo.books.events.reading import EventRequest, FieldProblem, FieldsRefused
from ganbo.doors.api import hot, problems
from ganbo.doors.api.hot import Caller, Headers, Reply
from ganbo.foundation import clock, strict_json
from ganbo.foundation.pipelines import ConnectionLost, Pipeline, connection_parameters
from ganbo.foundation.tenancy import queries
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.journeys import record_events
from ganbo.journeys.record_events import MOST_EVENTS, Asked
from ganbo.kernel.refusal import Refusal

MOST_BYTES = 16 * 1024 * 1024
MOST_BATCH = 10_000
JSON, NDJSON = "application/json", "application/x-ndjson"
_HEAD = struct.Struct("!II")  # lengths of the JSON head and of the body

Receive = Callable[[], Awaitable[dict[str, Any]]]


async def take(caller: Caller | None, headers: Headers, length: int, receive: Receive) -> Reply:
    """Answer a batch that arrived in this web process."""
    media = headers.content_type.partition(";")[0].strip().lower()
    if caller is None or "events:write" not in caller.key.scopes:
        refusal = hot.check(hot.EVENTS, caller, headers, 0)
        assert refusal is not None
        return refusal
    if media not in (JSON, NDJSON):
        return hot.refused("body.media_type", headers.locale, wanted=f"{JSON} / {NDJSON}")
    body = await _read(receive) if length <= MOST_BYTES else None
    if body is None:
        return hot.refused("body.too_large", headers.locale, most=MOST_BYTES)
    if not settings.BULK_SOCKET:
        return await asyncio.to_thread(here, caller.business, media, headers.locale, body)
    try:
        return await _elsewhere(caller.business, media, headers.locale, body)
    except (OSError, asyncio.IncompleteReadError):
        return hot.refused("busy", headers.locale)


async def _read(receive: Receive) -> bytes | None:
    parts, size = [], 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BYTES:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


async def _elsewhere(business: BusinessRow, media: str, locale: str, body: bytes) -> Reply:
    """Ask the bulk process."""
    reader, writer = await asyncio.open_unix_connection(settings.BULK_SOCKET, limit=MOST_BYTES)
    try:
        head = orjson.dumps({"business": business.id, "media": media, "locale": locale})
        writer.write(_HEAD.pack(len(head), len(body)) + head)
        writer.write(body)
        await writer.drain()
        status, size = _HEAD.unpack(await reader.readexactly(_HEAD.size))
        return Reply(status, await reader.readexactly(size))
    finally:
        writer.close()


async def serve(path: str) -> None:
    """The bulk process: answer batches on a Unix socket, one at a time each in order of arrival, until cancelled."""
    one_at_a_time = asyncio.Lock()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head_size, size = _HEAD.unpack(await reader.readexactly(_HEAD.size))
            head = orjson.loads(await reader.readexactly(head_size))
            body = await reader.readexactly(size)
            async with one_at_a_time:
                reply = await asyncio.to_thread(_here_by_id, head, body)
            writer.write(_HEAD.pack(reply.status, len(reply.body)) + reply.body)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the web process went away: what was recorded stays, and the ids make asking again safe
        finally:
            writer.close()

    server = await asyncio.start_unix_server(answer, path, limit=MOST_BYTES)
    async with server:
        await server.serve_forever()


def _here_by_id(head: dict[str, Any], body: bytes) -> Reply:
    business = queries.by_id(head["business"])
    if business is None:
        return hot.refused("auth.no_key", head["locale"])
    return here(business, head["media"], head["locale"], body)


def here(business: BusinessRow, media: str, locale: str, body: bytes) -> Reply:
    """Read and record a batch in this process, in chunks of MOST_EVENTS; each chunk is one transaction."""
    try:
        values = _events_of(body, media)
    except Refusal as refusal:
        return hot.of_refusal(refusal, locale)
    if not 1 <= len(values) <= MOST_BATCH:
        problem = FieldProblem("events", "too_many" if values else "missing", {})
        return hot.of_refusal(FieldsRefused([problem]), locale)
    results: list[dict[str, Any]] = [{} for _ in values]
    pipe = Pipeline.open(**connection_parameters())
    try:
        for start in range(0, len(values), MOST_EVENTS):
            _record(pipe, business, values[start : start + MOST_EVENTS], results, start=start, locale=locale)
    except ConnectionLost:
        return hot.refused("busy", locale)
    finally:
        pipe.close()
    counts = {
        status: sum(r["status"] == status for r in results) for status in ("applied", "replayed", "parked", "refused")
    }
    return Reply(200, orjson.dumps({"results": results, **counts}))


def _events_of(body: bytes, media: str) -> list[Any]:
    """Parsed events; in NDJSON an unreadable line becomes a Refusal in its place."""
    if media == NDJSON:
        return [_line(line) for line in body.split(b"\n") if line.strip()]
    value = strict_json.loads(body)
    if not isinstance(value, dict) or set(value) != {"events"} or not isinstance(value["events"], list):
        raise FieldsRefused([FieldProblem("events", "list_type", {})])
    found: list[Any] = value["events"]
    return found


def _line(line: bytes) -> Any:
    if len(line) > hot.MOST_BYTES:
        return FieldsRefused([FieldProblem("line", "too_long", {})])
    try:
        return strict_json.loads(line)
    except Refusal as refusal:
        return refusal


def _record(
    pipe: Pipeline,
    business: BusinessRow,
    values: list[Any],
    results: list[dict[str, Any]],
    *,
    start: int,
    locale: str,
) -> None:
    """Record one chunk; what cannot be read is refused in its place."""
    requests: list[tuple[int, EventRequest]] = []
    for place, value in enumerate(values, start):
        try:
            if isinstance(value, Refusal):
                raise value
            requests.append((place, reading.read(value, region=business.country)))
        except Refusal as refusal:
            results[place] = _refused(_id_of(value), refusal, locale)
    if not requests:
        return
    outcomes = record_events.record(pipe, Asked(business, clock.now()), [r for _, r in requests])
    for (place, _), outcome in zip(requests, outcomes, strict=True):
        if outcome.refusal is not None:
            results[place] = _refused(outcome.event_id, outcome.refusal, locale)
        else:
            results[place] = {
                "event_id": outcome.event_id,
                "status": outcome.status,
                "recorded": orjson.Fragment(outcome.answer or "null"),
                "problem": None,
            }


def _id_of(value: Any) -> str | None:
    found = value.get("id") if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def _refused(event_id: str | None, refusal: Refusal, locale: str) -> dict[str, Any]:
    _, problem = problems.of(refusal, locale)
    return {"event_id": event_id, "status": "refused", "recorded": None, "problem": problem}
