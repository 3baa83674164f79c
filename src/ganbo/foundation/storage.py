"""How tables lie on disk: SQL for migrations of hot tables, run in the schema being migrated."""

from django.db import migrations

# Django adds a second, text_pattern_ops index to every unique or indexed text column. Nothing here searches by LIKE
# prefix through them, and each costs a write per event.
_DROP_PATTERN_INDEXES = """
DO $$
DECLARE found record;
BEGIN
  FOR found IN
    SELECT DISTINCT i.indexrelid::regclass AS name
    FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
    JOIN pg_opclass o ON o.oid = ANY (i.indclass::oid[])
    WHERE o.opcname = 'text_pattern_ops' AND c.relname LIKE '{prefix}\\_%'
  LOOP
    EXECUTE 'DROP INDEX ' || found.name;
  END LOOP;
END $$;
"""


def without_pattern_indexes(prefix: str) -> migrations.RunSQL:
    """Drop the pattern indexes of this room's tables (those whose names begin with `prefix`_)."""
    return migrations.RunSQL(_DROP_PATTERN_INDEXES.format(prefix=prefix), migrations.RunSQL.noop)


def fillfactor(table: str, percent: int) -> migrations.RunSQL:
    """Leave room on each page so that updates of unindexed columns stay on it (HOT)."""
    return migrations.RunSQL(
        f"ALTER TABLE {table} SET (fillfactor = {percent})", f"ALTER TABLE {table} RESET (fillfactor)"
    )
