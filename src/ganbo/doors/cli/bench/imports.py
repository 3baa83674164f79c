"""What `ganbo import members|balances|sales` takes for a hundred thousand rows, each a process of its own."""

import os
import tempfile
from pathlib import Path

from ganbo.doors.cli.bench import files
from ganbo.doors.cli.bench.files import Took
from ganbo.foundation import chance

SLUG = "bench-import"
ROWS = 100_000
MOST_SECONDS = 60.0
_STORES = ("q1", "q3", "q7")


def measured(document: str) -> dict[str, Took]:
    """Each kind of file, brought into a business in this order: new people at every run, so that nothing is known."""
    from ganbo.foundation.tenancy import context, operations, queries
    from ganbo.journeys import publish_programme

    business = queries.by_slug(SLUG) or operations.create(SLUG, slug=SLUG)
    with context.within(business):
        publish_programme.publish(document, by="bench")
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind, path in _made(Path(folder), chance.digits(6)).items():
            found[kind] = files.took("import", kind, str(path), "--yes", "--business", SLUG, "--json")
    return found


def _made(folder: Path, mark: str) -> dict[str, Path]:
    """The files: people, a balance of each, a sale of each."""
    people = [f"M{mark}-{n}" for n in range(ROWS)]
    made = {
        "members": ["external_id,name", *(f"{who},Lan" for who in people)],
        "balances": ["external_id,wallet,amount,expires", *(f"{w},points,{n % 900 + 1},2099-12-31" for n, w in enumerate(people))],
        "sales": [
            "order_id,member,occurred_at,store,sku,category,quantity,unit_price",
            *(f"{who},{who},2026-0{n % 9 + 1}-1{n % 10},{_STORES[n % 3]},latte,coffee,2,55000" for n, who in enumerate(people)),
        ],
    }  # fmt: skip
    for kind, lines in made.items():
        (folder / f"{kind}.csv").write_text("\n".join(lines) + os.linesep, encoding="utf-8")
    return {kind: folder / f"{kind}.csv" for kind in made}
