"""Versions are scheduled and immutable, with their terms; a member's yes is to exact words."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import ProgrammingError, connection

from ganbo.features.programmes import in_force, models, operations, queries
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import accept_terms, join, publish_programme, withdraw_version
from ganbo.journeys.accept_terms import Words
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


def _reads(schema: str) -> list[int]:
    """The numbers of the versions that judge or will, as a process that knows nothing yet reads them."""
    in_force._timelines.pop(schema, None)
    return [v.version for v in queries.timeline(schema).versions]


def test_a_scheduled_version_is_withdrawn(shop: Any) -> None:
    """As if it had not been: it judges nothing and changes no old points, but stays to be read."""
    begins = clock.now() + timedelta(days=30)
    other = RULES.replace("{name: điểm}", "{name: điểm, expires: {kind: rolling, days: 30}}")
    publish_programme.publish(other, by="tests", in_force_from=begins, existing="all")
    withdraw_version.withdraw(2, by="staff:1")
    withdraw_version.withdraw(2, by="staff:1")
    assert [(v.version, v.withdraws) for v in queries.versions()] == [(3, 2), (2, None), (1, None)], "twice is once"
    assert queries.in_force_at(shop.schema, begins).version == 1
    assert _reads(shop.schema) == [1]
    assert not models.Redating.objects.exists()
    assert queries.source_of(2) == other
    again = publish_programme.publish(other, by="tests", in_force_from=begins)
    assert again.version == 4, "published once more it is a version of its own"
    assert queries.in_force_at(shop.schema, begins).version == 4


@pytest.mark.parametrize(
    ("version", "why"),
    [(1, "it is in force"), (2, "it was in force"), (9, "there is none"), (4, "it is a withdrawal itself")],
)
def test_only_what_has_not_begun_is_withdrawn(shop: Any, version: int, why: str) -> None:
    publish_programme.publish(RULES + "# two\n", by="tests")
    publish_programme.publish(RULES + "# three\n", by="tests", in_force_from=clock.now() + timedelta(days=3))
    withdraw_version.withdraw(3, by="tests")
    with pytest.raises(withdraw_version.NotScheduled):
        withdraw_version.withdraw(version, by="tests")
    assert [v.version for v in queries.versions()] == [4, 3, 2, 1], why


def test_a_first_version_is_not_withdrawn(new_business: Any) -> None:
    """Nothing would judge then."""
    made = new_business(RULES, in_force_from=clock.now() + timedelta(days=3))
    with context.within(made), pytest.raises(withdraw_version.NotScheduled):
        withdraw_version.withdraw(1, by="tests")


def test_a_withdrawn_version_is_not_said_yes_to(shop: Any) -> None:
    publish_programme.publish(RULES + "# two\n", by="tests", in_force_from=clock.now() + timedelta(days=3))
    withdraw_version.withdraw(2, by="tests")
    lan = join.join(Person(name="Lan", phone=f"+849{chance.digits(8)}"), at=clock.now())
    with pytest.raises(accept_terms.UnknownVersion):
        accept_terms.accept(lan.member_id, at=clock.now(), lang="vi", channel="counter", version=2)


def test_one_that_begins_at_the_same_instant_replaces_another_with_what_it_does_to_points(shop: Any) -> None:
    begins = clock.now() + timedelta(days=30)
    month = RULES.replace("{name: điểm}", "{name: điểm, expires: {kind: rolling, days: 30}}")
    publish_programme.publish(month, by="tests", in_force_from=begins, existing="all")
    publish_programme.publish(month.replace("30", "60"), by="tests", in_force_from=begins)
    assert not models.Redating.objects.exists(), "the second one leaves old points alone"
    timeline = queries.timeline(shop.schema)
    assert timeline.replaced_by(2) == 3
    assert timeline.replaced_by(3) is None
    before = timeline.before(begins)
    assert before is not None
    assert before.version == 1, "what ends when it begins"


def test_nobody_publishes_over_a_version_they_have_not_seen(shop: Any) -> None:
    publish_programme.publish(RULES + "# hanh\n", by="tests", expecting=1)
    with pytest.raises(operations.Overtaken):
        publish_programme.publish(RULES + "# son\n", by="tests", expecting=1)
    assert len(queries.versions()) == 2
    same = publish_programme.publish(RULES + "# hanh\n", by="tests", expecting=1)
    assert same.version == 2, "pressed twice"


def test_pressed_at_once_it_is_one_version(shop: Any) -> None:
    """Forty clicks on real connections."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    begins = clock.now() + timedelta(days=3)

    def press(_: int) -> int:
        try:
            with context.within(shop):
                done = publish_programme.publish(RULES + "# x\n", by="tests", in_force_from=begins, expecting=1)
            return done.version
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(press, range(40)))
    assert set(found) == {2}
    assert len(queries.versions()) == 2


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


@pytest.mark.parametrize("channel", ["wallet", "till", None])
def test_joining_keeps_a_yes_only_to_words_that_were_shown(shop: Any, channel: str | None) -> None:
    def joined(words: Words | None) -> Any:
        return join.join(
            Person(phone=f"+849{chance.digits(8)}"), at=clock.now(), channel=channel, agreed=words
        ).member_id

    assert queries.accepted(joined(None)) == [], "nobody showed them, whatever the channel"
    shown = queries.terms_of(1, lang="en")
    assert shown is not None
    (kept,) = queries.accepted(joined(Words(1, "en", shown.digest)))
    assert (kept.version, kept.lang, kept.digest, kept.channel) == (1, "en", shown.digest, channel or "")
    with pytest.raises(accept_terms.OtherWords):
        joined(Words(1, "vi", shown.digest))
