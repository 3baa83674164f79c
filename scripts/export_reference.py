"""Fill the tables of docs/reference/export.md from the list of tables, the models and what stands beside their fields.

With --check only say whether they are current.
"""

import inspect
import os
import re
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "export.md"
MARK = re.compile(r"(<!-- (tables|views|left out) -->\n).*?(<!-- /\2 -->)", re.DOTALL)
_FIELD = re.compile(r"^    (\w+) = models\.\w+\(.*\)  # (.+)$", re.MULTILINE)
TYPES = {
    "UUIDField": "UUID",
    "TextField": "text",
    "BigIntegerField": "integer",
    "IntegerField": "integer",
    "SmallIntegerField": "integer",
    "BooleanField": "true or false",
    "BinaryField": "bytes",
    "DateTimeField": "instant",
    "DateField": "day",
    "DecimalField": "number",
    "DurationField": "duration",
    "JSONField": "JSON",
}

# what a field says that has no comment in its model: by its name, or by table.field where the name says different things
SAID = {
    "id": "its id",
    "member_id": "whose it is: the id of a member",
    "at": "when",
    "by": "who of the staff, or which key, did it",
    "store": "id of the store",
    "created_at": "when it was made",
    "recorded_at": "when it was written down",
    "expires_at": "first instant at which it is over",
    "programme_version": "the version whose rules it keeps",
    "version": "number of the version",
    "reward": "id of the reward in the programme",
    "wallet": "id of the wallet in the programme",
    "asset": "a wallet, stamp card or budget line",
    "amount": "how many; money in minor units",
    "remaining": "how many are left",
    "quantity": "how many",
    "count": "how many",
    "cause": "the event, redemption or job it comes from",
    "rule": "id of the rule that gave it",
    "event_id": "id of the event",
    "voucher_id": "id of the voucher",
    "household_id": "id of the household",
    "package_id": "id of the package that was sold",
    "order_id": "the shop's number of the order",
    "order_key": "the store and the order of a purchase",
    "code_hash": "SHA-256 of the code",
    "body_hash": "SHA-256 of what was told, to know it again",
    "digest": "SHA-256 of the text",
    "partner": "id of the partner in the programme",
    "name": "what people call it",
    "lang": "`vi` or `en`",
    "channel": "where it came from or goes to",
    "used_at": "when it was used",
    "updated_at": "when it was changed last",
    "undone_at": "when it was undone",
    "perk": "id of the perk in the programme",
    "unit": "what is counted, as the programme names it",
    "taken": "how many were taken",
    "tier": "id of the level",
    "note": "words of who did it",
    "state": "how it stands",
    "kind": "which kind of it",
    "body": "the words or data of it",
    "text": "the text",
    "type": "type of the event",
    "price": "what was paid",
    "locale": "language; empty: the business's",
    "versions.source": "the document as it was published",
    "in_force_from": "from when on it judges events",
    "published_at": "when it was published",
    "published_by": "who published it",
    "versions.withdraws": "the version it calls off",
    "draft.source": "the document as it is now",
    "draft.before": "the text of the save before",
    "draft.revision": "grows with each save",
    "draft.based_on": "the version it was begun from",
    "updated_by": "who saved it",
    "done_at": "when it was done; null: not yet",
    "usages.subject": "whose limit: `member:…`, `store:…`, `programme`",
    "usages.period": "the day, week, month … it counts for",
    "usages.points": "points given under the limit",
    "usages.money": "money counted under the limit, minor units",
    "external_id": "the number another system knows the member by",
    "birthday": "day of birth",
    "cards.number": "number of the card",
    "blocked_at": "when it was blocked; null: it works",
    "consents.given": "yes or no",
    "consents.source": "the form or page it was said on",
    "standings.purchases": "purchases so far",
    "last_purchase_at": "the last purchase",
    "last_visit_on": "the last day of a visit",
    "decided_by": "who decided",
    "decided_at": "when it was decided",
    "founded_at": "when it was founded",
    "dissolved_at": "when it was dissolved",
    "joined_at": "when they joined",
    "left_at": "when they left; null: they are in it",
    "invited_at": "when they were asked",
    "answered_at": "when they answered",
    "confirmed": "whether somebody confirmed it",
    "sku": "number of the item",
    "category": "category of the item",
    "labels": "labels of the item",
    "products.cost": "what it costs the shop, minor units",
    "prices": "price list → price, minor units",
    "changed_at": "when it was changed last",
    "occurred_at": "when it happened",
    "staff": "who served",
    "reversed_at": "when it was undone",
    "decisions.subject": "the event, or `<event>/claim`, `/reverse`, `/settled`",
    "printed_at": "when it was printed",
    "accounts.role": "`member` (to be spent), `owed`, `pending`, `held`, `stamps`; counter-accounts of the business",
    "holder_id": "whose it is; null: the business's",
    "balance": "how much is on it; null: the sum of its transfers",
    "account_id": "id of the account",
    "earned_month": "first day of the month it was earned in",
    "settlements.state": "JSON: what came back line by line and wallet by wallet",
    "lots.id": "follows from account, end and month",
    "lots.expires_at": "first unusable instant; in the year 9999: never",
    "pending-points.expires_at": "the end they will have; in the year 9999: never",
    "transfers.kind": "`earn`, `spend`, `expire`, `hold`, `unhold`, `pending`, `cancel`, `owed`, `shortfall`, `reverse`,"
    " `restore`, `return`, `redate`, `unexpire`, `reexpire`",
    "debit_id": "the account it leaves",
    "credit_id": "the account it goes to",
    "cancelled": "how many were taken back before they were usable",
    "usable_at": "when they become usable",
    "earned_at": "when they were earned",
    "holds.open": "whether it holds still",
    "hold_id": "id of the hold",
    "captured": "how many were spent",
    "redemption": "the redemption that issued it",
    "batch_id": "the batch it is of",
    "pool": "a partner's code: `waiting` for one, or `given`; empty: a code of our own",
    "usable_from": "first instant at which it may be used",
    "chosen_at": "when its holder chose",
    "times": "how often at once",
    "ended_at": "when it was taken back",
    "batches.done": "how many are made",
    "batches.uses": "how often each may be used",
    "batches.budget": "the line of the budget that pays",
    "finished_at": "when all were made",
    "budget-notices.key": "the line of the budget",
    "imported_at": "when it was brought in",
    "given_at": "when it was given to a voucher",
    "refundable": "whether its money is given back",
    "sold_at": "when it was sold",
    "paused_at": "since when it is paused; null: it runs",
    "sold_by": "who sold it",
    "refunded_at": "when it was given back",
    "refunded_by": "who gave the money back",
    "package-units.sold": "units sold",
    "package-units.used": "units used",
    "package-units.left": "units left",
    "package-units.refunded": "units given back",
    "package-units.expired": "units that ended",
    "reference": "the partner's number of the bill",
    "earned": "points earned",
    "partner-lines.ours": "whether it is about our points or cards",
    "partner-lines.units": "how many points",
    "currency": "currency of the money",
    "slug": "its short name",
    "question": "what is asked",
    "groups": "the groups and their shares or stores",
    "settings": "what its metric needs",
    "plan": "what was supposed when it was planned",
    "starts_on": "first day",
    "created_by": "who planned it",
    "group": "id of the group",
    "kpi": "name of the figure",
    "value": "what it was; null: there was nothing to measure",
    "granted_at": "when it was granted",
    "happened_at": "when it happened",
    "noted_at": "when it was told",
    "seen_at": "when somebody saw to it",
    "seen_by": "who saw to it",
    "recipient": "phone or e-mail it goes to",
    "messages.subject": "its heading",
    "attempts": "how often it was tried",
    "next_try_at": "when it is tried next",
    "sent_at": "when it was sent",
    "failure": "why it was not sent",
    "action": "what was done",
    "audit.subject": "to what it was done",
    "facts": "numbers and ids, never names",
}


