"""KPIs for doors: of the newest warehouse, remembered until it is filled again, also while it is being filled."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock, local
from typing import Any, TypeVar

import duckdb

from ganbo.insights.kpis import counting, facts
from ganbo.insights.kpis.counting import Behind, Row
from ganbo.insights.kpis.definitions import KPIS, Kpi
from ganbo.insights.kpis.facts import Facts
from ganbo.insights.warehouse import reading
from ganbo.insights.warehouse.reading import NotFilled, Warehouse
from ganbo.kernel.refusal import Refusal

Found = TypeVar("Found")
_TRIES = 3  # an export may take a file away that is about to be read: then the newer manifest is read
_MOST = 512  # answers that are remembered
_remembered: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
_lock = Lock()
_thread = local()


class UnknownKpi(Refusal):
    """There is no KPI of this name."""

    code = "kpis.unknown"


class NotBy(Refusal):
    """This KPI is not told by this grouping."""

    code = "kpis.not_by"


def kpi(name: str, *, by: str) -> Kpi:
    """A KPI that can be told by a grouping. Raises UnknownKpi, NotBy."""
    found = KPIS.get(name)
    if found is None:
        raise UnknownKpi(name=name)
    if by not in found.by:
        raise NotBy(name=name, by=by, known=", ".join(found.by))
    return found


def warehouse(folder: Path, slug: str) -> Warehouse:
    """The business's warehouse as it is now. Raises NotFilled."""
    found = reading.opened(folder, slug)
    if found is None:
        raise NotFilled()
    return found


def rows(folder: Path, slug: str, one: Kpi, *, first: int, last: int, by: str) -> list[Row]:
    """Its rows from one month to another. Raises NotFilled."""
    return computed(
        folder,
        slug,
        ("rows", one.name, first, last, by),
        lambda known: counting.rows(known, one, first=first, last=last, by=by),
    )


def behind(
    folder: Path, slug: str, one: Kpi, *, month: int, by: str, key: str, most: int, after: str | None
) -> list[Behind]:
    """Who stands behind one of them, a page. Raises NotFilled."""
    return computed(
        folder,
        slug,
        ("behind", one.name, month, by, key, most, after),
        lambda known: list(counting.behind(known, one, month=month, by=by, key=key, most=most, after=after)),
    )


def _facts(known: Warehouse) -> Facts:
    """The warehouse on this thread's engine, which is kept as long as the warehouse is the same."""
    key = (str(known.folder), known.manifest)
    if getattr(_thread, "key", None) != key:
        _thread.key, _thread.facts = key, Facts(known, facts.DuckDb())
    found: Facts = _thread.facts
    return found


def computed(folder: Path, slug: str, name: tuple[Any, ...], compute: Callable[[Facts], Found]) -> Found:
    """What `compute` finds in the newest warehouse; remembered under `name` until that is filled again. Raises NotFilled."""
    for left in reversed(range(_TRIES)):
        known = warehouse(folder, slug)
        key = (str(folder), slug, known.manifest.source["schema"], known.manifest.number, *name)
        with _lock:
            if key in _remembered:
                _remembered.move_to_end(key)
                return _remembered[key]  # type: ignore[no-any-return]
        try:
            found = compute(_facts(known))
        except (duckdb.IOException, FileNotFoundError):
            if not left:
                raise
            continue
        with _lock:
            _remembered[key] = found
            while len(_remembered) > _MOST:
                _remembered.popitem(last=False)
        return found
    raise AssertionError("the last try returns or raises")
