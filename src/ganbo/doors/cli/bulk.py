"""The bulk process: answers batches that web processes hand over. Started by `ganbo serve` and `ganbo demo`."""

import asyncio
import contextlib
import gc
import os
import signal
from pathlib import Path


async def _serve() -> None:
    from django.conf import settings

    from ganbo.doors.api import bulk

    path = Path(settings.BULK_SOCKET)
    path.unlink(missing_ok=True)
    task = asyncio.ensure_future(bulk.serve(str(path)))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def main() -> None:
    """Serve until told to stop."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ganbo.settings")
    django.setup()
    gc.freeze()
    asyncio.run(_serve())


if __name__ == "__main__":
    main()
