"""One web process: uvicorn on a socket that its parent opened. Started by `ganbo serve` and `ganbo demo`."""

import argparse
import os
import socket

import uvicorn


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd", type=int, required=True)
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ganbo.settings")
    config = uvicorn.Config(
        "ganbo.asgi:application",
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        proxy_headers=False,  # asgi.py reads them, for pages only
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=given.fd)])


if __name__ == "__main__":
    main()
