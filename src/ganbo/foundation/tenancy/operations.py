"""New businesses: a schema, its tables, its privileges. Runs as the owner role."""

from django.core.management import call_command
from django.db import connection
from psycopg import sql

from ganbo.foundation import clock
from ganbo.foundation.tenancy import models, privileges, queries
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.kernel.fold import fold
from ganbo.kernel.refusal import Refusal


class SlugTaken(Refusal):
    """Another business already has this short name; choose a different --slug."""

    code = "tenancy.slug_taken"


def slug_of(name: str) -> str:
    """A short name for addresses: 'Cà phê Gắn Bó' becomes 'ca-phe-gan-bo'; at most 40 characters."""
    words = "".join(c if c.isalnum() and c.isascii() else " " for c in fold(name)).split()
    return "-".join(words)[:40].strip("-") or "business"


def create(name: str, *, slug: str | None = None, locale: str = "vi", sandbox: bool = False) -> BusinessRow:
    """Create the schema, migrate it and let the app role in; the business is live only when all of it is done.

    Run again after a crash half-way, it finishes what is missing.
    """
    slug = slug or slug_of(name)
    schema = "b_" + slug.replace("-", "_")
    found = models.Business.objects.filter(slug=slug).first()
    if found is not None and found.live:
        raise SlugTaken(slug=slug)
    if found is None:
        found = models.Business(slug=slug, name=name, schema_name=schema, locale=locale, sandbox=sandbox)
        found.created_at = clock.now()
        found.save()
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    migrate(schema)
    models.Business.objects.filter(pk=found.pk).update(live=True)
    row = queries.by_slug(slug)
    assert row is not None
    return row


def dress(business_id: int, *, locale: str, country: str, accent: str) -> None:
    """What a business that moved brings along of itself; its names are those of its new place."""
    models.Business.objects.filter(pk=business_id).update(locale=locale, country=country, accent=accent)


def migrate(schema: str) -> None:
    """Bring one business's tables up to date, and the app role's rights with them."""
    call_command("migrate_schemas", schema_name=schema, interactive=False, verbosity=0)
    privileges.grant(schema)


def migrate_all() -> list[str]:
    """Bring the public schema and every business up to date; returns the schemas in order."""
    call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
    privileges.grant("public")
    schemas = list(models.Business.objects.order_by("slug").values_list("schema_name", flat=True))
    for schema in schemas:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
        migrate(schema)
    return ["public", *schemas]
