"""What counts towards levels: the counters kept beside a member, by month, since the last change, or for ever.

`state` is the member's state as it is stored; it is changed in place. Keys of it that belong here:

    months   {"2026-11": {metric: n}}   windows of months (rolling, calendar_year, anniversary)
    total    {metric: n}                lifetime
    since    {metric: n}                since the level last changed
    day      ["2026-11-25", n]          the last local day on which purchases counted, and how many did
    tier     {since, until, …}          see `engine.tiers`
    counted  text                       the `fingerprint` of the rules they are kept by; absent: what came before is unknown
    base     {"n", "since"}             since the level last changed: what was recounted belongs to change n, from that day
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Any

from ganbo.engine.decide import WalletEffect
from ganbo.engine.programme import Programme, TierRules
from ganbo.kernel.period import plus_months

BY_MONTH = ("rolling", "calendar_year", "anniversary")
_SLACK = 4  # months kept beyond the window: late events, and refunds of sales that just left it
State = dict[str, Any]


@lru_cache(maxsize=4096)
def month_of(day: date) -> str:
    """YYYY-MM."""
    return f"{day.year:04}-{day.month:02}"


def fingerprint(rules: TierRules) -> str:
    """Twelve characters that change when other counters are needed than before."""
    shape = "total" if rules.window == "lifetime" else "since" if rules.window == "since_change" else "months"
    own = [(name, kind, sorted(of) if kind == "events" else of) for name, (kind, of) in sorted(rules.metrics.items())]
    return sha256(repr((shape, kept_months(rules), sorted(rules.used), own)).encode()).hexdigest()[:12]


def kept_months(rules: TierRules) -> int:
    """How many months back counters are kept; 0 when they are not kept by month."""
    if rules.window not in BY_MONTH:
        return 0
    return (rules.window_months if rules.window == "rolling" else 24) + _SLACK


def of_event(
    programme: Programme, type: str, *, counts: bool, net: int, visited: bool, given: Mapping[str, int]
) -> dict[str, int]:
    """What one event adds to each metric that some threshold reads.

    `counts`: whether it is a purchase that counts; `given`: units by wallet. `points_earned` is what all wallets were
    given that can be spent and are not money.
    """
    rules = programme.tiers
    if rules is None or not rules.used:
        return {}
    bought = type == "purchase" and counts
    found: dict[str, int] = {}
    for metric in rules.used:
        kind, of = rules.metrics.get(metric, (metric, None))
        if kind == "spend":
            n = net if bought else 0
        elif kind == "purchases":
            n = int(bought)
        elif kind == "visits":
            n = int(visited)
        elif kind == "events":
            n = int(type in of and (type != "purchase" or counts))
        else:
            n = sum([amount for wallet, amount in given.items() if wallet in wallets_of(programme, metric)])
        if n:
            found[metric] = n
    return found


def wallets_of(programme: Programme, metric: str) -> tuple[str, ...]:
    """The wallets whose earning a metric counts; none for metrics of another kind."""
    rules = programme.tiers
    kind, of = rules.metrics.get(metric, (metric, None)) if rules else (metric, None)
    if kind == "wallet":
        return (str(of),)
    if kind != "points_earned":
        return ()
    return tuple([w.id for w in programme.wallets.values() if w.spendable and not w.money])


def given(effects: Iterable[WalletEffect]) -> dict[str, int]:
    """Units by wallet."""
    found: dict[str, int] = {}
    for effect in effects:
        found[effect.wallet] = found.get(effect.wallet, 0) + effect.amount
    return found


def counts_today(state: State, rules: TierRules, day: date) -> bool:
    """Whether one more purchase of this day counts, as far as `max_per_day` goes; it is noted when it does."""
    if rules.max_per_day is None:
        return True
    text = day.isoformat()
    last, n = state.get("day", ("", 0))
    if text < last:
        return True  # a late event: how many counted that day is not known any more
    n = n if text == last else 0
    if n >= rules.max_per_day:
        return False
    state["day"] = [text, n + 1]
    return True


def add(state: State, rules: TierRules, day: date, amounts: Mapping[str, int]) -> dict[str, Any] | None:
    """Count an event of a local day. Returns what a refund needs to take it back, for the event's trace; None: nothing.

    What is returned is {"day": "2026-11-25", "change": n, "metrics": {metric: n}}.
    """
    if not amounts:
        return None
    held = state.get("tier", {})
    if rules.window == "since_change" and day.isoformat() < held.get("since", ""):
        return None
    _into(state, rules, day, amounts)
    return {"day": day.isoformat(), "change": held.get("n", 0), "metrics": dict(amounts)}


def remaining(rules: TierRules, counted: Mapping[str, Any], *, left: int, of: int) -> dict[str, int]:
    """What an event still counts when `left` of its `of` minor units were not refunded.

    Spend and points go down in proportion, rounded down; a purchase, a visit or an event counts until nothing is left.
    """
    metrics: Mapping[str, int] = counted["metrics"]
    if left >= of > 0:
        return dict(metrics)
    if left <= 0:
        return dict.fromkeys(metrics, 0)
    return {metric: n if _whole(rules, metric) else n * left // of for metric, n in metrics.items()}


def _whole(rules: TierRules, metric: str) -> bool:
    """Whether a metric counts events, not amounts."""
    return rules.metrics.get(metric, (metric, None))[0] in ("purchases", "visits", "events")


def take_back(
    state: State, rules: TierRules, counted: Mapping[str, Any] | None, *, before: int, after: int, of: int
) -> dict[str, int]:
    """Uncount a refund: of the sale's `of` minor units, `before` were left and `after` are left now; all in net amounts.

    Goes back into the month of the sale. Full reversal: before = of, after = 0. Returns what was taken, by metric.
    Several partial refunds in any order take back exactly what one whole refund does.
    """
    if not counted:
        return {}
    had = remaining(rules, counted, left=before, of=of)
    has = remaining(rules, counted, left=after, of=of)
    taken = {metric: had[metric] - has[metric] for metric in had if had[metric] != has[metric]}
    if taken:
        _out_of(state, rules, counted, taken)
    return taken


def _out_of(state: State, rules: TierRules, counted: Mapping[str, Any], taken: Mapping[str, int]) -> None:
    """Take metrics away; what a level's change had set aside is found there."""
    held = state.get("tier", {})
    if rules.window == "since_change" and counted["change"] not in changes(held):
        was = held.get("was")
        if was and counted["change"] in changes(was):
            _less(was.setdefault("counts", {}), taken)
        return
    if rules.window in BY_MONTH:
        bucket = state.get("months", {}).get(counted["day"][:7])
    else:
        bucket = state.get("total" if rules.window == "lifetime" else "since")
    if bucket is not None:
        _less(bucket, taken)


