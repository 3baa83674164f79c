"""The four numbers of today, each with its line, its change in words and its formula."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ganbo.books.events import queries as events
from ganbo.books.events.queries import EventRow, Span, StoreFigures
from ganbo.books.ledger import queries as ledger
from ganbo.doors.console import sparkline
from ganbo.doors.console.showing import Showing
from ganbo.people.members.queries import MemberRow

WEEKS = 13  # a quarter: long enough to see a season turn


@dataclass(frozen=True, slots=True)
class Asked:
    """What part of the business the page looks at."""

    days: int
    store: str | None
    until: datetime
    stores: dict[str, str]

    @property
    def query(self) -> str:
        """The same choice as a query string."""
        return f"days={self.days}" + (f"&store={self.store}" if self.store else "")


@dataclass(frozen=True, slots=True)
class Tile:
    """One number. `better` is True, False or None when it did not change."""

    id: str
    number: str
    label: str
    note: str
    line: SafeString
    weeks: tuple[str, ...]
    change: str
    better: bool | None
    formula: str


def percent(part: int, whole: int) -> int:
    """`part` of `whole` in hundredths, rounded half up; 0 of nothing."""
    return (200 * part + whole) // (2 * whole) if whole else 0


def tiles(asked: Asked, shown: Showing) -> list[Tile]:
    """Share with a member, returning share, new members, points given."""
    weeks = events.spans(asked.until, step=timedelta(days=7), count=WEEKS, store=asked.store)
    before, now = events.spans(asked.until, step=timedelta(days=asked.days), count=2, store=asked.store)
    found = [
        _share(
            "share",
            [percent(w.with_member, w.receipts) for w in weeks],
            (percent(before.with_member, before.receipts), percent(now.with_member, now.receipts)),
            before.receipts > 0,
            label=_("receipts with a member"),
            formula=_("Receipts recorded with a member ÷ all receipts: %(part)s ÷ %(whole)s.")
            % {"part": shown.number(now.with_member), "whole": shown.number(now.receipts)},
        ),
        _share(
            "returning",
            [percent(w.returning, w.buyers) for w in weeks],
            (percent(before.returning, before.buyers), percent(now.returning, now.buyers)),
            before.buyers > 0,
            label=_("members who came back"),
            formula=_(
                "Members who bought and had also bought in the 90 days before ÷ all members who bought: %(part)s ÷ %(whole)s."
            )
            % {"part": shown.number(now.returning), "whole": shown.number(now.buyers)},
        ),
        _count("new", [w.new_members for w in weeks], (before.new_members, now.new_members), shown),
    ]
    return [*found, *_points(asked, shown)]


def _share(id: str, weeks: Sequence[int], pair: tuple[int, int], comparable: bool, *, label: str, formula: str) -> Tile:
    before, now = pair
    change = _("nothing to compare with yet")
    if comparable:
        change = _from(before, now, f"{before} %")
    return Tile(
        id=id,
        number=f"{now} %",
        label=label,
        note="",
        line=sparkline.svg(weeks, _("13 weeks: %(values)s") % {"values": ", ".join(f"{w} %" for w in weeks)}),
        weeks=tuple(f"{w} %" for w in weeks),
        change=change,
        better=None if now == before or not comparable else now > before,
        formula=formula,
    )


def _from(before: int, now: int, said: str) -> str:
    """How the period before was, in words; `said` is its number."""
    if before == now:
        return _("as in the period before")
    return (_("up from %(before)s") if now > before else _("down from %(before)s")) % {"before": said}


def _count(id: str, weeks: Sequence[int], pair: tuple[int, int], shown: Showing) -> Tile:
    before, now = pair
    return Tile(
        id=id,
        number=shown.number(now),
        label=_("new members"),
        note="",
        line=sparkline.svg(weeks, _("13 weeks: %(values)s") % {"values": ", ".join(map(str, weeks))}),
        weeks=tuple(shown.number(w) for w in weeks),
        change=_from(before, now, shown.number(before)),
        better=None if now == before else now > before,
        formula=_("People who got a member card in this period."),
    )


def _points(asked: Asked, shown: Showing) -> list[Tile]:
    """Points of the first wallet given, and what they are worth to the shop."""
    if shown.programme is None or not shown.assets:
        return []
    asset = shown.assets[0]
    face = shown.programme.wallets[asset].face_value
    weeks = ledger.earned(asset, asked.until, step=timedelta(days=7), count=WEEKS, store=asked.store)
    before, now = ledger.earned(asset, asked.until, step=timedelta(days=asked.days), count=2, store=asked.store)
    formula = _("Everything members earned in this period.")
    if face:
        formula = _("Everything members earned in this period; one is worth %(money)s.") % {"money": shown.money(face)}
    return [
        Tile(
            id="points",
            number=shown.number(now),
            label=_("%(unit)s given") % {"unit": shown.unit(asset)},
            note=_("worth %(money)s") % {"money": shown.money(now * face)} if face else "",
            line=sparkline.svg(weeks, _("13 weeks: %(values)s") % {"values": ", ".join(map(str, weeks))}),
            weeks=tuple(shown.number(w) for w in weeks),
            change=_from(before, now, shown.number(before)) if before else _("nothing to compare with yet"),
            better=None,
            formula=formula,
        )
    ]


def sentence(asked: Asked, shown: Showing) -> str:
    """The period in one sentence."""
    before, now = events.spans(asked.until, step=timedelta(days=asked.days), count=2, store=asked.store)
    if now.receipts == 0:
        return _("No receipts in the last %(days)s days.") % {"days": asked.days}
    numbers = {
        "days": asked.days,
        "receipts": shown.number(now.receipts),
        "share": f"{percent(now.with_member, now.receipts)} %",
        "new": shown.number(now.new_members),
        "change": _compared(before, now),
    }
    return (
        _("In the last %(days)s days %(receipts)s receipts, %(share)s with a member%(change)s. %(new)s new members.")
        % numbers
    )


def _compared(before: Span, now: Span) -> str:
    if not before.receipts:
        return ""
    difference = percent(now.with_member, now.receipts) - percent(before.with_member, before.receipts)
    if difference == 0:
        return _(", as in the days before")
    return f" ({'+' if difference > 0 else '−'}{abs(difference)})"


@dataclass(frozen=True, slots=True)
class StoreLine:
    """A shop's row; `behind` marks one whose share lies well below all shops together."""

    id: str
    name: str
    receipts: int
    share: int
    new_members: int
    behind: bool


