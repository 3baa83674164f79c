"""Kết ca: what this till did today, in counts and sums, beside the figures of the POS."""

from collections import Counter as Counts
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ganbo.books.events import queries as events
from ganbo.books.events.queries import EventRow
from ganbo.doors.till import counter as counters
from ganbo.doors.till import package_rows, perk_rows, receipt, saying, views
from ganbo.doors.till.counter import Counter
from ganbo.doors.till.partner_selling import by_partners
from ganbo.doors.till.receipt import UnreadableError
from ganbo.engine import pots
from ganbo.features.packages import queries as packages
from ganbo.features.packages.queries import Day
from ganbo.features.partners import queries as partners
from ganbo.features.perks import queries as perks
from ganbo.features.programmes import offer_sentences
from ganbo.features.rewards import gift_cards
from ganbo.foundation import i18n
from ganbo.foundation.staff.access import staff_only
from ganbo.people.members import queries as members

MOST = 5_000  # records of one day; a shop's till makes some hundreds
MOST_SHOWN = 200  # differences; who has more looks at another day or store
MOST_TEXT = 400_000  # characters of a pasted list


@dataclass
class Sum:
    """How many and how much, minor units."""

    n: int = 0
    money: int = 0

    def add(self, money: int) -> None:
        self.n += 1
        self.money += money


@dataclass
class Shift:
    """One day of a store, or of one person in it. Money in minor units; wallets and rewards by id."""

    since: datetime
    sales: Sum = field(default_factory=Sum)
    with_member: int = 0
    undone: Sum = field(default_factory=Sum)
    returns: Sum = field(default_factory=Sum)
    in_money: int = 0
    given: Counts[str] = field(default_factory=Counts)
    taken: Counts[str] = field(default_factory=Counts)
    used: dict[str, Sum] = field(default_factory=dict)
    offers: dict[str, Sum] = field(default_factory=dict)
    topups: Sum = field(default_factory=Sum)
    packages: Day | None = None
    perks: dict[str, int] = field(default_factory=dict)
    points: Counts[str] = field(default_factory=Counts)  # what paid bills, returns taken off
    by_points: int = 0
    by_card: int = 0
    gift_cards: dict[str, tuple[int, int]] = field(default_factory=dict)  # kind → how often and how much
    by_partners: int = 0  # what partners' points and cards paid
    receipts: list[EventRow] = field(default_factory=list)  # what counts as sold, oldest first
    more: bool = False  # than could be counted

    @property
    def share(self) -> int:
        """Sales with a member, per cent."""
        return round(100 * self.with_member / self.sales.n) if self.sales.n else 0


