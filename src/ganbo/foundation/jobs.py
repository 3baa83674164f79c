"""Queue a wake-up for a business when the running Django transaction commits."""

from django.db import connection, transaction

_SQL = (
    "INSERT INTO public.procrastinate_jobs (queue_name, task_name, priority, queueing_lock, args)"
    " VALUES (%s, %s, 0, %s, jsonb_build_object('business_id', %s::bigint)) ON CONFLICT DO NOTHING"
)


def wake(business_id: int, task: str = "tell", *, queue: str = "outbox") -> None:
    """At most one such job waits; after the commit, so that the worker sees what it is woken for."""

    def put() -> None:
        with connection.cursor() as cursor:
            cursor.execute(_SQL, [queue, task, f"{task}:{business_id}", business_id])

    transaction.on_commit(put)
