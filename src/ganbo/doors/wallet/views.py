"""The wallet's pages: Card, Gifts, History, Me."""

from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

import orjson
import segno
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ganbo.books.events.reading import VOUCHED
from ganbo.doors.wallet import offered, packs, past, shown, standing
from ganbo.doors.wallet.sign_in import members_only
from ganbo.engine.programme import Programme
from ganbo.engine.proof import CARD_PIN
from ganbo.features.households import queries as households
from ganbo.features.programmes import agreement, aims_view, stamp_cards
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.sentences import frame
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.features.rewards import queries as rewards
from ganbo.foundation import chance, clock, i18n
from ganbo.foundation.tenancy import context
from ganbo.journeys import change_member, sell
from ganbo.journeys.redemption_writing import Ask
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import pins
from ganbo.people.members import queries as members
from ganbo.people.members.queries import MemberRow

MOST_RECENT = 3


def page_of(request: HttpRequest) -> tuple[MemberRow, Programme, str]:
    """Who is signed in, the programme in force, and the language."""
    member: MemberRow = request.member  # type: ignore[attr-defined]
    programme = programmes.in_force_at(context.current().schema, clock.now()).programme
    return member, programme, i18n.known(translation.get_language())


def qr(text: str) -> str:
    """An SVG of a QR code, ours and escaped by segno; never a Micro QR, which few scanners read."""
    return str(segno.make_qr(text, error="m").svg_inline(scale=8, border=2, omitsize=True))


@require_safe
@members_only
def card(request: HttpRequest) -> HttpResponse:
    """The card, what can be used now, the goal, stamp cards, what ends soon, what happened last."""
    member, programme, locale = page_of(request)
    now = clock.now()
    found = offered.gifts(member, programme, locale=locale, now=now)
    mine = offered.vouchers(member, programme, locale=locale, now=now)
    usable = offered.usable_now(mine, found, locale=locale)
    chosen, nearest = offered.goal(member, found), offered.nearest(found)
    way, near = None, None
    if chosen is not None:
        way = offered.way_to(chosen, member, programme, locale=locale, now=now, chosen=True)
    if nearest is not None and nearest is not chosen and (chosen is None or not usable):
        near = offered.way_to(nearest, member, programme, locale=locale, now=now)
    form = member.address_form or "bạn"
    page = {
        "tab": "card",
        "card": shown.card(member, programme, locale=locale, now=now),
        "tier": standing.tier(member, programme, locale=locale, now=now),
        "perks": standing.perks(member, programme, locale=locale, now=now),
        "waiting": standing.waiting(member, programme, locale=locale),
        "held": standing.held(member, programme, locale=locale),
        "terms": agreement.open_question(member.id, at=now),
        "invited": bool(programme.accounts and households.invitations(member.id, at=now)),
        "usable": usable,
        "topups": shown.topups(programme, locale=locale),
        "packs": packs.of_member(member, programme, locale=locale, now=now),
        "goal": way,
        "near": near,
        "goal_title": _("%(your)s goal") % {"your": form if locale == "vi" else "Your"},
        "stamp_cards": [
            (row, stamp_cards.to_come(row, locale=locale))
            for row in stamp_cards.of_member(member.id, programme, locale=locale)
        ],
        "aims": aims_view.of_member(member, programme, locale=locale, day=now.astimezone(programme.timezone).date()),
        "endings": shown.endings(member, programme, locale=locale, now=now, within=shown.EXPIRING_WITHIN),
        "claims": programme.claims is not None,
        "recent": past.history(member, programme, locale=locale, most=12)[:MOST_RECENT],
    }
    return render(request, "wallet/card.html", page)


@require_safe
@members_only
def show(request: HttpRequest) -> HttpResponse:
    """The code for the till, on white."""
    member, programme, locale = page_of(request)
    number = member.cards[0] if member.cards else f"{members.WALLET_CODE}{member.id}"
    page = {
        "svg": qr(number),
        "shown": member.cards[0] if member.cards else shown.called(member, locale),
        "changes": bool(programme.spend_proof),
        "tab": "",
    }
    return render(request, "wallet/show.html", page)


@require_safe
@members_only
def gifts(request: HttpRequest) -> HttpResponse:
    """Three groups: to be had, soon, and had."""
    member, programme, locale = page_of(request)
    now = clock.now()
    found = offered.gifts(member, programme, locale=locale, now=now)
    chosen = offered.goal(member, found)
    page = {
        "tab": "gifts",
        "card": shown.card(member, programme, locale=locale, now=now),
        "now": [gift for gift in found if gift.affordable],
        "soon": [
            (gift, offered.way_to(gift, member, programme, locale=locale, now=now))
            for gift in found
            if not gift.affordable
        ],
        "goal": chosen.id if chosen else "",
        "vouchers": offered.vouchers(member, programme, locale=locale, now=now),
        "packs": packs.of_member(member, programme, locale=locale, now=now),
        "key": chance.token(),
    }
    return render(request, "wallet/gifts.html", page)


@require_POST
@members_only
def choose_goal(request: HttpRequest) -> HttpResponse:
    """Save for this reward from now on; without one, for none."""
    member, programme, _locale = page_of(request)
    wanted = request.POST.get("reward", "")[:60]
    if wanted and wanted not in programme.rewards:
        messages.error(request, _("The shop no longer gives this. Choose another goal."))
        return redirect("wallet:gifts")
    if wanted != member.goal:
        change_member.change(member.id, {"goal": wanted}, by=f"member:{member.id}")
    messages.success(request, _("This is your goal now.") if wanted else _("You have no goal now."))
    return redirect("wallet:card" if wanted else "wallet:gifts")


