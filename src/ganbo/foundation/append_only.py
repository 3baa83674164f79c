"""Tables whose rows are never changed: the role `ganbo_app` may INSERT and SELECT there and nothing else."""

from django.apps import apps
from django.db import models


class AppendOnly(models.Model):
    """Base of models whose rows are written once; held by database privilege, see tenancy.privileges."""

    class Meta:
        abstract = True


def tables() -> tuple[str, ...]:
    """Names of all append-only tables, in name order."""
    found = (model._meta.db_table for model in apps.get_models() if issubclass(model, AppendOnly))
    return tuple(sorted(found))
