"""Run the queue's worker in this process until it is told to stop."""

import asyncio

from procrastinate.contrib.django import app

CONCURRENCY = 2


def run() -> None:
    """Work through the queue; SIGTERM and SIGINT let running jobs finish."""
    worker_app = app.with_connector(app.connector.get_worker_connector())

    async def work() -> None:
        async with worker_app.open_async():
            await worker_app.run_worker_async(
                concurrency=CONCURRENCY,
                install_signal_handlers=True,
                delete_jobs="successful",
                fetch_job_polling_interval=2.0,
                shutdown_graceful_timeout=8.0,
            )

    asyncio.run(work())
