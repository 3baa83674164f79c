"""PostgreSQL's own limit for the same rows: pgbench calling one function per event, and raw COPY."""

import re
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg

from ganbo.foundation import chance, clock
from ganbo.foundation.postgres import binaries

# The very rows that recording writes: key, event, decision, transfer, lot, account, standing, outbox.
_EVENT = """
CREATE OR REPLACE FUNCTION {s}.bench_event(given_phone text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  who uuid; event text := gen_random_uuid()::text; account uuid; lot uuid; issued uuid;
  at timestamptz := clock_timestamp(); answer text := {answer}; trace text := {trace}; body text := {body};
BEGIN
  SELECT m.id INTO who FROM {s}.members_member m WHERE m.phone = given_phone;
  PERFORM 1 FROM {s}.members_standing WHERE member_id = who FOR UPDATE;
  PERFORM 1 FROM {s}.events_key WHERE event_id = event;
  SELECT id INTO account FROM {s}.ledger_account WHERE holder_id = who AND role = 'member';
  SELECT id INTO issued FROM {s}.ledger_account WHERE role = 'issued' LIMIT 1;
  SELECT id INTO lot FROM {s}.ledger_lot WHERE account_id = account LIMIT 1;
  INSERT INTO {s}.events_key (event_id, order_key, body_hash)
    VALUES (event, 'bench' || event, sha256(event::bytea));
  INSERT INTO {s}.events_event (event_id, type, occurred_at, recorded_at, member_id, store, channel, staff, net, body)
    VALUES (event, 'purchase', at, at, who, 'hoan-kiem', 'pos', 'till-2', 110000, body);
  INSERT INTO {s}.events_decision (subject, programme_version, answer, trace, at) VALUES (event, 1, answer, trace, at);
  INSERT INTO {s}.ledger_transfer (id, debit_id, credit_id, asset, amount, kind, cause, rule, lot_id, at, recorded_at)
    VALUES (gen_random_uuid(), issued, account, 'points', 11, 'earn', event, 'base', lot, at, at);
  INSERT INTO {s}.ledger_lot AS l (id, account_id, expires_at, earned_month, remaining)
    VALUES (lot, account, '2027-12-01', '2026-11-01', 11)
    ON CONFLICT (id) DO UPDATE SET remaining = l.remaining + excluded.remaining;
  UPDATE {s}.ledger_account SET balance = balance + 11 WHERE id = account;
  UPDATE {s}.members_standing SET purchases = purchases + 1, spend = spend + 110000, last_purchase_at = at
    WHERE member_id = who;
{stamps}  INSERT INTO {s}.outbox_fact (id, topic, body, recorded_at) VALUES (gen_random_uuid(), 'event.recorded', '{{"event_id":"'
    || event || '","type":"purchase","member_id":"' || who || '","news":true}}', at);
END $$;
"""

# Stamps on one card: a transfer and the card's balance.
_STAMPS = """  INSERT INTO {s}.ledger_transfer (id, debit_id, credit_id, asset, amount, kind, cause, rule, lot_id, at, recorded_at)
    VALUES (gen_random_uuid(), issued, account, 'stamp:coffee', 2, 'earn', event, 'card:coffee', NULL, at, at);
  UPDATE {s}.ledger_account SET balance = balance + 2 WHERE holder_id = who AND role = 'stamps';
"""

# The rows of a redemption: transfer, lot, account, redemption, voucher, outbox.
_REDEEM = """
CREATE OR REPLACE FUNCTION {s}.bench_redeem(given_phone text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  who uuid; account uuid; taken uuid; spent uuid; redemption uuid := gen_random_uuid();
  at timestamptz := clock_timestamp();
BEGIN
  SELECT m.id INTO who FROM {s}.members_member m WHERE m.phone = given_phone;
  PERFORM 1 FROM {s}.members_standing WHERE member_id = who FOR UPDATE;
  SELECT id INTO account FROM {s}.ledger_account WHERE holder_id = who AND role = 'member';
  SELECT id INTO spent FROM {s}.ledger_account WHERE role = 'spent' LIMIT 1;
  SELECT id INTO taken FROM {s}.ledger_lot WHERE account_id = account AND expires_at > at AND remaining >= 10
    ORDER BY expires_at, earned_month LIMIT 1;
  UPDATE {s}.ledger_lot SET remaining = remaining - 10 WHERE id = taken;
  UPDATE {s}.ledger_account SET balance = balance - 10 WHERE id = account AND balance >= 10;
  INSERT INTO {s}.ledger_transfer (id, debit_id, credit_id, asset, amount, kind, cause, rule, lot_id, at, recorded_at)
    VALUES (gen_random_uuid(), account, spent, 'points', 10, 'spend', redemption::text, 'tea', taken, at, at);
  INSERT INTO {s}.rewards_redemption (id, member_id, reward, quantity, wallet, price, programme_version, plus,
    fulfilment, state, created_at) VALUES (redemption, who, 'tea', 1, 'points', 10, 1, 0, '', 'issued', at);
  INSERT INTO {s}.rewards_voucher (id, redemption_id, member_id, reward, code_hash, quantity, source, cause, rule, uses,
    used, state, created_at) VALUES (gen_random_uuid(), redemption, who, 'tea', sha256(redemption::text::bytea), 1,
    'redemption', '', '', 1, 0, 'issued', at);
  INSERT INTO {s}.outbox_fact (id, topic, body, recorded_at)
    VALUES (gen_random_uuid(), 'reward.redeemed', '{{"redemption_id":"' || redemption || '"}}', at);
END $$;
"""

