"""Tables for the hundredth business of a test run: those the migrations made for the first, copied.

The migrations take seconds for each business and give the same tables each time; the first is made by them.
"""

import os
import re
import subprocess
from collections.abc import Callable

import psycopg

_HEAD = re.compile(r"^(\\.*|SET .*|SELECT pg_catalog\.set_config.*|CREATE SCHEMA .*)$", re.MULTILINE)


def of(schema: str) -> Callable[[str], None]:
    """What stands for `tenancy.operations.migrate`: it makes the tables of `schema`, as they are now, in a new one."""
    from ganbo.foundation.postgres import binaries
    from ganbo.foundation.tenancy import operations, privileges

    url = os.environ["GANBO_DATABASE_URL"]
    command = [str(binaries.program("pg_dump")), "--no-owner", "--no-privileges", "--inserts", "-n", schema, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    tables = _HEAD.sub("", said.stdout)
    by_migrations = operations.migrate

    def migrate(new: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            begun = connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = %s LIMIT 1", [new]).fetchone()
            if begun:
                by_migrations(new)
                return
            connection.execute(re.sub(rf"\b{schema}\b", new, tables))
        privileges.grant(new)

    return migrate
