"""What the offers of a large programme cost on a long bill, in this process: which hold, and the best combination."""

from timeit import repeat
from typing import Any

from ganbo.engine import basket, loading, offers
from ganbo.engine.facts import Facts, MemberFacts
from ganbo.foundation import clock

LINES, OFFERS = 20, 50
MOST_MS = 5.0  # of CPU for such a bill
_TIMES, _REPEATS = 20, 7
_HEAD = "ganbo: 1\nprogramme: bench\nname: B\ncurrency: VND\ntimezone: Asia/Ho_Chi_Minh\nwallets: {points: {name: p}}\noffers:\n"


def document() -> str:
    """Fifty offers as a supermarket has them: prices of items and labels, percentages, combos, every third, and a cap."""
    written = [f"lines: 'line.sku == \"s{n}\"', price: {20_000 + n * 500}" for n in range(20)]
    written += [f"lines: 'line.category == \"c{n}\"', percent: {5 + n}" for n in range(5)]
    written += [f"lines: 'line.labels.exists(l, l == \"l{n}\")', percent: {8 + n}" for n in range(4)]
    written += [
        f"bundle: [{{category: c{n % 5}, n: 1}}, {{sku: s{n}, n: 1}}], price: {45_000 + n * 1_000}" for n in range(10)
    ]
    written += [f"lines: 'line.category == \"c{n}\"', nth: {{every: 3, of: units}}, percent: 50" for n in range(5)]
    written += [f"during: {{hours: [{n}, {n + 1}]}}, percent: 3" for n in range(5)]
    written += ["percent: 10, max: 50000"]
    return _HEAD + "".join(f"  - {{id: o{n}, {one}}}\n" for n, one in enumerate(written[:OFFERS]))


def bill() -> dict[str, Any]:
    """Twenty lines of other goods, of most one piece, of some more."""
    return {
        "lines": [
            {
                "sku": f"s{n}",
                "category": f"c{n % 5}",
                "labels": [f"l{n % 7}"],
                "quantity": 1 + n % 3,
                "unit_price": 25_000 + n * 700,
            }
            for n in range(LINES)
        ]
    }


def milliseconds() -> float:
    """Of one bill, from its lines to the best combination; the best of several repeats."""
    programme, data = loading.load(document()), bill()
    member = MemberFacts("bench", None, 30, 2, 220_000, 2, 1)

    def price() -> offers.Reduced:
        order = basket.order_of(data, programme.currency)
        facts = Facts("purchase", at, member, None, None, None, data, order, {}, {})
        held, _ = offers.holding(programme, facts)
        return offers.reduce(order, held)

    at = clock.now()
    price()
    return min(repeat(price, number=_TIMES, repeat=_REPEATS)) / _TIMES * 1e3
