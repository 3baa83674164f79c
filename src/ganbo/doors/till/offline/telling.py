"""The till tells what it did without a network: entry after entry, each answered, so that a lost answer loses nothing."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import Error as DatabaseError
from django.http import HttpRequest, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.views.decorators.http import require_safe

from ganbo.doors.till import counter as counters
from ganbo.doors.till import receipt
from ganbo.doors.till.counter import Counter
from ganbo.doors.till.offline import kept, papers
from ganbo.doors.till.views import ROLES
from ganbo.features.programmes.in_force import NoProgramme
from ganbo.foundation.pipelines import StatementFailed
from ganbo.foundation.staff.access import staff_of
from ganbo.journeys import sync_offline
from ganbo.journeys.sync_offline import LATER, NOTED, Gift, Sale, Till

MOST_AT_ONCE = 100
_BAD_PAPER, _UNREADABLE = "offline.bad_paper", "offline.unreadable"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it was sent; `fields` is what the form held, or the gift."""

    id: UUID
    kind: str
    at: datetime
    paper: str
    fields: dict[str, str]


def _counter(request: HttpRequest) -> Counter | JsonResponse:
    """A till's answer to a script is never a page: signed out says so."""
    staff = staff_of(request)
    if staff is None or staff.role not in ROLES:
        return JsonResponse({"signed_in": False}, status=401)
    request.staff = staff  # type: ignore[attr-defined]
    try:
        return counters.of(request)
    except NoProgramme:
        return JsonResponse({"signed_in": True}, status=409)


@require_safe
def keep(request: HttpRequest) -> JsonResponse:
    """The snapshot for this browser."""
    at = _counter(request)
    if isinstance(at, JsonResponse):
        return at
    device = papers.device(request)
    if device is None:
        return JsonResponse({"signed_in": True}, status=409)
    return _private(JsonResponse(kept.of(at, device)))


def tell(request: HttpRequest) -> JsonResponse:
    """GET: whether the network is there, and a token for posting. POST: what was done, in order."""
    at = _counter(request)
    if isinstance(at, JsonResponse):
        return at
    if request.method != "POST":
        return _private(JsonResponse({"signed_in": True, "token": get_token(request)}))
    try:
        told = orjson.loads(request.body)["told"]
        entries = [(str(one["id"])[:64], one) for one in told[:MOST_AT_ONCE]]
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"results": []}, status=400)
    states = [LATER] * len(entries)
    try:
        for n, (_, one) in enumerate(entries):
            states[n] = _settle(one, at)
    except (DatabaseError, StatementFailed):
        pass  # our fault: what was not answered is told again
    results = [{"id": id, "state": state} for (id, _), state in zip(entries, states, strict=True)]
    return _private(JsonResponse({"results": results}))


def _private(response: JsonResponse) -> JsonResponse:
    response.headers["Cache-Control"] = "no-store"
    return response


def _settle(one: Any, at: Counter) -> str:
    entry = _entry(one, at)
    if entry is None:
        return NOTED  # nothing of ours has no id
    till = papers.read(entry.paper, at.business.schema)
    if till is None:
        return _unreadable(entry, Till(UUID(int=0), None, at.staff.actor, entry.at), _BAD_PAPER, at)
    wish = _sale(entry, till, at) if entry.kind == "sale" else _gift(entry, till, at)
    if wish is None:
        return _unreadable(entry, till, _UNREADABLE, at)
    if isinstance(wish, Sale):
        return sync_offline.settle_sale(at.business, wish, till, same=receipt.same, now=at.now)
    return sync_offline.settle_gift(at.business, wish, till, now=at.now)


def _unreadable(entry: Entry, till: Till, why: str, at: Counter) -> str:
    sale = _sale(entry, till, at) if entry.kind == "sale" else None
    told = sync_offline.told_of(sale) if sale else {}  # so that it can be recorded by hand
    sync_offline.note_unreadable(entry.id, entry.kind, till, (why, told), at=till.moment(entry.at, at.now), now=at.now)
    return NOTED


def _entry(one: Any, at: Counter) -> Entry | None:
    """None when it has no id or no kind; a moment that is none is now."""
    try:
        id, kind, fields = UUID(one["id"]), one["kind"], one.get("fields") or {}
        known = {str(name)[:40]: str(value)[:200] for name, value in fields.items() if isinstance(value, str)}
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
    try:
        moment = datetime.fromtimestamp(int(one.get("at", 0)) / 1000, UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        moment = at.now
    return Entry(id, kind if kind == "gift" else "sale", moment, str(one.get("paper", ""))[:2000], known)


def _sale(entry: Entry, till: Till, at: Counter) -> Sale | None:
    form = QueryDict(mutable=True)
    form.update({"sale": str(entry.id)} | {k: v for k, v in entry.fields.items() if k != "sale"})
    draft = receipt.drafted(form)
    try:
        event = receipt.body(draft, currency=at.currency, at=at.now, store=till.store, staff=till.staff)
        member = UUID(draft.member) if draft.member else None
    except (receipt.UnreadableError, ValueError):
        return None
    data = {key: value for key, value in event["data"].items() if key != "codes"}
    return Sale(entry.id, entry.at, data, member, entry.fields.get("who", "").strip()[:100])


def _gift(entry: Entry, till: Till, at: Counter) -> Gift | None:
    told = entry.fields
    try:
        lease = papers.Lease(till.device, UUID(told["member"]), date.fromisoformat(told["day"]))
    except (KeyError, ValueError):
        return None
    if not lease.signed(told.get("lease", ""), at.business.schema):
        return None
    if till.moment(entry.at, at.now).astimezone(at.zone).date() != lease.day:
        return None
    return Gift(entry.id, entry.at, lease.member, told.get("reward", ""), lease.day)
