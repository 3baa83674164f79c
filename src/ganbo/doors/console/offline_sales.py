"""Bán khi mất mạng: what tills did without a network and could not be told as it was, as sentences for the manager."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_
from django.views.decorators.http import require_POST

from ganbo.doors.console import figures, rewards, showing
from ganbo.doors.console.showing import MAY_SET_UP, Showing
from ganbo.features.offline import queries
from ganbo.features.offline.queries import ConflictRow
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import sync_offline
from ganbo.people.members import queries as people

MOST = 100  # rows; those not seen come first
_SALES = {
    "offline.without_member": N_(
        "The card or number that was typed belongs to nobody, so the sale stands without a member. "
        "With its receipt number it can still be claimed."
    ),
    "events.order_already_recorded": N_("This receipt number was recorded already. It was not counted twice."),
    "idempotency.key_reused": N_("The same form had arrived before the network was lost, with other figures. The first one counts."),
    "events.too_late": N_("It was told too late to count. Points can be added by hand."),
    "offline.bad_paper": N_("It came with a snapshot that is not ours, so nothing was recorded. Ask who was at the till."),
    "offline.unreadable": N_("What the till told makes no sense, so nothing was recorded. Ask who was at the till."),
}  # fmt: skip
_GIFTS = {
    "offline.owed": N_("The points had been spent elsewhere meanwhile. %(missing)s are owed; the next points make them good."),
    "ledger.insufficient": N_(
        "The points had been spent elsewhere meanwhile: %(missing)s were missing. "
        "Nothing was taken; the shop bears the gift."
    ),
    "offline.no_lease": N_("The till had no right to give this customer gifts that day. Nothing was taken; the shop bears the gift."),
    "offline.lease_used_up": N_(
        "The till gave this customer more than the limit that day. "
        "Nothing was taken for this one; the shop bears it."
    ),
    "offline.bad_paper": N_("It came with a snapshot that is not ours, so no points were taken. Ask who was at the till."),
    "offline.unreadable": N_("It was not signed by us, so no points were taken. Ask who was at the till."),
}  # fmt: skip
_SALE, _GIFT = (
    N_("The sale could not be recorded. Record it again by its receipt."),
    N_("The programme does not give this gift so. Nothing was taken; the shop bears it."),
)


def unseen(shown: Showing) -> int:
    """How many wait for this person; none for those who may not decide."""
    return queries.unseen(stores=shown.staff.stores) if shown.staff.role in MAY_SET_UP else 0


@staff_only(*MAY_SET_UP)
def offline_sales(request: HttpRequest) -> HttpResponse:
    """What nobody has seen yet, or what was seen."""
    shown = showing.begin(request)
    seen = request.GET.get("state") == "seen"
    found = queries.conflicts(seen=seen, most=MOST, stores=shown.staff.stores)
    names = showing.store_names()
    return showing.page(
        request,
        "console/offline_sales.html",
        shown,
        section="programme",
        seen=seen,
        rows=[_row(row, names, shown) for row in found],
        **rewards.head(shown),
    )


@require_POST
@staff_only(*MAY_SET_UP)
def note_seen(request: HttpRequest, conflict_id: UUID) -> HttpResponse:
    """This one needs nobody any more."""
    shown = showing.begin(request)
    sync_offline.see(conflict_id, by=shown.staff.actor, now=shown.now)
    return redirect("console:offline_sales")


def _row(row: ConflictRow, names: dict[str, str], shown: Showing) -> dict[str, Any]:
    member = people.get(row.member_id) if row.member_id else None
    return {
        "id": row.id,
        "what": _what(row, shown),
        "member_id": member.id if member else None,
        "member": figures.called(member) if member else _("without a member"),
        "sentence": sentence(row, shown),
        "at": shown.moment(row.happened_at),
        "where": " · ".join(part for part in (names.get(row.store, row.store), showing.who(row.staff)) if part),
        "seen": _("seen by %(name)s") % {"name": showing.who(row.seen_by)} if row.seen_at else "",
    }


def _what(row: ConflictRow, shown: Showing) -> str:
    if row.kind == "gift":
        id = row.params.get("reward", "")
        reward = shown.programme.rewards.get(id) if shown.programme else None
        return (reward.name.text(shown.locale) if reward else "") or id or _("A reward")
    amount, number = row.params.get("amount"), row.params.get("order_id")
    if amount is None:
        return _("A sale")
    return " · ".join(part for part in (shown.money(amount), number) if part)


def sentence(row: ConflictRow, shown: Showing) -> str:
    """What became of it, and what can be done."""
    known, otherwise = (_GIFTS, _GIFT) if row.kind == "gift" else (_SALES, _SALE)
    told = _(known.get(row.code, otherwise))
    missing, wallet = row.params.get("missing"), row.params.get("wallet") or row.params.get("asset") or ""
    if row.code == "ledger.insufficient":
        missing = row.params["needed"] - row.params["available"]
    return told % {"missing": shown.points(missing or 0, wallet)}
