"""From the checked shapes to a programme: conditions compiled, references followed, every error collected before refusing."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ganbo.engine import (
    conditions,
    packages,
    partners,
    perks,
    pots,
    proof,
    purposes,
    references,
    variables,
    words_needed,
)
from ganbo.engine.accounts import accounts_of
from ganbo.engine.aims import Aims, Challenge
from ganbo.engine.compiled_parts import (
    base_of,
    budget_of,
    bundle_of,
    challenge_of,
    during_of,
    expiry_of,
    levels_of,
    limit_of,
    milestones_of,
    pending_of,
    tier_rules_of,
    wallet_of,
)
from ganbo.engine.conditions import Condition, Formula
from ganbo.engine.document import (
    BaseDoc,
    ChallengeDoc,
    GiveDoc,
    OfferDoc,
    ProgrammeDoc,
    RewardDoc,
    RuleDoc,
    StampCardDoc,
    TiersDoc,
)
from ganbo.engine.frame import legal_of, never_of, runs_of
from ganbo.engine.programme import Base, Give, Multiply, Offer, Programme, Reward, Rule, StampCard
from ganbo.engine.refusing import MOST_ERRORS, DocumentError, DocumentRefused
from ganbo.engine.text import Path, Placed
from ganbo.kernel.local_text import LocalText

MEMBER_ONLY = ("member.", "local.", "store", "channel")
T = TypeVar("T", Rule, StampCard)


class Compiler:
    """Compiles one document, collecting every error before refusing."""

    def __init__(self, doc: ProgrammeDoc, placed: Placed, source: str, *, publishing: bool = False) -> None:
        self.doc, self.placed, self.source, self.publishing = doc, placed, source, publishing
        self.errors: list[DocumentError] = []
        self.zone, self.never = self._zone(), never_of(doc.never)
        self.tiers = [level.id for level in doc.tiers.levels] if doc.tiers else []

    def compile(self) -> Programme:
        """The programme. Raises DocumentRefused."""
        doc = self.doc
        rules = tuple(self._rule(place, rule) for place, rule in enumerate(doc.earn))
        cards = tuple(self._card(place, card) for place, card in enumerate(doc.stamp_cards))
        rewards = {r.id: self._reward(place, r) for place, r in enumerate(doc.rewards)}
        offers = tuple(self._offer(place, offer) for place, offer in enumerate(doc.offers))
        levels = levels_of(doc.tiers, self.zone) if doc.tiers else ()
        counted = self._counted(doc.tiers)
        topups, partnered = pots.topups_of(doc, self.error), partners.partners_of(doc, self.error)
        accounts, levels_of_proof = accounts_of(doc, self.error), proof.levels_of(doc.spend_proof, self.error)
        challenges = tuple(self._challenge(place, one) for place, one in enumerate(doc.challenges))
        self._check_references()
        by_type, cards_by_type = _by_type(rules), _by_type(cards)
        return Programme(
            id=doc.programme,
            name=LocalText(doc.name),
            currency=doc.currency,
            timezone=self.zone,
            wallets={name: wallet_of(name, wallet, self.zone) for name, wallet in doc.wallets.items()},
            rules=rules,
            cards=cards,
            tiers=tier_rules_of(doc.tiers, levels, counted) if doc.tiers else None,
            levels=levels,
            rewards=rewards,
            offers=offers,
            products=doc.products is not None,
            offer_reads=variables.readers([o.when for o in offers if o.when], doc.tables),
            by_offer={offer.id: offer for offer in offers},
            budget=budget_of(doc.budget) if doc.budget else None,
            tables=doc.tables,
            late_days=doc.late_days,
            never=self.never,
            runs=runs_of(doc.runs),
            legal=legal_of(doc.legal),
            offline_up_to=doc.offline.redeem_up_to if doc.offline else 0,
            examples=tuple(self.placed.value.get("examples", ())),
            document=_json_able(self.placed.value),
            source=self.source,
            digest=sha256(self.source.encode()).hexdigest(),
            has_limits=any(r.limits for r in rules),
            reads={
                kind: variables.readers(_read_on(kind, by_type, cards_by_type, counted), doc.tables)
                for kind in {*by_type, *cards_by_type, "purchase"}
            },
            by_type=by_type,
            by_rule={rule.id: rule for rule in rules},
            by_level={level.id: level for level in levels},
            by_card={card.id: card for card in cards},
            cards_by_type=cards_by_type,
            topups=topups,
            packages={one.id: packages.package_of(one) for one in doc.packages},
            perks={one.id: perks.perk_of(one) for one in doc.perks},
            partners=partnered,
            pots=pots.order(doc.wallets, topups),
            accounts=accounts,
            **proof.of(levels_of_proof, doc.claims),
            **purposes.of(doc.holdout, doc.goals),
            aims=Aims(milestones_of(doc.milestones) if doc.milestones else None, challenges),
        )

    def _check_references(self) -> None:
        """Raises DocumentRefused when anything was wrong so far."""
        references.check(self.doc, self.error)
        if self.publishing:
            words_needed.check(self.doc, self.words_needed)
        self._refuse_errors()

    def error(self, code: str, path: Path, **params: Any) -> None:
        """Note one thing that is wrong, at its place."""
        line, column = self.placed.place(path)
        self.errors.append(DocumentError(code, ".".join(str(p) for p in path), line, column, params))

    def words_needed(self, path: Path) -> None:
        """Note a condition or formula that has no standard sentence and brings none."""
        line, column = self.placed.value_place(path)
        self.errors.append(DocumentError("say_needed", ".".join(str(p) for p in path), line, column))

    def _refuse_errors(self) -> None:
        """Raises DocumentRefused when something was wrong."""
        if self.errors:
            raise DocumentRefused(sorted(self.errors, key=lambda e: (e.line, e.column))[:MOST_ERRORS])

    def _counted(self, tiers: TiersDoc | None) -> Condition | None:
        """Which purchases count towards levels."""
        source = tiers.counts.purchase if tiers else None
        return self._condition(source, "event", ("tiers", "counts", "purchase"), on="purchase")

    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.doc.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.error("unknown_timezone", ("timezone",), timezone=self.doc.timezone)
            return ZoneInfo("UTC")

    def _rule(self, place: int, rule: RuleDoc) -> Rule:
        by = rule.multiply
        return Rule(
            id=rule.id,
            name=LocalText(rule.name or {"vi": rule.id}),
            on=rule.on,
            during=during_of(rule.during) if rule.during else None,
            when=self._condition(rule.when, "event", ("earn", place, "when"), on=rule.on),
            lines=self._condition(rule.lines, "line", ("earn", place, "lines"), on=rule.on),
            give=self._give(place, rule.give, rule.on) if rule.give else None,
            multiply=Multiply(by.rule, by.wallet, Fraction(by.by), rule.combine) if by else None,
            limits=tuple(limit_of(limit) for limit in rule.limits),
            expires=expiry_of(rule.expires, self.zone) if rule.expires else None,
            pending=pending_of(rule.pending, self.zone) if rule.pending else None,
            tier_multiplier=rule.on == "purchase" if rule.tier_multiplier is None else rule.tier_multiplier,
            say=LocalText(rule.say) if rule.say else None,
        )

    def _give(self, place: int, give: GiveDoc, on: str) -> Give:
        path = ("earn", place, "give", "amount")
        formula = self._formula(give.amount, path, on=on) if isinstance(give.amount, str) else None
        return Give(
            wallet=give.wallet,
            amount=give.amount if isinstance(give.amount, int) else 1,
            formula=formula,
            voucher=give.voucher,
            per=give.per,
            of=give.of,
            rounding=give.rounding,
            carry=give.carry,
            least=give.min or 0,
            base=self._base(give.base),
            never=self.never.earn,
            by_tier=give.by_tier or {},
        )

    def _base(self, own: BaseDoc | None) -> Base:
        """The switches of a rule over those of the programme."""
        rest = any(wallet.pay and wallet.pay.earns_on_rest for wallet in self.doc.wallets.values())
        first = [BaseDoc(paid_with_points="out")] if rest else []
        return base_of([*first, self.doc.base, *([own] if own else [])])

    def _card(self, place: int, card: StampCardDoc) -> StampCard:
        where: Path = ("stamp_cards", place)
        return StampCard(
            id=card.id,
            name=LocalText(card.name or {"vi": card.id}),
            on=card.on,
            when=self._condition(card.when, "event", (*where, "when"), on=card.on),
            lines=self._condition(card.lines, "line", (*where, "lines"), on=card.on),
            count=card.count,
            paid_only=card.paid_only,
            min_order=card.min_order or 0,
            max_per_day=card.max_per_day,
            size=card.size,
            head_start=card.head_start,
            head_start_on=card.head_start_on,
            reward=card.reward,
            repeat=card.repeat,
            say=LocalText(card.say) if card.say else None,
            never=self.never.earn,
            experiment=card.experiment,
        )

    def _challenge(self, place: int, challenge: ChallengeDoc) -> Challenge:
        lines = self._condition(challenge.needs.lines, "line", ("challenges", place, "needs", "lines"), on="purchase")
        return challenge_of(challenge, lines, self.never.earn)

    def _reward(self, place: int, reward: RewardDoc) -> Reward:
        price, where = reward.price, ("rewards", place)
        return Reward(
            id=reward.id,
            name=LocalText(reward.name or {"vi": reward.id}),
            kind=reward.kind,
            price=(price.wallet, price.amount) if price else None,
            plus=(price.plus or 0) if price else 0,
            price_by_tier=price.by_tier if price else {},
            sku=reward.sku,
            percent=reward.percent,
            amount=reward.amount,
            wallet=reward.wallet,
            max=reward.max,
            base=reward.base or "discounted",
            exclusive=reward.stacking == "exclusive",
            min_order=reward.min_order or 0,
            lines=self._condition(reward.lines, "line", (*where, "lines"), on="purchase"),
            when=self._condition(reward.when, "event", (*where, "when"), on="", member_only=True),
            cost=reward.cost,
            value=reward.value,
            stock=reward.stock,
            valid_days=reward.within_days if reward.choose else reward.valid_days,
            from_next_order=reward.valid is not None and reward.valid.from_ == "next_order",
            uses=reward.uses,
            imported=reward.codes == "imported",
            issuer=reward.issuer.name if reward.issuer else None,
            taste=reward.taste,
            fulfil=reward.fulfil,
            budget=reward.budget,
            labels=tuple(reward.labels),
            limits=tuple(limit_of(limit) for limit in reward.limits),
            say=LocalText(reward.say) if reward.say else None,
            never=self.never.reward,
            choose=tuple(reward.choose or ()),
        )

    def _offer(self, place: int, offer: OfferDoc) -> Offer:
        where, nth = ("offers", place), offer.nth
        for_members = offer.price_list is not None or (nth is not None and nth.of == "purchases")
        return Offer(
            id=offer.id,
            name=LocalText(offer.name or {"vi": offer.id}),
            during=during_of(offer.during) if offer.during else None,
            when=self._condition(offer.when, "event", (*where, "when"), on="", member_only=True),
            members=offer.for_ == "members" or (offer.for_ is None and for_members),
            lines=self._condition(offer.lines, "line", (*where, "lines"), on="purchase"),
            price=offer.price,
            percent=offer.percent,
            max=offer.max,
            bundle=bundle_of(offer.bundle or ()),
            every=nth.every if nth else 0,
            of=nth.of if nth else "",
            say=LocalText(offer.say) if offer.say else None,
            price_list=offer.price_list,
        )

    def _condition(
        self, source: str | None, scope: str, path: Path, *, on: str, member_only: bool = False
    ) -> Condition | None:
        if source is None:
            return None
        try:
            compiled = conditions.compile_condition(source, scope, tiers=self.tiers)
        except conditions.BadCondition as bad:
            self._condition_error(path, bad)
            return None
        self._fits_event(compiled, path, on)
        outside = [name for name in compiled.names if member_only and not name.startswith(MEMBER_ONLY)]
        if outside:
            self.error("condition_member_only", path, name=min(outside))
        return compiled

    def _formula(self, source: str, path: Path, *, on: str) -> Formula | None:
        try:
            compiled = conditions.compile_formula(source)
        except conditions.BadCondition as bad:
            self._condition_error(path, bad)
            return None
        self._fits_event(compiled, path, on)
        return compiled

    def _fits_event(self, compiled: Condition | Formula, path: Path, on: str) -> None:
        orders = sorted(name for name in compiled.names if name.startswith("order."))
        if orders and on != "purchase":
            self.error("condition_without_order", path, name=orders[0], on=on or "reward")

    def _condition_error(self, path: Path, bad: conditions.BadCondition) -> None:
        """The place within the condition as a place in the document."""
        line, column = self.placed.value_place(path)
        column = column + bad.column - 1 if bad.line == 1 else bad.column
        where = ".".join(str(p) for p in path)
        params = {"detail": bad.detail, "id": bad.detail}
        self.errors.append(DocumentError(bad.code, where, line + bad.line - 1, column, params))


def _by_type(found: Iterable[T]) -> dict[str, tuple[T, ...]]:
    grouped: dict[str, list[T]] = {}
    for one in found:
        grouped.setdefault(one.on, []).append(one)
    return {kind: tuple(ones) for kind, ones in grouped.items()}


def _read_on(
    kind: str,
    rules: Mapping[str, Sequence[Rule]],
    cards: Mapping[str, Sequence[StampCard]],
    counted: Condition | None,
) -> list[Condition | Formula]:
    """Every condition and formula that an event of this type may need."""
    found: list[Condition | Formula] = [rule.when for rule in rules.get(kind, ()) if rule.when]
    found += [rule.give.formula for rule in rules.get(kind, ()) if rule.give and rule.give.formula]
    found += [card.when for card in cards.get(kind, ()) if card.when]
    return found + ([counted] if counted and kind == "purchase" else [])


def _json_able(value: Any) -> Any:
    """The document with exact decimals as text."""
    if isinstance(value, dict):
        return {key: _json_able(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_json_able(inner) for inner in value]
    return str(value) if isinstance(value, Decimal) else value