@require_POST
@members_only
def redeem(request: HttpRequest) -> HttpResponse:
    """Turn points into a gift; pressed twice, it is one."""
    member, programme, locale = page_of(request)
    key = request.POST.get("key", "")[:60]
    reward = request.POST.get("reward", "")[:60]
    ask = Ask(
        ("id", str(member.id)), reward, key=f"wallet|{member.id}|{key}", body_hash=reward.encode()[:60], shown=VOUCHED
    )
    try:
        given = sell.redeem(context.current(), ask, now=clock.now())
        if given.refusal is not None:
            raise given.refusal
    except Refusal as refusal:
        messages.error(request, _words(refusal, programme, locale))
        return redirect("wallet:gifts")
    answer = orjson.loads(given.answer or "{}")
    if answer["voucher"] is None:
        messages.success(request, _("It is in your wallet now."))
        return redirect("wallet:card")
    mine = [row for row in rewards.vouchers_of(member.id) if str(row.redemption_id) == answer["id"]]
    return redirect("wallet:voucher", voucher_id=mine[0].id)


def _words(refusal: Refusal, programme: Programme, locale: str) -> str:
    if refusal.code == "ledger.insufficient":
        missing = refusal.params["needed"] - refusal.params["available"]
        unit = programme.wallets[refusal.params["asset"]].name.text(locale)
        return _("%(n)s %(unit)s are missing; nothing was taken.") % {"n": i18n.number(missing, locale), "unit": unit}
    if refusal.code in ("rewards.locked", "rewards.not_for_you"):
        return _("This gift is not open to you yet; your card shows what is missing. Nothing was taken.")
    if refusal.code in ("programme.not_begun", "programme.over"):
        day = i18n.day(date.fromisoformat(refusal.params["day"]), locale)
        if refusal.code == "programme.over":
            return _("The last day to redeem was %(day)s; nothing was taken.") % {"day": day}
        return _("The programme begins on %(day)s; nothing was taken.") % {"day": day}
    if refusal.code in ("rewards.out_of_stock", "rewards.budget_used_up"):
        return _("This gift has run out. Choose another; nothing was taken.")
    if refusal.code == "rewards.limit_reached":
        return _("You had this gift already in this period. It comes again in the next; nothing was taken.")
    if refusal.code == "households.may_not_spend":
        return _("In your household others spend the points; nothing was taken.")
    return _("This gift cannot be had now. Choose another; nothing was taken.")


@require_safe
@members_only
def voucher(request: HttpRequest, voucher_id: UUID) -> HttpResponse:
    """One voucher of the member's own, with its code."""
    member, programme, locale = page_of(request)
    mine = rewards.of_holder(member.id, voucher_id)
    if mine is None:
        raise Http404
    row = offered.of_voucher(mine, programme, locale=locale, now=clock.now())
    return render(
        request,
        "wallet/voucher.html",
        {
            "tab": "gifts",
            "voucher": row,
            "svg": qr(row.code) if row.code else "",
            "legal": frame.legal(Speaker(programme, locale)),
        },
    )


@require_safe
@members_only
def history(request: HttpRequest) -> HttpResponse:
    """Month by month, with the reason of each line, and what ends when."""
    member, programme, locale = page_of(request)
    rows = past.history(member, programme, locale=locale)
    months = [
        {"first": list_[0].at.date(), "rows": list_}
        for _month, list_ in ((m, list(r)) for m, r in groupby(rows, key=lambda row: (row.at.year, row.at.month)))
    ]
    ends = shown.endings(member, programme, locale=locale, now=clock.now())
    how = shown.how_it_ends(programme, ends, locale=locale)
    page = {"tab": "history", "months": months, "endings": ends, "how": how}
    return render(request, "wallet/history.html", page)


@require_http_methods(["GET", "POST"])
@members_only
def me(request: HttpRequest) -> HttpResponse:
    """Language, receipts, sign out."""
    member, programme, locale = page_of(request)
    if request.method == "POST":
        changes: dict[str, Any] = {"receipts_by_email": request.POST.get("receipts") == "yes"}
        if request.POST.get("locale") in i18n.LOCALES:
            changes["locale"] = request.POST["locale"]
        change_member.change(member.id, changes, by=f"member:{member.id}")
        if "locale" in changes:
            translation.activate(changes["locale"])
        messages.success(request, _("Saved."))
        response = redirect("wallet:me")
        if "locale" in changes:
            response.set_cookie("django_language", changes["locale"], max_age=31_536_000, samesite="Lax")
        return response
    page = {
        "tab": "me",
        "since": member.created_at.astimezone(programme.timezone).date(),
        "name": shown.called(member, locale),
        "phone_end": member.phone[-3:] if member.phone else "",
        "email": shown.masked(member.email) if member.email else "",
        "chosen": member.locale or locale,
        "family": programme.accounts is not None,
        "languages": [("vi", "Tiếng Việt"), ("en", "English")],
        "receipts": "yes" if member.receipts_by_email else "no",
        "pin": pins.state(member.id) if any(CARD_PIN in level.by for level in programme.spend_proof) else "",
    }
    return render(request, "wallet/me.html", page)
