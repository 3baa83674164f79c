"""Plan an experiment, stop it, and note every night who has entered which group since when."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from uuid import UUID

from django.db import transaction

from ganbo.books.events import queries as events
from ganbo.books.events.reading import FieldProblem, FieldsRefused
from ganbo.books.ledger import stamp_queries
from ganbo.engine import stamps
from ganbo.engine.programme import Programme
from ganbo.features.experiments import holding, operations, planning, queries
from ganbo.features.experiments.operations import Planned
from ganbo.features.experiments.planning import GroupPlan, Plan
from ganbo.features.experiments.queries import ExperimentRow
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import NoProgramme
from ganbo.foundation.audit import operations as audit
from ganbo.kernel import ids
from ganbo.kernel.period import midnight
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import queries as members

OVERLAP = timedelta(hours=1)  # two sign-ups may be recorded the other way round than they began
AT_ONCE = 5_000  # members noted in one transaction


class TooMany(Refusal):
    """There are as many experiments as are ever listed."""

    code = "experiments.too_many"


def plan(told: Plan, *, programme: Programme, by: str, at: datetime) -> UUID:
    """A new experiment, checked as a whole. Raises FieldsRefused, experiments.operations.Exists, TooMany."""
    told = completed(told, programme)
    today = at.astimezone(programme.timezone).date()
    wrong = list(planning.problems(told, today=today, stores=[store.id for store in events.stores()]))
    if wrong:
        raise FieldsRefused(wrong)
    what = Planned(
        slug=told.slug,
        name=told.name.strip(),
        question=told.question.strip(),
        metric=told.metric,
        unit=told.unit,
        groups=planning.stored(told.groups),
        settings={"cards": told.cards} if told.cards else {},
        plan={"least": str(told.least), **told.supposed},
        starts_on=told.starts_on,
        ends_on=told.ends_on,
    )
    with transaction.atomic():
        if queries.count() >= queries.MOST:
            raise TooMany(most=queries.MOST)
        made = operations.plan(what, by=by, at=at)
        audit.note(by, "experiment.planned", told.slug)
    return made


def completed(told: Plan, programme: Programme) -> Plan:
    """With the groups that follow: of a start date before and after; of stamp cards the cards. Raises FieldsRefused without cards."""
    if told.unit == "start_date":
        return replace(told, groups=[GroupPlan("before"), GroupPlan("after")])
    if not told.cards:
        return told
    rivals = stamps.rivals(programme, told.cards)
    if len(rivals) < 2:
        raise FieldsRefused([FieldProblem("cards", "experiment_cards_unknown", {"id": told.cards})])
    groups = [GroupPlan(card.id, card.name.text("vi"), Fraction(1, len(rivals))) for card in rivals]
    return replace(told, metric="completion_rate", unit="member", groups=groups)


def stop(slug: str, *, today: date, by: str) -> None:
    """From today nothing counts any more. Raises experiments.operations.Unknown, Over."""
    with transaction.atomic():
        operations.stop(slug, on=today)
        audit.note(by, "experiment.stopped", slug)


def note_due(business: str, *, at: datetime) -> int:
    """`note_all` by the programme in force; nothing before the first."""
    try:
        programme = programmes.in_force_at(business, at).programme
    except NoProgramme:
        return 0
    return note_all(programme, business=business, at=at)


def note_all(programme: Programme, *, business: str, at: datetime) -> int:
    """Note who entered the groups of every experiment that runs or ended since it was last noted; how many were looked at."""
    looked = 0
    for row in queries.every():
        if row.unit == "member" and (row.swept_at is None or row.swept_at < midnight(row.until, programme.timezone)):
            looked += note(row, programme, business=business, at=at)
    return looked


def note(row: ExperimentRow, programme: Programme, *, business: str, at: datetime) -> int:
    """Note who entered one experiment's groups up to now; can be done again and again. `business`: its schema."""
    begins, ends = (midnight(day, programme.timezone) for day in (row.starts_on, row.until))
    if at < begins:
        return 0
    looked = 0
    found = _by_card if row.metric == "completion_rate" else _by_lot
    for some in found(row, begins, min(at, ends), business):
        with transaction.atomic():
            operations.expose(row.slug, some)
        looked += len(some)
    with transaction.atomic():
        operations.swept(row.slug, at=at)
    return looked


Entered = list[tuple[UUID, str, datetime]]


def _by_card(row: ExperimentRow, begins: datetime, until: datetime, business: str) -> Iterator[Entered]:
    """Members enter with their first stamp on their card; who collected on one before the beginning stays out."""
    since = max(begins, row.swept_at - OVERLAP) if row.swept_at else begins
    found = stamp_queries.begun([group.id for group in row.groups], since=since, until=until)
    for n in range(0, len(found), AT_ONCE):
        yield found[n : n + AT_ONCE]


def _by_lot(row: ExperimentRow, begins: datetime, until: datetime, business: str) -> Iterator[Entered]:
    """Who is a member enters when it begins, who joins later then; by each one's own lot."""
    after = ids.uuid7(int((row.swept_at - OVERLAP).timestamp() * 1000), 0) if row.swept_at else UUID(int=0)
    shares = [group.share for group in row.groups]
    while some := members.ids_after(after, most=AT_ONCE):
        after = some[-1][0]
        placed = [
            (member, holding.group_of(business, row.slug, str(member), shares), max(joined, begins))
            for member, joined in some
        ]
        yield [(m, row.groups[n].id, entered) for m, n, entered in placed if n is not None and entered < until]