_COPIED = (
    "events_key",
    "events_event",
    "events_decision",
    "ledger_transfer",
    "ledger_lot",
    "members_standing",
    "outbox_fact",
)


def install(url: str, schema: str, samples: tuple[str, str, str]) -> None:
    """Create the functions, which write the answer, trace and body of a typical event, and the tables COPY fills."""
    answer, trace, body = ("'" + text.replace("'", "''") + "'" for text in samples)
    with psycopg.connect(url, autocommit=True) as connection:
        stamps = _STAMPS.format(s=f'"{schema}"') if '"kind":"stamp"' in samples[0] else ""
        connection.execute(_EVENT.format(s=f'"{schema}"', answer=answer, trace=trace, body=body, stamps=stamps))
        connection.execute(_REDEEM.format(s=f'"{schema}"'))
        for table in _COPIED:
            connection.execute(f'DROP TABLE IF EXISTS "{schema}".copy_{table}')
            connection.execute(f'CREATE TABLE "{schema}".copy_{table} (LIKE "{schema}".{table} INCLUDING ALL)')


def pgbench(url: str, folder: Path, statement: str, *, seconds: int, clients: int = 16) -> float:
    """Calls a second of one statement from `clients` connections. Raises RuntimeError when pgbench fails."""
    script = folder / "bench.sql"
    script.write_text(statement)
    parts = urlsplit(url)
    command = [binaries.program("pgbench"), "-n", "-M", "prepared", "-f", str(script)]
    command += ["-c", str(clients), "-j", "2", "-T", str(seconds), "-U", unquote(parts.username or "")]
    command += ["-h", parse_qs(parts.query).get("host", [parts.hostname or "127.0.0.1"])[0]]
    if parts.port:
        command += ["-p", str(parts.port)]
    command.append(parts.path.lstrip("/"))
    environment = {"PGPASSWORD": unquote(parts.password or ""), "PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if done.returncode or not found:
        raise RuntimeError(f"pgbench failed: {done.stderr.strip()[-500:]}")
    return float(found[1])


def script(schema: str, function: str, members: int) -> str:
    """pgbench's script: one call of a function for a member chosen at random."""
    return (
        f"\\set n random(0, {members - 1})\n"
        f"SELECT \"{schema}\".{function}('+849' || lpad((:n + 10000000)::text, 8, '0'));\n"
    )


def copy_rate(url: str, schema: str, answer: str, trace: str, body: str, *, rows: int = 10_000) -> float:
    """Events a second when the same rows go in by COPY, in one transaction per `rows` events."""
    at = clock.now().isoformat()
    ids = [str(chance.new_id()) for _ in range(rows)]
    lines = {
        "events_key": [f"{i}\tbench{i}\t\\\\x{i.replace('-', '')}" for i in ids],
        "events_event": [
            f"{i}\tpurchase\t{at}\t{at}\t{i}\thoan-kiem\tpos\ttill-2\t110000\t{body}\t\\N\t\\N" for i in ids
        ],
        "events_decision": [f"{i}\t1\t{answer}\t{trace}\t{at}" for i in ids],
        "ledger_transfer": [f"{i}\t{i}\t{ids[0]}\tpoints\t11\tearn\t{i}\tbase\t{i}\t{at}\t{at}" for i in ids[1:]],
        "ledger_lot": [f"{i}\t{i}\t2027-12-01\t2026-11-01\t11" for i in ids],
        "members_standing": [f"{i}\tbronze\t1\t110000\t1\t{at}\t2026-11-24\t{{}}\t{{}}" for i in ids],
        "outbox_fact": [f"{i}\tevent.recorded\t{{}}\t{at}" for i in ids],
    }
    payloads = {table: ("\n".join(rows_) + "\n").encode() for table, rows_ in lines.items()}
    with psycopg.connect(url) as connection:
        start = clock.monotonic()
        for table, payload in payloads.items():
            names = ", ".join(_ORDER[table])
            with connection.cursor().copy(f'COPY "{schema}".copy_{table} ({names}) FROM STDIN') as copy:
                copy.write(payload)
        connection.commit()
        seconds = clock.monotonic() - start
        for table in payloads:
            connection.execute(f'TRUNCATE "{schema}".copy_{table}')
        connection.commit()
    return rows / seconds


_ORDER = {
    "events_key": ("event_id", "order_key", "body_hash"),
    "events_event": (
        "event_id", "type", "occurred_at", "recorded_at", "member_id", "store", "channel", "staff", "net", "body",
        "reversed_at", "reason",
    ),
    "events_decision": ("subject", "programme_version", "answer", "trace", "at"),
    "ledger_transfer": (
        "id", "debit_id", "credit_id", "asset", "amount", "kind", "cause", "rule", "lot_id", "at", "recorded_at",
    ),
    "ledger_lot": ("id", "account_id", "expires_at", "earned_month", "remaining"),
    "members_standing": (
        "member_id", "tier", "purchases", "spend", "visits", "last_purchase_at", "last_visit_on", "carried",
        "state",
    ),
    "outbox_fact": ("id", "topic", "body", "recorded_at"),
}  # fmt: skip
