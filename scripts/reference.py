"""Fill the tables of docs/reference: programme.md from the document's shapes, warehouse.md and kpis.md from the source.

With --check only say whether they are current.

Each key's meaning and example stand under it in the source; `documents()` puts every example where it belongs.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ganbo.engine import document
from ganbo.engine.document import examples as examples_
from ganbo.engine.text import Placed
from ganbo.insights.kpis import words
from ganbo.insights.kpis.definitions import KPIS
from ganbo.insights.warehouse import tables

WAREHOUSE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "warehouse.md"
FIGURES = WAREHOUSE.with_name("kpis.md")
KPI_ROWS = re.compile(r"(<!-- kpis -->\n).*?(<!-- /kpis -->)", re.DOTALL)
TABLES = re.compile(r"(<!-- tables -->\n).*?(<!-- /tables -->)", re.DOTALL)
PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "programme.md"
MARK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- /table -->)", re.DOTALL)
Shape = type[BaseModel]
Part = dict[str, Any]

FRAME: Part = Placed("""
ganbo: 1
programme: gan-bo
name: Gắn Bó
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets: {points: {name: điểm, expires: {kind: end_of_year}}, miles: {name: dặm}, card: {name: tiền, money: true},
  gift_money: {name: tiền thưởng, money: true, refundable: false}}
