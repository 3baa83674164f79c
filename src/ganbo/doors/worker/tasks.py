"""Jobs of the queue: woken for a business, and once a minute for all in case a wake-up was lost."""

import logging
from datetime import timedelta

from django.conf import settings
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from ganbo.doors.worker import subscriptions
from ganbo.features.starting.queries import waiting as sales_waiting
from ganbo.foundation import clock
from ganbo.foundation.tenancy import context, queries
from ganbo.journeys import (
    answer_once,
    codes,
    evaluate_tiers,
    experiments,
    expire_points,
    guessing,
    holds,
    import_codes,
    make_vouchers,
    packages,
    publish_facts,
    recount_tiers,
    redate_points,
    release_pending,
    send_messages,
    settle_budgets,
    show_proof,
    starting,
    verify_books,
    warn_of_end,
    warn_of_expiry,
)

logger = logging.getLogger(__name__)
LATELY = timedelta(days=3)  # ends that the quarter-hourly job looks back to
MOST_ROUNDS = 500  # then the job ends and a new one takes over, so that businesses take turns


@app.task(name="tell", queue="outbox", retry=RetryStrategy(max_attempts=5, wait=5))
def tell(business_id: int) -> None:
    """Empty one business's outbox, then send what became due."""
    business = queries.by_id(business_id)
    if business is None:
        return
    with context.within(business):
        for _ in range(MOST_ROUNDS):
            told = publish_facts.publish_some(business, subscriptions.tell, at=clock.now())
            sent = send_messages.send_some(at=clock.now())
            if not told and not sent:
                return


