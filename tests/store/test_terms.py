"""One document for each distinct text of a portal's terms, and the times in which it stood."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from opendata_spiders.store.connect import Store
from opendata_spiders.store.terms import TermsText, changed_portals, keep_terms, terms_texts

START = datetime(2026, 3, 1, 18, tzinfo=UTC)
APART = timedelta(hours=12)


def text(name: str, document: str = "使用条款") -> TermsText:
    return TermsText(
        id=f"520000.1:{document}{name}", portal="520000.1", slug="guizhou", document=document, url="https://x.example/t",
        found="使用条款", title="使用条款", form="html", text=name, cut=False, size=1, hash=name,
    )  # fmt: skip


@pytest.fixture
def keep(store: Store):
    """Read texts, one a day, or at the given days; what each text's stretches are then, in days: from, to, confirmed."""

    def read(*names: str, days=None) -> dict[str, list[tuple[int, int, int | None]]]:
        for day, name in zip(days or range(len(names)), names, strict=True):
            keep_terms(store.db, text(name), START + timedelta(days=day), APART)
        return {
            one.text: [
                ((s.at - START).days, (s.checked_at - START).days, s.confirmed_at and (s.confirmed_at - START).days)
                for s in one.stretches
            ]
            for one in terms_texts(store.db, "520000.1")
        }

    return read


def test_equal_texts_make_one_document(keep):
    assert keep("a", "a", "a") == {"a": [(0, 2, 1)]}


def test_a_second_reading_the_same_night_confirms_nothing(store, keep):
    keep("a")
    assert keep_terms(store.db, text("a"), START + timedelta(hours=3), APART).stretches[0].confirmed_at is None


def test_a_new_text_counts_from_its_second_night(keep):
    assert keep("a", "a", "b") == {"a": [(0, 1, 1)], "b": [(2, 2, None)]}
    assert keep("b", days=[3]) == {"a": [(0, 1, 1)], "b": [(2, 3, 3)]}


def test_a_text_of_one_night_is_forgotten_and_the_one_in_force_goes_on(keep):
    assert keep("a", "a", "b", "a", "b") == {"a": [(0, 3, 1)], "b": [(4, 4, None)]}


def test_a_text_that_comes_back_begins_a_new_time_in_its_old_document(keep):
    assert keep("a", "a", "b", "b", "a", "a") == {"a": [(0, 1, 1), (4, 5, 5)], "b": [(2, 3, 3)]}
    assert keep("b", days=[6]) == {"a": [(0, 1, 1), (4, 5, 5)], "b": [(2, 3, 3), (6, 6, None)]}


def test_a_page_that_is_never_the_same_leaves_one_document(keep):
    assert list(keep(*"abcdef")) == ["f"]


def test_documents_of_another_name_are_kept_apart(store, keep):
    keep("a", "a")
    keep_terms(store.db, replace(text("b", "免责声明")), START + timedelta(days=2), APART)
    assert [(one.text, len(one.stretches)) for one in terms_texts(store.db, "520000.1")] == [("a", 1), ("b", 1)]
    assert changed_portals(store.db) == ["520000.1"]
