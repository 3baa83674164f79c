"""Which businesses there are; reads of the public schema."""

from dataclasses import dataclass

from ganbo.foundation.tenancy import models


@dataclass(frozen=True, slots=True)
class BusinessRow:
    """One business as everybody may know it."""

    id: int
    schema: str
    slug: str
    name: str
    locale: str
    country: str
    accent: str
    sandbox: bool


def _row(found: models.Business) -> BusinessRow:
    return BusinessRow(
        id=found.pk,
        schema=found.schema_name,
        slug=found.slug,
        name=found.name,
        locale=found.locale,
        country=found.country,
        accent=found.accent,
        sandbox=found.sandbox,
    )


def live() -> tuple[BusinessRow, ...]:
    """Businesses whose schema is complete, by slug."""
    return tuple(_row(b) for b in models.Business.objects.filter(live=True).order_by("slug"))


def by_slug(slug: str) -> BusinessRow | None:
    found = models.Business.objects.filter(live=True, slug=slug).first()
    return _row(found) if found else None


def by_id(business_id: int) -> BusinessRow | None:
    found = models.Business.objects.filter(live=True, pk=business_id).first()
    return _row(found) if found else None


def by_host(host: str) -> BusinessRow | None:
    """The business a host name (without port) leads to."""
    found = models.Domain.objects.filter(domain=host.lower(), tenant__live=True).select_related("tenant").first()
    return _row(found.tenant) if found else None


def only_one() -> BusinessRow | None:
    """The live business when there is exactly one that is not a sandbox."""
    found = list(models.Business.objects.filter(live=True, sandbox=False).order_by("pk")[:2])
    return _row(found[0]) if len(found) == 1 else None
