"""Many statements, one trip: PostgreSQL's pipeline mode on a raw connection.

The hot path sends a fixed number of statements a batch and waits once. Results are text; parameters are text, or bytes
for PostgreSQL's binary form of arrays, which it needs not parse (None is NULL); the SQL casts. Statements are prepared once
per connection. Works on a connection of its own (lanes, jobs) or inside a transaction that Django has begun on its
connection.
"""

import select
import struct
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection as django_connection
from psycopg import pq

Row = tuple[str | None, ...]
Parameter = str | bytes | None
Statement = tuple[str, Sequence[Parameter]]

_DONE = {pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK, pq.ExecStatus.EMPTY_QUERY}
_WAIT_SECONDS = 30.0
_RETRYABLE = {"23505", "40001", "40P01"}  # unique violation, serialisation failure, deadlock


class StatementFailed(Exception):
    """PostgreSQL refused a statement; nothing of its transaction stays. `sqlstate` says why."""

    def __init__(self, sqlstate: str, message: str) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate

    @property
    def worth_repeating(self) -> bool:
        """True when another transaction was in the way and the same work may succeed now."""
        return self.sqlstate in _RETRYABLE


class ConnectionLost(Exception):
    """The database went away; whether the last commit happened is unknown. Ask again with the same key."""


class Pipeline:
    """Sends statements in one trip and returns the rows of each, in order."""

    def __init__(self, pgconn: Any, *, prepare: bool) -> None:
        self._pg = pgconn
        self._prepare = prepare
        self._names: dict[str, bytes] = {}
        self._poll = select.poll()
        self._poll.register(pgconn.socket, select.POLLIN)

    @classmethod
    def open(cls, **parameters: Any) -> "Pipeline":
        """A connection of its own for statements that come again and again and find their rows by key.

        Their plans are made once, perhaps when a table was still empty: so they may not rest on its size.
        """
        try:
            conn = psycopg.connect(**parameters, autocommit=True)
        except psycopg.OperationalError as failure:
            raise ConnectionLost(str(failure)) from failure
        pipe = cls(conn.pgconn, prepare=True)
        pipe._owner = conn  # type: ignore[attr-defined]
        pipe.run([("SET plan_cache_mode = force_generic_plan", ()), ("SET enable_seqscan = off", ())])
        return pipe

    @classmethod
    def inside_django(cls) -> "Pipeline":
        """The connection of the Django transaction that is running here.

        Django's driver sends BEGIN with its own first statement only; a lock taken here before that would end at once.
        """
        django_connection.ensure_connection()
        pgconn = django_connection.connection.pgconn
        if django_connection.in_atomic_block and pgconn.transaction_status == pq.TransactionStatus.IDLE:
            with django_connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        return cls(pgconn, prepare=False)

    def close(self) -> None:
        self._pg.finish()

    @property
    def idle(self) -> bool:
        """True when the connection is usable and no transaction is open."""
        return bool(self._pg.status == pq.ConnStatus.OK and self._pg.transaction_status == pq.TransactionStatus.IDLE)

    def run(self, statements: Iterable[Statement]) -> list[list[Row]]:
        """One trip. Raises StatementFailed for the first refused statement, ConnectionLost when the server is gone."""
        pg = self._pg
        if pg.status != pq.ConnStatus.OK:
            raise ConnectionLost("the connection is closed")
        try:
            pg.enter_pipeline_mode()
            blocking_before, pg.nonblocking = pg.nonblocking, 1
            sent = [self._send(sql, parameters) for sql, parameters in statements]
            pg.pipeline_sync()
            self._flush()
            answers = self._receive(sum(sent))
            pg.nonblocking = blocking_before
            pg.exit_pipeline_mode()
        except psycopg.OperationalError as failure:
            pg.finish()
            raise ConnectionLost(str(failure)) from failure
        return self._rows(answers, sent)

    def roll_back(self) -> None:
        """End whatever transaction is open; quiet when the connection is gone."""
        if self._pg.status == pq.ConnStatus.OK and self._pg.transaction_status != pq.TransactionStatus.IDLE:
            self._pg.exec_(b"ROLLBACK")

    def query(self, sql: str, *parameters: Parameter) -> list[Row]:
        """The rows of one statement, as text."""
        return self.run([(sql, parameters)])[0]

    def _send(self, sql: str, parameters: Sequence[Parameter]) -> int:
        """Queue one statement; returns how many answers it will have."""
        values = [p.encode() if type(p) is str else p for p in parameters]
        formats = [int(type(p) is bytes) for p in parameters]
        if not self._prepare:
            self._pg.send_query_params(sql.encode(), values, param_formats=formats)
            return 1
        name = self._names.get(sql)
        if name is not None:
            self._pg.send_query_prepared(name, values, formats)
            return 1
        name = self._names[sql] = b"s%d" % len(self._names)
        self._pg.send_prepare(name, sql.encode())
        self._pg.send_query_prepared(name, values, formats)
        return 2

    def _flush(self) -> None:
        while self._pg.flush():
            self._wait(select.POLLIN | select.POLLOUT)
            self._pg.consume_input()
        self._poll.modify(self._pg.socket, select.POLLIN)

    def _wait(self, events: int) -> None:
        self._poll.modify(self._pg.socket, events)
        if not self._poll.poll(_WAIT_SECONDS * 1000):
            raise psycopg.OperationalError(f"no answer within {_WAIT_SECONDS:.0f} s")

    def _receive(self, expected: int) -> list[Any]:
        """One result per statement, then the sync; blocks outside the interpreter lock while the server works."""
        pg, answers = self._pg, []
        while True:
            while pg.is_busy():
                self._wait(select.POLLIN)
                pg.consume_input()
            result = pg.get_result()
            if result is None:
                if pg.status != pq.ConnStatus.OK:
                    raise psycopg.OperationalError(pg.error_message.decode(errors="replace"))
                continue
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                return answers
            if result.status == pq.ExecStatus.FATAL_ERROR and pg.status != pq.ConnStatus.OK:
                raise psycopg.OperationalError(pg.error_message.decode(errors="replace"))
            answers.append(result)

    def _rows(self, answers: list[Any], sent: list[int]) -> list[list[Row]]:
        for result in answers:
            if result.status not in _DONE:
                # Statements prepared in this failed trip may not exist: forget the names given since.
                self._forget_prepared()
                state = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
                if state.startswith(("57P", "08")):
                    self._pg.finish()
                    raise ConnectionLost(result.error_message.decode(errors="replace"))
                raise StatementFailed(state, result.error_message.decode(errors="replace"))
        rows, at = [], 0
        for count in sent:
            at += count
            rows.append(_text_rows(answers[at - 1]))
        return rows

    def _forget_prepared(self) -> None:
        if self._prepare:
            self._names = {}
            self._pg.exec_(b"ROLLBACK")
            self._pg.exec_(b"DEALLOCATE ALL")


