"""Whether everything a document names is there, once, and of the right kind."""

from collections.abc import Callable, Iterable
from typing import Any

from ganbo.engine.document import (
    LATER,
    BenefitsDoc,
    ExpectDoc,
    ExpiryDoc,
    GiftDoc,
    PackageStepDoc,
    ProgrammeDoc,
    StampCardDoc,
)
from ganbo.engine.document.tiers import BUILT_IN
from ganbo.engine.text import Path

Error = Callable[..., None]  # (code, path, **params)


def check(doc: ProgrammeDoc, error: Error) -> None:
    """Report every dangling or doubled reference to `error`."""
    rewards = {r.id for r in doc.rewards}
    levels = {level.id for level in doc.tiers.levels} if doc.tiers else set()
    _unique("earn", [r.id for r in doc.earn], error)
    _unique("rewards", [r.id for r in doc.rewards], error)
    for place, offer in enumerate(doc.offers):
        if offer.price_list and doc.products is None:
            error("price_list_needs_products", ("offers", place, "price_list"))
    _unique("offers", [o.id for o in doc.offers], error)
    _unique("perks", [p.id for p in doc.perks], error)
    _unique("packages", [p.id for p in doc.packages], error)
    _unique("partners", [p.id for p in doc.partners], error)
    _unique("stamp_cards", [c.id for c in doc.stamp_cards], error)
    _earn(doc, levels, rewards, error)
    _rewards(doc, levels, error)
    _cards(doc, rewards, error)
    paying = [name for name, wallet in doc.wallets.items() if wallet.pay]
    for name in paying[1:]:
        error("one_kind_pays", ("wallets", name, "pay"), id=paying[0])
    for name, wallet in doc.wallets.items():
        for tier in wallet.floor if isinstance(wallet.floor, dict) else ():
            _known(tier, levels, "unknown_tier", ("wallets", name, "floor", tier), error)
    if doc.tiers:
        _tiers(doc, rewards, error)
    _unique("challenges", [c.id for c in doc.challenges], error)
    for n, step in enumerate(doc.milestones.steps if doc.milestones else ()):
        _gift(doc, step.give, ("milestones", "steps", n, "give"), rewards, error)
    for n, challenge in enumerate(doc.challenges):
        _gift(doc, challenge.give, ("challenges", n, "give"), rewards, error)
    for place, goal in enumerate(doc.goals):
        if goal.kpi in [one.kpi for one in doc.goals[:place]]:
            error("duplicate_id", ("goals", place, "kpi"), id=goal.kpi)
    _examples(doc, levels, rewards, error)


def _gift(doc: ProgrammeDoc, gift: GiftDoc, where: Path, rewards: set[str], error: Error) -> None:
    if gift.wallet:
        _known(gift.wallet, doc.wallets, "unknown_wallet", (*where, "wallet"), error)
    if gift.voucher:
        _known(gift.voucher, rewards, "unknown_reward", (*where, "voucher"), error)


def _known(name: str, there: Iterable[str], code: str, path: Path, error: Error) -> None:
    if name not in there:
        error(code, path, id=name)


def _unique(where: str, ids: list[str], error: Error) -> None:
    seen: set[str] = set()
    for place, id_ in enumerate(ids):
        if id_ in seen:
            error("duplicate_id", (*where.split("."), place, "id"), id=id_)
        seen.add(id_)


def _cards(doc: ProgrammeDoc, rewards: set[str], error: Error) -> None:
    first: dict[str, tuple[int, StampCardDoc]] = {}
    met: dict[str, int] = {}
    for place, card in enumerate(doc.stamp_cards):
        _known(card.reward, rewards, "unknown_reward", ("stamp_cards", place, "reward"), error)
        if card.experiment is None:
            continue
        _, rival = first.setdefault(card.experiment, (place, card))
        met[card.experiment] = met.get(card.experiment, 0) + 1
        if _promise(card) != _promise(rival):
            error("experiment_unfair", ("stamp_cards", place, "experiment"), id=card.id, other=rival.id)
    for experiment, n in met.items():
        if n == 1:
            error("experiment_of_one", ("stamp_cards", first[experiment][0], "experiment"), id=experiment)


def _promise(card: StampCardDoc) -> tuple[object, ...]:
    """What a member must do for what: equal for every card of an experiment."""
    again = card.size - (card.head_start if card.head_start_on == "every" else 0) if card.repeat else None
    same = (card.on, card.when, card.lines, card.count, card.paid_only, card.min_order, card.max_per_day, card.reward)
    return (card.size - card.head_start, again, *same)


