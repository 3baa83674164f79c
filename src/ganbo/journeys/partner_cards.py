"""Our gift cards at a partner's: what one pays of a bill there, and what comes back onto it."""

from datetime import datetime
from uuid import UUID

from ganbo.books.events.reading import FieldProblem, FieldsRefused
from ganbo.books.ledger.posting import Cause
from ganbo.features.partners.queries import Bill
from ganbo.features.programmes import queries as programmes
from ganbo.features.rewards import codes, using
from ganbo.features.rewards.using import Use
from ganbo.foundation import chance
from ganbo.foundation.pipelines import Pipeline
from ganbo.journeys import using_codes
from ganbo.journeys.using_codes import Codes, Wanted


def pay(pipe: Pipeline, schema: str, card: tuple[str, int], member: UUID | None, why: Cause) -> UUID:
    """Take an amount off the gift card with a code; its id. Raises FieldsRefused naming `gift_card`."""
    (code, amount), timeline, found = card, programmes.timeline(schema), Codes(schema)
    using_codes.remember(found, using.held(pipe.run([using.find(schema, [code])])[0]), [])
    held = found.meant(code) if codes.named(code) is None else None
    reward = using_codes.reward_of(held, timeline, why.at) if held else None
    wrong = using_codes.wrong(held, reward, Wanted(member, why.at, None))
    if wrong is None and (reward is None or reward.kind != "gift_card"):
        raise FieldsRefused([FieldProblem("gift_card", "codes.not_valid", {})])
    if wrong is not None:
        told = using_codes.told(wrong, held, member)
        raise FieldsRefused([FieldProblem("gift_card", told.code, told.params)])
    assert held is not None
    if (held.remaining or 0) < amount:
        missing = amount - (held.remaining or 0)
        raise FieldsRefused([FieldProblem("gift_card", "codes.gift_card_short", {"missing": missing})])
    pipe.run(using.take(schema, [Use(chance.new_id(), held.id, why.cause, 1, amount)], at=why.at))
    return held.id


def lock(pipe: Pipeline, schema: str, card: UUID) -> None:
    """Hold the card."""
    pipe.run([using.lock(schema, [card])])


def give_back(pipe: Pipeline, schema: str, sale: Bill, stands: int, *, at: datetime) -> None:
    """Of what the card paid only `stands` minor units stand: the rest is on it again, also when it has ended meanwhile."""
    known = using.uses(pipe.run([using.used_for(schema, [str(sale.id)])])[0])
    pipe.run(using.give_back(schema, known, at=at))
    if stands and sale.voucher_id is not None:
        pipe.run(using.take(schema, [Use(chance.new_id(), sale.voucher_id, str(sale.id), 1, stands)], at=at))
