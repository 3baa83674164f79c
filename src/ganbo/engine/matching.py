"""Which lines of a bill a rule, a stamp card or a challenge counts; what it made of a kind of line is remembered."""

from ganbo.engine import conditions, variables
from ganbo.engine.aims import Challenge
from ganbo.engine.basket import OrderLine
from ganbo.engine.programme import Rule, StampCard

_MOST_REMEMBERED = 2_000  # kinds of lines per rule or card; then it starts anew


def line_holds(of: Rule | StampCard | Challenge, line: OrderLine) -> bool:
    """Whether the condition of `lines` holds; without one every line counts."""
    if of.lines is None:
        return True
    key = (line.sku, line.category, line.labels, line.quantity, line.unit_price, line.net)
    known = of.line_memo.get(key)
    if known is None:
        known = of.lines.holds(conditions.activation(variables.of_line(line), "line")) is True
        if len(of.line_memo) >= _MOST_REMEMBERED:
            of.line_memo.clear()
        of.line_memo[key] = known
    return known
