"""Run the queue's worker in this process until it is told to stop."""

import asyncio
import signal

from procrastinate.contrib.django import app

LANES = {"outbox": 2, "nightly": 2, "starting": 2}  # jobs at once; a receipt never waits behind a night's work


def run() -> None:
    """Work through the queues; SIGTERM and SIGINT let running jobs finish."""
    asyncio.run(_work())


async def _work() -> None:
    worker_app = app.with_connector(app.connector.get_worker_connector())
    async with worker_app.open_async():
        lanes = [
            asyncio.ensure_future(
                worker_app.run_worker_async(
                    queues=[queue],
                    name=queue,
                    concurrency=at_once,
                    install_signal_handlers=False,
                    delete_jobs="successful",
                    fetch_job_polling_interval=2.0,
                    shutdown_graceful_timeout=8.0,
                )
            )
            for queue, at_once in LANES.items()
        ]

        def stop() -> None:
            for lane in lanes:
                lane.cancel()

        for told in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(told, stop)
        await asyncio.wait(lanes, return_when=asyncio.FIRST_COMPLETED)
        stop()
        ended = await asyncio.gather(*lanes, return_exceptions=True)
    for end in ended:
        if isinstance(end, Exception):
            raise end
