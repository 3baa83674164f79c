"""Who a partner is: outside, or another business of this installation; there both must name each other and agree.

The side whose points and cards are used is *the issuer*; it is the current business. The other side agrees to the
issuer's terms (what is earned, what each pays) with a note in its own schema; other terms need a new note.
"""

from dataclasses import dataclass
from datetime import datetime

from ganbo.books.ledger.partner_debts import asset_of
from ganbo.engine.partners import Partner
from ganbo.engine.programme import Programme
from ganbo.features.partners import operations, queries
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import NoProgramme
from ganbo.foundation import strict_json
from ganbo.foundation.tenancy import context
from ganbo.foundation.tenancy import queries as businesses
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.foundation.transactions import needs_transaction
from ganbo.kernel.refusal import Refusal


class PartnerUnknown(Refusal):
    """The programme has no partner of this name."""

    code = "partners.unknown"


class NotAgreed(Refusal):
    """The other business does not name us as its partner, or has not agreed to the terms as they are now."""

    code = "partners.not_agreed"


@dataclass(frozen=True, slots=True)
class Side:
    """The books of one side: its business, and what it calls the other."""

    business: BusinessRow
    partner: str


@dataclass(frozen=True, slots=True)
class Link:
    """A partner of the current business: `other` is None when it is outside."""

    programme: Programme
    partner: Partner
    ours: Side
    other: Side | None

    @property
    def sides(self) -> tuple[Side, ...]:
        """The books that are written, in the order in which they are locked."""
        found = [self.ours, *([self.other] if self.other else [])]
        return tuple(sorted(found, key=lambda side: side.business.schema))

    @property
    def currency(self) -> str:
        return self.programme.currency

    def asset(self, side: Side) -> str:
        """The asset of the debts in the books of one side."""
        return asset_of(side.partner, self.currency)


def link(partner_id: str, *, at: datetime, agreed: bool = True) -> Link:
    """The partner by the programme in force at `at`. Raises PartnerUnknown, and NotAgreed when that matters."""
    business = context.current()
    programme = programmes.in_force_at(business.schema, at).programme
    partner = programme.partners.get(partner_id)
    if partner is None:
        raise PartnerUnknown(partner=partner_id)
    other = _other(business, partner, programme) if partner.business else None
    if partner.business and agreed and (other is None or not _agrees(other, partner, programme)):
        raise NotAgreed(partner=partner_id)
    return Link(programme, partner, Side(business, partner_id), other)


def holds(partner_id: str, *, at: datetime) -> bool:
    """Whether bills of this partner are taken now."""
    try:
        link(partner_id, at=at)
    except (PartnerUnknown, NotAgreed):
        return False
    return True


def latest(partner_id: str) -> Link:
    """The partner by the newest version that names it, whether or not it is one still. Raises PartnerUnknown."""
    business = context.current()
    for published in reversed(programmes.timeline(business.schema).versions):
        partner = published.programme.partners.get(partner_id)
        if partner is not None:
            other = _other(business, partner, published.programme) if partner.business else None
            return Link(published.programme, partner, Side(business, partner_id), other)
    raise PartnerUnknown(partner=partner_id)


def _other(business: BusinessRow, partner: Partner, programme: Programme) -> Side | None:
    """The other side when it names us, too, keeps its books in the same currency and is as real as we are."""
    found = businesses.by_slug(partner.business or "")
    if found is None or found.id == business.id or found.sandbox != business.sandbox:
        return None
    with context.within(found):
        name = named(business.slug, currency=programme.currency)
    return Side(found, name) if name else None


def named(slug: str, *, currency: str) -> str:
    """What the current business calls the one with this slug, by its newest version that names it; empty when none does."""
    try:
        versions = programmes.timeline(context.current().schema).versions
    except NoProgramme:
        return ""
    for published in reversed(versions):
        if published.programme.currency != currency:
            continue
        for partner in published.programme.partners.values():
            if partner.business == slug:
                return partner.id
    return ""


def terms_text(partner: Partner, programme: Programme) -> str:
    """The terms as they are agreed to."""
    return strict_json.dumps(partner.terms(programme.currency))


def _agrees(other: Side, partner: Partner, programme: Programme) -> bool:
    with context.within(other.business):
        return queries.agreed(other.partner) == terms_text(partner, programme)


def offered(partner_id: str, *, at: datetime) -> tuple[Partner, Programme] | None:
    """What the partner says of us: as what it names the current business, and its programme; None when it does not."""
    found = link(partner_id, at=at, agreed=False)
    if found.other is None:
        return None
    with context.within(found.other.business):
        theirs = programmes.in_force_at(found.other.business.schema, at).programme
    named_us = theirs.partners.get(found.other.partner)
    return (named_us, theirs) if named_us else None


@needs_transaction
def agree(partner_id: str, *, by: str, at: datetime) -> str:
    """Agree to the terms on which the partner's points and cards are used here. Raises PartnerUnknown or NotAgreed."""
    found = offered(partner_id, at=at)
    if found is None:
        raise NotAgreed(partner=partner_id)
    terms = terms_text(*found)
    if queries.agreed(partner_id) != terms:
        operations.agree(partner_id, terms, by=by, at=at)
    return terms


def issuers(*, at: datetime) -> list[Link]:
    """Businesses here whose points or cards are used at the current one, each as the link in the issuer's own books."""
    here = context.current()
    try:
        programme = programmes.in_force_at(here.schema, at).programme
    except NoProgramme:
        return []
    found = []
    for partner in programme.partners.values():
        other = businesses.by_slug(partner.business) if partner.business else None
        if other is None:
            continue
        with context.within(other):
            name = named(here.slug, currency=programme.currency)
            try:
                found += [link(name, at=at)] if name else []
            except (PartnerUnknown, NotAgreed, NoProgramme):
                continue
    return found
