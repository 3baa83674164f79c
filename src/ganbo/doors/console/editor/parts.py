"""The parts of a document that can be edited by themselves, and where each stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field

from ganbo.engine import document as shape
from ganbo.engine.document.shapes import STRICT, Id, LocalWords, Words
from ganbo.features.programmes.document_tree import Path

NEW = "new"


class AboutDoc(BaseModel):
    """What the document says of itself."""

    model_config = STRICT
    name: LocalWords
    programme: Id
    currency: Words
    timezone: Words
    late_days: Annotated[int, Field(ge=1, le=366)] = 90


@dataclass(frozen=True, slots=True)
class Kind:
    """`path` leads to the list, the mapping, or (alone) the part itself."""

    slug: str
    path: Path
    shape: type[BaseModel]
    alone: bool = False
    keyed: bool = False


KINDS = {
    kind.slug: kind
    for kind in (
        Kind("about", (), AboutDoc, alone=True),
        Kind("base", ("base",), shape.BaseDoc, alone=True),
        Kind("rule", ("earn",), shape.RuleDoc),
        Kind("card", ("stamp_cards",), shape.StampCardDoc),
        Kind("milestones", ("milestones",), shape.MilestonesDoc, alone=True),
        Kind("challenge", ("challenges",), shape.ChallengeDoc),
        Kind("tiers", ("tiers",), shape.TiersDoc, alone=True),
        Kind("level", ("tiers", "levels"), shape.LevelDoc),
        Kind("reward", ("rewards",), shape.RewardDoc),
        Kind("perk", ("perks",), shape.PerkDoc),
        Kind("package", ("packages",), shape.PackageDoc),
        Kind("partner", ("partners",), shape.PartnerDoc),
        Kind("topup", ("topups",), shape.TopUpDoc),
        Kind("accounts", ("accounts",), shape.AccountsDoc, alone=True),
        Kind("offer", ("offers",), shape.OfferDoc),
        Kind("wallet", ("wallets",), shape.WalletDoc, keyed=True),
        Kind("budget", ("budget",), shape.BudgetDoc, alone=True),
        Kind("never", ("never",), shape.NeverDoc, alone=True),
        Kind("proof", ("spend_proof",), shape.ProofDoc),
        Kind("claims", ("claims",), shape.ClaimsDoc, alone=True),
        Kind("runs", ("runs",), shape.RunsDoc, alone=True),
        Kind("offline", ("offline",), shape.OfflineDoc, alone=True),
        Kind("holdout", ("holdout",), shape.HoldoutDoc, alone=True),
        Kind("goal", ("goals",), shape.GoalDoc),
        Kind("legal", ("legal",), shape.LegalDoc, alone=True),
    )
}


def path_of(kind: Kind, key: str, document: Mapping[str, Any]) -> Path | None:
    """Where a part stands or will stand; None when there is no such part."""
    if kind.alone:
        return kind.path if key == "-" else None
    holder = value_at(document, kind.path)
    if key == NEW:
        return (*kind.path, NEW if kind.keyed else len(holder or ()))
    if kind.keyed:
        return (*kind.path, key) if isinstance(holder, dict) and key in holder else None
    if key.isdigit() and isinstance(holder, list) and int(key) < len(holder):
        return (*kind.path, int(key))
    return None


def value_at(document: Any, path: Path) -> Any:
    """What stands at a path; None when nothing does."""
    for part in path:
        if (isinstance(document, Mapping) and part in document) or (
            isinstance(document, list) and isinstance(part, int) and part < len(document)
        ):
            document = document[part]
        else:
            return None
    return document


def entries(kind: Kind, document: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """(key in the address, what is written) of every part of a kind, in document order."""
    holder = value_at(document, kind.path)
    if kind.alone:
        return [("-", holder)] if isinstance(holder, dict) else []
    if isinstance(holder, dict):
        return [(str(key), one) for key, one in holder.items() if isinstance(one, dict)]
    if isinstance(holder, list):
        return [(str(n), one) for n, one in enumerate(holder) if isinstance(one, dict)]
    return []


def ids(document: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """(id, name) of what parts can refer to: wallets, rules, rewards, perks, levels, lines of the budget, own metrics."""
    lines = value_at(document, ("budget", "lines"))
    metrics = value_at(document, ("tiers", "metrics"))
    return {
        "wallets": [(key, _name(one, key)) for key, one in entries(KINDS["wallet"], document)],
        "rules": _named(KINDS["rule"], document),
        "rewards": _named(KINDS["reward"], document),
        "perks": _named(KINDS["perk"], document),
        "levels": _named(KINDS["level"], document),
        "lines": [(line, line) for line in lines] if isinstance(lines, dict) else [],
        "metrics": [(metric, metric) for metric in metrics] if isinstance(metrics, dict) else [],
    }


def _named(kind: Kind, document: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(str(one["id"]), _name(one, str(one["id"]))) for _, one in entries(kind, document) if "id" in one]


def _name(one: Mapping[str, Any], otherwise: str) -> str:
    return name_of(one.get("name") or one.get("text"), "vi") or otherwise


def name_of(name: Any, locale: str) -> str:
    """A merchant's words in a language, of a document that need not be valid."""
    if isinstance(name, dict):
        return str(name.get(locale) or name.get("vi") or next(iter(name.values()), ""))
    return name if isinstance(name, str) else ""
