"""Every template carries stories, and every one of its examples and stories comes out."""

import pytest

from ganbo.features.programmes import templates
from ganbo.journeys import publish_programme

NAMES = [one.name for one in templates.all()]
WANTED = {
    "stamp-card", "points", "points-tiers", "cashback-card", "car-wash", "shoe-shop", "sports-shop", "cosmetics",
    "web-shop", "airline", "prepaid-cafe", "mall-coalition", "wash-packages", "spa-packages", "cinema", "supermarket",
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_its_examples_and_stories_come_out(name: str) -> None:
    programme = publish_programme.check(templates.source(name))
    assert [example for example in programme.examples if "story" in example], "a template shows what happens over time"


def test_the_programmes_seen_in_the_world_are_there() -> None:
    assert set(NAMES) == WANTED