def _earn(doc: ProgrammeDoc, levels: set[str], rewards: set[str], error: Error) -> None:
    giving = {r.id for r in doc.earn if r.give and r.give.wallet}
    for place, rule in enumerate(doc.earn):
        give, by = rule.give, rule.multiply
        if give and give.wallet:
            _known(give.wallet, doc.wallets, "unknown_wallet", ("earn", place, "give", "wallet"), error)
            _override(doc, give.wallet, rule.expires, ("earn", place, "expires"), error)
        if give and give.voucher:
            _known(give.voucher, rewards, "unknown_reward", ("earn", place, "give", "voucher"), error)
        for tier, reward in (give.by_tier or {}).items() if give else ():
            _known(tier, levels, "unknown_tier", ("earn", place, "give", "by_tier", tier), error)
            _known(reward, rewards, "unknown_reward", ("earn", place, "give", "by_tier", tier), error)
        if by and by.wallet:
            _known(by.wallet, doc.wallets, "unknown_wallet", ("earn", place, "multiply", "wallet"), error)
        if by and by.rule:
            _known(by.rule, giving, "unknown_rule", ("earn", place, "multiply", "rule"), error)


def _rewards(doc: ProgrammeDoc, levels: set[str], error: Error) -> None:
    lines = set(doc.budget.lines) if doc.budget else set()
    for store, plans in doc.budget.by_store.items() if doc.budget else ():
        for own in plans:
            _known(own, lines, "unknown_budget_line", ("budget", "by_store", store, own), error)
    for place, reward in enumerate(doc.rewards):
        where: Path = ("rewards", place)
        if reward.price:
            _known(reward.price.wallet, doc.wallets, "unknown_wallet", (*where, "price", "wallet"), error)
            wallet = doc.wallets.get(reward.price.wallet)
            if wallet and not wallet.spendable:
                error("wallet_not_spendable", (*where, "price", "wallet"), id=reward.price.wallet)
            for tier in reward.price.by_tier:
                _known(tier, levels, "unknown_tier", (*where, "price", "by_tier", tier), error)
        kinds = {one.id: one.kind for one in doc.rewards}
        for n, choice in enumerate(reward.choose or ()):
            _known(choice, kinds, "unknown_reward", (*where, "choose", n), error)
            if kinds.get(choice) in ("choice", "card_money"):
                error("choice_of_vouchers", (*where, "choose", n), id=choice)
        if reward.choose:
            _unique(f"rewards.{place}.choose", reward.choose, error)
        if reward.wallet:
            into = doc.wallets.get(reward.wallet)
            if into is None or not into.money:
                error("not_a_money_wallet", (*where, "wallet"), id=reward.wallet)
        if reward.budget:
            _known(reward.budget, lines, "unknown_budget_line", (*where, "budget"), error)
            line = doc.budget.lines.get(reward.budget) if doc.budget else None
            if line is not None and line.stop == "hard" and reward.cost is None:
                error("cost_for_hard_stop", (*where, "budget"), id=reward.budget)


def _tiers(doc: ProgrammeDoc, rewards: set[str], error: Error) -> None:
    tiers = doc.tiers
    assert tiers is not None
    _unique("tiers.levels", [level.id for level in tiers.levels], error)
    for name, metric in tiers.metrics.items():
        if metric.wallet:
            _known(metric.wallet, doc.wallets, "unknown_wallet", ("tiers", "metrics", name, "wallet"), error)
    known = {*BUILT_IN, *tiers.metrics}
    named = [tiers.metric] if isinstance(tiers.metric, str) else [*(tiers.metric.any or ()), *(tiers.metric.all or ())]
    for name in named:
        _known(name, known, "unknown_metric", ("tiers", "metric"), error)
    giving = {r.id for r in doc.earn if r.give}
    for place, level in enumerate(tiers.levels):
        where: Path = ("tiers", "levels", place)
        for key in ("enter", "keep"):
            tree = getattr(level, key)
            for metric_name in sorted(_metrics(tree)) if tree else ():
                _known(metric_name, known, "unknown_metric", (*where, key), error)
        if place == 0 and (level.enter or level.invitation_only):
            error("first_level_open", (*where, "enter" if level.enter else "invitation_only"), id=level.id)
        for key in ("rewards", "on_enter", "yearly", "unlocks"):
            for reward in getattr(level.benefits, key):
                _known(reward, rewards, "unknown_reward", (*where, "benefits", key), error)
        for n, perk in enumerate(level.benefits.perks):
            _known(perk, {one.id for one in doc.perks}, "unknown_perk", (*where, "benefits", "perks", n), error)
        _benefits(doc, level.benefits, where, giving, error)


def _benefits(doc: ProgrammeDoc, benefits: BenefitsDoc, where: Path, giving: set[str], error: Error) -> None:
    if isinstance(benefits.multiply, dict):
        for wallet, by in benefits.multiply.items():
            _known(wallet, doc.wallets, "unknown_wallet", (*where, "benefits", "multiply", wallet), error)
            for rule in by.rules or ():
                _known(rule, giving, "unknown_rule", (*where, "benefits", "multiply", wallet, "rules"), error)
    for wallet, expires in benefits.expires.items():
        _known(wallet, doc.wallets, "unknown_wallet", (*where, "benefits", "expires", wallet), error)
        _override(doc, wallet, expires, (*where, "benefits", "expires", wallet), error)