FAR_BEHIND = 10  # percentage points below the whole business


def by_store(asked: Asked) -> list[StoreLine]:
    """All shops over the period, whatever shop is chosen."""
    found: list[StoreFigures] = events.by_store(asked.until - timedelta(days=asked.days), asked.until)
    whole = percent(sum(f.with_member for f in found), sum(f.receipts for f in found))
    return [
        StoreLine(
            id=f.store,
            name=asked.stores.get(f.store, f.store) or _("not in a store"),
            receipts=f.receipts,
            share=percent(f.with_member, f.receipts),
            new_members=f.new_members,
            behind=f.receipts > 0 and percent(f.with_member, f.receipts) <= whole - FAR_BEHIND,
        )
        for f in found
    ]


def called(member: MemberRow | None) -> str:
    """Chị Lan; what is known of who has no name."""
    if member is None:
        return _("erased member")
    if not member.name:
        return _("member without a name")
    form = member.address_form
    return f"{form[0].upper()}{form[1:]} {member.name}" if form else member.name


def summed(event: EventRow) -> list[dict[str, Any]]:
    """{wallet, amount} per wallet that the event moved, from its stored answer."""
    sums: dict[str, int] = {}
    for effect in orjson.loads(event.answer or "{}").get("effects", ()):
        if effect.get("kind") == "wallet":
            sums[effect["wallet"]] = sums.get(effect["wallet"], 0) + effect["amount"]
    return [{"wallet": wallet, "amount": amount} for wallet, amount in sums.items()]


def sentence_of(event: EventRow, shown: Showing) -> str:
    """The sentence that was stored with the event; what happened when nothing was earned."""
    because = orjson.loads(event.answer or "{}").get("because") or []
    if because:
        return str(because[0])
    if event.type == "purchase":
        return _("Purchase without a member") if event.member_id is None else _("Purchase that earned nothing")
    if event.type == "signup":
        return _("Became a member")
    return event.type
