"""From text to a compiled programme, or every reason why not, with line and column."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from ganbo.engine import conditions, document, variables
from ganbo.engine import text as text_
from ganbo.engine.conditions import Condition
from ganbo.engine.document import LimitDoc, ProgrammeDoc, RewardDoc, RuleDoc
from ganbo.engine.limits import Limit
from ganbo.engine.programme import Expiry, Give, Level, Multiply, Programme, Reward, Rule, Wallet
from ganbo.engine.text import Path, Placed
from ganbo.kernel.local_text import LocalText

MOST_ERRORS = 50


@dataclass(frozen=True, slots=True)
class DocumentError:
    """One thing that is wrong: a stable code, the dotted path, 1-based line and column, and what its sentence needs."""

    code: str
    path: str
    line: int
    column: int
    params: Mapping[str, Any] = field(default_factory=dict)


class DocumentRefused(Exception):
    """The document cannot be a programme; `errors` is never empty."""

    def __init__(self, errors: Iterable[DocumentError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{e.line}:{e.column} {e.code} {e.path}" for e in self.errors[:5]))


def load(source: str) -> Programme:
    """Compile a programme document. Raises DocumentRefused."""
    try:
        placed = Placed(source)
    except text_.Unreadable as failure:
        params = {"detail": failure.detail}
        raise DocumentRefused([DocumentError(failure.code, "", failure.line, failure.column, params)]) from failure
    if not isinstance(placed.value, dict):
        raise DocumentRefused([DocumentError("document_not_a_mapping", "", 1, 1)])
    try:
        doc = ProgrammeDoc.model_validate(placed.value)
    except ValidationError as failure:
        raise DocumentRefused(_shape_errors(failure, placed)) from failure
    return _Compiler(doc, placed, source).compile()


def _shape_errors(failure: ValidationError, placed: Placed) -> list[DocumentError]:
    found: dict[tuple[str, str], DocumentError] = {}
    for error in failure.errors(include_url=False):
        path: Path = tuple(p for p in error["loc"] if p not in ("RollingDoc", "literal['day','week','month']"))
        path = tuple(p for p in path if not (isinstance(p, str) and p.startswith(("literal[", "function-", "[key]"))))
        code, params = _code_of(error, path)
        line, column = placed.place(path)
        entry = DocumentError(code, ".".join(str(p) for p in path), line, column, params)
        found.setdefault((entry.path, entry.code), entry)
    kept = _without_echoes(list(found.values()))
    return sorted(kept, key=lambda e: (e.line, e.column))[:MOST_ERRORS]


def _without_echoes(found: list[DocumentError]) -> list[DocumentError]:
    """What is wrong once: not what only follows from a part that comes later, nor each branch of a choice."""
    later = {e.path for e in found if e.code == "programme.not_yet"}
    holders = {path.rpartition(".")[0] for path in later}
    deeper = {e.path.rpartition(".")[0] for e in found}
    kept = []
    for e in found:
        follows = e.code != "programme.not_yet" and _about(e.path, later)
        missing = e.code == "missing" and e.path.rpartition(".")[0] in holders
        branch = e.code == "model_type" or (e.code == "literal_error" and e.path in deeper)
        if not (follows or missing or branch):
            kept.append(e)
    return kept or found


def _about(path: str, later: set[str]) -> bool:
    """True when an error only repeats that its part comes later."""
    return any(path == known or path.startswith(known + ".") or known.startswith(path + ".") for known in later)


def _code_of(error: Any, path: Path) -> tuple[str, dict[str, Any]]:
    kind, key = error["type"], str(path[-1]) if path else ""
    context = {k: v for k, v in (error.get("ctx") or {}).items() if isinstance(v, str | int)}
    if kind == "extra_forbidden":
        place = _room(path[:-1])
        if key in document.LATER.get(place, frozenset()):
            return "programme.not_yet", {"key": key}
        return "unknown_key", {"key": key}
    if len(path) > 1 and path[-2] == "expect" and key in document.LATER["expect"]:
        return "programme.not_yet", {"key": key}
    value = error.get("input")
    if isinstance(value, str):
        for place, values in document.LATER_VALUES.items():
            if ".".join(str(p) for p in path if not isinstance(p, int)).endswith(place) and value in values:
                return "programme.not_yet", {"key": f"{key}: {value}"}
    if kind == "value_error":
        return str((error.get("ctx") or {}).get("error", "wrong")), {}
    return str(kind), context


def _room(path: Path) -> str:
    """The name of the kind of mapping that stands at `path`, as LATER knows it."""
    names = [p for p in path if isinstance(p, str)]
    if not names:
        return ""
    if names[0] == "wallets" and len(names) == 2:
        return "wallets"
    return names[-1]


class _Compiler:
    """Compiles one document, collecting every error before refusing."""

    def __init__(self, doc: ProgrammeDoc, placed: Placed, source: str) -> None:
        self.doc, self.placed, self.source = doc, placed, source
        self.errors: list[DocumentError] = []
        self.zone = self._zone()

    def compile(self) -> Programme:
        wallets = self._wallets()
        levels = self._levels()
        rules = tuple(self._rule(place, rule) for place, rule in enumerate(self.doc.earn))
        rewards = {r.id: self._reward(place, r) for place, r in enumerate(self.doc.rewards)}
        self._references(wallets)
        self._unique("earn", [r.id for r in self.doc.earn])
        self._unique("rewards", [r.id for r in self.doc.rewards])
        if self.errors:
            raise DocumentRefused(sorted(self.errors, key=lambda e: (e.line, e.column))[:MOST_ERRORS])
        by_type: dict[str, list[Rule]] = {}
        for rule in rules:
            by_type.setdefault(rule.on, []).append(rule)
        reads = {
            kind: variables.readers(rule.when for rule in found if rule.when is not None)
            for kind, found in by_type.items()
        }
        return Programme(
            id=self.doc.programme,
            name=LocalText(self.doc.name),
            currency=self.doc.currency,
            timezone=self.zone,
            wallets=wallets,
            rules=rules,
            levels=levels,
            rewards=rewards,
            examples=tuple(self.placed.value.get("examples", ())),
            document=_json_able(self.placed.value),
            source=self.source,
            digest=sha256(self.source.encode()).hexdigest(),
            has_limits=any(r.limits for r in rules),
            reads=reads,
            by_type={kind: tuple(found) for kind, found in by_type.items()},
            by_rule={rule.id: rule for rule in rules},
            by_level={level.id: level for level in levels},
        )

    def _error(self, code: str, path: Path, **params: Any) -> None:
        line, column = self.placed.place(path)
        self.errors.append(DocumentError(code, ".".join(str(p) for p in path), line, column, params))

    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.doc.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self._error("unknown_timezone", ("timezone",), timezone=self.doc.timezone)
            return ZoneInfo("UTC")

    def _wallets(self) -> dict[str, Wallet]:
        return {
            name: Wallet(
                id=name,
                name=LocalText(wallet.name),
                face_value=wallet.face_value,
                expires=Expiry(wallet.expires.kind, wallet.expires.months or 0, wallet.expires.days or 0, self.zone),
            )
            for name, wallet in self.doc.wallets.items()
        }

    def _levels(self) -> tuple[Level, ...]:
        written = self.doc.tiers.levels if self.doc.tiers else []
        self._unique("tiers.levels", [level.id for level in written])
        return tuple(
            Level(level.id, LocalText(level.name or {"vi": level.id}), Fraction(level.benefits.multiply or 1))
            for level in written
        )

    def _rule(self, place: int, rule: RuleDoc) -> Rule:
        give = rule.give
        return Rule(
            id=rule.id,
            name=LocalText(rule.name or {"vi": rule.id}),
            on=rule.on,
            when=self._condition(rule.when, "event", ("earn", place, "when")),
            lines=self._condition(rule.lines, "line", ("earn", place, "lines")),
            give=Give(give.wallet, give.amount, give.per, give.of, give.rounding, give.carry) if give else None,
            multiply=Multiply(rule.multiply.rule, rule.multiply.wallet, Fraction(rule.multiply.by))
            if rule.multiply
            else None,
            limits=tuple(_limit(limit) for limit in rule.limits),
        )

    def _reward(self, place: int, reward: RewardDoc) -> Reward:
        price = reward.price
        return Reward(
            id=reward.id,
            name=LocalText(reward.name or {"vi": reward.id}),
            kind=reward.kind,
            price=(price.wallet, price.amount) if price else None,
            sku=reward.sku,
            percent=reward.percent,
            amount=reward.amount,
            max=reward.max,
            cost=reward.cost,
            stock=reward.stock,
            valid_days=reward.valid_days,
            labels=tuple(reward.labels),
            limits=tuple(_limit(limit) for limit in reward.limits),
        )

    def _condition(self, source: str | None, scope: str, path: Path) -> Condition | None:
        if source is None:
            return None
        try:
            compiled = conditions.compile_condition(source, scope)
        except conditions.BadCondition as bad:
            self._condition_error(path, bad)
            return None
        on = self.doc.earn[path[1]].on if isinstance(path[1], int) else ""
        orders = sorted(name for name in compiled.names if name.startswith("order."))
        if orders and on != "purchase":
            self._error("condition_without_order", path, name=orders[0], on=on)
        return compiled

    def _condition_error(self, path: Path, bad: conditions.BadCondition) -> None:
        """The place within the condition as a place in the document."""
        line, column = self.placed.value_place(path)
        column = column + bad.column - 1 if bad.line == 1 else bad.column
        where = ".".join(str(p) for p in path)
        self.errors.append(DocumentError(bad.code, where, line + bad.line - 1, column, {"detail": bad.detail}))

    def _references(self, wallets: Mapping[str, Wallet]) -> None:
        giving = {r.id for r in self.doc.earn if r.give}
        for place, rule in enumerate(self.doc.earn):
            if rule.give and rule.give.wallet not in wallets:
                self._error("unknown_wallet", ("earn", place, "give", "wallet"), id=rule.give.wallet)
            if rule.multiply and rule.multiply.wallet and rule.multiply.wallet not in wallets:
                self._error("unknown_wallet", ("earn", place, "multiply", "wallet"), id=rule.multiply.wallet)
            if rule.multiply and rule.multiply.rule and rule.multiply.rule not in giving:
                self._error("unknown_rule", ("earn", place, "multiply", "rule"), id=rule.multiply.rule)
        for place, reward in enumerate(self.doc.rewards):
            if reward.price and reward.price.wallet not in wallets:
                self._error("unknown_wallet", ("rewards", place, "price", "wallet"), id=reward.price.wallet)
        levels = {level.id for level in self.doc.tiers.levels} if self.doc.tiers else set()
        for place, example in enumerate(self.doc.examples):
            for wallet in example.expect:
                if wallet not in wallets:
                    later = wallet in document.LATER["expect"]
                    code = "programme.not_yet" if later else "unknown_wallet"
                    self._error(code, ("examples", place, "expect", wallet), id=wallet, key=wallet)
            tier = example.given.member.tier
            if tier is not None and tier not in levels:
                self._error("unknown_tier", ("examples", place, "given", "member", "tier"), id=tier)

    def _unique(self, where: str, ids: list[str]) -> None:
        seen: set[str] = set()
        for place, id_ in enumerate(ids):
            if id_ in seen:
                self._error("duplicate_id", (*where.split("."), place, "id"), id=id_)
            seen.add(id_)


def _limit(limit: LimitDoc) -> Limit:
    rolling = 0 if isinstance(limit.period, str) else limit.period.rolling_days
    return Limit(
        scope=limit.scope,
        period=limit.period if isinstance(limit.period, str) else "rolling",
        rolling_days=rolling,
        count=limit.count,
        points=limit.points,
        money=limit.money,
        reject=limit.on_exceed == "reject",
    )


def _json_able(value: Any) -> Any:
    """The document with exact decimals as text."""
    if isinstance(value, dict):
        return {key: _json_able(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_json_able(inner) for inner in value]
    return str(value) if isinstance(value, Decimal) else value
