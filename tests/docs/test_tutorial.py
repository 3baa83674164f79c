"""Every command of the README and the tutorial works, on a real demo, in the order of the page."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
START_SECONDS = 240
PAGE_SECONDS = 120
# these start or found something that would stay: the demo that runs stands for them
_SKIPPED = re.compile(r"^\s*(make demo|\.venv/bin/ganbo (serve|business create))\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: its port, its data folder, and a folder for the files a page writes."""

    port: int
    data: Path
    workplace: Path


def _environment(demo_data: Path, port: int) -> dict[str, str]:
    """A newcomer's environment: nothing of ganbo's own tests in it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GANBO_", "PYTEST_", "DJANGO_"))}
    return kept | {"LANG": "en_US.UTF-8", "PORT": str(port), "DATA": str(demo_data)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    folder = Path(tempfile.mkdtemp(prefix="ganbo-docs-", dir="/tmp"))
    folder.chmod(0o755)
    data, port = folder / "demo", _free_port()
    workplace = folder / "here"
    (workplace / "var").mkdir(parents=True)
    log = (folder / "log").open("w+", encoding="utf-8")
    command = [str(BIN / "ganbo"), "demo", "--port", str(port), "--data", str(data)]
    process = subprocess.Popen(command, cwd=ROOT, env=_environment(data, port), stdout=log, stderr=log)
    try:
        until = time.monotonic() + START_SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > until:
                log.seek(0)
                pytest.fail(f"the demo did not start:\n{log.read()[-3000:]}")
            time.sleep(0.3)
        yield Demo(port, data, workplace)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=10)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def blocks(page: str) -> list[str]:
    """The page's sh blocks that can run beside a demo, in order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for block in found if not _SKIPPED.search(block)]


def run(page: str, demo: Demo) -> list[str]:
    """Run a page's blocks in one shell, as a reader would; returns what each printed."""
    mark = "-- end of block --"
    script = f"\necho; echo '{mark}'\n".join([*blocks(page), ""])
    for written, meant in (
        ("127.0.0.1:8000", f"127.0.0.1:{demo.port}"),
        ("var/demo", str(demo.data)),
        (".venv/bin/", f"{BIN}/"),
        ("/tmp/event.json", str(demo.workplace / "event.json")),
    ):
        script = script.replace(written, meant)
    done = subprocess.run(
        ["timeout", str(PAGE_SECONDS), "bash", "-euo", "pipefail", "-c", script],
        cwd=demo.workplace,
        env=_environment(demo.data, demo.port),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{page} ended with {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout.split(f"\n{mark}\n")


def test_the_readme_keeps_its_word(demo: Demo) -> None:
    curl, loop, *_ = run("README.md", demo)
    assert curl.startswith("HTTP/1.1 201"), curl
    assert json.loads(curl.strip().splitlines()[-1])["event_id"] == "pos-7:000123"
    assert loop.split() == ["201", "200"]


def test_the_vietnamese_readme_has_the_same_commands() -> None:
    def commands(page: str) -> list[str]:
        return [re.sub(r"\s*#.*", "", block) for block in blocks(page)]

    assert [block for block in commands("README.vi.md") if block not in commands("README.md")] == []


def test_the_tutorial_keeps_its_word(demo: Demo) -> None:
    printed = run("docs/tutorial/first-sale.md", demo)
    rewards, quote, twice, reused, why, redeemed, undone, verified, rules, stories, *_ = printed
    assert json.loads(rewards)["items"][0]["id"] == "peach-tea"
    assert json.loads(quote)["effects"]
    assert twice.splitlines()[:2] == ["201", "200"]
    assert len(twice.splitlines()) > 2
    assert reused.rstrip().endswith("409")
    assert json.loads(why)["because_not"]
    assert json.loads(redeemed)["voucher"]["code"]
    assert '"reversed"' in undone
    assert "agree" in verified
    assert "as it should be" in rules
    assert "as it should be" in stories
    assert "stamp-card" in stories
