"""What became of commitments is booked: used or handed over is spent, ended or void is free again. Then lines used up are told.

Until then what was taken of a line stays taken, so a line with a hard stop is never overspent meanwhile. Idempotent: a
voucher says how the books have it.
"""

from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction

from ganbo.books.ledger import budgets as books
from ganbo.books.ledger.budgets import COMMITTED, PLANNED, SPENT
from ganbo.books.ledger.posting import Cause, Posting
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import NoProgramme
from ganbo.features.rewards import budgets as rows
from ganbo.foundation import chance, jobs, strict_json
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import budgeting
from ganbo.journeys.record_events import insert_facts

MOST = 1_000  # vouchers a transaction
TOLD_AT = (80, 100)  # per cent of a line
_ACCOUNT = {rows.COMMITTED: COMMITTED, rows.SPENT: SPENT}  # void, ended or not booked yet: planned


def settle_some(*, at: datetime) -> int:
    """Book what became of up to 2 × MOST vouchers of the current business; returns how many there were."""
    schema = context.current().schema
    with transaction.atomic():
        pipe, posting, taken = Pipeline.inside_django(), Posting(new_id=chance.new_id), Counter[str]()
        due = rows.found(pipe.run([rows.due(schema, at=at, most=MOST)])[0])
        for one in due:
            was, now = _ACCOUNT.get(one.was, PLANNED), _ACCOUNT.get(one.now, PLANNED)
            books.move(posting, one.key, one.cost, Cause(str(one.voucher), at), was=was, now=now)
            taken[one.key] += one.cost * ((was == PLANNED) - (now == PLANNED))
        if due:
            pipe.run(
                [
                    rows.note(schema, due),
                    *posting.statements(schema, now=at),
                    *budgeting.statements(schema, taken),
                ]
            )
    return len(due)


def tell(*, at: datetime) -> int:
    """Say of lines that are used up, or nearly, that they are, once each; returns how many were told of."""
    business = context.current()
    try:
        programme = programmes.in_force_at(business.schema, at).programme
    except NoProgramme:
        return 0
    if programme.budget is None:
        return 0
    day, facts = at.astimezone(programme.timezone).date(), []
    budget = programme.budget
    planned = {budget.key(line, day, store=store): (line, store, n) for line, store, n in budget.plans()}
    with transaction.atomic():
        for key, stands in books.standings(planned, since=at - timedelta(days=1)).items():
            line, store, plan = planned[key]
            taken = stands.committed + stands.spent
            passed = [share for share in TOLD_AT if taken * 100 >= plan * share]
            if passed and rows.first_told(key, passed[-1], at=at):
                body = {"line": line, "planned": plan, "taken": taken, "per_cent": passed[-1]}
                body |= {"store": store} if store else {}
                facts.append(("budget.used", strict_json.dumps(body)))
        if facts:
            Pipeline.inside_django().run([insert_facts(business.schema, facts, at)])
            jobs.wake(business.id)
    return len(facts)
