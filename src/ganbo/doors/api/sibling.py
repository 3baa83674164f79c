"""The bulk process's sibling: it records the half of a large batch whose members are its own, on the other core.

Both halves read the whole body; each records only its members' events, in the order they were told. Which half a member
falls to is a function of how the event names them, so nobody's events are in both; a batch that names members in several
ways, by which one member could be named twice, is not divided.
"""

import ctypes
import os
import socket
import struct
from collections.abc import Callable, Sequence
from typing import Any
from zlib import crc32

import orjson

LEAST_DIVIDED = 200  # events; below, the hand-over costs more than it gains
_HEAD = struct.Struct("!II")
_TAIL = 7  # the last letters of what names a member: the same for all spellings of a phone number

_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc

Work = Callable[[dict[str, Any], bytes], bytes]


class SiblingGone(Exception):
    """The sibling died; what it recorded stays, and the ids make asking again safe."""


class Sibling:
    """A forked process that answers (head, body) with bytes. Fork it before any connection or thread is there."""

    def __init__(self, work: Work) -> None:
        ours, theirs = socket.socketpair()
        if os.fork() == 0:
            ours.close()
            try:
                _answer_all(theirs, work)
            finally:
                os._exit(0)
        theirs.close()
        self._socket = ours

    def ask(self, head: dict[str, Any], body: bytes) -> None:
        """Hand over; `answer` brings the reply. Raises SiblingGone."""
        packed = orjson.dumps(head)
        try:
            self._socket.sendall(_HEAD.pack(len(packed), len(body)) + packed)
            self._socket.sendall(body)
        except OSError as failure:
            raise SiblingGone from failure

    def answer(self) -> bytes:
        """What it said to what was asked. Raises SiblingGone."""
        _, size = _HEAD.unpack(_exactly(self._socket, _HEAD.size))
        return _exactly(self._socket, size)


def _answer_all(sock: socket.socket, work: Work) -> None:
    """Until the parent closes its end."""
    while True:
        try:
            head_size, size = _HEAD.unpack(_exactly(sock, _HEAD.size))
            head = orjson.loads(_exactly(sock, head_size))
            reply = work(head, _exactly(sock, size))
        except SiblingGone:
            return
        sock.sendall(_HEAD.pack(0, len(reply)))
        sock.sendall(reply)
        del reply
        give_back_memory()


def give_back_memory() -> None:
    """What a large batch needed for a moment goes back to the system, where the C library can do that."""
    if _trim is not None:
        _trim(0)


def _exactly(sock: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = sock.recv(min(size - len(parts), 1 << 20))
        if not part:
            raise SiblingGone
        parts += part
    return bytes(parts)


def halves(values: Sequence[Any]) -> tuple[list[int], list[int]] | None:
    """The places of each half, or None when the batch is small or cannot be divided safely."""
    if len(values) < LEAST_DIVIDED:
        return None
    parts: tuple[list[int], list[int]] = ([], [])
    kinds = set()
    for place, value in enumerate(values):
        member = value.get("member") if isinstance(value, dict) else None
        if member is None:
            parts[0].append(place)
            continue
        kind, name = _named(member)
        kinds.add(kind)
        parts[crc32(name.encode()) & 1].append(place)
    return parts if len(kinds) <= 1 else None


def _named(member: Any) -> tuple[str, str]:
    """How an event names a member: the kind, and the end of the name without signs and spaces."""
    if isinstance(member, dict) and len(member) == 1:
        ((kind, name),) = member.items()
    else:
        kind, name = "id", member
    return kind, "".join(c for c in str(name).lower() if c.isalnum())[-_TAIL:]
