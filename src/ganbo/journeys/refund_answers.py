"""How a return is answered: the contract's `Recorded` with what was taken, its sentences, and the trace that is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ganbo.books.ledger.posting import Posting
from ganbo.engine.programme import Programme
from ganbo.features.programmes import refund_sentences
from ganbo.foundation import strict_json
from ganbo.journeys import effects
from ganbo.journeys.gathering import Standing
from ganbo.journeys.settling import Settled


@dataclass(frozen=True, slots=True)
class Answered:
    """The stored answer and trace of a return."""

    answer: str
    trace: str


def answered(
    event_id: str,
    settled: Settled | None,
    *,
    status: str,
    standing: Standing | None,
    posting: Posting,
    programme: Programme,
    locale: str,
) -> Answered:
    """`status`: applied, parked, nothing, no_member or undone; the contract's own is applied or parked."""
    balances = effects.balances(posting, standing, programme)
    rows = list(settled.rows) if settled else []
    told = told_of(rows, settled.refunded if settled else 0, status=status, balances=balances)
    told["in_money"] = settled.in_money if settled else 0
    told["topup"] = settled is not None and settled.topup
    address = standing.address_form if standing else None
    speaks = (standing.locale if standing else "") or locale
    recorded = {
        "event_id": event_id,
        "status": "parked" if status == "parked" else "reversed" if status == "undone" else "applied",
        "member_id": str(standing.member_id) if standing else None,
        "effects": rows,
        "balances": balances,
        "tier": effects.tier(standing, programme),
        "because": refund_sentences.because(told, programme, locale=speaks, address=address),
        "refunded": {"amount": told["money"], "in_money": told["in_money"], "currency": programme.currency},
    }
    return Answered(strict_json.dumps(recorded), strict_json.dumps({"trace": {}, "refund": told}))


def told_of(
    rows: list[dict[str, Any]], money: int, *, status: str, balances: Mapping[str, Mapping[str, int]]
) -> dict[str, Any]:
    """What the sentences of a return are made of; amounts above zero were taken back."""
    points: dict[str, int] = {}
    stamps: dict[str, int] = {}
    card: dict[str, int] = {}
    paid: dict[str, int] = {}
    for row in rows:
        if row["kind"] == "wallet":
            points[row["wallet"]] = points.get(row["wallet"], 0) - row["amount"]
        elif row["kind"] == "money_back":
            card[row["wallet"]] = card.get(row["wallet"], 0) + row["amount"]
        elif row["kind"] == "paid":
            paid[row["wallet"]] = paid.get(row["wallet"], 0) - row["amount"]
        elif row["kind"] == "stamp":
            stamps[row["card"]] = stamps.get(row["card"], 0) - row["added"]
    vouchers = sum(1 if row["state"] == "void" else -1 for row in rows if row["kind"] == "voucher")
    touched = [wallet for wallet in dict.fromkeys([*points, *paid]) if wallet in balances]
    return {
        "status": status,
        "money": money,
        "points": points,
        "paid": paid,
        "stamps": stamps,
        "card": card,
        "vouchers": vouchers,
        "left": {wallet: balances[wallet]["available"] for wallet in touched},
        "owed": {wallet: balances[wallet]["owed"] for wallet in touched if balances[wallet]["owed"]},
        "stamps_owed": sum(row.get("owed", 0) for row in rows if row["kind"] == "stamp"),
    }
