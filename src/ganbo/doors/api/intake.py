"""The thin ASGI way in for hot calls: key, body, lane, answer. Nothing of Django's request machinery is on it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from ganbo.doors.api import bulk, hot, problems
from ganbo.doors.api.callers import Callers, secret_of
from ganbo.doors.api.hot import Headers, Reply
from ganbo.foundation.lanes import Lane, LaneFull
from ganbo.foundation.pipelines import ConnectionLost, Pipeline, connection_parameters
from ganbo.foundation.waking import Waker
from ganbo.kernel.refusal import Refusal

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

BATCH = "/api/v1/events/batch"


class Intake:
    """Answers POSTs of the hot calls; made once per process."""

    def __init__(self) -> None:
        self._callers = Callers()
        self._lane: Lane | None = None
        self._waker: Waker | None = None

    def start(self) -> None:
        """Open the lane; called on the event loop when the server starts."""
        parameters = connection_parameters()
        self._lane = Lane(lambda: Pipeline.open(**parameters), most=settings.LANE_BATCH, queue=settings.LANE_QUEUE)
        self._lane.start(asyncio.get_running_loop())
        self._waker = Waker(lambda: Pipeline.open(**parameters))
        self._waker.start()

    def stop(self) -> None:
        if self._lane is not None and self._waker is not None:
            self._lane.stop()
            self._waker.stop()

    def takes(self, scope: Scope) -> bool:
        """True for the calls that come this way."""
        path: str = scope["path"]
        return scope["method"] == "POST" and (path in hot.CALLS or path == BATCH)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._lane is None:
            self.start()
        headers, authorization, length = _headers(scope)
        secret = secret_of(authorization)
        caller = None
        try:
            if secret is not None:
                caller = self._callers.remembered(secret) or await self._callers.find(secret)
        except Exception:  # the database is away: nobody can be recognised
            await _send(send, hot.refused("busy", headers.locale))
            return
        if scope["path"] == BATCH:
            await _send(send, await bulk.take(caller, headers, length, receive))
            return
        call = hot.CALLS[scope["path"]]
        reply = hot.check(call, caller, headers, length)
        body = await read(receive, hot.MOST_BYTES) if reply is None else None
        if reply is None and body is None:
            reply = hot.refused("body.too_large", headers.locale, most=hot.MOST_BYTES)
        if reply is None:
            assert caller is not None and body is not None
            reply = await self._answer(call, caller, headers, body)
        await _send(send, reply)

    async def _answer(self, call: hot.Call, caller: hot.Caller, headers: Headers, body: bytes) -> Reply:
        assert self._lane is not None
        try:
            hot.check_idempotency_key(headers.idempotency_key)
            request = call.read(body, caller, headers)
            outcome = await self._lane.submit(call.run, caller.business, request)
        except Refusal as refusal:
            return hot.of_refusal(refusal, headers.locale)
        except (LaneFull, ConnectionLost):
            return hot.refused("busy", headers.locale)
        reply: Reply = call.word(outcome, headers.locale)
        if reply.status == 201 and self._waker is not None:
            self._waker.news(caller.business.id)
        return reply


def _headers(scope: Scope) -> tuple[Headers, str, int]:
    """What the hot calls need of the headers: ours, Authorization, and Content-Length (0 when not given)."""
    accept, media, authorization, key, length = None, "", "", None, 0
    for name, value in scope["headers"]:
        if name == b"authorization":
            authorization = value.decode("latin-1")
        elif name == b"content-type":
            media = value.decode("latin-1")
        elif name == b"accept-language":
            accept = value.decode("latin-1")
        elif name == b"idempotency-key":
            key = value.decode("latin-1")
        elif name == b"content-length":
            length = int(value) if value.isdigit() else 0
    return Headers(problems.language(accept), media, key), authorization, length


async def read(receive: Receive, most: int) -> bytes | None:
    """The whole body, or None when it is longer than `most` bytes."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body if len(body) <= most else None
    parts, size = [body], len(body)
    while message.get("more_body") and size <= most:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
    return b"".join(parts) if size <= most else None


async def _send(send: Send, reply: Reply) -> None:
    headers = [
        (b"content-type", reply.content_type.encode()),
        (b"content-length", b"%d" % len(reply.body)),
        *((name.lower().encode(), value.encode()) for name, value in reply.headers),
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
