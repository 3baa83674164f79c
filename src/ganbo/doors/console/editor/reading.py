"""What was typed, as plain values for the document; what a form does not ask stays as it was."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from pydantic import BaseModel

from ganbo.doors.console.editor import clauses, shapes
from ganbo.doors.console.editor.shapes import Field
from ganbo.engine import text as text_

MOST_ROWS = 60
BLANK = object()  # nothing was typed: leave the key out


@dataclass(slots=True)
class Reader:
    """One posted form; `metrics` are what tiers can count, `unreadable` the fields whose YAML cannot be read."""

    post: QueryDict
    metrics: tuple[str, ...]
    levels: tuple[str, ...]
    unreadable: dict[str, str] = field(default_factory=dict)

    def group(self, model: type[BaseModel], prefix: str, before: Any) -> dict[str, Any]:
        """The keys of a shape that say something."""
        old = before if isinstance(before, Mapping) else {}
        asked = shapes.fields(model)
        found: dict[str, Any] = {}
        known = {f.key for f in asked}
        values = {f.key: self._one(f, f"{prefix}.{f.key}", old.get(f.key)) for f in asked}
        for key in old:  # the order it was written in
            if key not in known:
                found[key] = old[key]
            elif values[key] is not BLANK:
                found[key] = values[key]
        for f in sorted(asked, key=lambda f: list(model.model_fields).index(_name(model, f.key))):
            value = values[f.key]
            if f.key not in old and value is not BLANK and not (f.default is not None and value == f.default):
                found[f.key] = value
        return found

    def _one(self, f: Field, name: str, before: Any) -> Any:
        if self.post.get(f"{name}.as") == "yaml" or f.kind == shapes.YAML:
            return self._yaml(name)
        if f.kind == "group":
            assert f.inner is not None
            return self.group(f.inner, name, before) or _as_it_was(before)
        if f.kind == "rows":
            return self._rows(f, name, before)
        many = {"checks": self._checks, "weekdays": self._checks, shapes.WORDS: self._words}
        if f.kind in many:
            return many[f.kind](name, before)
        if f.kind == "check":
            return self._check(f, name)
        if f.kind == "list":
            return self._list(f, name) or _as_it_was(before)
        special = {
            shapes.CONDITION: self._condition,
            shapes.THRESHOLD: self._threshold,
            "by_tier": self._by_tier,
            "period": self._period,
            "metric": self._metric,
            "event": self._event,
        }
        if f.kind in special:
            return special[f.kind](name, before)
        return _scalar(f.kind, self.post.get(name, "").strip())

    def _rows(self, f: Field, name: str, before: Any) -> Any:
        assert f.inner is not None
        old = before if isinstance(before, list) else []
        found = []
        for n in range(min(int(self.post.get(f"{name}.n") or 0), MOST_ROWS)):
            if self.post.get(f"{name}.{n}.remove"):
                continue
            row = self.group(f.inner, f"{name}.{n}", old[n] if n < len(old) else None)
            if row:
                found.append(row)
        return found or _as_it_was(before)

    def _check(self, f: Field, name: str) -> Any:
        on = name in self.post
        return on if on != bool(f.default) or self.post.get(f"{name}.was") else BLANK

    def _checks(self, name: str, before: Any) -> Any:
        chosen = self.post.getlist(name)
        if isinstance(before, list) and set(before) == set(chosen):
            return before
        return chosen or _as_it_was(before)

    def _list(self, f: Field, name: str) -> Any:
        parts = [part.strip() for part in re.split(r"[,;\n]", self.post.get(name, "")) if part.strip()]
        return [int(part) if f.whole and part.isdecimal() else part for part in parts]

    def _words(self, name: str, before: Any) -> Any:
        found = dict(before) if isinstance(before, Mapping) else {}
        for language in ("vi", "en"):
            typed = " ".join(self.post.get(f"{name}.{language}", "").split())
            if typed:
                found[language] = typed
            else:
                found.pop(language, None)
        if isinstance(before, str) and set(found) == {"vi"}:
            return found["vi"]
        return found or BLANK

    def _condition(self, name: str, before: Any) -> Any:
        rows = [
            (
                self.post.get(f"{name}.{n}.what", ""),
                self.post.get(f"{name}.{n}.how", "=="),
                self.post[f"{name}.{n}.value"],
            )
            for n in range(MOST_ROWS)
            if f"{name}.{n}.value" in self.post
        ]
        rows = [(what or clauses.WRITTEN, how, value) for what, how, value in rows]  # nothing typed is dropped
        said = clauses.source(rows, before if isinstance(before, str) else "", lines=name.endswith(".lines"))
        return said or BLANK

    def _threshold(self, name: str, before: Any) -> Any:
        found = {}
        for metric in self.metrics:
            value = _scalar("number", self.post.get(f"{name}.{metric}", "").strip())
            if value is not BLANK:
                found[metric] = value
        how = self.post.get(f"{name}.how", "")
        if how in ("any", "all") and found:
            return {how: found}
        return found or BLANK

    def _by_tier(self, name: str, before: Any) -> Any:
        found = {level: _scalar("number", self.post.get(f"{name}.{level}", "").strip()) for level in self.levels}
        return {level: value for level, value in found.items() if value is not BLANK} or BLANK

    def _period(self, name: str, before: Any) -> Any:
        chosen = self.post.get(name, "")
        if chosen == "rolling":
            days = _scalar("number", self.post.get(f"{name}.days", "").strip())
            return {"rolling_days": days if days is not BLANK else ""}
        return chosen or BLANK

    def _event(self, name: str, before: Any) -> Any:
        """One of the list, or a kind of one's own typed beside it."""
        return self.post.get(f"{name}.own", "").strip() or self.post.get(name, "").strip() or BLANK

    def _metric(self, name: str, before: Any) -> Any:
        chosen = [metric for metric in self.metrics if metric in self.post.getlist(name)]
        if len(chosen) < 2:
            return chosen[0] if chosen else BLANK
        how = "all" if self.post.get(f"{name}.how") == "all" else "any"
        old = before.get(how) if isinstance(before, Mapping) else None
        return {how: old if isinstance(old, list) and set(old) == set(chosen) else chosen}

    def _yaml(self, name: str) -> Any:
        typed = self.post.get(name, "").replace("\r\n", "\n").strip()
        if not typed:
            return BLANK
        try:
            return text_.Placed("value:\n" + "\n".join("  " + line for line in typed.split("\n"))).value["value"]
        except text_.Unreadable as failure:
            self.unreadable[name] = failure.detail or failure.code
            return BLANK


def _as_it_was(before: Any) -> Any:
    """Nothing was said: left out, unless the document says so with empty brackets."""
    return before if before in ({}, []) else BLANK


def _name(model: type[BaseModel], key: str) -> str:
    return next(name for name, told in model.model_fields.items() if (told.alias or name) == key)


def _scalar(kind: str, typed: str) -> Any:
    """A number where one is meant and one was typed, else the text, which the document then refuses by name."""
    if not typed:
        return BLANK
    if kind in ("number", "formula"):
        grouped = re.fullmatch(r"[-−]?[0-9]{1,3}(?:[.,\s\u00a0][0-9]{3})+(?:\s*₫)?", typed)
        whole = re.sub(r"[^0-9-]", "", typed.replace("−", "-")) if grouped else typed
        return int(whole) if re.fullmatch(r"-?[0-9]{1,18}", whole) else typed
    if kind == "decimal":
        try:
            number = Decimal(typed.replace(",", "."))
        except InvalidOperation:
            return typed
        return int(number) if number == number.to_integral_value() and "." not in str(number) else number
    if kind == "three":
        return typed == "yes"
    return typed
