"""`POST /events/batch`: up to 10,000 events at once, recorded by a process of its own so that single calls stay fast.

The web process hands the body to the bulk process through a Unix socket and passes its answer on; a large batch is divided
with a sibling on the other core. Without such a process (GANBO_BULK_SOCKET empty) the work is done here, in a thread.
"""

import asyncio
import os
import struct
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
from django.conf import settings
from django.db import close_old_connections

from ganbo.books.events import reading
from ganbo.books.events.reading import EventRequest, FieldProblem, FieldsRefused
from ganbo.doors.api import hot, problems
from ganbo.doors.api.hot import Caller, Headers, Reply
from ganbo.doors.api.sibling import Sibling, SiblingGone, give_back_memory, halves
from ganbo.foundation import clock, strict_json
from ganbo.foundation.pipelines import ConnectionLost, Pipeline, connection_parameters
from ganbo.foundation.tenancy import queries
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.journeys import record_all
from ganbo.journeys.record_events import Asked
from ganbo.kernel.refusal import Refusal

MOST_BYTES = 16 * 1024 * 1024
MOST_BATCH = 10_000
CHUNK = 250  # events a transaction: while it runs its members are locked, and single calls that need one of them wait
JSON, NDJSON = "application/json", "application/x-ndjson"
_HEAD = struct.Struct("!II")  # lengths of the JSON head and of the body
_RESULT = struct.Struct("!BI")  # status and length of a result
_STATUSES = ("applied", "replayed", "parked", "refused")

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
        vouched = hot.vouches(caller)
        return await asyncio.to_thread(here, caller.business, media, headers.locale, body, vouched=vouched)
    try:
        return await _elsewhere(caller, media, headers.locale, body)
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


async def _elsewhere(caller: Caller, media: str, locale: str, body: bytes) -> Reply:
    """Ask the bulk process."""
    reader, writer = await asyncio.open_unix_connection(settings.BULK_SOCKET, limit=MOST_BYTES)
    try:
        told = {"business": caller.business.id, "media": media, "locale": locale, "vouched": hot.vouches(caller)}
        head = orjson.dumps(told)
        writer.write(_HEAD.pack(len(head), len(body)) + head)
        writer.write(body)
        await writer.drain()
        status, size = _HEAD.unpack(await reader.readexactly(_HEAD.size))
        return Reply(status, await reader.readexactly(size))
    finally:
        writer.close()


async def serve(path: str, sibling: Sibling | None) -> None:
    """The bulk process: answer batches on a Unix socket, one at a time each in order of arrival, until cancelled."""
    one_at_a_time = asyncio.Lock()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head_size, size = _HEAD.unpack(await reader.readexactly(_HEAD.size))
            head = orjson.loads(await reader.readexactly(head_size))
            body = await reader.readexactly(size)
            async with one_at_a_time:
                reply = await asyncio.to_thread(_here_by_id, head, body, sibling)
            writer.write(_HEAD.pack(reply.status, len(reply.body)) + reply.body)
            await writer.drain()
            del body, reply
            give_back_memory()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the web process went away: what was recorded stays, and the ids make asking again safe
        except SiblingGone:
            os._exit(1)  # started again by the supervisor, with a new sibling; callers are told to ask again
        finally:
            writer.close()

    server = await asyncio.start_unix_server(answer, path, limit=MOST_BYTES)
    async with server:
        await server.serve_forever()


def _here_by_id(head: dict[str, Any], body: bytes, sibling: Sibling | None) -> Reply:
    close_old_connections()
    business = queries.by_id(head["business"])
    if business is None:
        return hot.refused("auth.no_key", head["locale"])
    return here(business, head["media"], head["locale"], body, sibling=sibling, vouched=head["vouched"])


