"""Jobs of the queue: woken for a business, and once a minute for all in case a wake-up was lost."""

import logging

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from ganbo.doors.worker import subscriptions
from ganbo.foundation import clock
from ganbo.foundation.tenancy import context, queries
from ganbo.journeys import (
    answer_once,
    evaluate_tiers,
    expire_points,
    guessing,
    make_vouchers,
    publish_facts,
    redate_points,
    release_pending,
    send_messages,
    warn_of_expiry,
)

logger = logging.getLogger(__name__)
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
    """Every minute: pending points whose wait is over become usable, or are let go."""
    for business in queries.live():
        with context.within(business):
            while release_pending.release_some(at=clock.now()):
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
@app.task(name="redate", queue="nightly", queueing_lock="redate")
def redate(timestamp: int) -> None:
    """Every minute: points that a published version gives another end."""
    for business in queries.live():
        with context.within(business):
            while redate_points.redate_some(at=clock.now()):
                pass


@app.periodic(cron="1-59/15 * * * *")
@app.task(name="expire", queue="nightly", queueing_lock="expire")
def expire(timestamp: int) -> None:
    """Every quarter of an hour, so that each business's midnight is met in its own zone."""
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


@app.periodic(cron="4 * * * *")
@app.task(name="tiers", queue="nightly", queueing_lock="tiers")
def tiers(timestamp: int) -> None:
    """Every hour, so that each business's midnight is met in its own zone; a day is reviewed once."""
    for business in queries.live():
        with context.within(business):
            evaluate_tiers.evaluate_due(at=clock.now())


@app.periodic(cron="20 18 * * *")
@app.task(name="forget", queue="nightly", queueing_lock="forget")
def forget(timestamp: int) -> None:
    """Once a day: answers to Idempotency-Keys that are older than promised."""
    for business in queries.live():
        with context.within(business):
            answer_once.forget_old(at=clock.now())
            guessing.forget_old(at=clock.now())