tables: {class: {Y: 50, C: 150}}
earn: [{id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}]
stamp_cards: [{id: coffee, size: 10, reward: free-coffee}]
tiers: {levels: [{id: bronze}, {id: silver, enter: {spend: 5000000}}]}
rewards: [{id: free-coffee, kind: free_item, sku: latte}, {id: ten-percent, kind: discount, percent: 10}]
budget: {lines: {rewards: {planned: 120000000}}}
perks: [{id: upsize, text: Nâng size, count: 1, per: month}]
partners: [{id: bookshop, accepts: [gift_card]}]
packages: [{id: wash-10, price: 800000, units: {wash: 11}, months: 12}]
""").value
RULE: Part = {"id": "example", "on": "purchase"}
FLAT: Part = {"wallet": "points", "amount": 5}
POOL: Part = {"pool": "household", "wallets": ["points"]}
HOME: Part = {"household": {"minh": "adult"}}
AT: Part = {"at": 100, "give": {"voucher": "ten-percent"}}
NEED: Part = {"needs": {"count": 5}, "give": {"voucher": "ten-percent"}}
PURCHASE: Part = {"type": "purchase", "occurred_at": "2026-11-23T10:00:00+07:00", "data": {"amount": 55000}}


def _wallet(part: Part) -> Part:
    return {"wallets": {**FRAME["wallets"], "points": {"name": "điểm", **part}}}


def _rule(part: Part) -> Part:
    return {"earn": [*FRAME["earn"], {**RULE, **part}]}


def _tiers(part: Part) -> Part:
    return {"tiers": {**FRAME["tiers"], **part}}


def _level(part: Part) -> Part:
    return {"tiers": {"levels": [{"id": "bronze"}, {"id": "silver", **part}]}}


def _reward(part: Part) -> Part:
    kind = {} if "choose" in part else {"kind": "gift"}
    return {"rewards": [*FRAME["rewards"], {"id": "example", **kind, **part}]}


def _offer(part: Part) -> Part:
    return {"offers": [{"id": "example", **part}]}


def _partner(part: Part) -> Part:
    earns = {"per": 20000, "amount": 1, "pays_us": 110}
    worth = {"points": {"name": "điểm", "face_value": 100}}
    more = {"we_pay": 95} if "points" in part.get("accepts", ()) else {}
    return {"wallets": {**FRAME["wallets"], **worth}, "partners": [{"id": "bookshop", "earns": earns, **more, **part}]}


def _card(part: Part) -> Part:
    card = {"id": "coffee", "size": 10, "reward": "free-coffee", **part}
    rival = [{**card, "id": "coffee-12", "size": 12, "head_start": 2, "repeat": False}] if "experiment" in part else []
    return {"stamp_cards": [{**card, "repeat": False} if rival else card, *rival]}


def _example(part: Part) -> Part:
    return {"examples": [{"event": PURCHASE, "expect": {}, **part}]}


# where a part of a shape stands: the keys of FRAME that it takes the place of
STANDS: dict[str, Callable[[Part], Part]] = {
    "ProgrammeDoc": lambda part: part,
    "WalletDoc": _wallet,
    "ExpiryDoc": lambda part: _wallet({"expires": part}),
    "GraceDoc": lambda part: _wallet({"expires": {"kind": "end_of_year", "grace": part}}),
    "PayDoc": lambda part: _wallet({"pay": part}),
    "PendingDoc": lambda part: _wallet({"pending": part}),
    "BaseDoc": lambda part: {"base": part},
    "RuleDoc": _rule,
    "GiveDoc": lambda part: _rule({"give": part, "say": "như bảng"}),
    "MultiplyDoc": lambda part: _rule({"multiply": part}),
    "LimitDoc": lambda part: _rule({"give": FLAT, "limits": [part]}),
    "RollingDoc": lambda part: _rule({"give": FLAT, "limits": [{"period": part, "count": 1}]}),
    "DuringDoc": lambda part: _rule({"give": FLAT, "during": part}),
    "StampCardDoc": _card,
    "MilestonesDoc": lambda part: {"milestones": {"of": "spend", "steps": [AT], **part}},
    "MilestoneStepDoc": lambda part: {"milestones": {"of": "spend", "steps": [{**AT, **part}]}},
    "GiftDoc": lambda part: {"milestones": {"of": "spend", "steps": [{"at": 100, "give": part}]}},
    "ChallengeDoc": lambda part: {"challenges": [{"id": "example", **NEED, **part}]},
    "NeedsDoc": lambda part: {"challenges": [{"id": "example", **NEED, "needs": part}]},
    "TiersDoc": _tiers,
    "ManyDoc": lambda part: _tiers({"metric": part}),
    "WindowDoc": lambda part: _tiers({"window": part}),
    "DowngradeDoc": lambda part: _tiers({"downgrade": part}),
    "ValidDoc": lambda part: _tiers({"valid": part}),
    "CountsDoc": lambda part: _tiers({"counts": part}),
    "MetricDoc": lambda part: _tiers({"metrics": {"own": part}}),
    "LevelDoc": _level,
    "BenefitsDoc": lambda part: _level({"benefits": part}),
    "WalletMultiplyDoc": lambda part: _level({"benefits": {"multiply": {"points": part}}}),
    "RewardDoc": _reward,
    "PriceDoc": lambda part: _reward({"price": part}),
    "ValidFromDoc": lambda part: _reward({"valid": part}),
    "IssuerDoc": lambda part: _reward({"kind": "partner_card", "codes": "imported", "issuer": part}),
    "AccountsDoc": lambda part: {"accounts": part},
    "PerkDoc": lambda part: {"perks": [{"id": "example", "text": "…", **part}]},
    "PackageDoc": lambda part: {"packages": [{"id": "wash-10", "price": 800000, "units": {"wash": 11}, **part}]},
    "PartnerDoc": _partner,
    "PartnerEarnsDoc": lambda part: _partner({"earns": part}),
    "TopUpDoc": lambda part: {"topups": [part]},
    "ProofDoc": lambda part: {"spend_proof": [part, *([] if part.get("up_to") is None else [{"by": ["otp"]}])]},
    "ClaimsDoc": lambda part: {"claims": part},
    "OfferDoc": lambda part: {"products": {"source": "file"}, **_offer(part)},
    "ProductsDoc": lambda part: {"products": part},
    "BundlePartDoc": lambda part: _offer({"bundle": [part], "price": 1000}),
    "NthDoc": lambda part: _offer({"nth": part, "percent": 10}),
    "BudgetDoc": lambda part: {"budget": {"lines": FRAME["budget"]["lines"], **part}},
    "NeverDoc": lambda part: {"never": part},
    "RunsDoc": lambda part: {"runs": part},
    "HoldoutDoc": lambda part: {"holdout": part},
    "GoalDoc": lambda part: {"goals": [{"kpi": "crr", "to": 0.6, "by": "2027-06-30", **part}]},
    "OfflineDoc": lambda part: {"offline": part},
    "LegalDoc": lambda part: {"legal": part},
    "BudgetLineDoc": lambda part: {"budget": {"lines": {"rewards": part}}},
    "ExampleDoc": lambda part: {"examples": [part]},
    "GivenDoc": lambda part: {**_example({"given": part}), "accounts": POOL},
    "GivenMemberDoc": lambda part: _example({"given": {"member": part}}),
    "ExampleEventDoc": lambda part: _example({"event": part}),
    "StepDoc": lambda part: {
        "accounts": POOL,
        "examples": [{"given": HOME, "story": [{"event": PURCHASE}, part], "expect": {}}],
    },
    "RefundDoc": lambda part: {"examples": [{"story": [{"event": PURCHASE}, {"refund": part}], "expect": {}}]},
    "PartnerStepDoc": lambda part: {
        **_partner({}),
        "examples": [{"story": [{"event": PURCHASE}, {"partner": part}], "expect": {}}],
    },
    "PackageStepDoc": lambda part: {"examples": [{"story": [{"event": PURCHASE}, {"package": part}], "expect": {}}]},
    "ExpectDoc": lambda part: _example({"expect": part}),
}


def shapes() -> dict[str, Shape]:
    """Every shape of the document by its name."""
    found = {**vars(examples_), **vars(document)}
    return {
        name: one
        for name, one in sorted(found.items())
        if isinstance(one, type) and issubclass(one, BaseModel) and one is not BaseModel
    }


def keys(shape: Shape) -> Iterator[tuple[str, str, str]]:
    """Each key as it is written, its meaning and its example; empty texts where the source says nothing."""
    for name, field in shape.model_fields.items():
        meaning, _, example = (field.description or "").partition("\n\n")
        yield field.alias or name, " ".join(meaning.split()), " ".join(example.split())


def documents() -> Iterator[tuple[str, str, str]]:
    """Every key's place (`GiveDoc.per`) and its example standing in a whole document, as JSON; and the example."""
    for name, shape in shapes().items():
        for key, _, example in keys(shape):
            whole = {**FRAME, **STANDS[name](Placed(example).value)}
            yield f"{name}.{key}", example, json.dumps(whole, ensure_ascii=False, default=float)


