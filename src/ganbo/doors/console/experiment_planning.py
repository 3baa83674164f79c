"""Thử nghiệm mới: one page that asks what is tried, says how many members it takes, and plans it."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from ganbo.books.events import queries as events
from ganbo.books.events.reading import FieldsRefused
from ganbo.doors.console import showing
from ganbo.doors.console.showing import MAY_PUBLISH, Showing
from ganbo.features.experiments import queries
from ganbo.features.experiments.operations import Exists
from ganbo.features.experiments.planning import LEAST_DAYS, MOST_DAYS, MOST_NAME, MOST_QUESTION, GroupPlan, Plan
from ganbo.foundation import i18n
from ganbo.foundation.staff.access import staff_only
from ganbo.insights.experiments import served
from ganbo.insights.experiments.sizing import Size
from ganbo.insights.warehouse.reading import NotFilled
from ganbo.journeys import experiments
from ganbo.journeys.experiments import TooMany
from ganbo.kernel.fold import fold

WEEKS = 4  # how long one lasts unless it is said


@dataclass
class Form:
    """What was typed; `wrong`: by field, what would do."""

    name: str = ""
    question: str = ""
    what: str = "repeat_rate"
    share: str = "50"
    stores: list[str] = field(default_factory=list)
    starts_on: str = ""
    ends_on: str = ""
    least: str = "10"
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def cards(self) -> str:
        """The stamp cards' experiment, when they are compared."""
        return self.what.removeprefix("cards:") if self.what.startswith("cards:") else ""


@never_cache
@staff_only(*MAY_PUBLISH)
def plan(request: HttpRequest) -> HttpResponse:
    """POST `do=size` says how many it takes, `do=plan` plans it."""
    shown = showing.begin(request)
    if shown.programme is None:
        return redirect("console:experiments")
    if request.method != "POST":
        tomorrow = _today(shown) + timedelta(days=1)
        form = Form(starts_on=tomorrow.isoformat(), ends_on=(tomorrow + timedelta(weeks=WEEKS)).isoformat())
        return _page(request, shown, form)
    form = _typed(request)
    told = _plan(form, shown)
    size = _size(request, told) if told else None
    if told is None or request.POST.get("do") != "plan":
        return _page(request, shown, form, size=size, status=422 if form.wrong else 200)
    return _written(request, shown, form, told, size)


def _written(request: HttpRequest, shown: Showing, form: Form, told: Plan, size: Size | None) -> HttpResponse:
    """Plan it, or say what is wrong."""
    supposed: dict[str, Any] = {}
    if size and size.needed:
        supposed = {"base": size.base, "spread": size.spread, "needed": size.needed, "members": size.members}
    whole = Plan(
        told.slug, told.name, told.question, told.metric, told.unit, told.groups, told.starts_on, told.ends_on, told.least,
        told.cards, supposed,
    )  # fmt: skip
    assert shown.programme is not None
    try:
        experiments.plan(whole, programme=shown.programme, by=shown.staff.actor, at=shown.now)
    except FieldsRefused as refused:
        form.wrong |= {_field(problem.field): _remedy(problem.code) for problem in refused.problems}
    except Exists:
        form.wrong["name"] = _("There is an experiment of this name already; choose another one.")
    except TooMany:
        form.wrong["name"] = _("There are as many experiments as are kept.")
    else:
        messages.success(request, _("Planned. Members enter their groups from the first day on; judge it on the last."))
        return redirect("console:experiment", whole.slug)
    return _page(request, shown, form, size=size, status=422)


def _typed(request: HttpRequest) -> Form:
    def text(name: str, most: int) -> str:
        return request.POST.get(name, "").strip()[: most + 1]

    return Form(
        text("name", MOST_NAME), text("question", MOST_QUESTION), text("what", 60), text("share", 10),
        request.POST.getlist("stores")[:1000], text("starts_on", 10), text("ends_on", 10), text("least", 10),
    )  # fmt: skip


