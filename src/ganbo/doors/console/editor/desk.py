"""The draft on somebody's desk: its text, what it means, what is wrong with it, and what might be better."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from ganbo.doors.console import showing
from ganbo.doors.console.editor import telling
from ganbo.doors.console.editor.telling import Told
from ganbo.doors.console.showing import Showing
from ganbo.engine import loading
from ganbo.engine import text as text_
from ganbo.engine.loading import DocumentRefused
from ganbo.engine.programme import Programme
from ganbo.engine.text import Placed
from ganbo.features.programmes import advice_words, document_words, drafts
from ganbo.features.programmes.advice_words import Advised
from ganbo.features.programmes.drafts import DraftRow
from ganbo.journeys import publish_programme
from ganbo.journeys.publish_programme import ExamplesFail


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` is dotted; `line` is 0 when it has no place."""

    path: str
    line: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class Desk:
    """`placed` is None when the text cannot be read, `told` when nothing of it can be said, `programme` when it is refused."""

    shown: Showing
    draft: DraftRow
    placed: Placed | None
    programme: Programme | None
    told: Told | None
    problems: tuple[Problem, ...]

    @property
    def document(self) -> dict[str, Any]:
        found = self.placed.value if self.placed else None
        return found if isinstance(found, dict) else {}

    @property
    def latest(self) -> int:
        return self.shown.timeline.latest if self.shown.timeline else 0

    @property
    def ready(self) -> bool:
        """Whether it could be published as it is."""
        return self.programme is not None and not self.problems

    def advice(self) -> list[Advised]:
        """What might be better; nothing while something is wrong."""
        return advice_words.told(self.programme, locale=self.shown.locale) if self.programme else []


def begin(request: HttpRequest) -> Desk:
    """The draft of the request's business."""
    shown = showing.begin(request)
    latest = shown.timeline.latest if shown.timeline else 0
    return lay(shown, drafts.current(latest))


def lay(shown: Showing, draft: DraftRow) -> Desk:
    """Read one draft."""
    placed = None
    with suppress(text_.Unreadable):
        placed = Placed(draft.source)
    programme, problems = look(draft.source, shown)
    told = Told(programme, {}) if programme else None
    if told is None and placed is not None and isinstance(placed.value, dict):
        told = telling.tell(placed.value)
    return Desk(shown, draft, placed, programme, told, problems)


def look(source: str, shown: Showing) -> tuple[Programme | None, tuple[Problem, ...]]:
    """The programme when it compiles, and what is wrong: errors, what has no words, else examples that come out otherwise."""
    if not source.strip():
        return None, ()
    programme = None
    try:
        programme = loading.load(source)
        publish_programme.check(source)
    except DocumentRefused as failure:
        return programme, tuple(
            Problem(e.path, e.line, e.column, document_words.message(e, locale=shown.locale)) for e in failure.errors
        )
    except ExamplesFail as failure:
        assert programme is not None
        placed = Placed(source)
        return programme, tuple(
            Problem(
                f"examples.{f.place}",
                *placed.place(("examples", f.place)),
                document_words.example_message(f, programme, locale=shown.locale),
            )
            for f in failure.failures
        )
    return programme, ()
