"""Who gains and who loses between drafts, and what the back-test knows that reading the document could not."""

from collections.abc import Sequence
from typing import Any

from ganbo.engine.programme import Programme
from ganbo.insights.simulation.totals import Totals

MOST_NAMED = 10
TOP = 100  # the hundredth part of the members
_DEAR = 0.10
_NEVER_REACHED = 0.01


def winners(keys: Sequence[str], totals: Totals) -> list[dict[str, Any]]:
    """The members who get most, with what they spent."""
    order = sorted(range(len(keys)), key=lambda n: (-totals.gained[n], keys[n]))[:MOST_NAMED]
    return [_row(keys, totals, n) for n in order if totals.gained[n] > 0]


def against(keys: Sequence[str], mine: Totals, other: Totals) -> dict[str, Any]:
    """How members fare under a draft, compared with another: how many gain, lose, or get the same; the ten of each."""
    change = [a - b for a, b in zip(mine.gained, other.gained, strict=True)]
    order = sorted(range(len(keys)), key=lambda n: (change[n], keys[n]))
    lost = [n for n in order[:MOST_NAMED] if change[n] < 0]
    won = [n for n in order[: -MOST_NAMED - 1 : -1] if change[n] > 0]
    return {
        "better_off": sum(n > 0 for n in change),
        "worse_off": sum(n < 0 for n in change),
        "same": sum(n == 0 for n in change),
        "winners": [{**_row(keys, mine, n), "change": change[n]} for n in won],
        "losers": [{**_row(keys, mine, n), "change": change[n]} for n in lost],
    }


def _row(keys: Sequence[str], totals: Totals, n: int) -> dict[str, Any]:
    return {"member": keys[n], "gained": totals.gained[n], "sales": totals.spent[n]}


def findings(found: dict[str, Any], totals: Totals, programme: Programme) -> list[dict[str, Any]]:
    """What the linter could not know, the most important first: each a code and its numbers."""
    return [*_money(found), *_idle(found, programme), *_reach(found, totals, programme)]


def _money(found: dict[str, Any]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = [
        {
            "code": "budget_used_up_monthly" if row["earliest"] else "budget_used_up",
            **{name: row[name] for name in ("line", "planned", "used_up_on", "over", "periods", "earliest")},
        }
        for row in found["budget"]
        if row["used_up_on"]
    ]
    if found["rewards_without_cost"]:
        told.append({"code": "cost_unknown", "rewards": sorted(found["rewards_without_cost"])})
    months = [row for row in found["monthly"] if row["cost"] and row["cost_share"] is not None]
    if months:
        worst = max(months, key=lambda row: row["cost"])
        told.append(
            {"code": "worst_month", "month": worst["month"], "cost": worst["cost"], "share": worst["cost_share"]}
        )
    if (found["cost_share"] or 0) > _DEAR:
        told.insert(0, {"code": "dear", "share": found["cost_share"]})
    return told


def _idle(found: dict[str, Any], programme: Programme) -> list[dict[str, Any]]:
    """Rules and rewards of which nothing ever came."""
    gave = found["rules"]
    rules = [r.id for r in programme.rules if r.give is not None and r.id not in gave]
    cards = [card.id for card in programme.cards if f"card:{card.id}" not in gave]
    told = [{"code": "never_gave", "rules": rules}] if rules else []
    told += [{"code": "card_never_stamped", "cards": cards}] if cards else []
    levels = [
        level.id for level in programme.levels[1:] if not found["tiers"].get(level.id) and not level.invitation_only
    ]
    return told + ([{"code": "level_not_reached", "levels": levels}] if levels else [])


def _reach(found: dict[str, Any], totals: Totals, programme: Programme) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    first = found["first_gift"]
    if programme.rewards and totals.members:
        told.append({"code": "first_gift", "share": first["share"], "days": first["days"]})
    gained = sorted(totals.gained, reverse=True)
    top = gained[: len(gained) // TOP]
    if top and sum(gained) > 0:
        told.append({"code": "top_gets", "members": len(top), "share": sum(top) / sum(gained)})
    return told
