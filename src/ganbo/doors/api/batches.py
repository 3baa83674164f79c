"""Codes by the thousand for whoever bears them: ordered, made in the background, downloaded."""

from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ganbo.books.events.body import Code, Instant
from ganbo.doors.api import shapes
from ganbo.doors.api.app import NotFound, answer, api, id_of, needs, write
from ganbo.features.rewards import batches
from ganbo.features.rewards.batches import BatchRow
from ganbo.foundation import clock
from ganbo.journeys import make_vouchers
from ganbo.journeys.make_vouchers import NotFinished, Wanted

_ROWS = 1_000  # sent at a time


class VoucherBatchNew(BaseModel):
    """What to make; `pattern` like `TET-#####-#####-##` (# is a letter or digit by chance, at least twelve of them)."""

    model_config = ConfigDict(strict=True, extra="forbid")
    reward: Code
    count: Annotated[int, Field(ge=1, le=batches.MOST_CODES)]
    pattern: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None
    expires_at: Instant | None = None
    uses: Annotated[int, Field(ge=1, le=10**6)] | None = None


class VoucherBatch(BaseModel):
    """How far a batch is; `state` is making or finished."""

    id: str
    reward: str
    count: int
    done: int
    state: str


@api.post("/voucher-batches", response=shapes.statuses(VoucherBatch, 202, 409, 413, 415), tags=["codes"])
@needs("redemptions:write")
def order(request: HttpRequest, payload: VoucherBatchNew) -> HttpResponse:
    """Have codes of a reward made in the background, up to a million."""
    wanted = Wanted(payload.reward, payload.count, payload.pattern or "", payload.expires_at, payload.uses)
    return write(request, lambda: (202, _row(make_vouchers.order(wanted, now=clock.now()))))


@api.get("/voucher-batches/{batch_id}", response=shapes.statuses(VoucherBatch, 404), tags=["codes"])
@needs("redemptions:write")
def progress(request: HttpRequest, batch_id: str) -> HttpResponse:
    """How many of the codes are made."""
    return answer(_row(_batch(batch_id)))


@api.get("/voucher-batches/{batch_id}/codes", response=shapes.statuses(None, 200, 404, 409), tags=["codes"])
@needs("redemptions:write")
def download(request: HttpRequest, batch_id: str) -> Any:
    """The codes of a finished batch as CSV with the one column `code`."""
    batch = _batch(batch_id)
    if batch.done < batch.count:
        raise NotFinished()
    return StreamingHttpResponse(
        _csv(batch), content_type="text/csv; charset=utf-8", headers={"Cache-Control": "no-store"}
    )


def _csv(batch: BatchRow) -> Iterator[bytes]:
    """No cell needs quotes: letters, digits, hyphens and the check letter, and a letter or digit first."""
    yield b"code\r\n"
    codes = iter(batches.all_codes(batch, key=settings.CODE_KEY))
    while some := list(islice(codes, _ROWS)):
        yield "".join(code + "\r\n" for code in some).encode()


def _batch(batch_id: str) -> BatchRow:
    found = batches.get(id_of(batch_id))
    if found is None:
        raise NotFound()
    return found


def _row(batch: BatchRow) -> dict[str, Any]:
    state = "finished" if batch.done == batch.count else "making"
    return {"id": str(batch.id), "reward": batch.reward, "count": batch.count, "done": batch.done, "state": state}
