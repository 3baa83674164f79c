"""`ganbo demo`: a café chain with a year of history, everything running on this machine."""

import os
import secrets
import shutil
import socket
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from ganbo.doors.cli import environment, processes, saying, serve
from ganbo.doors.cli.demo_mail import MailReceiver

if TYPE_CHECKING:
    from ganbo.foundation.tenancy.queries import BusinessRow

NAME, SLUG = "Cà phê Gắn Bó", "ca-phe-gan-bo"
MANAGER, CASHIER = "hanh@example.com", "ti@example.com"
_CHUNK = 1_000


def demo(
    port: Annotated[int, typer.Option("--port", help="Port to listen on.", min=1, max=65535)] = 8000,
    data: Annotated[Path | None, typer.Option("--data", help="Folder for the database and demo.json.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw the demo's data away and begin anew.")] = False,
) -> None:
    """Start the demo: till, console, wallet and API with a year of history. Ctrl-C stops everything."""
    folder = data or Path(os.environ.get("GANBO_DATA", "var/demo"))
    if fresh:
        _forget(folder)
    _refuse_taken(port)
    mail = MailReceiver(folder.absolute() / "outbox")
    url = f"http://127.0.0.1:{port}"
    os.environ["GANBO_EMAIL_URL"] = f"smtp://127.0.0.1:{mail.start()}"
    os.environ["GANBO_EMAIL_FROM"] = f"{NAME} <xinchao@example.com>"
    os.environ["GANBO_PUBLIC_URL"] = url
    tree = processes.Tree()
    tree.on_signals()
    saying.say("Đang khởi động cơ sở dữ liệu…", "Starting the database…")
    cluster = serve.prepared(folder, demo=True)
    try:
        business = _business()
        _history(business, environment.data_folder(folder))
        _count(business)
        notes = _sign_ins(business, environment.data_folder(folder), url)
        serve.start(tree, "127.0.0.1", port, 0)
        serve.wait_until_it_answers(port)
        _show(notes)
        tree.wait()
    finally:
        saying.say("Đang dừng…", "Stopping…")
        tree.stop()
        mail.stop()
        if cluster is not None:
            cluster.stop()


def _forget(folder: Path) -> None:
    """Remove only what a demo made: a folder without its marks is left alone."""
    if not folder.exists():
        return
    if not (folder / "demo-base").exists() and any(folder.iterdir()):
        saying.refuse(f"{folder} không phải thư mục của bản demo.", f"{folder} is not the folder of a demo.")
    shutil.rmtree(folder)


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            saying.refuse(
                f"Cổng {port} đang bận. Chọn cổng khác: ganbo demo --port {port + 1}",
                f"Port {port} is taken. Choose another: ganbo demo --port {port + 1}",
            )


def _business() -> "BusinessRow":
    from ganbo.foundation.tenancy import operations, queries

    return queries.by_slug(SLUG) or operations.create(NAME, slug=SLUG)


def _history(business: "BusinessRow", folder: Path) -> None:
    """Record the year, in order of time; done once, and gone on with when it was interrupted."""
    from ganbo.doors.cli import demo_history, demo_plans
    from ganbo.foundation import clock
    from ganbo.foundation.tenancy import context
    from ganbo.journeys import confirm_store, import_members, publish_programme

    done, base_note = folder / "history-done", folder / "demo-base"
    if done.exists():
        return
    if not base_note.exists():
        base_note.write_text(clock.now().astimezone(demo_history.ZONE).date().isoformat())
    base = date.fromisoformat(base_note.read_text().strip())
    with context.within(business):
        source = (Path(__file__).parent / "demo_programme.yaml").read_text(encoding="utf-8")
        publish_programme.publish(demo_plans.dated(source, base), by="demo")
        for store_id, name, _ in demo_history.STORES:
            confirm_store.confirm(store_id, name=name, by="demo")
        everyone = demo_history.members(base)
        import_members.enrol_all([(m.id, m.person, m.at, None) for m in everyone])
        _record(business, list(demo_history.events(base, everyone)))
        _withdraw_consent()
        _redeem(business, everyone[3:])
        demo_plans.experiments(business, base)
    done.write_text(base.isoformat())


