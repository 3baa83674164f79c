"""What a form asks, read off the pydantic shapes of the document; the exceptions stand in one table."""

import types
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from ganbo.engine import document as shape

WORDS, CONDITION, THRESHOLD, YAML = "words", "condition", "threshold", "yaml"
REFERENCES = {
    "wallet": "wallets", "bonus_wallet": "wallets", "voucher": "rewards", "reward": "rewards", "rule": "rules", "budget": "lines",
    "choose": "rewards", "wallets": "wallets", "rewards": "rewards", "on_enter": "rewards", "yearly": "rewards",
    "unlocks": "rewards", "rules": "rules", "perks": "perks",
}  # fmt: skip
_KINDS = {
    "name": WORDS, "text": WORDS, "say": WORDS, "when": CONDITION, "lines": CONDITION, "purchase": CONDITION,
    "enter": THRESHOLD, "keep": THRESHOLD, "period": "period", "metric": "metric", "by_tier": "by_tier",
    "on": "event", "event": "event", "floor": "number", "multiply": "decimal", "days": "weekdays", "hours": "list",
}  # fmt: skip
_EXCEPT = {
    (shape.RuleDoc, "multiply"): "group",
    (shape.PendingDoc, "days"): "number",
    (shape.ExpiryDoc, "days"): "number",
    (shape.GraceDoc, "days"): "number",
    (shape.BudgetDoc, "lines"): YAML,
    (shape.BudgetDoc, "message_cost"): YAML,
    (shape.PackageDoc, "units"): YAML,
    (shape.PartnerDoc, "earns"): "group",
    (shape.PackageDoc, "price"): "number",
    (shape.BudgetDoc, "period"): "choice",
    (shape.MilestonesDoc, "steps"): YAML,
    (shape.NeverDoc, "why"): WORDS,
    (shape.IssuerDoc, "name"): "text",
    (shape.GiveDoc, "amount"): "formula",
    (shape.GiveDoc, "by_tier"): YAML,
}
_LEFT_OUT = {(shape.TiersDoc, "levels")}  # levels are parts of their own
# What stands open; the rest is folded away under "More" until it says something.
_FIRST = {
    shape.RuleDoc: ("name", "on", "when", "lines", "give", "multiply", "limits"),
    shape.GiveDoc: ("wallet", "amount", "per", "of", "voucher"),
    shape.RewardDoc: (
        "name", "kind", "price", "choose", "within_days", "sku", "percent", "max", "stock", "valid_days", "cost", "limits",
    ),
    shape.PriceDoc: ("wallet", "amount"),
    shape.OfferDoc: ("name", "lines", "price", "percent", "max", "during"),
    shape.ChallengeDoc: ("name", "from", "until", "needs", "give"),
    shape.NeedsDoc: ("distinct", "n", "count", "units", "spend", "lines"),
    shape.StampCardDoc: ("name", "size", "reward", "lines", "count", "head_start", "repeat"),
    shape.WalletDoc: ("name", "face_value", "expires", "on_refund"),
    shape.PerkDoc: ("text", "count", "per", "show"),
    shape.PackageDoc: ("name", "price", "units", "months"),
    shape.PartnerDoc: ("name", "business", "earns", "accepts", "we_pay"),
    shape.PartnerEarnsDoc: ("per", "amount", "pays_us"),
    shape.AccountsDoc: ("pool", "wallets", "people", "may_spend"),
    shape.TopUpDoc: ("pay", "bonus", "bonus_wallet", "spend"),
    shape.ExpiryDoc: ("kind", "months"),
    shape.TiersDoc: ("metric", "window", "upgrade", "downgrade"),
    shape.LevelDoc: ("name", "enter", "keep", "benefits"),
    shape.BenefitsDoc: ("multiply", "on_enter", "rewards", "service_priority"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One question: its key in the document, how it is asked, and of what shape an answer with parts is.

    `whole`: a list of whole numbers.
    """

    model: type[BaseModel]
    key: str
    kind: str
    inner: type[BaseModel] | None
    choices: tuple[str, ...]
    default: Any  # None: left out when empty
    required: bool
    first: bool
    whole: bool

    @property
    def refers(self) -> str:
        """Which ids of the document can be chosen, or nothing."""
        return REFERENCES.get(self.key, "") if self.kind in ("choice", "checks") else ""


def fields(model: type[BaseModel]) -> list[Field]:
    """The questions of a shape, those that stand open first."""
    first = _FIRST.get(model)
    found = []
    for name, told in model.model_fields.items():
        key = told.alias or name
        if (model, key) in _LEFT_OUT:
            continue
        plain, listed, optional = _plain(told.annotation)
        kind = _EXCEPT.get((model, key)) or _KINDS.get(key) or _kind(key, plain, listed, optional)
        default = None if told.default is PydanticUndefined else told.default
        found.append(
            Field(
                model=model,
                key=key,
                kind=kind,
                inner=plain if isinstance(plain, type) and issubclass(plain, BaseModel) else None,
                choices=tuple(get_args(plain)) if get_origin(plain) is Literal else (),
                default=default if isinstance(default, str | int) else None,
                required=told.is_required(),
                first=first is None or key in first,
                whole=listed and plain is int,
            )
        )
    order = {key: n for n, key in enumerate(first or ())}
    return sorted(found, key=lambda f: order.get(f.key, len(order))) if first else found


def _plain(annotation: Any) -> tuple[Any, bool, bool]:
    """The type without Annotated and None; whether it is a list of it; whether it may be left out."""
    optional = listed = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            arms = [arm for arm in get_args(annotation) if arm is not type(None)]
            optional = optional or len(arms) < len(get_args(annotation))
            annotation = arms[0]
        elif origin is list:
            listed, annotation = True, get_args(annotation)[0]
        else:
            return annotation, listed, optional


def _kind(key: str, plain: Any, listed: bool, optional: bool) -> str:
    if isinstance(plain, type) and issubclass(plain, BaseModel):
        return "rows" if listed else "group"
    if listed:
        return "checks" if key in REFERENCES or get_origin(plain) is Literal else "list"
    if get_origin(plain) is Literal or key in REFERENCES:
        return "choice"
    if plain is bool:
        return "three" if optional else "check"
    return {int: "number", Decimal: "decimal", str: "text"}.get(plain, YAML)
