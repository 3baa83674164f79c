"""The draft of a programme: nobody's text is overwritten unseen, and publishing takes the draft along."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from ganbo.engine.loading import DocumentRefused
from ganbo.features.programmes import drafts, queries
from ganbo.features.programmes.drafts import DraftChanged
from ganbo.foundation.tenancy import context
from ganbo.journeys import edit_draft

SOURCE = """ganbo: 1
programme: nha-minh
name: Nhà mình
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets: {points: {name: điểm}}
earn: [{id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}]
"""


@pytest.fixture
def shop(new_business: Any) -> Any:
    """A business with version 1 and no draft."""
    made = new_business(SOURCE)
    with context.within(made):
        yield made


def test_without_a_draft_the_latest_version_is_what_is_edited(shop: Any) -> None:
    found = drafts.current(1)
    assert (found.source, found.revision, found.based_on, found.undoable) == (SOURCE, 0, 1, False)


def test_a_save_is_kept_and_can_be_taken_back(shop: Any) -> None:
    first = edit_draft.save(SOURCE + "# one\n", revision=0, based_on=1, by="hanh")
    second = edit_draft.save(SOURCE + "# two\n", revision=first, based_on=1, by="lan")
    kept = drafts.current(1)
    assert (kept.source, kept.revision, kept.updated_by) == (SOURCE + "# two\n", second, "lan")
    third = edit_draft.take_back(revision=second, by="lan")
    assert drafts.current(1).source == SOURCE + "# one\n"
    edit_draft.take_back(revision=third, by="lan")
    assert drafts.current(1).source == SOURCE + "# two\n", "taking back twice changes nothing"


@pytest.mark.parametrize("what", ["save", "take_back", "drop", "publish"])
def test_who_has_not_seen_the_last_save_changes_nothing(shop: Any, what: str) -> None:
    seen = edit_draft.save(SOURCE + "# one\n", revision=0, based_on=1, by="hanh")
    edit_draft.save(SOURCE + "# two\n", revision=seen, based_on=1, by="lan")
    act = {
        "save": lambda: edit_draft.save("mine", revision=seen, based_on=1, by="hanh"),
        "take_back": lambda: edit_draft.take_back(revision=seen, by="hanh"),
        "drop": lambda: edit_draft.drop(revision=seen),
        "publish": lambda: edit_draft.publish(SOURCE, revision=seen, by="hanh"),
    }[what]
    with pytest.raises(DraftChanged):
        act()
    assert drafts.current(1).source == SOURCE + "# two\n"
    assert len(queries.versions()) == 1


@pytest.mark.parametrize("begun", [False, True])
def test_of_many_who_save_at_once_one_is_kept(shop: Any, begun: bool) -> None:
    seen = edit_draft.save(SOURCE, revision=0, based_on=1, by="hanh") if begun else 0

    def save(n: int) -> int:
        with context.within(shop):
            try:
                edit_draft.save(f"# {n}\n", revision=seen, based_on=1, by=f"somebody {n}")
            except DraftChanged:
                return -1
            finally:
                connection.close()
        return n

    with ThreadPoolExecutor(8) as threads:
        kept = [n for n in threads.map(save, range(16)) if n >= 0]
    assert len(kept) == 1
    assert drafts.current(1).source == f"# {kept[0]}\n"
    assert drafts.current(1).revision == seen + 1


def test_publishing_takes_the_draft_along(shop: Any) -> None:
    better = SOURCE.replace("per: 10000", "per: 5000")
    revision = edit_draft.save(better, revision=0, based_on=1, by="hanh")
    assert edit_draft.publish(better, revision=revision, by="hanh").version == 2
    assert drafts.current(2).revision == 0, "nothing is left to publish"
    assert drafts.current(2).source == better


def test_a_document_that_is_refused_leaves_the_draft(shop: Any) -> None:
    wrong = SOURCE.replace("wallet: points", "wallet: stars")
    revision = edit_draft.save(wrong, revision=0, based_on=1, by="hanh")
    with pytest.raises(DocumentRefused):
        edit_draft.publish(wrong, revision=revision, by="hanh")
    assert drafts.current(1).source == wrong


def test_a_draft_is_seen_by_its_own_business_only(shop: Any, fumi: Any) -> None:
    edit_draft.save(SOURCE + "# secret\n", revision=0, based_on=1, by="hanh")
    with context.within(fumi):
        assert "# secret" not in drafts.current(1).source
