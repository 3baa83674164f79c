"""What the role `ganbo_app` may do in a schema: everything but change what is append-only.

Run by the owner after migrations; safe to run again.
"""

from django.db import connection
from psycopg import sql

from ganbo.foundation import append_only

APP_ROLE = "ganbo_app"

_GRANTS = """
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role};
"""


def grant(schema: str) -> None:
    """Give `ganbo_app` its rights in `schema`; take UPDATE, DELETE and TRUNCATE on append-only tables away."""
    with connection.cursor() as cursor:
        _ensure_role(cursor)
        names = {"schema": sql.Identifier(schema), "role": sql.Identifier(APP_ROLE)}
        cursor.execute(sql.SQL(_GRANTS).format(**names))
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        present = {name for (name,) in cursor.fetchall()}
        for table in append_only.tables():
            if table in present:
                cursor.execute(
                    sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.{table} FROM {role}").format(
                        table=sql.Identifier(table), **names
                    )
                )


def violations(schema: str) -> list[str]:
    """Append-only tables of `schema` that `ganbo_app` could change; empty when all is well."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = %s AND c.relname = ANY(%s)
              AND has_table_privilege(%s, c.oid, 'UPDATE, DELETE, TRUNCATE')
            """,
            [schema, list(append_only.tables()), APP_ROLE],
        )
        return [name for (name,) in cursor.fetchall()]


def _ensure_role(cursor: object) -> None:
    execute = cursor.execute  # type: ignore[attr-defined]
    execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
    if cursor.fetchone() is None:  # type: ignore[attr-defined]
        execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(APP_ROLE)))
        execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(APP_ROLE)))
