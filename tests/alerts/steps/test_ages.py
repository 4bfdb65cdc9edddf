"""How long something lasts is told as of the reading that supports it, whenever a digest is written and wherever it is shown."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from alerts.delivery.outbox import Cursor
from alerts.digest.render import Rendered
from alerts.digest.replay import replayed
from alerts.digest.write import DigestSession
from alerts.records.queries import portal_states
from alerts.records.state_source import StoredStates
from alerts.scoreboard.board import board
from alerts.scoreboard.gather import gather
from opendata_spiders.register import Register
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import AT, put
from tests.alerts.digest.making import NOW, event

DeskAt = Callable[..., DigestSession]
READER = """subscribers:
  - {{name: desk, language: {language}, urls: ['json://127.0.0.1:9/'], filter: {{cities: [guiyang]}}{more}}}
"""
STOPPED = {"a": {"updated": "2026-03-01"}}
SLOW = {"a": {"updated": "2026-08-01"}}
LATE = {"a1": {"frequency": "每月", "updated": "2026-01-05"}, "ok": None}
SILENT = 268
"""Days from 1 March to the reading of 24 November."""
WEEKLY = ", role: officer, rhythm: {every: weekly, weekday: tuesday}"


def reader(subscribe, language: str = "en", more: str = ""):
    [found] = subscribe(READER.format(language=language, more=more))
    return found


@pytest.mark.parametrize("days", [0, 1, 30, 218])
@pytest.mark.parametrize("rows", [STOPPED, SLOW])
def test_a_first_digest_months_later_knows_no_more_than_the_last_reading(
    store: Store, subscribe, desk: DeskAt, days: int, rows: dict
) -> None:
    put(store, "guiyang", rows)
    [state] = portal_states(StoredStates(store))
    for language, aged in (("en", "as of our reading of 24 November"), ("zh", "截至")):
        digest, _ = desk(days).compose(reader(subscribe, language), None)
        text = Rendered(digest).text
        assert re.search(rf"\b{state.days_silent} (days|天)", text)
        assert (aged in text) == (days > 0)
        assert not re.search(rf"\b{state.days_silent + days} (days|天)", text) or not days
        if rows is STOPPED:
            assert str(SILENT) in digest.subject
            assert ("24 November" in digest.subject or "11月24日" in digest.subject) == (days > 0)


def test_mail_states_and_scoreboard_tell_one_silence(store: Store, subscribe, desk: DeskAt, register: Register) -> None:
    put(store, "guiyang", STOPPED)
    [state] = portal_states(StoredStates(store))
    [portal] = board(gather(store, register, NOW + timedelta(days=20)))["portals"]
    digest, _ = desk(20).compose(reader(subscribe), None)
    assert state.days_silent == portal["days_silent"] == SILENT
    assert digest.subject == f"State of play: Guiyang stopped updating {SILENT} days ago (as of 24 November)"


def stated(days_after: float = 0):
    return event(
        "city.stopped", "guiyang", at=AT + timedelta(days=days_after), since=None, confidence="claimed",
        evidence={"days_silent": SILENT, "evidence": {"date": "2026-03-01T00:00:00+08:00", "kind": "claimed"}},
    )  # fmt: skip


def test_a_monthly_reader_is_told_of_a_stop_as_of_what_was_read_since(
    store: Store, subscribe, state, desk: DeskAt
) -> None:
    portal = put(store, "guiyang", STOPPED)
    one = reader(subscribe)
    found = store.db["states"].find_one({"_id": portal.id})
    silence = stated()
    since = found["city"]["evidence"]["date"]
    state(event("city.stopped", "guiyang", at=AT, since=since, portal=portal.id, evidence=dict(silence.evidence)))
    before = Cursor("desk", 0, NOW - timedelta(days=1), NOW - timedelta(days=1))
    late, _ = desk(10).compose(one, before)
    assert late.subject == f"Guiyang stopped updating {SILENT} days ago (as of 24 November)"
    assert (
        f"No update for {SILENT} days; the last one was on 1 March (as of our reading of 24 November)"
        in Rendered(late).text
    )
    put(store, "guiyang", STOPPED, AT + timedelta(days=10))
    read, _ = desk(10).compose(one, before)
    assert read.subject == f"Guiyang stopped updating {SILENT + 10} days ago"


def test_an_overdue_dataset_is_late_as_of_the_reading_that_states_it(
    store: Store, subscribe, state, desk: DeskAt
) -> None:
    put(store, "guiyang", LATE)
    late = {"claimed": "2026-10-01T00:00:00+08:00", "frequency": "P1D"}
    state(event("dataset.overdue", "guiyang", "d", title="公交", at=AT, since=None, evidence=late))
    for days, said in (
        (0, "last updated 54 days ago"),
        (21, "last updated 54 days ago (as of our reading of 24 November)"),
    ):
        before = Cursor("desk", 0, NOW - timedelta(days=1), NOW - timedelta(days=1))
        digest, _ = desk(days).compose(reader(subscribe), before)
        assert f"{said}\n" in Rendered(digest).text


@pytest.mark.parametrize("every", ["weekly, weekday: tuesday", "daily", "monthly, day: 24"])
def test_an_officer_with_something_overdue_hears_of_it_though_nothing_happens(
    store: Store, subscribe, desk: DeskAt, every: str
) -> None:
    put(store, "guiyang", LATE)
    bureau = reader(subscribe, more=f", role: officer, rhythm: {{every: {every}}}")
    assert desk().write(bureau).digest
    told = [(days, found) for days in range(1, 36) if (found := desk(days).write(bureau).digest)]
    assert [days for days, _ in told] == ([30] if every.startswith("monthly") else [7, 14, 21, 28, 35])
    for _, digest in told:
        assert digest.kind == "list"
        assert digest.subject == "Overdue list of Guiyang: 1 dataset"
        assert digest.table
        assert digest.table.rows == 1
        text = Rendered(digest).text
        assert "1 dataset overdue, the longest by 292 days (as of our reading of 24 November)" in text
        assert "Nothing new; these datasets are still overdue." in text


def test_an_officer_with_nothing_overdue_is_left_alone(store: Store, subscribe, desk: DeskAt) -> None:
    put(store, "guiyang", {"ok": None})
    bureau = reader(subscribe, more=WEEKLY)
    desk().write(bureau)
    assert [desk(days).write(bureau).reason for days in (7, 14)] == ["nothing to say"] * 2


def test_previews_and_replays_hold_the_list(store: Store, subscribe, state, desk: DeskAt) -> None:
    put(store, "guiyang", LATE)
    bureau = reader(subscribe, more=WEEKLY)
    whole = desk(3).replay(bureau, NOW - timedelta(days=3))
    assert whole.table.rows == whole.table.total == 1
    put(store, "guiyang", {**LATE, "a2": LATE["a1"]}, AT + timedelta(days=14))
    sent = list(replayed(desk(22), bureau, NOW - timedelta(days=1)))
    assert [(one.digest.subject, one.digest.table.rows) for one in sent] == [
        ("Overdue list of Guiyang: 1 dataset", 1),
        ("Guiyang added 1 dataset", 2),
        ("Overdue list of Guiyang: 2 datasets", 2),
    ]