def form(schema: Part) -> str:
    """A JSON schema in words."""
    if "form" in schema:
        return str(schema["form"])
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name.removesuffix('Doc').lower()}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(form(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "const" in schema or "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type")
    if kind == "array":
        return f"list of {form(schema['items'])}" + _how_many(schema)
    if kind == "object":
        inner = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")][0]
        return f"{{id: {form(inner)}, …}}" if isinstance(inner, dict) else "keys with values"
    if kind == "integer":
        least, most = schema.get("minimum"), schema.get("maximum")
        if most is not None and most < 10**6:
            return f"{least} to {most}"
        return "whole number" if least is None or least < 0 else f"whole number from {least}"
    return {"boolean": "`true` or `false`", "string": "text"}.get(str(kind), "any value")


def _how_many(schema: Part) -> str:
    most = schema.get("maxItems")
    return f", at most {most}" if most else ""


def table(shape: Shape) -> str:
    """The table of a shape's keys."""
    schema = shape.model_json_schema(by_alias=True)
    rows = ["| key | form | meaning | example |", "|---|---|---|---|"]
    for key, meaning, example in keys(shape):
        told = schema["properties"][key]
        default = told.get("default")
        if key in schema.get("required", ()):
            meaning += " Required."
        elif isinstance(default, str | bool | int):
            meaning += f" Left out: `{json.dumps(default).strip(chr(34))}`."
        rows.append(f"| `{key}` | {form(told)} | {meaning} | `{example}` |")
    return "\n".join(rows) + "\n"


def later() -> str:
    """What belongs to later versions."""
    rows = ["| where | keys |", "|---|---|"]
    for where, names in document.LATER.items():
        rows.append(f"| {f'`{where}`' if where else 'top'} | {', '.join(f'`{name}`' for name in sorted(names))} |")
    rows += ["", "and these values:", "", "| where | values |", "|---|---|"]
    for where, names in document.LATER_VALUES.items():
        rows.append(f"| `{where}` | {', '.join(f'`{name}`' for name in sorted(names))} |")
    return "\n".join(rows) + "\n"


def filled(page: str) -> str:
    """The page with every table as the shapes are."""
    known = shapes()
    return MARK.sub(lambda m: m[1] + (later() if m[2] == "later" else table(known[m[2]])) + m[3], page)


def warehouse(page: str) -> str:
    """The warehouse's page with every table as it is written."""
    return TABLES.sub(lambda m: m[1] + "\n".join(tables.described()) + m[2], page)


def kpis(page: str) -> str:
    """The KPIs' page with every KPI as it is reckoned."""
    rows = ["| name | is called | says | formula | unit | by |", "|---|---|---|---|---|---|"]
    for name, kpi in KPIS.items():
        told = words.WORDS[name]
        called = f"{told.name.text('vi')} / {told.name.text('en')}"
        said, formula, by = told.says.text("en"), told.formula("en"), ", ".join(f"`{one}`" for one in kpi.by)
        rows.append(f"| `{name}` | {called} | {said} | {formula} | {kpi.unit} | {by} |")
    return KPI_ROWS.sub(lambda m: m[1] + "\n".join(rows) + "\n" + m[2], page)


def main() -> int:
    pages = {PAGE: filled, WAREHOUSE: warehouse, FIGURES: kpis}
    for path, fill in pages.items():
        page = path.read_text(encoding="utf-8")
        if "--check" not in sys.argv:
            path.write_text(fill(page), encoding="utf-8")
        elif fill(page) != page:
            print(f"docs/reference/{path.name} is not what the source says; run: make reference")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
