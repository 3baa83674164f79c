"""`ganbo serve`: web processes, the bulk process and a worker; the embedded database when no other is named."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ganbo.doors.cli import environment, processes, saying
from ganbo.foundation.postgres.cluster import CannotStart, Cluster


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port to listen on.", min=1, max=65535)] = 8000,
    web: Annotated[int, typer.Option("--web", help="Web processes; 0 means one per core.", min=0, max=64)] = 0,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
) -> None:
    """Serve all doors on one port until stopped."""
    cluster = prepared(data)
    tree = processes.Tree()
    tree.on_signals()
    try:
        start(tree, host, port, web)
        saying.say(f"Đang chạy tại http://{host}:{port}", f"Serving http://{host}:{port}")
        tree.wait()
    finally:
        tree.stop()
        if cluster is not None:
            cluster.stop()


def prepared(data: Path | None, *, demo: bool = False) -> Cluster | None:
    """The environment, with the database up and migrated."""
    try:
        cluster = environment.prepare(data=data, role="owner", demo=demo)
    except CannotStart as failure:
        saying.refuse(str(failure), str(failure))
    environment.start_django()
    from ganbo.foundation.tenancy import operations

    operations.migrate_all()
    os.environ["GANBO_ROLE"] = "app"
    return cluster


def start(tree: processes.Tree, host: str, port: int, web: int) -> None:
    """Start the children. Refuses when the port is taken."""
    try:
        sock = processes.listen(host, port)
    except OSError as failure:
        saying.refuse(
            f"Cổng {port} đang bận ({failure.strerror}). Chọn cổng khác bằng --port.",
            f"Port {port} is taken ({failure.strerror}). Choose another with --port.",
        )
    os.environ["GANBO_BULK_SOCKET"] = str(environment.data_folder() / "bulk.sock")
    for number in range(1, (web or os.cpu_count() or 1) + 1):
        tree.add(processes.web(sock, number))
    tree.add(processes.bulk())
    tree.add(processes.worker())


def wait_until_it_answers(port: int) -> None:
    """Until /readyz says ok. Refuses after a minute."""
    from http.client import HTTPConnection, HTTPException

    from ganbo.foundation import clock

    until = clock.monotonic() + 60
    while clock.monotonic() < until:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except (OSError, HTTPException):
            pass  # not there yet
        finally:
            connection.close()
        clock.pause(0.1)
    saying.refuse("Máy chủ không trả lời sau 60 giây.", "The server did not answer within 60 seconds.")
