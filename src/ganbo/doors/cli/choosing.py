"""Start Django for a command and find the business it is about."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ganbo.doors.cli import environment, saying
from ganbo.foundation.postgres.cluster import CannotStart

if TYPE_CHECKING:
    from ganbo.foundation.tenancy.queries import BusinessRow


@contextmanager
def database(*, role: str = "app", data: Path | None = None) -> Iterator[None]:
    """Django on the configured database; an embedded server that was started for this command stops after it."""
    try:
        cluster = environment.prepare(data=data, role=role)
    except CannotStart as failure:
        saying.refuse(str(failure), str(failure))
    try:
        environment.start_django()
        yield
    finally:
        if cluster is not None:
            cluster.stop()


def business(slug: str | None) -> "BusinessRow":
    """The business named by --business or GANBO_BUSINESS, or the only one."""
    from ganbo.foundation.tenancy import queries

    wanted = slug or os.environ.get("GANBO_BUSINESS")
    live = queries.live()
    if wanted:
        found = queries.by_slug(wanted)
        if found is None:
            names = ", ".join(b.slug for b in live) or "–"
            saying.refuse(
                f"Không có cửa hàng “{wanted}”. Đang có: {names}.",
                f"There is no business “{wanted}”. There are: {names}.",
            )
        return found
    if len(live) != 1:
        names = ", ".join(b.slug for b in live) or "–"
        saying.refuse(
            f"Hãy chọn cửa hàng bằng --business. Đang có: {names}.",
            f"Choose a business with --business. There are: {names}.",
        )
    return live[0]
