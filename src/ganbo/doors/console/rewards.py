"""Quà: what members can have, what it costs and is worth, how much is left; codes made in batches."""

from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ganbo.books.events.reading import FieldsRefused
from ganbo.doors.console import showing
from ganbo.doors.console.showing import MAY_SET_UP, Showing
from ganbo.engine.programme import Reward
from ganbo.features.offline import queries as offline
from ganbo.features.rewards import batches, pools, queries
from ganbo.features.rewards.batches import MOST_CODES, BatchRow
from ganbo.features.rewards.pools import PoolRow
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import make_vouchers
from ganbo.journeys.make_vouchers import Wanted
from ganbo.journeys.redeem_reward import BudgetUsedUp, RewardUnknown

MOST_BATCHES = 50  # the latest; older ones are found through the API
_LINES = 1_000  # codes sent at a time


@staff_only()
def rewards(request: HttpRequest) -> HttpResponse:
    """Every reward of the programme in force with its stock; for who sets up, the batches of codes too."""
    return _page(request, showing.begin(request))


def _page(request: HttpRequest, shown: Showing, *, problem: str = "", status: int = 200) -> HttpResponse:
    sets_up = shown.staff.role in MAY_SET_UP
    found = list(shown.programme.rewards.values()) if shown.programme else []
    taken, pool = queries.taken(), pools.pools(at=shown.now)
    return showing.page(
        request,
        "console/rewards.html",
        shown,
        section="programme",
        rows=[_row(reward, shown, taken.get(reward.id, 0), pool.get(reward.id)) for reward in found],
        to_hand_over=shown.number(queries.to_do()),
        offline_unseen=offline.unseen(stores=shown.staff.stores) if sets_up else 0,
        batches=[_batch_row(batch, shown) for batch in batches.latest(most=MOST_BATCHES)] if sets_up else [],
        choices=[(r.id, _name(r, shown)) for r in found if r.kind != "card_money" and not r.imported],
        imports=any(r.imported for r in found),
        typed=request.POST,
        most_codes=MOST_CODES,
        problem=problem,
        status=status,
        **head(shown),
    )


def head(shown: Showing) -> dict[str, Any]:
    """What the tabs of the programme show, and which of them this is."""
    found: dict[str, Any] = {"tab": "rewards", "programme_name": "", "version": None}
    if shown.timeline is not None:
        now = shown.timeline.at(shown.now)
        found |= {"programme_name": now.programme.name.text(shown.locale), "version": now.version}
        found["since"] = shown.day(now.in_force_from)
    return found


def kind_words(kind: str) -> str:
    """What a reward is."""
    return {
        "free_item": _("free item"),
        "discount": _("discount"),
        "free_delivery": _("free delivery"),
        "gift": _("gift"),
        "upgrade": _("upgrade"),
        "experience": _("experience"),
        "card_money": _("card money"),
        "partner_card": _("partner's card"),
        "gift_card": _("gift card"),
        "choice": _("choice"),
    }.get(kind, kind)


def _name(reward: Reward, shown: Showing) -> str:
    return reward.name.text(shown.locale) or reward.id


def _row(reward: Reward, shown: Showing, taken: int, pool: PoolRow | None) -> dict[str, Any]:
    """One reward; what it costs the shop stands beside what it is worth to the member."""
    left = None if reward.stock is None else max(reward.stock - taken, 0)
    if reward.imported:
        free = pool.free if pool else 0
        left = free if left is None else min(left, free)
    return {
        "id": reward.id,
        "name": _name(reward, shown),
        "kind": kind_words(reward.kind),
        "taste": {"material": _("to use"), "emotional": _("to remember")}.get(reward.taste or "", ""),
        "price": _price(reward, shown),
        "cost": shown.money(reward.cost) if reward.cost is not None else "",
        "value": shown.money(reward.value) if reward.value is not None else "",
        "left": shown.number(left) if left is not None else "",
        "gone": left == 0,
        "of": shown.number(reward.stock) if reward.stock is not None else "",
        "imported": reward.imported,
        "notes": _pool_words(pool, shown) if reward.imported and pool else [],
        "later": reward.fulfil == "later",
    }


def _price(reward: Reward, shown: Showing) -> str:
    if reward.price is None:
        return ""
    points = shown.points(reward.price[1], reward.price[0])
    return f"{points} + {shown.money(reward.plus)}" if reward.plus else points


def _pool_words(pool: PoolRow, shown: Showing) -> list[str]:
    found = [ngettext("%(n)s code given", "%(n)s codes given", pool.given) % {"n": shown.number(pool.given)}]
    if pool.over:
        found.append(ngettext("%(n)s code ended", "%(n)s codes ended", pool.over) % {"n": shown.number(pool.over)})
    if pool.waiting:
        text = ngettext("%(n)s gift waits for a code", "%(n)s gifts wait for a code", pool.waiting)
        found.append(text % {"n": shown.number(pool.waiting)})
    return found


def _batch_row(batch: BatchRow, shown: Showing) -> dict[str, Any]:
    reward = shown.programme.rewards.get(batch.reward) if shown.programme else None
    return {
        "id": batch.id,
        "name": _name(reward, shown) if reward else batch.reward,
        "count": shown.number(batch.count),
        "done": batch.done,
        "of": batch.count,
        "finished": batch.done == batch.count,
        "progress": _("%(done)s of %(of)s") % {"done": shown.number(batch.done), "of": shown.number(batch.count)},
        "pattern": batch.pattern,
        "created": shown.moment(batch.created_at),
    }


@require_POST
@staff_only(*MAY_SET_UP)
def order_batch(request: HttpRequest) -> HttpResponse:
    """Have codes of a reward made in the background."""
    shown = showing.begin(request)
    count = request.POST.get("count", "").replace(".", "").replace(",", "").strip()
    if not (count.isascii() and count.isdigit() and 1 <= int(count[:9]) <= MOST_CODES and len(count) < 9):
        return _page(request, shown, problem=_("Say how many codes, from 1 to 1,000,000."), status=422)
    pattern = request.POST.get("pattern", "").strip().upper()[:60]
    try:
        make_vouchers.order(Wanted(request.POST.get("reward", ""), int(count), pattern), now=shown.now)
    except RewardUnknown:
        return _page(request, shown, problem=_("Choose a reward of the programme."), status=422)
    except BudgetUsedUp:
        problem = _("The budget for this reward does not pay for so many codes. Order fewer, or plan more.")
        return _page(request, shown, problem=problem, status=409)
    except FieldsRefused:
        problem = _("A pattern has capital letters, digits, hyphens and at least twelve #, one for each random sign.")
        return _page(request, shown, problem=problem, status=422)
    messages.success(request, _("The codes are being made. You can leave this page; they are ready to download soon."))
    return redirect("console:rewards")


@never_cache
@staff_only(*MAY_SET_UP)
def download(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    """The codes of a finished batch as CSV."""
    batch = batches.get(batch_id)
    if batch is None or batch.done < batch.count:
        raise Http404
    answer = StreamingHttpResponse(_csv(batch), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{batch.reward}-{batch.count}.csv"'
    return answer


def _csv(batch: BatchRow) -> Iterator[bytes]:
    """Letters, digits, hyphens and the check letter, a letter or digit first: no cell needs quotes."""
    yield b"code\r\n"
    codes = iter(batches.all_codes(batch, key=settings.CODE_KEY))
    while some := list(islice(codes, _LINES)):
        yield "".join(code + "\r\n" for code in some).encode()
