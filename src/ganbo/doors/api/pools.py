"""Codes of partners: brought into the pool of a reward a thousand at a time."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ganbo.doors.api import shapes
from ganbo.doors.api.app import api, locale_of, needs, write
from ganbo.doors.api.members import actor, programme_now
from ganbo.features.rewards import code_files, import_words
from ganbo.features.rewards.code_files import Bad, Read
from ganbo.foundation import clock
from ganbo.journeys import import_codes

MOST_CODES = 1_000
_STRICT = ConfigDict(strict=True, extra="forbid")


class PartnersCode(BaseModel):
    """A code as the partner wrote it, and the last day on which the partner takes it."""

    model_config = _STRICT
    code: Annotated[str, StringConstraints(min_length=1, max_length=code_files.LONGEST)]
    last_on: Annotated[str, StringConstraints(max_length=10)] = ""


class PartnersCodes(BaseModel):
    """`dry_run`: only say what would come of it."""

    model_config = _STRICT
    codes: Annotated[list[PartnersCode], Field(min_length=1, max_length=MOST_CODES)]
    dry_run: bool = False


class BadCode(BaseModel):
    """`line`: its place in the list, from 1."""

    line: int
    reason: str
    message: str


class BroughtIn(BaseModel):
    """`added` are kept now; `filled`: vouchers that waited and have their code."""

    reward: str
    new: int
    duplicate: int
    bad: list[BadCode]
    added: int
    filled: int


@api.post("/rewards/{reward}/codes", response=shapes.statuses(BroughtIn, 200, 409, 413, 415), tags=["codes"])
@needs("programme:write")
def bring_in(request: HttpRequest, reward: str, payload: PartnersCodes) -> HttpResponse:
    """Give a partner's codes to a reward with `codes: imported`; those that are kept already stay as they are."""

    def work() -> tuple[int, Any]:
        now, found = clock.now(), Read()
        zone = programme_now().timezone
        for number, one in enumerate(payload.codes, 1):
            line = code_files.line_of(number, one.code.strip(), one.last_on.strip(), zone=zone, now=now)
            if isinstance(line, Bad):
                found.bad.append(line)
            else:
                found.lines.append(line)
        outlook = import_codes.look(reward, found, now=now)
        brought = None if payload.dry_run else import_codes.bring_in(outlook, by=actor(request), now=now)
        return 200, _row(outlook, brought, locale_of(request))

    return write(request, work)


def _row(outlook: import_codes.Outlook, brought: import_codes.Brought | None, locale: str) -> dict[str, Any]:
    return {
        "reward": outlook.reward,
        "new": len(outlook.new),
        "duplicate": outlook.duplicate,
        "bad": [
            {"line": b.number, "reason": b.reason, "message": import_words.said(b, locale=locale)} for b in outlook.bad
        ],
        "added": brought.added if brought else 0,
        "filled": brought.filled if brought else 0,
    }
