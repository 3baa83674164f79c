"""The demo's own mail receiver: a real SMTP server on this machine whose messages the page /demo/outbox shows."""

import socket
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from ganbo.foundation import chance


class _Keep:
    """Writes every message to a file; nothing leaves the machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd's name)
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode()
        (self._folder / f"{chance.new_id()}.eml").write_bytes(raw)
        return "250 Message accepted"


class MailReceiver:
    """Receives mail on a free port of this machine and keeps it in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._controller: Controller | None = None

    def start(self) -> int:
        """Begin to receive; returns the port."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        self._controller = Controller(_Keep(self._folder), hostname="127.0.0.1", port=port)
        self._controller.start()
        return port

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
