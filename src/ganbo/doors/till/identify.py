"""What the one box was given: a member, several, a new number, a voucher, or nothing we know."""

from dataclasses import dataclass, field
from uuid import UUID

from ganbo.features.rewards import queries as rewards
from ganbo.features.rewards.queries import VoucherRow
from ganbo.journeys.partner_lookup import Recognised
from ganbo.people.members import contacts
from ganbo.people.members import queries as members
from ganbo.people.members.queries import MemberRow


@dataclass(frozen=True, slots=True)
class Found:
    """`kind` is waiting, member, several, voucher, new, partner or nothing; the rest as the kind needs it."""

    kind: str
    text: str = ""
    member: MemberRow | None = None
    several: list[MemberRow] = field(default_factory=list)
    voucher: VoucherRow | None = None
    phone: str = ""
    blocked: bool = False
    theirs: Recognised | None = None


def found(text: str, *, country: str) -> Found:
    """What the text says. A voucher's check letter makes it no phone and no name."""
    text = text.strip()[:100]
    if not text:
        return Found("waiting")
    voucher = rewards.by_code(text)
    if voucher is not None:
        return Found("voucher", text, voucher=voucher, member=members.get(voucher.member_id))
    matches = members.search(text, region=country)
    if len(matches) == 1:
        return Found("member", text, member=matches[0])
    if matches:
        return Found("several", text, several=matches)
    try:
        return Found("new", text, phone=contacts.phone(text, region=country))
    except contacts.BadPhone:
        return Found("nothing", text, blocked=members.blocked(text.replace(" ", "")))


def picked(member_id: str) -> Found:
    """The member that was picked from a list or has just been served."""
    try:
        member = members.get(UUID(member_id))
    except ValueError:
        member = None
    return Found("member", member=member) if member else Found("nothing", member_id)