@dataclass(frozen=True, slots=True)
class Difference:
    """One receipt that differs: what ganbo and what the POS has, None when it lacks it."""

    number: str
    here: int | None
    pos: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What the POS says; `problem` says what cannot be read."""

    total: int | None = None
    receipts: tuple[tuple[str, int], ...] = ()
    problem: str = ""


def of(at: Counter, *, mine: bool) -> Shift:
    """From the shop's midnight until now: this store's, or what this person recorded here."""
    since = datetime.combine(at.now.astimezone(at.zone).date(), time(), at.zone)
    where: dict[str, str] = {"store": at.store.id} if at.store else {}
    if mine or not at.store:
        where["staff"] = at.staff.actor
    found = events.recent(most=MOST + 1, since=since, happened_since=since, **where)
    shift = Shift(since, more=len(found) > MOST)
    for event in reversed(found[:MOST]):
        _count(event, shift)
    if at.programme.partners:
        theirs = partners.used_here([event.event_id for event in shift.receipts])
        shift.by_partners = sum(by_partners(e.body) for e in shift.receipts if e.event_id in theirs)
    shift.gift_cards = gift_cards.day(since, store=where.get("store"), by=where.get("staff"))
    shift.packages = packages.day(since, store=where.get("store"), by=where.get("staff"))
    shift.perks = perks.day(since, store=where.get("store"), by=where.get("staff"))
    return shift


def _count(event: EventRow, shift: Shift) -> None:
    answer = orjson.loads(event.answer)
    if event.type == "purchase" and event.reversed_at is not None:
        shift.undone.add(event.net or 0)
        return
    if event.reversed_at is not None:
        return
    if event.type == pots.TYPE:
        shift.topups.add(orjson.loads(event.body)["amount"])
        return
    if event.type == "purchase":
        shift.sales.add(event.net or 0)
        shift.with_member += event.member_id is not None
        shift.receipts.append(event)
    if event.type == "refund" and "refunded" in answer:
        shift.returns.add(answer["refunded"]["amount"])
        shift.in_money += answer["refunded"].get("in_money", answer["refunded"]["amount"])
    for effect in answer.get("effects", []):
        _effect(effect, shift)


def _effect(effect: dict[str, Any], shift: Shift) -> None:
    if effect["kind"] == "wallet":
        amount = effect["amount"]
        (shift.given if amount > 0 else shift.taken)[effect["wallet"]] += abs(amount)
    if effect["kind"] == "voucher_used":
        shift.used.setdefault(effect["reward"], Sum()).add(effect["amount"])
    if effect["kind"] == "offer":
        shift.offers.setdefault(effect["offer"], Sum()).add(effect["amount"])
    if effect["kind"] == "paid":
        shift.points[effect["wallet"]] += effect["amount"]
        shift.by_points += effect["money"]
    if effect["kind"] in ("money_used", "money_back"):
        shift.by_card += effect["amount"] if effect["kind"] == "money_used" else -effect["amount"]


def figures(typed_total: str, pasted: str, currency: str) -> Figures:
    """What was typed and pasted: a total, and one receipt a line, its number before its amount."""
    try:
        total = receipt.minor_units(typed_total, currency) if typed_total.strip() else None
        rows = tuple(_line(n, line, currency) for n, line in enumerate(pasted.splitlines(), 1) if line.strip())
    except UnreadableError as problem:
        return Figures(problem=str(problem))
    return Figures(total, rows)


def _line(n: int, line: str, currency: str) -> tuple[str, int]:
    parts = line.replace("\t", " ").replace(";", " ").split()
    try:
        if len(parts) < 2:
            raise UnreadableError
        return " ".join(parts[:-1]), receipt.minor_units(parts[-1], currency)
    except UnreadableError:
        wanted = _("Line %(n)s of the list is not a receipt number and its amount: “%(line)s”.")
        raise UnreadableError(wanted % {"n": n, "line": line.strip()[:60]}) from None


def differences(shift: Shift, pos: Figures) -> list[Difference]:
    """Receipt by receipt, in the order of their numbers; several lines of one number are one receipt."""
    here, there = Counts[str](), Counts[str]()
    for event in shift.receipts:
        here[_number(event)] += event.net or 0
    for number, money in pos.receipts:
        there[number] += money
    names = {number.casefold(): number for number in (*there, *here)}
    ours = {number.casefold(): money for number, money in here.items()}
    theirs = {number.casefold(): money for number, money in there.items()}
    return [
        Difference(names[key], ours.get(key), theirs.get(key))
        for key in sorted(names)
        if ours.get(key) != theirs.get(key)
    ]


def _number(event: EventRow) -> str:
    return str(orjson.loads(event.body).get("order_id", ""))


@staff_only(*views.ROLES)
def close(request: HttpRequest) -> HttpResponse:
    """The day's figures; a POST compares them with the POS and changes nothing."""
    at = counters.of(request)
    mine = request.GET.get("whose") == "mine"
    shift = of(at, mine=mine)
    typed, pasted = request.POST.get("total", "")[:40], request.POST.get("list", "")[:MOST_TEXT]
    pos = figures(typed, pasted, at.currency)
    compared = request.method == "POST" and not pos.problem and (pos.total is not None or bool(pos.receipts))
    apart = differences(shift, pos) if compared and pos.receipts else []
    context = {
        "shift": shift,
        "mine": mine,
        "closed_at": at.local(at.now),
        "rows": _rows(shift, at),
        "typed": typed,
        "pasted": pasted,
        "problem": pos.problem,
        "verdict": _verdict(shift, pos, at) if compared else "",
        "matches": compared and pos.total in (None, shift.sales.money) and not apart,
        "differences": apart[:MOST_SHOWN],
        "more_apart": len(apart) - MOST_SHOWN,
        "sold": _sold(shift, at)[-MOST_SHOWN:],
        "most": i18n.number(MOST, saying.locale()),
    }
    return views.page(request, at, "till/shift.html", context, status=422 if pos.problem else 200)


