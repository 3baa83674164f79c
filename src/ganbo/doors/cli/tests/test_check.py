"""`ganbo programme check`: a story that comes out differently is named with its line and step."""

from pathlib import Path

from typer.testing import CliRunner

from ganbo.doors.cli import programme
from ganbo.features.programmes import templates


def test_a_story_that_breaks_is_told_where_it_stands(tmp_path: Path) -> None:
    source = templates.source("points")
    file = tmp_path / "points.yaml"
    file.write_text(
        source.replace("{after: 2d, redeem: ten-percent", "{after: 2d, redeem: free-drink"), encoding="utf-8"
    )
    line = 1 + next(n for n, text in enumerate(source.splitlines()) if "after: 2d" in text)
    done = CliRunner().invoke(programme.app, ["check", str(file)], env={"LC_ALL": "en_US.UTF-8"})
    assert done.exit_code == 1
    assert done.stderr == (
        f"{file}:{line}:9 Story in example 3, step 4 cannot happen: there are too few points for it.\n"
    )
