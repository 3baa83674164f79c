"""Versions are scheduled and immutable, with their terms; a member's yes is to exact words."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import ProgrammingError, connection

from ganbo.features.programmes import models, operations, queries
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import accept_terms, join, publish_programme
from ganbo.people.members.operations import Person

RULES = """\
ganbo: 1
programme: small
name: Nhỏ
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets: {points: {name: điểm}}
earn: [{id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}]
"""


@pytest.fixture
def shop(new_business: Any) -> Any:
    """A business with the first version in force."""
    made = new_business(RULES)
    with context.within(made):
        yield made


def test_a_version_can_be_scheduled(shop: Any) -> None:
    """Until it begins the one before it judges; what happened before stays judged by it for ever."""
    begins = clock.now() + timedelta(days=30)
    done = publish_programme.publish(RULES.replace("10000", "20000"), by="tests", in_force_from=begins)
    assert (done.version, done.in_force_from) == (2, begins)
    judged = [
        queries.in_force_at(shop.schema, at).version for at in (clock.now(), begins - timedelta(seconds=1), begins)
    ]
    assert judged == [1, 1, 2]


def test_a_scheduled_version_can_be_called_off(shop: Any) -> None:
    begins = clock.now() + timedelta(days=30)
    publish_programme.publish(RULES.replace("10000", "20000"), by="tests", in_force_from=begins)
    publish_programme.publish(RULES, by="tests", in_force_from=begins)
    assert queries.in_force_at(shop.schema, begins).programme.source == RULES


def test_the_same_again_is_no_new_version_but_scheduled_words_are_not_in_force(shop: Any) -> None:
    other = RULES.replace("10000", "20000")
    assert publish_programme.publish(RULES, by="tests").version == 1
    publish_programme.publish(other, by="tests", in_force_from=clock.now() + timedelta(days=30))
    now = publish_programme.publish(other, by="tests")
    assert now.version == 3, "asked for now, it is in force now"
    assert queries.in_force_at(shop.schema, clock.now()).version == 3


def test_nothing_begins_in_the_past(shop: Any) -> None:
    with pytest.raises(operations.InForceInPast):
        publish_programme.publish(RULES + "# again\n", by="tests", in_force_from=clock.now() - timedelta(minutes=1))
    assert len(queries.versions()) == 1


@pytest.mark.parametrize("table", ["programmes_version", "programmes_terms", "programmes_acceptance"])
@pytest.mark.parametrize("change", ["UPDATE {} SET version = version + 1", "DELETE FROM {}"])
def test_what_is_published_cannot_be_changed(shop: Any, table: str, change: str) -> None:
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute(change.format(table))


def test_terms_are_kept_with_their_digest(shop: Any) -> None:
    kept = {row.lang: row for row in models.Terms.objects.filter(version=1)}
    assert set(kept) == {"vi", "en"}
    for row in kept.values():
        assert row.digest == sha256(row.text.encode()).hexdigest()
    assert "1 điểm cho mỗi 10.000 ₫ hóa đơn." in kept["vi"].text


def test_a_yes_is_to_exact_words_and_the_first_one_stays(shop: Any) -> None:
    member, at = chance.new_id(), clock.now()
    shown = queries.terms_of(1, lang="vi")
    assert shown is not None
    first = accept_terms.accept(member, at=at, lang="vi", channel="wallet", digest=shown.digest)
    again = accept_terms.accept(member, at=at + timedelta(days=1), lang="en", channel="till")
    assert first == again and (first.version, first.digest, first.at) == (1, shown.digest, at)
    with pytest.raises(accept_terms.OtherWords):
        accept_terms.accept(member, at=at, lang="vi", channel="wallet", digest="0" * 64)
    with pytest.raises(accept_terms.UnknownVersion):
        accept_terms.accept(member, at=at, lang="vi", channel="wallet", version=9)
    assert queries.accepted(member) == [first]


@pytest.mark.parametrize(
    ("channel", "versions", "why"),
    [("wallet", [1], "who joins there says yes"), ("till", [], "shown later"), (None, [], "nobody says it was shown")],
)
def test_joining(shop: Any, channel: str | None, versions: list[int], why: str) -> None:
    joined = join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now(), channel=channel)
    assert [row.version for row in queries.accepted(joined.member_id)] == versions, why
