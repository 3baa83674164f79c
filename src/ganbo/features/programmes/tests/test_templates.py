"""Every template is a good example: it agrees with its own examples, is not advised against, and reads in both languages."""

from importlib import resources

import pytest

from ganbo.engine import examples, loading
from ganbo.engine.programme import Programme
from ganbo.features.programmes import advice_words, templates, terms

NAMES = [one.name for one in templates.all()]


def _published(name: str) -> Programme:
    return loading.load(templates.source(name), publishing=True)


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_published_and_its_examples_agree(name: str) -> None:
    programme = _published(name)
    assert programme.examples
    assert examples.run(programme) == ()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_advised_against(name: str) -> None:
    assert [one.text for one in advice_words.told(_published(name), locale="en")] == []


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_its_terms_and_labels_are_there_in_both_languages(name: str, locale: str) -> None:
    programme = _published(name)
    named = [*programme.wallets.values(), *programme.rules, *programme.cards, *programme.levels]
    assert [one for one in [programme.name, *(n.name for n in named)] if set(one.by_language) != {"vi", "en"}] == []
    assert [one.id for one in programme.rewards.values() if set(one.name.by_language) != {"vi", "en"}] == []
    text = terms.of(programme, lang=locale).text
    assert programme.name.text(locale) in text
    assert "%(" not in text


def test_the_list_and_the_files_are_the_same() -> None:
    files = {one.name for one in resources.files(templates).iterdir() if one.name.endswith(".yaml")}
    assert files == {f"{name}.yaml" for name in NAMES}
    assert all(set(t.by_language) == {"vi", "en"} for one in templates.all() for t in (one.title, one.summary))


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(templates.TemplateUnknown):
        templates.source("../terms")
