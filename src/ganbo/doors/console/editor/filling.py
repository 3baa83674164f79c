"""A shape and what the document says, as what a template shows: one entry per question."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from ganbo.doors.console.editor import clauses, labels, shapes, yaml_text
from ganbo.doors.console.editor.shapes import Field
from ganbo.engine import document as shape
from ganbo.engine.document.tiers import BUILT_IN
from ganbo.foundation import i18n

SIGNS = {"VND": "₫"}
GROUPED = 10_000  # numbers from here on are shown grouped

_FITS = {
    "number": (int, str), "decimal": (int, str, float), "formula": (int, str), "text": (str, int), "choice": (str,),
    "event": (str,), "list": (list,), "checks": (list,), "weekdays": (list,), "condition": (str,), "three": (bool,),
    "words": (str, Mapping), "check": (bool,), "group": (Mapping,), "rows": (list,), "by_tier": (Mapping,),
}  # fmt: skip


@dataclass(slots=True)
class Asked:
    """One question as it is shown. `parts` are questions within it, `rows` lists of those, `more` the folded ones."""

    name: str
    kind: str
    label: str
    hint: str = ""
    value: Any = ""
    required: bool = False
    options: list[tuple[str, str, bool]] = field(default_factory=list)
    parts: list["Asked"] = field(default_factory=list)
    more: list["Asked"] = field(default_factory=list)
    rows: list[Any] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    money: str = ""
    was: bool = False  # the document says it, even if only what holds anyway
    fixed: bool = False  # shown, not to be changed here

    @property
    def id(self) -> str:
        return self.name.replace(".", "-")

    @property
    def folded(self) -> bool:
        """Whether it says nothing and need not, so that its name is enough."""
        return not self.required and not self.said

    @property
    def said(self) -> bool:
        """Whether it says something or is wrong, so that it must be seen."""
        if self.kind in ("group", "rows"):
            inner = [*self.parts, *self.more, *(part for row in self.rows for part in row["parts"])]
            return bool(self.errors) or any(part.said for part in inner)
        return self.was or bool(self.errors)


@dataclass(frozen=True, slots=True)
class Filler:
    """`ids` as `parts.ids` finds them."""

    ids: Mapping[str, list[tuple[str, str]]]
    currency: str
    locale: str

    @property
    def metrics(self) -> tuple[str, ...]:
        return (*BUILT_IN, *(metric for metric, _ in self.ids["metrics"]))

    def group(self, model: type[BaseModel], prefix: str, value: Any) -> tuple[list[Asked], list[Asked]]:
        """What stands open, and what is folded away."""
        said = value if isinstance(value, Mapping) else {}
        asked = [(f, self._one(f, f"{prefix}.{f.key}", said.get(f.key))) for f in shapes.fields(model)]
        return [a for f, a in asked if f.first], [a for f, a in asked if not f.first]

    def _one(self, f: Field, name: str, value: Any) -> Asked:
        asked = Asked(
            name, f.kind, labels.label(f.model, f.key), hint=labels.hint(f.model, f.key), required=f.required,
            was=value is not None,
            money=SIGNS.get(self.currency, self.currency) if (f.model.__name__, f.key) in labels.MONEY else "",
        )  # fmt: skip
        if f.kind == shapes.YAML or not self._fits(f, value):
            asked.kind, asked.value = "yaml", yaml_text.short(value) if value is not None else ""
            return asked
        fill = getattr(self, f"_{f.kind}", None)
        if fill is None:
            asked.value = "" if value is None else self._shown(f.kind, value)
        else:
            fill(f, asked, value)
        return asked

    def _fits(self, f: Field, value: Any) -> bool:
        """Whether the question can show the value; else it is shown as written."""
        if value is None:
            return True
        if f.kind == shapes.THRESHOLD:
            inner = value.get("any") or value.get("all") or value if isinstance(value, Mapping) else None
            return isinstance(inner, Mapping) and set(inner) <= set(self.metrics)
        if f.kind == "period":
            return isinstance(value, str) or (isinstance(value, Mapping) and set(value) == {"rolling_days"})
        if f.kind == "metric":
            named = [value] if isinstance(value, str) else value.get("any") or value.get("all")
            return isinstance(named, list) and set(named) <= set(self.metrics)
        if f.kind == "rows":
            return isinstance(value, list) and all(isinstance(row, Mapping) for row in value)
        if f.kind == "by_tier":
            return isinstance(value, Mapping) and set(value) <= {level for level, _ in self.ids["levels"]}
        if f.kind == "decimal":
            return not isinstance(value, Mapping | list | bool)
        return isinstance(value, _FITS[f.kind])

    def _shown(self, kind: str, value: Any) -> str:
        """Large numbers grouped and decimals with the locale's sign, as they may be typed, too."""
        if kind == "decimal" and not isinstance(value, str):
            return i18n.number(str(value), self.locale) if isinstance(value, Decimal) else str(value)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= GROUPED:
            return i18n.number(value, self.locale)
        return str(value)

    def _group(self, f: Field, asked: Asked, value: Any) -> None:
        assert f.inner is not None
        asked.parts, asked.more = self.group(f.inner, asked.name, value)

    def _rows(self, f: Field, asked: Asked, value: Any) -> None:
        assert f.inner is not None
        for n, row in enumerate([*(value or ()), None]):
            parts, more = self.group(f.inner, f"{asked.name}.{n}", row)
            asked.rows.append({"n": n, "parts": [*parts, *more], "new": row is None, "name": f"{asked.name}.{n}"})
        asked.value = str(len(asked.rows))

    def _choice(self, f: Field, asked: Asked, value: Any) -> None:
        if f.refers:
            options = list(self.ids[f.refers])
        else:
            options = [(choice, labels.choice(f.model, choice)) for choice in f.choices]
        chosen = value if value is not None else f.default if not f.refers else None
        if value is not None and value not in dict(options):
            options.append((value, str(value)))
        asked.options = [(id, words, id == chosen) for id, words in options]
        if f.default is None or f.refers:
            asked.options.insert(0, ("", labels.nothing(), chosen is None))

    def _check(self, f: Field, asked: Asked, value: Any) -> None:
        asked.value = bool(f.default) if value is None else value

    def _three(self, f: Field, asked: Asked, value: Any) -> None:
        asked.kind = "choice"
        words = labels.three()
        asked.options = [(id, words[id], value is means) for id, means in (("", None), ("yes", True), ("no", False))]

    def _checks(self, f: Field, asked: Asked, value: Any) -> None:
        if value is None and f.choices:
            value = f.model.model_fields[f.key].default
        chosen = list(value) if isinstance(value, list) else []
        known = self.ids[f.refers] if f.refers else [(one, labels.choice(f.model, one)) for one in f.choices]
        asked.options = [(id, words, id in chosen) for id, words in known]
        asked.options += [(id, str(id), True) for id in chosen if id not in dict(known)]

    def _weekdays(self, f: Field, asked: Asked, value: Any) -> None:
        asked.kind = "checks"
        asked.options = [(day, words, day in (value or ())) for day, words in labels.weekdays()]

    def _list(self, f: Field, asked: Asked, value: Any) -> None:
        asked.value = ", ".join(str(part) for part in value or ())

    def _words(self, f: Field, asked: Asked, value: Any) -> None:
        said = {"vi": value} if isinstance(value, str) else value or {}
        asked.rows = [
            ("vi", labels.language("vi"), said.get("vi", "")),
            ("en", labels.language("en"), said.get("en", "")),
        ]

    def _event(self, f: Field, asked: Asked, value: Any) -> None:
        known = dict(labels.events())
        asked.options = [(id, words, id == value) for id, words in known.items()]
        if f.model is not shape.RuleDoc:
            asked.options.insert(0, ("", labels.nothing(), value is None))
        asked.value = value if value is not None and value not in known else ""

    def _condition(self, f: Field, asked: Asked, value: Any) -> None:
        lines = f.key == "lines"
        names = clauses.LINE_NAMES if lines else clauses.EVENT_NAMES
        if f.model is shape.RewardDoc and f.key == "when":
            names = tuple(name for name in names if not name.startswith("order."))
        for what, how, wanted in [*clauses.rows(value or "", lines=lines), ("", "==", "")]:
            known = [("", labels.nothing(), what == ""), *((n, labels.variable(n), n == what) for n in names)]
            if what and what not in names and what != clauses.WRITTEN:
                known.append((what, labels.variable(what), True))
            known.append((clauses.WRITTEN, labels.variable(clauses.WRITTEN), what == clauses.WRITTEN))
            hows = [(op, labels.operator(op), op == how) for op in clauses.OPERATORS]
            if what in clauses.WHOLE and wanted.isdigit():
                wanted = self._shown("number", int(wanted))
            asked.rows.append({"what": known, "how": hows, "value": wanted, "written": what == clauses.WRITTEN})

    def _threshold(self, f: Field, asked: Asked, value: Any) -> None:
        how = next(
            (key for key in ("any", "all") if isinstance(value, Mapping) and isinstance(value.get(key), Mapping)), ""
        )
        said = (value[how] if how else value) or {}
        asked.rows = [
            (metric, labels.metric(metric), self._shown("number", said.get(metric, ""))) for metric in self.metrics
        ]
        asked.options = [(id, words, id == how) for id, words in labels.together()]

    def _by_tier(self, f: Field, asked: Asked, value: Any) -> None:
        asked.kind = "threshold"
        asked.rows = [
            (level, words, self._shown("number", (value or {}).get(level, ""))) for level, words in self.ids["levels"]
        ]

    def _period(self, f: Field, asked: Asked, value: Any) -> None:
        rolling = value["rolling_days"] if isinstance(value, Mapping) else ""
        chosen = "rolling" if isinstance(value, Mapping) else value or ""
        options = [("", labels.nothing()), *((p, labels.period(p)) for p in labels.PERIODS)]
        asked.options = [(id, words, id == chosen) for id, words in options]
        asked.value = str(rolling)

    def _metric(self, f: Field, asked: Asked, value: Any) -> None:
        named = [value] if isinstance(value, str) else (value or {}).get("any") or (value or {}).get("all") or ["spend"]
        asked.options = [(metric, labels.metric(metric), metric in named) for metric in self.metrics]
        asked.rows = [(id, words, isinstance(value, Mapping) and id in value) for id, words in labels.together() if id]


def everything(asked: Iterable[Asked]) -> Iterator[Asked]:
    """Every question of a form, those within others too."""
    for one in asked:
        yield one
        yield from everything(one.parts)
        yield from everything(one.more)
        if one.kind == "rows":
            for row in one.rows:
                yield from everything(row["parts"])


def complain(asked: Iterable[Asked], errors: Iterable[tuple[str, str]]) -> list[str]:
    """Put each (dotted name, sentence) beside its question or the nearest around it; returns those that fit none."""
    by_name = {one.name: one for one in everything(asked)}
    left = []
    for name, sentence in errors:
        while name and name not in by_name:
            name = name.rpartition(".")[0]
        if name:
            by_name[name].errors.append(sentence)
        else:
            left.append(sentence)
    return left