def _override(doc: ProgrammeDoc, name: str, expires: ExpiryDoc | None, path: Path, error: Error) -> None:
    """Inactivity ends a whole wallet: single points can neither end by it in another nor be spared in such a one."""
    wallet = doc.wallets.get(name)
    idle = wallet is not None and wallet.expires.kind == "inactivity"
    if expires is not None and (expires.kind == "inactivity" or (idle and expires.kind == "never")):
        error("inactivity_of_wallet", path, id=name)


def _metrics(tree: Any) -> set[str]:
    if isinstance(tree, list):
        return {metric for part in tree for metric in _metrics(part)}
    if set(tree) & {"any", "all"}:
        return {metric for part in tree.values() for metric in _metrics(part)}
    return set(tree)


def _examples(doc: ProgrammeDoc, levels: set[str], rewards: set[str], error: Error) -> None:
    cards = {card.id for card in doc.stamp_cards}
    for place, example in enumerate(doc.examples):
        home = example.given.household
        if home and doc.accounts is None:
            error("household_needs_accounts", ("examples", place, "given", "household"))
        expected: list[tuple[Path, ExpectDoc]] = [(("examples", place, "expect"), example.expect)]
        for n, step in enumerate(example.story or ()):
            if step.member:
                _known(step.member, home, "unknown_person", ("examples", place, "story", n, "member"), error)
            if step.redeem:
                _known(step.redeem, rewards, "unknown_reward", ("examples", place, "story", n, "redeem"), error)
            if step.choose:
                _known(step.choose, rewards, "unknown_reward", ("examples", place, "story", n, "choose"), error)
            if step.perk:
                perks = {one.id for one in doc.perks}
                _known(step.perk, perks, "unknown_perk", ("examples", place, "story", n, "perk"), error)
            if step.package:
                _of_package(doc, step.package, ("examples", place, "story", n, "package"), error)
            if step.partner:
                there = {partner.id for partner in doc.partners}
                _known(
                    step.partner.at, there, "unknown_partner", ("examples", place, "story", n, "partner", "at"), error
                )
            if step.expect is not None:
                expected.append((("examples", place, "story", n, "expect"), step.expect))
        for where, expect in expected:
            _expected(doc, expect, where, error)
        given = example.given.member
        if given.tier is not None:
            _known(given.tier, levels, "unknown_tier", ("examples", place, "given", "member", "tier"), error)
        for card in given.stamps:
            _known(card, cards, "unknown_card", ("examples", place, "given", "member", "stamps", card), error)


def _expected(doc: ProgrammeDoc, expect: ExpectDoc, where: Path, error: Error) -> None:
    cards, rewards = {card.id for card in doc.stamp_cards}, {reward.id for reward in doc.rewards}
    levels = {level.id for level in doc.tiers.levels} if doc.tiers else set()
    for wallet in expect.__pydantic_extra__ or ():
        if wallet in LATER["expect"]:
            error("programme.not_yet", (*where, wallet), key=wallet)
            continue
        _known(wallet, doc.wallets, "unknown_wallet", (*where, wallet), error)
    for key in ("balances", "owed", "pending", "expired"):
        for wallet in getattr(expect, key) or ():
            _known(wallet, doc.wallets, "unknown_wallet", (*where, key, wallet), error)
    for key in ("stamps", "cards"):
        for card in getattr(expect, key) or ():
            _known(card, cards, "unknown_card", (*where, key, card), error)
    for reward in expect.vouchers or ():
        _known(reward, rewards, "unknown_reward", (*where, "vouchers", reward), error)
    units = {unit for package in doc.packages for unit in package.units}
    for key in ("units", "units_ended"):
        for unit in getattr(expect, key) or ():
            _known(unit, units, "unknown_unit", (*where, key, unit), error)
    for partner in expect.owed_by or ():
        _known(partner, {one.id for one in doc.partners}, "unknown_partner", (*where, "owed_by", partner), error)
    if expect.tier is not None:
        _known(expect.tier, levels, "unknown_tier", (*where, "tier"), error)


def _of_package(doc: ProgrammeDoc, step: PackageStepDoc, where: Path, error: Error) -> None:
    packages = {package.id for package in doc.packages}
    for key in ("sell", "pause", "resume", "refund"):
        if getattr(step, key):
            _known(getattr(step, key), packages, "unknown_package", (*where, key), error)
    if step.use:
        _known(step.use, {u for p in doc.packages for u in p.units}, "unknown_unit", (*where, "use"), error)
