"""How fast the worker makes a batch of codes, from the order to the last one."""

from rich.progress import Progress

from ganbo.doors.cli import saying

PATTERN = "TET-#####-#####-##"
_LOOK = 0.2  # seconds between looks at the progress
_PATIENCE = 600.0


def rate(schema: str, count: int, pattern: str) -> float:
    """Codes a second; a look every fifth of a second adds at most so much. Raises TimeoutError when no worker takes it up."""
    from ganbo.features.programmes import queries as programmes
    from ganbo.features.rewards import batches
    from ganbo.foundation import clock
    from ganbo.foundation.tenancy import context, queries
    from ganbo.journeys import make_vouchers
    from ganbo.journeys.make_vouchers import Wanted

    business = next(b for b in queries.live() if b.schema == schema)
    with context.within(business), Progress(console=saying.errors, transient=True) as progress:
        rewards = programmes.in_force_at(schema, clock.now()).programme.rewards
        reward = next(r.id for r in rewards.values() if r.kind != "card_money" and not r.imported)
        task = progress.add_task("codes", total=count)
        began = clock.monotonic()
        batch = make_vouchers.order(Wanted(reward, count, pattern), now=clock.now())
        done = 0
        while done < count:
            clock.pause(_LOOK)
            if clock.monotonic() - began > _PATIENCE:
                raise TimeoutError(f"{done} of {count} codes after {_PATIENCE:.0f} s")
            found = batches.get(batch.id)
            done = found.done if found else 0
            progress.update(task, completed=done)
        return count / (clock.monotonic() - began)
