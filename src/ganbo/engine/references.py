"""Whether everything a document names is there, once, and of the right kind."""

from collections.abc import Callable, Iterable
from typing import Any

from ganbo.engine.document import LATER, BenefitsDoc, ExpiryDoc, ProgrammeDoc
from ganbo.engine.document.tiers import BUILT_IN
from ganbo.engine.text import Path

Error = Callable[..., None]  # (code, path, **params)


def check(doc: ProgrammeDoc, error: Error) -> None:
    """Report every dangling or doubled reference to `error`."""
    rewards = {r.id for r in doc.rewards}
    levels = {level.id for level in doc.tiers.levels} if doc.tiers else set()
    _unique("earn", [r.id for r in doc.earn], error)
    _unique("rewards", [r.id for r in doc.rewards], error)
    _unique("stamp_cards", [c.id for c in doc.stamp_cards], error)
    _earn(doc, rewards, error)
    _rewards(doc, levels, error)
    for place, card in enumerate(doc.stamp_cards):
        _known(card.reward, rewards, "unknown_reward", ("stamp_cards", place, "reward"), error)
    for name, wallet in doc.wallets.items():
        for tier in wallet.floor if isinstance(wallet.floor, dict) else ():
            _known(tier, levels, "unknown_tier", ("wallets", name, "floor", tier), error)
    if doc.tiers:
        _tiers(doc, rewards, error)
    _examples(doc, levels, rewards, error)


def _known(name: str, there: Iterable[str], code: str, path: Path, error: Error) -> None:
    if name not in there:
        error(code, path, id=name)


def _unique(where: str, ids: list[str], error: Error) -> None:
    seen: set[str] = set()
    for place, id_ in enumerate(ids):
        if id_ in seen:
            error("duplicate_id", (*where.split("."), place, "id"), id=id_)
        seen.add(id_)


def _earn(doc: ProgrammeDoc, rewards: set[str], error: Error) -> None:
    giving = {r.id for r in doc.earn if r.give and r.give.wallet}
    for place, rule in enumerate(doc.earn):
        give, by = rule.give, rule.multiply
        if give and give.wallet:
            _known(give.wallet, doc.wallets, "unknown_wallet", ("earn", place, "give", "wallet"), error)
            _override(doc, give.wallet, rule.expires, ("earn", place, "expires"), error)
        if give and give.voucher:
            _known(give.voucher, rewards, "unknown_reward", ("earn", place, "give", "voucher"), error)
        if by and by.wallet:
            _known(by.wallet, doc.wallets, "unknown_wallet", ("earn", place, "multiply", "wallet"), error)
        if by and by.rule:
            _known(by.rule, giving, "unknown_rule", ("earn", place, "multiply", "rule"), error)


def _rewards(doc: ProgrammeDoc, levels: set[str], error: Error) -> None:
    lines = set(doc.budget.lines) if doc.budget else set()
    for place, reward in enumerate(doc.rewards):
        where: Path = ("rewards", place)
        if reward.price:
            _known(reward.price.wallet, doc.wallets, "unknown_wallet", (*where, "price", "wallet"), error)
            wallet = doc.wallets.get(reward.price.wallet)
            if wallet and not wallet.spendable:
                error("wallet_not_spendable", (*where, "price", "wallet"), id=reward.price.wallet)
            for tier in reward.price.by_tier:
                _known(tier, levels, "unknown_tier", (*where, "price", "by_tier", tier), error)
        if reward.wallet:
            into = doc.wallets.get(reward.wallet)
            if into is None or not into.money:
                error("not_a_money_wallet", (*where, "wallet"), id=reward.wallet)
        if reward.budget:
            _known(reward.budget, lines, "unknown_budget_line", (*where, "budget"), error)


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
        where: Path = ("examples", place, "expect")
        expect = example.expect
        for wallet in expect.__pydantic_extra__ or ():
            if wallet in LATER["expect"]:
                error("programme.not_yet", (*where, wallet), key=wallet)
                continue
            _known(wallet, doc.wallets, "unknown_wallet", (*where, wallet), error)
        for key in ("balances", "owed", "pending", "expired"):
            for wallet in getattr(expect, key) or ():
                _known(wallet, doc.wallets, "unknown_wallet", (*where, key, wallet), error)
        for card in expect.stamps or ():
            _known(card, cards, "unknown_card", (*where, "stamps", card), error)
        for reward in expect.vouchers or ():
            _known(reward, rewards, "unknown_reward", (*where, "vouchers", reward), error)
        if expect.tier is not None:
            _known(expect.tier, levels, "unknown_tier", (*where, "tier"), error)
        given = example.given.member
        if given.tier is not None:
            _known(given.tier, levels, "unknown_tier", ("examples", place, "given", "member", "tier"), error)
        for card in given.stamps:
            _known(card, cards, "unknown_card", ("examples", place, "given", "member", "stamps", card), error)
        for step in example.story or ():
            if step.redeem:
                _known(step.redeem, rewards, "unknown_reward", ("examples", place, "story"), error)