def _plan(form: Form, shown: Showing) -> Plan | None:
    """The plan, or nothing and what is wrong with the form."""
    first, last = (_day(form, name) for name in ("starts_on", "ends_on"))
    share, least = _per_cent(form, "share", 99), _per_cent(form, "least", 500)
    if None in (first, last, share, least):
        return None
    assert first and last and share and least
    unit = {"stores": "store", "start": "start_date"}.get(form.what, "member")
    metric = "completion_rate" if form.cards else form.what if unit == "member" else "revenue"
    groups = [GroupPlan("control", _("Control group"), share), GroupPlan("tried", _("Trying it"), 1 - share)]
    if unit == "store":
        others = tuple(s.id for s in events.stores() if s.id not in form.stores)
        groups = [
            GroupPlan("control", _("As before"), stores=others),
            GroupPlan("tried", _("Trying it"), stores=tuple(form.stores)),
        ]
    return Plan(_slug(form.name), form.name, form.question, metric, unit, groups, first, last, least, form.cards)


def _slug(name: str) -> str:
    """A short name made of the name; a number when it is taken."""
    plain = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:32].strip("-")
    base = plain if re.match(r"[a-z]", plain) else f"x-{plain}".strip("-")
    n, slug = 1, base
    while queries.by_slug(slug) is not None:
        n += 1
        slug = f"{base}-{n}"
    return slug


def _day(form: Form, name: str) -> date | None:
    try:
        return date.fromisoformat(getattr(form, name))
    except ValueError:
        form.wrong[name] = _("A day is needed, such as 2027-02-05.")
        return None


def _per_cent(form: Form, name: str, most: int) -> Fraction | None:
    written = getattr(form, name).replace("%", "").replace(",", ".").strip()
    if re.fullmatch(r"\d{1,3}(\.\d{1,2})?", written) and 0 < Fraction(written) <= most:
        return Fraction(written) / 100
    form.wrong[name] = _("A number from above 0 to %(most)s is needed.") % {"most": most}
    return None


def _size(request: HttpRequest, told: Plan) -> Size | None:
    days = (told.ends_on - told.starts_on).days
    if told.unit != "member" or not LEAST_DAYS <= days <= MOST_DAYS:
        return None
    try:
        slug = request.business.slug  # type: ignore[attr-defined]
        return served.size(settings.WAREHOUSE, slug, metric=told.metric, days=days, least=told.least)
    except NotFilled:
        return None


def _field(name: str) -> str:
    """The question of the page that a field of the plan comes from."""
    first = name.partition(".")[0]
    return {"slug": "name", "groups": "share", "cards": "what", "metric": "what", "unit": "what"}.get(first, first)


def _remedy(code: str) -> str:
    found = {
        "experiment_text": _("Write something, in a line or two."),
        "experiment_slug": _("Write a name with letters."),
        "experiment_days": _("It lasts %(least)s to %(most)s days.") % {"least": LEAST_DAYS, "most": MOST_DAYS},
        "experiment_past": _("It begins today or later."),
        "experiment_stores": _("Tick the stores that try it, and leave some that do not."),
        "experiment_cards_unknown": _("The programme in force has no two cards to compare."),
    }
    return found.get(code, _("This does not fit; choose something else."))


def _page(
    request: HttpRequest, shown: Showing, form: Form, *, size: Size | None = None, status: int = 200
) -> HttpResponse:
    assert shown.programme is not None
    rivals = dict.fromkeys(card.experiment for card in shown.programme.cards if card.experiment)
    choices = [
        ("repeat_rate", _("Whether members come back")),
        ("revenue", _("What members spend")),
        *((f"cards:{one}", _("Which stamp card is filled (%(name)s)") % {"name": one}) for one in rivals),
        ("stores", _("Some stores against the others")),
        ("start", _("Before and after the first day")),
    ]
    return showing.page(
        request,
        "console/experiment_new.html",
        shown,
        section="results",
        tab="experiments",
        status=status,
        form=form,
        choices=choices,
        stores=[(store.id, store.name, store.id in form.stores) for store in events.stores()],
        size=_said(size, form, shown) if size else None,
    )


def _said(size: Size, form: Form, shown: Showing) -> dict[str, Any]:
    """How many it takes, against how many there are in the smaller group."""
    share = Fraction(1, 2) if form.cards else _per_cent(form, "share", 99) or Fraction(1, 2)
    smaller = int(size.members * min(share, 1 - share))
    money = form.what == "revenue"
    return {
        "needed": shown.number(size.needed) if size.needed else "",
        "have": shown.number(smaller),
        "enough": size.needed is not None and smaller >= size.needed,
        "base": shown.money(round(size.base)) if money else i18n.percent(round(size.base, 3), shown.locale, places=1),
        "supposed": bool(form.cards),
    }


def _today(shown: Showing) -> date:
    return shown.now.astimezone(shown.zone).date()