def _record(business: "BusinessRow", bodies: list[dict[str, Any]]) -> None:
    from ganbo.books.events import reading
    from ganbo.foundation import clock
    from ganbo.foundation.pipelines import Pipeline, connection_parameters
    from ganbo.journeys import record_events
    from ganbo.journeys.record_events import Asked

    pipe = Pipeline.open(**connection_parameters())
    asked = Asked(business, clock.now(), backfill=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=saying.console) as progress:
        label = "Ghi một năm mua sắm" if saying.language() == "vi" else "Recording a year of purchases"
        task = progress.add_task(label, total=len(bodies))
        rest = iter(bodies)
        while chunk := list(islice(rest, _CHUNK)):
            requests = [reading.read(body, region=business.country) for body in chunk]
            outcomes = record_events.record(pipe, asked, requests)
            refused = next((o for o in outcomes if o.refusal is not None), None)
            if refused is not None:
                raise RuntimeError(f"the demo's history was refused: {refused}")
            progress.advance(task, len(chunk))
    pipe.close()


def _count(business: "BusinessRow") -> None:
    """The worker fills the warehouse once it runs, so that the figures are there when somebody looks."""
    from ganbo.foundation import jobs

    jobs.wake(business.id, "warehouse", queue="nightly")


def _withdraw_consent() -> None:
    """Bà Tư wants no messages."""
    from ganbo.doors.cli import demo_history
    from ganbo.journeys import change_member
    from ganbo.people.members import queries

    member = queries.by_key("phone", demo_history.BA_TU)
    if member is not None:
        change_member.change(member.id, {"receipts_by_email": False}, by="demo")


def _redeem(business: "BusinessRow", everyone: list[Any]) -> None:
    """Some members turn points into rewards, through the same journey as at the till."""
    from ganbo.foundation import clock
    from ganbo.foundation.pipelines import Pipeline, connection_parameters
    from ganbo.journeys import redeem_reward
    from ganbo.journeys.redemption_writing import Ask

    pipe = Pipeline.open(**connection_parameters())
    rewards = ("peach-tea", "latte", "ten-percent")
    asks = [
        Ask(("id", str(member.id)), rewards[place % 3], key=f"demo|{member.id}", body_hash=b"demo")
        for place, member in enumerate(everyone[::9])
    ]
    for start in range(0, len(asks), 100):
        redeem_reward.redeem(pipe, business, asks[start : start + 100], now=clock.now())
    pipe.close()


def _sign_ins(business: "BusinessRow", folder: Path, url: str) -> dict[str, Any]:
    """Accounts, key and `demo.json`; made once, kept on later starts, with the address of this one."""
    from ganbo.doors.cli import demo_history
    from ganbo.foundation.staff import keys, operations
    from ganbo.foundation.tenancy import context
    from ganbo.people.members import queries

    note = folder / "demo.json"
    known: dict[str, Any] = orjson.loads(note.read_bytes()) if note.exists() else {}
    key = known.get("api_key")
    if key is None or keys.find(key) is None:
        key = keys.create(business.id, name="demo", scopes=list(keys.SCOPES))[1]
    passwords = {}
    for page, email, name, role in (
        ("console", MANAGER, "Hạnh", "owner"),
        ("till", CASHIER, "Tí", "cashier"),
    ):
        passwords[page] = known.get(page, {}).get("password") or secrets.token_urlsafe(9)
        operations.ensure(email, name=name, business_id=business.id, role=role, password=passwords[page])
        operations.set_password_unless(email, passwords[page])
    with context.within(business):
        lan = queries.by_key("phone", demo_history.LAN)
    assert lan is not None
    found = {
        "url": url,
        "api_key": key,
        "console": {"url": f"{url}/console/", "email": MANAGER, "password": passwords["console"]},
        "till": {"url": f"{url}/till/", "email": CASHIER, "password": passwords["till"]},
        "wallet": {"url": f"{url}/wallet/", "phone": "0912345678", "member_id": str(lan.id), "card": lan.cards[0]},
        "outbox": {"url": f"{url}/demo/outbox"},
    }
    handle = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    return found


def _show(notes: dict[str, Any]) -> None:
    vi = saying.language() == "vi"
    rows = [
        (("Trang mở đầu" if vi else "Start here"), notes["url"], ""),
        (("Thu ngân" if vi else "Till"), notes["till"]["url"], f"{CASHIER}  {notes['till']['password']}"),
        (("Quản lý" if vi else "Console"), notes["console"]["url"], f"{MANAGER}  {notes['console']['password']}"),
        (("Ví thành viên" if vi else "Wallet"), notes["wallet"]["url"], notes["wallet"]["phone"]),
        ("API", f"{notes['url']}/api/v1/docs", "demo.json → api_key"),
        (("Hộp thư demo" if vi else "Demo mail"), notes["outbox"]["url"], ""),
    ]
    lines = [f"{name:<14} {url}" + (f"\n{'':<14} {sign_in}" if sign_in else "") for name, url, sign_in in rows]
    saying.console.print(Panel("\n".join(lines), title=NAME, expand=False))
    saying.say("Ctrl-C để dừng.", "Ctrl-C stops it.")
