"""The till sells on Django's connection: what is locked there stays locked until the commit."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, transaction
from psycopg import pq

from ganbo.books.ledger import queries as ledger
from ganbo.foundation import clock
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import sell, verify_books
from ganbo.journeys.redemption_writing import Ask
from tests.journeys.test_record_events import MONDAY, purchase, record


def test_a_pipeline_inside_a_transaction_is_in_it_from_its_first_statement(cafe: Any) -> None:
    with transaction.atomic():
        Pipeline.inside_django().run([("SELECT 1", ())])
        assert connection.connection.info.transaction_status == pq.TransactionStatus.INTRANS


def test_two_tills_cannot_spend_the_same_points(cafe: Any, enrol: Any) -> None:
    member = enrol()
    record(cafe, purchase(member, at=MONDAY, amount=200_000), now=MONDAY)  # 70 points; peach tea costs 60

    def redeem(_: int) -> str:
        with context.within(cafe):
            try:
                return sell.redeem(cafe, Ask(("id", str(member.id)), "peach-tea"), now=clock.now()).status
            finally:
                connection.close()

    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(redeem, range(24)))
    assert (done.count("issued"), done.count("refused")) == (1, 23)
    assert ledger.balances(member.id, ["points"], at=clock.now())["points"].available == 10
    assert verify_books.verify().differences == ()
