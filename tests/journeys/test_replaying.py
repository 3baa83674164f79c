"""A back-test is the books: the demo's own year through its own programme gives the demo's ledger, to the point."""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import pytest
from django.db import connection

from ganbo.books.events import reading
from ganbo.books.ledger.posting import EXPIRED, ISSUED, SPENT, account_id
from ganbo.doors.cli import demo_history, simulating
from ganbo.features.programmes import queries as programmes
from ganbo.features.rewards import models as rewards
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.insights.simulation import totals
from ganbo.insights.simulation.assuming import RECORDED, Assumed
from ganbo.journeys import (
    evaluate_tiers,
    expire_points,
    import_members,
    record_all,
    redeem_reward,
    release_pending,
    reverse,
    verify_books,
)
from ganbo.journeys.record_events import Asked
from ganbo.journeys.redemption_writing import Ask
from ganbo.people.members import models as members

BASE = date(2026, 11, 1)
PEOPLE = 300
REDEEMED = datetime(2026, 11, 1, 9, 0, tzinfo=demo_history.ZONE)
END = datetime(2027, 12, 2, tzinfo=demo_history.ZONE)  # the last points of the year have ended
SOURCE = (demo_history.__file__.removesuffix("demo_history.py")) + "demo_programme.yaml"


def returns_of(bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every fortieth sale of a member comes back, in turn whole, by a line, by an amount; the day after."""
    sales = [body for body in bodies if body["type"] == "purchase" and "member" in body][::40]
    ways: list[dict[str, Any]] = [{}, {"lines": [0]}, {"amount": 20_000}]
    return [
        {
            "id": f"back:{body['id']}",
            "type": "refund",
            "occurred_at": (datetime.fromisoformat(body["occurred_at"]) + timedelta(days=1)).isoformat(),
            "store": body["store"],
            "data": {"order_id": body["data"]["order_id"], **ways[n % 3]},
        }
        for n, body in enumerate(sales)
    ]


@pytest.fixture
def year(new_business: Any, source: str) -> Any:
    """A business with the demo's year, part of its people, returns, an undone sale, and redemptions."""
    business = new_business(source)
    with context.within(business):
        everyone = demo_history.members(BASE)[:PEOPLE]
        import_members.enrol_all([(m.id, m.person, m.at, None) for m in everyone])
        bodies = list(demo_history.events(BASE, everyone))
        bodies = sorted([*bodies, *returns_of(bodies)], key=lambda body: body["occurred_at"])
        pipe = Pipeline.open(**connection_parameters())
        requests = [reading.read(body, region=business.country) for body in bodies]
        for _, day in groupby(requests, lambda one: one.occurred_at.date()):
            told = list(day)
            outcomes = record_all.record(pipe, Asked(business, told[-1].occurred_at), told)
            assert {one.status for one in outcomes} == {"applied"}
        undone = next(body["id"] for body in bodies if body["type"] == "purchase" and "member" in body)
        reverse.reverse_event(undone, reason="nhầm", by="tests", now=REDEEMED)
        asks = [
            Ask(("id", str(one.id)), ("peach-tea", "latte", "ten-percent")[n % 3]) for n, one in enumerate(everyone)
        ]
        given = [redeem_reward.redeem(pipe, business, [ask], now=REDEEMED)[0] for ask in asks]
        assert Counter(one.status for one in given)["issued"] > 50
        pipe.close()
    return business


@pytest.fixture
def source() -> str:
    with open(SOURCE, encoding="utf-8") as file:
        return file.read()


def nights_until(end: datetime, business: Any) -> None:
    """The work of the nights that matter here, as the worker does it: what waits, what ends, the levels."""
    day = REDEEMED
    while day < end:
        day = min(day + timedelta(days=1), end)
        if day.day in (1, 2) or day == end:
            release_pending.release_some(at=day)
            while expire_points.expire_some(at=day):
                pass
        evaluate_tiers.evaluate(programmes.in_force_at(business.schema, day), at=day)


def ledger(wallet: str) -> dict[str, int]:
    """What the transfers say was issued, redeemed and has expired."""
    found = {}
    for name, role, sign in (("issued", ISSUED, 1), ("redeemed", SPENT, -1), ("expired", EXPIRED, -1)):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(sum(CASE WHEN debit_id = %s THEN amount ELSE -amount END), 0) FROM ledger_transfer"
                " WHERE %s IN (debit_id, credit_id)",
                [account_id(role, wallet)] * 2,
            )
            found[name] = sign * int(cursor.fetchone()[0])
    return found


def test_the_demos_year_through_its_own_programme_is_the_demos_ledger(year: Any, source: str) -> None:
    with context.within(year):
        drafts = simulating.Drafts((source,), Assumed(RECORDED, signs_up=False), END)
        draft = simulating.make(drafts)[0]
        pasts = list(simulating.recorded())
        total = simulating.live_recorded(draft, pasts, step=lambda n: None)
        told = totals.told(total, draft.programme, anonymous=0)
        nights_until(END, year)
        assert not verify_books.verify().differences
        assert {name: told[name]["points"] for name in ("issued", "redeemed", "expired")} == ledger("points")
        assert told["expired"]["points"] > 0, "points ended"
        tiers = Counter(members.Standing.objects.filter(purchases__gt=0).values_list("tier", flat=True))
        first = draft.programme.first_tier
        lived = Counter({tier: n for tier, n in told["tiers"].items() if n})
        assert lived - Counter({first: lived[first]}) == Counter(
            {t: n for t, n in tiers.items() if t not in (None, first)}
        )
        standing = rewards.Voucher.objects.exclude(state="void").values_list("reward", flat=True)
        assert told["rewards"] == dict(Counter(standing)), "vouchers, reward by reward"
        balances = dict.fromkeys(("available", "owed"), 0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT role, sum(balance) FROM ledger_account WHERE asset = 'points' AND holder_id IS NOT NULL GROUP BY 1")  # fmt: skip
            balances = {role: int(n) for role, n in cursor.fetchall()}
        assert told["outstanding"]["points"] == balances["member"] - balances.get("owed", 0)
    connection.close()