@app.periodic(cron="* * * * *")
@app.task(name="sweep", queue="outbox", queueing_lock="sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    """Every minute, every business: what a lost wake-up left behind."""
    for business in queries.live():
        tell(business.id)


@app.periodic(cron="* * * * *")
@app.task(name="release", queue="nightly", queueing_lock="release")
def release(timestamp: int) -> None:
    """Every minute: pending points whose wait is over become usable, or are let go; holds and codes whose time is over end."""
    for business in queries.live():
        with context.within(business):
            while release_pending.release_some(at=clock.now()):
                pass
            while holds.release_some(at=clock.now()) or codes.release_some(at=clock.now()):
                pass


@app.task(name="make_vouchers", queue="nightly", retry=RetryStrategy(max_attempts=5, wait=5))
def make_batches(business_id: int) -> None:
    """Make the codes one business ordered, chunk by chunk."""
    business = queries.by_id(business_id)
    if business is None:
        return
    with context.within(business):
        while make_vouchers.make_some(at=clock.now()):
            pass


@app.periodic(cron="* * * * *")
@app.task(name="resume_vouchers", queue="nightly", queueing_lock="resume_vouchers")
def resume_batches(timestamp: int) -> None:
    """Every minute, every business: codes whose making broke off."""
    for business in queries.live():
        make_batches(business.id)


@app.periodic(cron="* * * * *")
@app.task(name="fill_pools", queue="nightly", queueing_lock="fill_pools")
def fill_pools(timestamp: int) -> None:
    """Every minute: vouchers that wait for a partner's code get it when there is one."""
    for business in queries.live():
        with context.within(business):
            import_codes.fill_all(now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="settle_budgets", queue="nightly", queueing_lock="settle_budgets")
def settle(timestamp: int) -> None:
    """Every minute: what became of rewards is booked on their lines of the budget; lines used up are told of."""
    for business in queries.live():
        with context.within(business):
            while settle_budgets.settle_some(at=clock.now()):
                pass
            settle_budgets.tell(at=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="redate", queue="nightly", queueing_lock="redate")
def redate(timestamp: int) -> None:
    """Every minute: points that a published version gives another end."""
    for business in queries.live():
        with context.within(business):
            while redate_points.redate_some(at=clock.now()):
                pass


@app.periodic(cron="* * * * *")
@app.task(name="recount", queue="nightly", queueing_lock="recount")
def recount(timestamp: int) -> None:
    """Every minute: counters of levels that a published version counts otherwise are made anew."""
    for business in queries.live():
        with context.within(business):
            recount_tiers.recount_due(at=clock.now())


@app.periodic(cron="1-59/15 * * * *")
@app.task(name="expire", queue="nightly", queueing_lock="expire")
def expire(timestamp: int) -> None:
    """Every quarter of an hour, so that each business's midnight is met in its own zone."""
    for business in queries.live():
        with context.within(business):
            while expire_points.expire_some(at=clock.now(), since=clock.now() - LATELY):
                pass
            packages.expire(now=clock.now())


@app.periodic(cron="25 19 * * *")
@app.task(name="expire_all", queue="nightly", queueing_lock="expire")
def expire_all(timestamp: int) -> None:
    """Once a day: lots of all times, also those that came back after their end or were missed for days."""
    for business in queries.live():
        with context.within(business):
            while expire_points.expire_some(at=clock.now()):
                pass


@app.periodic(cron="7 * * * *")
@app.task(name="warn", queue="nightly", queueing_lock="warn")
def warn(timestamp: int) -> None:
    """Every hour: members whose points end soon are told at a decent hour of the business's day, once a day."""
    for business in queries.live():
        with context.within(business):
            warn_of_expiry.warn(business, at=clock.now())
            warn_of_end.warn(business, at=clock.now())


@app.periodic(cron="4 * * * *")
@app.task(name="tiers", queue="nightly", queueing_lock="tiers")
def tiers(timestamp: int) -> None:
    """Every hour, so that each business's midnight is met in its own zone; a day is reviewed once."""
    for business in queries.live():
        with context.within(business):
            evaluate_tiers.evaluate_due(at=clock.now())


@app.periodic(cron="13 * * * *")
@app.task(name="experiments", queue="nightly", queueing_lock="experiments")
def note_experiments(timestamp: int) -> None:
    """Every hour: who entered which group of an experiment since the hour before."""
    for business in queries.live():
        with context.within(business):
            experiments.note_due(business.schema, at=clock.now())


@app.periodic(cron="40 19 * * *")
@app.task(name="verify", queue="nightly", queueing_lock="verify")
def verify(timestamp: int) -> None:
    """Once a day: every book and every counter is what was recorded; what is not is written to the log by name."""
    for business in queries.live():
        with context.within(business):
            for found in verify_books.verify().differences:
                logger.error("%s: %s %s: %s ≠ %s", business.slug, found.what, found.id, found.stored, found.recomputed)


@app.periodic(cron="20 18 * * *")
@app.task(name="forget", queue="nightly", queueing_lock="forget")
def forget(timestamp: int) -> None:
    """Once a day: answers to Idempotency-Keys that are older than promised."""
    for business in queries.live():
        with context.within(business):
            answer_once.forget_old(at=clock.now())
            guessing.forget_old(at=clock.now())
            show_proof.forget_old(at=clock.now())


@app.task(name="warehouse", queue="nightly")
def fill_warehouse(business_id: int) -> None:
    """Bring one business's warehouse up to now; when that is being done already, it is enough."""
    from ganbo.doors.worker import measuring  # what counts is heavy: only this task carries it
    from ganbo.insights.warehouse import exporting, manifest

    business = queries.by_id(business_id)
    if business is None:
        return
    with context.within(business):
        try:
            exporting.export(business, settings.WAREHOUSE, at=clock.now())
            measuring.note_baselines(business, at=clock.now())
        except manifest.Busy:
            logger.info("%s: its warehouse is being filled already", business.slug)


@app.periodic(cron="10 20 * * *")
@app.task(name="warehouses", queue="nightly", queueing_lock="warehouses")
def fill_warehouses(timestamp: int) -> None:
    """Once a day, after the night's reviews: every business's warehouse; one that fails does not stop the others."""
    for business in queries.live():
        try:
            fill_warehouse(business.id)
        except Exception:
            logger.exception("%s: its warehouse could not be filled", business.slug)


@app.task(name=starting.TASK, queue=starting.LANE)
def start(business_id: int) -> None:
    """Read the past sales a business gave, and try programmes on them."""
    from ganbo.doors.worker import starting as work  # what counts is heavy: only this task carries it

    business = queries.by_id(business_id)
    if business is None:
        return
    with context.within(business):
        work.work(business)


@app.periodic(cron="* * * * *")
@app.task(name="resume_starting", queue="nightly", queueing_lock="resume_starting")
def resume_starting(timestamp: int) -> None:
    """Every minute, every business: past sales whose reading or trying broke off."""
    for business in queries.live():
        with context.within(business):
            if sales_waiting(at=clock.now()):
                starting.wake()
