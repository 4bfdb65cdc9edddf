"""The texts: the same in both languages, complete for every kind of event, and without holes."""

import re
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

import pytest

from alerts.audience.filters import SEVERITIES
from alerts.digest.lines import event_line
from alerts.model.kinds import EventScope, kinds
from alerts.model.sections import levels, place_of, section_order
from alerts.text.facts import facts
from alerts.text.parts import Tone, as_text
from alerts.text.wording import LANGUAGES, WordingError, load, texts
from opendata_spiders.normalise import THEMES
from tests.alerts.digest.making import NOW, SHANGHAI, ago, event, view, wording

TEXTS = {language: texts(language) for language in LANGUAGES}
FULL_WIDTH_WANTED = re.compile(r"[\u4e00-\u9fff}][,;:!?()]|[,;:!?()][\u4e00-\u9fff]")


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from leaves(one, f"{path}/{key}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from leaves(one, f"{path}[{number}]")
    else:
        yield path, str(value)


def test_both_languages_have_the_same_texts() -> None:
    paths = [{path for path, _ in leaves(TEXTS[language])} for language in LANGUAGES]
    assert {path for path in paths[0] ^ paths[1] if not path.startswith("/months")} == set()


def test_both_languages_use_the_same_values() -> None:
    for (path, zh), en in ((leaf, dict(leaves(TEXTS["en"])).get(leaf[0], "")) for leaf in leaves(TEXTS["zh"])):
        names = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (zh, en)]
        missing = names[0] ^ names[1]
        assert missing <= {"others", "count", "month", "m"}, path


DATES_AND_OURS = {"title", "office", "since", "label", "last_seen", "seen_before_page_went", "broken_since", "regrade"}
"""Values of an event that are quoted, dates or our own words before a phrasing gets them."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_other_value_of_an_event_is_asked_for_as_what_it_is(language: str) -> None:
    """So that a word of a portal in place of a number is quoted in both languages."""
    bare = {
        (path, name)
        for path, text in leaves(TEXTS[language]["lines"])
        for _, name, spec, _ in Formatter().parse(text)
        if name and not spec
    }
    assert {name for _, name in bare} <= DATES_AND_OURS, bare


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_in_place_of_a_number_is_quoted(language: str) -> None:
    odd = event("platform.emptied", evidence={"nights": "@all www.evil.com", "catalogue": 12})
    told = event_line(odd, view(language), levels()[0]).words
    assert [part.text for part in told if part.tone is Tone.QUOTE] == ["@all www.evil.com"]
    assert "@" not in as_text(told)


def test_chinese_texts_have_chinese_punctuation() -> None:
    odd = [
        (path, text) for path, text in leaves(TEXTS["zh"]) if FULL_WIDTH_WANTED.search(re.sub(r"\{[^}]*\}", "{}", text))
    ]
    assert odd == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stated_kind_has_a_phrasing_of_its_own_that_always_works(language: str) -> None:
    texts = wording(language)
    for kind in kinds().values():
        if kind.is_stated:
            assert texts.has(f"lines/{kind.name}"), kind.name
        bare = event(kind.name, dataset="d" if kind.scope is EventScope.DATASET else None)
        words = event_line(bare, view(language), levels()[0]).words
        assert "".join(part.text for part in words).strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_dataset_kind_that_may_be_many_can_be_folded(language: str) -> None:
    for kind in kinds().values():
        if kind.is_stated and kind.scope is EventScope.DATASET:
            assert wording(language).has(f"folds/{kind.name}"), kind.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_sections_verdicts_themes_and_severities_have_words(language: str) -> None:
    texts = wording(language)
    assert all(texts.text(f"sections/{name}") for name in section_order())
    assert set(TEXTS[language]["vocabulary"]["theme"]) == set(THEMES)
    assert set(TEXTS[language]["footer"]["severity"]) == {one.value for one in SEVERITIES[1:]}


def test_our_own_failures_are_for_operators_only() -> None:
    for kind in kinds().values():
        assert (place_of(kind.name).audience == "operator") == (
            kind.scope is EventScope.OPS or kind.name == "platform.incident"
        )


def test_a_missing_text_or_value_is_named() -> None:
    with pytest.raises(WordingError, match="no text 'lines/nothing'"):
        wording().say("lines/nothing")
    with pytest.raises(WordingError, match="subject/removed"):
        wording().say("subject/removed", place="贵阳", count=None)
    with pytest.raises(WordingError, match="'fr'"):
        load("fr", SHANGHAI)


def test_english_counts_agree_with_their_words() -> None:
    texts = wording("en")
    assert texts.plain("subject/removed", place="Jinan", count=1) == "Jinan removed 1 dataset"
    assert texts.plain("subject/removed", place="Jinan", count=1200) == "Jinan removed 1,200 datasets"


def test_dates_name_their_year_only_when_it_is_another() -> None:
    assert wording("zh").day(ago(251), NOW) == "3月18日"
    assert wording("zh").day(ago(400), NOW) == "2025年10月20日"
    assert wording("en").day(ago(400), NOW) == "20 October 2025"


def test_a_title_is_portal_text_and_the_marks_around_it_are_not() -> None:
    title = facts(event("dataset.new", dataset="d", title="公交"), wording(), NOW, NOW)["title"]
    assert [(part.text, part.tone) for part in title] == [
        ("《", Tone.PLAIN), ("公交", Tone.QUOTE), ("》", Tone.PLAIN),
    ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_evidence_may_be_named_like_anything(language: str) -> None:
    """A portal's event once carried a value named like an argument of ours, and nobody got a digest that night."""
    for name in ("key", "self", "values", "language", "theme"):
        one = event("coverage.lost", evidence={"theme": None, name: "交通"})
        assert event_line(one, view(language), levels()[0]).words


def test_the_numbers_of_the_policy_are_sane() -> None:
    assert [level.samples < level.fold_over for level in levels()] == [True, False, False]
    assert levels()[0].groups_max > levels()[-1].groups_max
