"""After a purchase, a thank-you e-mail with what was earned: a receipt, not marketing, so it carries no offer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from ganbo.books.events import queries as events
from ganbo.features.programmes import queries as programmes
from ganbo.foundation import i18n
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.people.channels import operations as channels
from ganbo.people.members import queries as members
from ganbo.people.members.queries import MemberRow


def on_events(business: BusinessRow, facts: Sequence[dict[str, Any]], *, at: datetime) -> None:
    """Queue the receipts of fresh purchases by members who have an e-mail and want receipts."""
    fresh = {
        e["event_id"]: UUID(e["member_id"])
        for fact in facts
        for e in fact["events"]
        if e["type"] == "purchase" and e["news"] and e["member_id"]
    }
    wanting = {row.id: row for row in members.wanting_receipts(set(fresh.values()))}
    for event_id, member_id in fresh.items():
        if member_id in wanting:
            _queue(business, wanting[member_id], event_id, at=at)


def _queue(business: BusinessRow, member: MemberRow, event_id: str, *, at: datetime) -> None:
    event = events.get(event_id)
    if event is None or event.reversed_at is not None or member.email is None:
        return
    subject, body = receipt(business, member, event)
    channels.queue(
        f"receipt:{event.event_id}",
        member_id=member.id,
        kind="receipt",
        channel="email",
        recipient=member.email,
        subject=subject,
        body=body,
        at=at,
    )


def receipt(business: BusinessRow, member: MemberRow, event: events.EventRow) -> tuple[str, str]:
    """Subject and text of the e-mail, in the member's language."""
    locale = i18n.known(member.locale or business.locale)
    programme = programmes.in_force_at(business.schema, event.occurred_at).programme
    answer = orjson.loads(event.answer)
    lines = [greeting(member, locale), ""]
    paid = i18n.money(event.net or 0, programme.currency, locale)
    lines.append(
        i18n.text(
            locale,
            "Thank you for your purchase of %(amount)s on %(when)s.",
            amount=paid,
            when=i18n.moment(event.occurred_at, programme.timezone, locale),
        )
    )
    lines += answer.get("because", [])
    for wallet, held in answer.get("balances", {}).items():
        unit = programme.wallets[wallet].name.text(locale)
        lines.append(
            i18n.text(locale, "You now have %(n)s %(unit)s.", n=i18n.number(held["available"], locale), unit=unit)
        )
    lines += ["", business.name]
    return i18n.text(locale, "Thank you from %(shop)s", shop=business.name), "\n".join(lines)


def greeting(member: MemberRow, locale: str) -> str:
    """Chào chị Lan, / Hello Lan,"""
    name = member.name.split()[-1] if member.name else ""
    if locale != "vi":
        return i18n.text(locale, "Hello %(name)s,", name=name) if name else i18n.text(locale, "Hello,")
    return f"Chào {member.address_form or 'bạn'} {name}".strip() + ","