def _verdict(shift: Shift, pos: Figures, at: Counter) -> str:
    """In one sentence: whether the sums are the same."""
    total = pos.total if pos.total is not None else sum(money for _number, money in pos.receipts)
    apart = total - shift.sales.money
    money = i18n.money(abs(apart), at.currency, saying.locale())
    if apart > 0:
        return _("The POS has %(money)s more than ganbo.") % {"money": money}
    if apart < 0:
        return _("ganbo has %(money)s more than the POS.") % {"money": money}
    same = i18n.money(total, at.currency, saying.locale())
    return _("The sums match: %(money)s.") % {"money": same}


def _rows(shift: Shift, at: Counter) -> list[tuple[str, str, str]]:
    """(what, how many or how much, more) of the day."""

    def money(amount: int) -> str:
        return i18n.money(amount, at.currency, saying.locale())

    def points(amounts: Counts[str]) -> str:
        return ", ".join(saying.points(n, at.programme, wallet) for wallet, n in amounts.items())

    found = [
        (_("Sales"), money(shift.sales.money), _receipts(shift.sales.n)),
        (_("With a member"), f"{shift.share} %", _receipts(shift.with_member)),
        (_("Points given"), points(shift.given) or "0", ""),
    ]
    if shift.taken:
        found.append((_("Points taken back"), points(shift.taken), ""))
    if shift.returns.n:
        back = _("%(money)s of it in money") % {"money": money(shift.in_money)}
        found.append((_("Returns"), money(shift.returns.money), f"{_receipts(shift.returns.n)} · {back}"))
    if shift.undone.n:
        found.append((_("Undone"), money(shift.undone.money), _receipts(shift.undone.n)))
    if shift.topups.n:
        times = ngettext("%(n)s time", "%(n)s times", shift.topups.n)
        found.append((_("Top-ups"), money(shift.topups.money), times % {"n": shift.topups.n}))
    found += _gift_cards(shift, at)
    if shift.packages is not None:
        found += _packages(shift.packages, at)
    found += [(perk_rows.name_of(perk, at), "", f"× {n}") for perk, n in shift.perks.items()]
    if any(shift.points.values()):
        found.append((_("Paid by points"), money(shift.by_points), points(shift.points)))
    if shift.by_partners:
        found.append((_("Paid by partners’ points and cards"), money(shift.by_partners), ""))
    if shift.by_card:
        found.append((_("Paid by members’ cards"), money(shift.by_card), ""))
    for offer, off in shift.offers.items():
        name = offer_sentences.name_of(offer, at.programme, saying.locale())
        found.append((name, money(-off.money), f"× {off.n}"))
    for reward, used in shift.used.items():
        found.append((saying.reward(at.programme, reward), money(-used.money) if used.money else "", f"× {used.n}"))
    return found


def _gift_cards(shift: Shift, at: Counter) -> list[tuple[str, str, str]]:
    """Money taken for gift cards, and handed back; it is no sale."""
    found = []
    for kind, what in (
        ("sold", _("Gift cards sold")),
        ("topped_up", _("Gift cards topped up")),
        ("cancelled", _("Gift cards undone")),
    ):
        n, money = shift.gift_cards.get(kind, (0, 0))
        if n:
            times = ngettext("%(n)s time", "%(n)s times", n) % {"n": n}
            found.append((what, i18n.money(money, at.currency, saying.locale()), times))
    return found


def _packages(day: Day, at: Counter) -> list[tuple[str, str, str]]:
    """What was sold, used and given back of packages."""
    found, locale = [], saying.locale()
    back = (day.refunded[0], -day.refunded[1])
    for what, (n, money) in ((_("Packages sold"), day.sold), (_("Packages given back"), back)):
        if n:
            times = ngettext("%(n)s time", "%(n)s times", n) % {"n": n}
            found.append((what, i18n.money(money, at.currency, locale), times))
    for (package, unit), n in sorted(day.used.items()):
        name = package_rows.unit_name(package, unit, at.programme)
        used = _("used from packages")
        found.append((package_rows.name_of(package, at.programme), f"{i18n.number(n, locale)} {name}", used))
    return found


def _receipts(n: int) -> str:
    return ngettext("%(n)s receipt", "%(n)s receipts", n) % {"n": i18n.number(n, saying.locale())}


def _sold(shift: Shift, at: Counter) -> list[counters.Sale]:
    people = members.by_ids([e.member_id for e in shift.receipts if e.member_id])
    return [counters.sale(e, people.get(e.member_id) if e.member_id else None, at) for e in shift.receipts]
