"""Which conditions have standard sentences, and as which clauses."""

import pytest

from ganbo.engine import loading, wording
from ganbo.engine.loading import DocumentRefused
from ganbo.engine.tests.sample import with_rules

SAID = [
    ("order.net >= 10000", ("compare", "order.net", ">=", 10000), "a comparison"),
    ("10000 <= order.net", ("compare", "order.net", ">=", 10000), "written the other way round"),
    ('store in ["a", "b"]', ("in", "store", ("a", "b")), "one of several"),
    ('!(store in ["a"])', ("not_in", "store", ("a",)), "none of several"),
    ('"vip" in member.segments', ("has", "member.segments", ("vip",)), "a group"),
    ('line.labels.exists(l, l == "sale" || l == "old")', ("has", "line.labels", ("sale", "old")), "one of two labels"),
    ('!line.labels.exists(l, l in ["sale"])', ("has_not", "line.labels", ("sale",)), "an exclusion"),
    ("event.verified", ("true", "event.verified"), "what the event says"),
    ("event.verified == true", ("true", "event.verified"), "the same, longer"),
    ("!event.verified", ("false", "event.verified"), "not said"),
    ('tier_at_least("silver")', ("tier_at_least", "silver"), "a level or above"),
    ("!(order.net >= 5 && order.net < 9)", ("any", (("compare", "order.net", "<", 5), ("compare", "order.net", ">=", 9))), "not both: either fails"),
    ('store == "a" || store == "b"', ("any", (("compare", "store", "==", "a"), ("compare", "store", "==", "b"))), "either"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "clause", "why"), SAID)
def test_a_condition_as_clauses(source: str, clause: object, why: str) -> None:
    assert wording.clause(source) == clause, why


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("member.purchases % 3 == 0", "arithmetic"),
        ('channel.startsWith("app")', "the beginning of a text"),
        ("order.net > order.shipping * 2", "two amounts against each other"),
        ("member.traits.student == true", "a trait has no name of its own"),
        ('line.labels.all(l, l == "new")', "only exists has words"),
        ("store.size() > 20", "a length"),
    ],
)
def test_what_has_no_standard_sentence(source: str, why: str) -> None:
    assert wording.clause(source) is None, why


ODD = "{id: a, on: purchase, when: 'member.purchases % 3 == 0', give: {wallet: points, amount: 1}SAY}"


def test_publishing_needs_words_for_an_odd_condition() -> None:
    """At its place; an old version that was published without them still loads."""
    source = with_rules(ODD.replace("SAY", ""))
    with pytest.raises(DocumentRefused) as refused:
        loading.load(source, publishing=True)
    (error,) = refused.value.errors
    assert (error.code, error.path) == ("say_needed", "earn.0.when")
    assert source.splitlines()[error.line - 1][error.column - 1 :].startswith("member.purchases")
    assert len(loading.load(source).rules) == 1


def test_with_words_it_may_be_published() -> None:
    source = with_rules(ODD.replace("SAY", ", say: {vi: Cứ ba lần mua, en: Every third purchase}"))
    assert loading.load(source, publishing=True).rules[0].say is not None