def _text_rows(result: Any) -> list[Row]:
    columns = range(result.nfields)
    value = result.get_value
    return [
        tuple(None if (cell := value(row, column)) is None else cell.decode() for column in columns)
        for row in range(result.ntuples)
    ]


def array(values: Iterable[object]) -> str:
    """A PostgreSQL array literal of values that need no quoting: numbers, UUIDs, booleans; None is NULL."""
    return "{" + ",".join(["NULL" if v is None else str(v) for v in values]) + "}"


_UUID, _TEXT = 2950, 25  # PostgreSQL's type numbers
_NULL = struct.pack("!i", -1)
_SIXTEEN = struct.pack("!i", 16)
_length = struct.Struct("!i").pack


def _binary_array(kind: int, cells: list[bytes]) -> bytes:
    """PostgreSQL's binary array of one dimension; each cell with its length before it."""
    if not cells:
        return struct.pack("!iii", 0, 0, kind)
    return struct.pack("!iiiii", 1, int(_NULL in cells), kind, len(cells), 1) + b"".join(cells)


def uuid_array(values: Iterable[UUID | None]) -> bytes:
    """A uuid[] in binary; None is NULL."""
    return _binary_array(_UUID, [_NULL if v is None else _SIXTEEN + v.bytes for v in values])


def texts(values: Iterable[str | None]) -> bytes:
    """A text[] in binary, for parameters cast to text[]; None is NULL."""
    return _binary_array(_TEXT, [_NULL if v is None else _length(len(b := v.encode())) + b for v in values])


def text_array(values: Iterable[str | None]) -> str:
    """A PostgreSQL array literal of texts, quoted, whatever the SQL casts it to; None is NULL."""
    return (
        "{"
        + ",".join(["NULL" if v is None else '"' + v.replace("\\", "\\\\").replace('"', '\\"') + '"' for v in values])
        + "}"
    )


def connection_parameters() -> dict[str, Any]:
    """psycopg's parameters for another connection like Django's."""
    return {
        key: value
        for key, value in django_connection.get_connection_params().items()
        if key not in {"cursor_factory", "context", "prepare_threshold"}
    }
