"""One port: hot calls go to the thin intake, everything else to Django's WSGI application in a thread pool."""

import gc
import sys
from typing import TYPE_CHECKING, Any

from a2wsgi import WSGIMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ganbo.wsgi import application as wsgi

if TYPE_CHECKING:
    from ganbo.doors.api.intake import Intake

WEB_THREADS = 8
SWITCH_SECONDS = 0.001  # the lane's thread and the event loop hand over sooner than Python's 5 ms


def _intake() -> "Intake":
    """The thin way in; imported when Django is ready, which importing ganbo.wsgi has seen to."""
    from ganbo.doors.api.intake import Intake

    return Intake()


intake = _intake()
_web = ProxyHeadersMiddleware(WSGIMiddleware(wsgi, workers=WEB_THREADS))  # type: ignore[arg-type]


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The ASGI application."""
    if scope["type"] == "http":
        await (intake if intake.takes(scope) else _web)(scope, receive, send)
    elif scope["type"] == "lifespan":
        await _lifespan(receive, send)


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            intake.start()
            gc.collect()
            gc.freeze()
            gc.set_threshold(50_000, 20, 50)
            sys.setswitchinterval(SWITCH_SECONDS)
            await send({"type": "lifespan.startup.complete"})
        else:
            intake.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
