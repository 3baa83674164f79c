"""The bulk process: answers batches that web processes hand over. Started by `ganbo serve` and `ganbo demo`."""

import asyncio
import contextlib
import gc
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganbo.doors.api.sibling import Sibling


async def _serve(sibling: "Sibling") -> None:
    from django.conf import settings

    from ganbo.doors.api import bulk

    path = Path(settings.BULK_SOCKET)
    path.unlink(missing_ok=True)
    task = asyncio.ensure_future(bulk.serve(str(path), sibling))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def main() -> None:
    """Serve until told to stop."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ganbo.settings")
    django.setup()
    from ganbo.doors.api import bulk
    from ganbo.doors.api.sibling import Sibling

    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    sibling = Sibling(bulk.sibling_half)
    asyncio.run(_serve(sibling))


if __name__ == "__main__":
    main()
