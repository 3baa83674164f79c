"""Check a document and put it in force; its own examples must pass."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ganbo.books.ledger import opening
from ganbo.books.ledger.partner_debts import asset_of
from ganbo.books.ledger.posting import stamp_asset
from ganbo.engine import examples, loading
from ganbo.engine.examples import ExampleFailure
from ganbo.engine.programme import Programme
from ganbo.features.programmes import operations, queries, terms
from ganbo.features.programmes.in_force import NoProgramme
from ganbo.foundation import clock, i18n
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import stories
from ganbo.kernel.refusal import Refusal


class ExamplesFail(Refusal):
    """The document's own examples and stories do not come out as it says; mend the rules or the examples."""

    code = "programme.examples_fail"

    def __init__(self, programme: Programme, failures: tuple[ExampleFailure, ...]) -> None:
        super().__init__(count=len(failures))
        self.programme, self.failures = programme, failures


@dataclass(frozen=True, slots=True)
class PublishedNow:
    """The programme, the number it was given, when it begins, and what it takes over from (None: the first one)."""

    version: int
    programme: Programme
    in_force_from: datetime
    before: Programme | None


def check(source: str) -> Programme:
    """The compiled document. Raises loading.DocumentRefused or ExamplesFail."""
    programme = loading.load(source, publishing=True)
    failures = sorted([*examples.run(programme), *stories.run(programme)], key=lambda failure: failure.place)
    if failures:
        raise ExamplesFail(programme, tuple(failures))
    return programme


def publish(
    source: str,
    *,
    by: str,
    in_force_from: datetime | None = None,
    existing: str = "new",
    expecting: int | None = None,
    note: str = "",
) -> PublishedNow:
    """Check and publish for the current business, now or for later; its terms are kept with it.

    Twice the same is one version. With `expecting` only as the version after that number.
    Raises what `check` raises, InForceInPast and Overtaken; then nothing changes.

    `existing`: whether the expiry of its wallets is for points earned from then on (`new`), for all, or for those that
    then end later (`extend`); the worker gives them their new end (redate_points.py).
    """
    programme = check(source)
    business = context.current()
    with transaction.atomic():
        at = clock.now()
        before = _before(business.schema, in_force_from or at)
        assets = [*programme.wallets, *(stamp_asset(card.id) for card in programme.cards)]
        version = operations.publish(
            programme, at=at, by=by, in_force_from=in_force_from, existing=existing, expecting=expecting, note=note
        )
        operations.keep_terms(
            version, [terms.of(programme, lang=lang, organiser=business.name) for lang in i18n.LOCALES]
        )
        opened = opening.statements(business.schema, assets)
        for partner in programme.partners:
            opened += opening.partner(business.schema, asset_of(partner, programme.currency))
        Pipeline.inside_django().run(opened)
        audit.note(by, "programme.published", f"version:{version}")
    since = next(row.in_force_from for row in queries.versions() if row.version == version)
    return PublishedNow(version, programme, since, before)


def _before(schema: str, at: datetime) -> Programme | None:
    """The programme in force at `at` before this one; None when there was none."""
    try:
        return queries.in_force_at(schema, at).programme
    except NoProgramme:
        return None
