"""The program `ganbo`."""

import sys

import typer

from ganbo.doors.cli import (
    bench,
    business,
    demo,
    doctor,
    export,
    importing,
    key,
    liability,
    look,
    migrate,
    programme,
    serve,
    simulate,
    verify,
    warehouse,
    worker,
)

app = typer.Typer(
    name="ganbo",
    help="Customer loyalty that is exact, fast and explained in a sentence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("worker")(worker.worker)
app.command("migrate")(migrate.migrate)
app.command("doctor")(doctor.doctor)
app.command("export")(export.export)
app.command("verify")(verify.verify)
app.command("bench")(bench.bench)
app.command("liability")(liability.liability)
app.command("look")(look.look)
app.command("simulate")(simulate.simulate)
app.add_typer(business.app, name="business")
app.add_typer(importing.app, name="import")
app.add_typer(key.app, name="key")
app.add_typer(programme.app, name="programme")
app.add_typer(warehouse.app, name="warehouse")

if __name__ == "__main__":
    sys.exit(app())