def changes(held: Mapping[str, Any]) -> tuple[int, ...]:
    """The numbers of change that events of one stay in a level were counted under."""
    return (held.get("n", 0), *held.get("also", ()))


def _less(bucket: dict[str, int], taken: Mapping[str, int]) -> None:
    for metric, n in taken.items():
        bucket[metric] = max(bucket.get(metric, 0) - n, 0)


def _into(state: State, rules: TierRules, day: date, amounts: Mapping[str, int]) -> None:
    if rules.window in BY_MONTH:
        months = state.setdefault("months", {})
        month = month_of(day)
        if month not in months:
            months[month] = {}
            prune(months, rules)
        bucket = months.get(month)
        if bucket is None:  # older than what is kept
            return
    else:
        bucket = state.setdefault("total" if rules.window == "lifetime" else "since", {})
    for metric, n in amounts.items():
        bucket[metric] = bucket.get(metric, 0) + n


def prune(months: dict[str, Any], rules: TierRules) -> None:
    """Forget months that no window reaches from the newest one."""
    newest = max(months)
    first = month_of(plus_months(date(int(newest[:4]), int(newest[5:]), 1), -kept_months(rules)))
    for month in [month for month in months if month < first]:
        del months[month]


_fingerprints: dict[TierRules, str] = {}  # by identity: rules compare by it
_MOST = 512


def fingerprint_of(rules: TierRules) -> str:
    """The fingerprint, remembered."""
    known = _fingerprints.get(rules)
    if known is None:
        if len(_fingerprints) >= _MOST:
            _fingerprints.clear()
        known = _fingerprints[rules] = fingerprint(rules)
    return known