def here(
    business: BusinessRow,
    media: str,
    locale: str,
    body: bytes,
    *,
    sibling: Sibling | None = None,
    vouched: bool = False,
) -> Reply:
    """Read and record a batch in this process, a large one together with the sibling.

    `vouched`: the caller answers for its members' spends.
    """
    try:
        values = _events_of(body, media)
    except Refusal as refusal:
        return hot.of_refusal(refusal, locale)
    if not 1 <= len(values) <= MOST_BATCH:
        problem = FieldProblem("events", "too_many" if values else "missing", {})
        return hot.of_refusal(FieldsRefused([problem]), locale)
    divided = halves(values) if sibling is not None else None
    results: list[Any] = [None] * len(values)
    try:
        if divided is None or sibling is None:
            _record(business, values, range(len(values)), results, locale=locale, vouched=vouched)
        else:
            sibling.ask({"business": business.id, "media": media, "locale": locale, "vouched": vouched}, body)
            try:
                _record(business, values, divided[0], results, locale=locale, vouched=vouched)
            finally:
                reply = sibling.answer()
            if not _take_in(reply, divided[1], results):
                return hot.refused("busy", locale)
    except ConnectionLost:
        return hot.refused("busy", locale)
    counts = {status: sum(r[0] == status for r in results) for status in _STATUSES}
    return Reply(200, orjson.dumps({"results": [r[1] for r in results], **counts}))


def sibling_half(head: dict[str, Any], body: bytes) -> bytes:
    """The sibling's work: record its half and answer (status, size, result) one after the other; b"" when it could not."""
    close_old_connections()
    business = queries.by_id(head["business"])
    values = _events_of(body, head["media"])
    divided = halves(values)
    if business is None or divided is None:
        return b""
    results: list[Any] = [None] * len(values)
    try:
        _record(business, values, divided[1], results, locale=head["locale"], vouched=head["vouched"])
    except ConnectionLost:
        return b""
    packed = bytearray()
    for place in divided[1]:
        status, result = results[place]
        told = orjson.dumps(result)
        packed += _RESULT.pack(_STATUSES.index(status), len(told)) + told
    return bytes(packed)


def _take_in(reply: bytes, places: Sequence[int], results: list[Any]) -> bool:
    """The sibling's results in their places; False when it could not record."""
    at = 0
    for place in places:
        if at >= len(reply):
            return False
        status, size = _RESULT.unpack_from(reply, at)
        at += _RESULT.size
        results[place] = (_STATUSES[status], orjson.Fragment(reply[at : at + size]))
        at += size
    return True


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
    business: BusinessRow,
    values: Sequence[Any],
    places: Sequence[int],
    results: list[Any],
    *,
    locale: str,
    vouched: bool,
) -> None:
    """Record the events at these places in chunks, each a transaction; results are (status, result) in their places."""
    pipe = Pipeline.open(**connection_parameters())
    try:
        for start in range(0, len(places), CHUNK):
            chunk = places[start : start + CHUNK]
            _record_chunk(pipe, business, values, chunk, results, locale=locale, vouched=vouched)
    finally:
        pipe.close()


def _record_chunk(
    pipe: Pipeline,
    business: BusinessRow,
    values: Sequence[Any],
    places: Sequence[int],
    results: list[Any],
    *,
    locale: str,
    vouched: bool,
) -> None:
    """Record one chunk; what cannot be read is refused in its place."""
    requests: list[tuple[int, EventRequest]] = []
    for place in places:
        value = values[place]
        try:
            if isinstance(value, Refusal):
                raise value
            requests.append((place, reading.read(value, region=business.country, vouched=vouched)))
        except Refusal as refusal:
            results[place] = "refused", _refused(_id_of(value), refusal, locale)
    if not requests:
        return
    outcomes = record_all.record(pipe, Asked(business, clock.now()), [r for _, r in requests])
    for (place, _), outcome in zip(requests, outcomes, strict=True):
        if outcome.refusal is not None:
            results[place] = "refused", _refused(outcome.event_id, outcome.refusal, locale)
        else:
            results[place] = (
                outcome.status,
                {
                    "event_id": outcome.event_id,
                    "status": outcome.status,
                    "recorded": orjson.Fragment(outcome.answer or "null"),
                    "problem": None,
                },
            )


def _id_of(value: Any) -> str | None:
    found = value.get("id") if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def _refused(event_id: str | None, refusal: Refusal, locale: str) -> dict[str, Any]:
    _, problem = problems.of(refusal, locale)
    return {"event_id": event_id, "status": "refused", "recorded": None, "problem": problem}
