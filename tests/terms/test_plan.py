"""Whose terms are due, and where they are looked for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from opendata_spiders.register import packaged
from opendata_spiders.store.connect import Store
from opendata_spiders.store.terms import TermsLook, TermsText, keep_terms, keep_terms_look
from opendata_spiders.terms.plan import REGISTER, plan_terms
from opendata_spiders.terms.policy import places, terms_policy, words

BOOK = packaged()
NOW = datetime(2026, 11, 1, 18, tzinfo=UTC)
APART = timedelta(hours=terms_policy().apart_hours)


def due(store: Store, *slugs: str, days: float = 0, force: bool = False) -> list[str]:
    plan = plan_terms(store, [BOOK.get(slug) for slug in slugs], now=NOW + timedelta(days=days), force=force)
    return [one.portal.slug for group in plan.groups for one in group]


def read(store: Store, slug: str, text: str, days: float) -> None:
    """Terms that were read on that day."""
    portal, at = BOOK.get(slug), NOW + timedelta(days=days)
    kept = TermsText(
        id=f"{portal.id}:{text}", portal=portal.id, slug=slug, document="使用条款", url=f"{portal.base_url}/t",
        found="使用条款", title="", form="html", text=text, cut=False, size=1, hash=text,
    )  # fmt: skip
    keep_terms(store.db, kept, at, APART)
    keep_terms_look(store.db, TermsLook(portal.id, slug, at, text=kept.id))


def test_every_known_place_is_of_a_portal_and_its_document_has_a_word() -> None:
    ids = {portal.id: portal for portal in BOOK.portals.values()}
    assert places().keys() <= ids.keys()
    assert {place.document for place in places().values()} <= set(words())


def test_a_portal_is_due_when_it_was_never_asked_and_then_once_a_month(store: Store) -> None:
    assert due(store, "guiyang") == ["guiyang"]
    for days in (0, 1):
        read(store, "guiyang", "a", days)
    assert due(store, "guiyang", days=27) == []
    assert due(store, "guiyang", days=27, force=True) == ["guiyang"]
    assert due(store, "guiyang", days=1 + terms_policy().again_days) == ["guiyang"]


def test_a_text_read_once_is_due_the_next_night(store: Store) -> None:
    read(store, "guiyang", "a", 0)
    assert due(store, "guiyang", days=0.25) == []
    assert due(store, "guiyang", days=1) == ["guiyang"]


def test_what_could_not_be_read_is_due_after_a_week(store: Store) -> None:
    portal = BOOK.get("guiyang")
    keep_terms_look(store.db, TermsLook(portal.id, "guiyang", NOW, why="blocked: HTTP 403"))
    assert due(store, "guiyang", days=terms_policy().retry_days - 1) == []
    assert due(store, "guiyang", days=terms_policy().retry_days) == ["guiyang"]


def test_a_night_has_a_limit_and_a_text_to_be_confirmed_comes_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opendata_spiders.terms.plan.terms_policy", lambda: replace(terms_policy(), night_portals=1))
    read(store, "guiyang", "a", 0)
    plan = plan_terms(store, [BOOK.get("jinan"), BOOK.get("guiyang")], now=NOW + timedelta(days=1))
    assert [one.portal.slug for group in plan.groups for one in group] == ["guiyang"]
    assert plan.left_out == 1


def test_the_table_comes_before_the_address_read_last(store: Store) -> None:
    for slug in ("hongkong", "guiyang"):
        read(store, slug, "a", 0)
    plan = plan_terms(store, [BOOK.get("hongkong"), BOOK.get("guiyang")], now=NOW, force=True)
    known = {one.portal.slug: one.known for group in plan.groups for one in group}
    assert (known["hongkong"].url, known["hongkong"].found) == ("https://data.gov.hk/en/terms-and-conditions", REGISTER)
    assert (known["guiyang"].url, known["guiyang"].found) == (f"{BOOK.get('guiyang').base_url}/t", "使用条款")
