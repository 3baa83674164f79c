"""Templates from the command line: listed, printed, refused."""

import json

from typer.testing import CliRunner

from ganbo.doors.cli import programme
from ganbo.features.programmes import templates

ENGLISH = {"LC_ALL": "en_US.UTF-8"}


def test_all_are_listed_in_the_terminals_language() -> None:
    lines = CliRunner().invoke(programme.app, ["template"], env={"LC_ALL": "vi_VN.UTF-8"}).stdout.splitlines()
    assert [line.split()[0] for line in lines] == [one.name for one in templates.all()]
    assert lines[0].endswith("Thẻ tem: Mua 10 tặng 1, tặng trước 2 tem trên thẻ đầu tiên.")


def test_the_list_for_machines() -> None:
    listed = json.loads(CliRunner().invoke(programme.app, ["template", "--json"]).stdout)
    assert listed[0]["name"] == "stamp-card"
    assert set(listed[0]) == {"name", "kind", "title", "summary"}


def test_one_is_printed_as_it_is() -> None:
    done = CliRunner().invoke(programme.app, ["template", "points"])
    assert (done.exit_code, done.stdout) == (0, templates.source("points"))


def test_a_name_that_is_not_there_is_refused() -> None:
    done = CliRunner().invoke(programme.app, ["template", "nothing"], env=ENGLISH)
    assert (done.exit_code, done.stderr) == (1, "There is no template nothing.\n")