def silent() -> list[str]:
    """Fields of which nothing is said, as table.field."""
    from ganbo.journeys.moving import tables

    return [f"{t.name}.{field}" for t in tables.TABLES for field, _, said in _fields(t) if not said]


def filled(page: str) -> str:
    """The page with its tables as the source has them."""
    made = {"tables": _tables, "views": _views, "left out": _left_out}
    return MARK.sub(lambda found: f"{found[1]}{made[found[2]]()}{found[3]}", page)


def _tables() -> str:
    from ganbo.journeys.moving import tables

    return "\n".join(map(_table, tables.TABLES)) + "\n"


def _fields(table: Any) -> list[tuple[str, str, str]]:
    """(column, what it is, what it says) of each field; the source's own words go before the general ones."""
    from django.apps import apps

    model = next(model for model in apps.get_models() if model._meta.db_table == table.of)
    said = SAID | dict(_FIELD.findall(inspect.getsource(model)))
    found = []
    for field in model._meta.local_fields:
        if field.column:
            kind = TYPES[type(field.target_field if field.is_relation else field).__name__]
            empty = " or null" if field.null else ""
            names = (f"{table.name}.{field.name}", field.name, field.column)
            words = SAID.get(names[0]) or said.get(field.name) or next((SAID[n] for n in names if n in SAID), "")
            found.append((field.column, f"{kind}{empty}", words.replace("|", "·")))
    return found


def _table(table: Any) -> str:
    key = ", ".join(f"`{column}`" for column in table.key)
    lines = [f"### `{table.file}`", "", f"{table.about[0].upper()}{table.about[1:]}. In order of {key}.", ""]
    lines += ["| field | is | |", "|---|---|---|"]
    lines += [f"| `{column}` | {kind} | {said} |" for column, kind, said in _fields(table)]
    return "\n".join([*lines, ""])


def _views() -> str:
    from ganbo.journeys.moving import views

    rows = [
        f"| `{view.file}` | {view.about} | {', '.join(f'`{column}`' for column in view.columns)} |"
        for view in (*views.VIEWS, views.CODES)
    ]
    return "\n".join(["| file | a row is | columns |", "|---|---|---|", *rows, ""])


def _left_out() -> str:
    from ganbo.journeys.moving import tables

    rows = [f"| {name} | {english} |" for name, (_, english) in (tables.LEFT_OUT | tables.STAYS).items()]
    return "\n".join(["| left out | why |", "|---|---|", *rows, ""])


def main() -> int:
    """Write the page, or with --check tell whether it is current."""
    import django

    os.environ.setdefault("GANBO_DATABASE_URL", "postgresql://nobody@localhost/none")
    os.environ.setdefault("GANBO_SECRET_KEY", "no secret is needed to read what tables there are")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ganbo.settings")
    django.setup()
    before = PAGE.read_text(encoding="utf-8")
    after = filled(before)
    if "--check" in sys.argv:
        return int(before != after)
    PAGE.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
