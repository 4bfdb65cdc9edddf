"""What a digest says though nothing happened: stops that last, silences longer than the reader allows, notes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.audience.filters import Filter
from alerts.audience.remarks import Remark, RemarkKind
from alerts.digest.build import build, build_first
from alerts.digest.model import Digest, PortalStanding, Situation, View
from alerts.digest.reminders import milestone, reminders, silences
from alerts.digest.render import Rendered
from alerts.model.events import Severity
from alerts.text.parts import as_text
from tests.alerts.digest.making import NOW, PLACES, Reader, ago, event, wording

GOOD = {"verdict": "complete", "reliable": True, "trusted": NOW}


def stopped(days: float, **more: object) -> Situation:
    values = {"stated": ago(days), "stated_by": "stop1", **GOOD, **more}
    return Situation(PLACES, (PortalStanding("guiyang", "stopped", ago(days), ago(days + 244), **values),))


def test_reminders_come_after_7_30_and_90_days_then_every_90() -> None:
    assert [day for day in range(1, 400) if milestone(day) > milestone(day - 1)] == [7, 30, 90, 180, 270, 360]


def test_each_reminder_comes_once_however_late_the_digest() -> None:
    days = []
    before = NOW
    for step in range(0, 400, 3):
        now = NOW + timedelta(days=step)
        if reminders(stopped(0), before, now):
            days.append(step)
        before = now
    assert days == [9, 30, 90, 180, 270, 360]


def test_a_reminder_says_how_long_and_nothing_else_makes_a_digest() -> None:
    seen = stopped(7)
    found = reminders(seen, ago(1), NOW)
    digest = build(Reader(), [], View(seen, wording("en"), NOW), found)
    assert digest
    assert digest.subject == "Guiyang is still stopped, 251 days without an update"
    text = Rendered(digest).text
    assert "Still stopped: 251 days without an update; the last one was on 18 March" in text
    assert digest.events == ()
    assert build(Reader(), [], View(seen, wording("en"), NOW)) is None


def test_whoever_only_wants_severe_things_is_reminded_of_them() -> None:
    seen, found = stopped(7), reminders(stopped(7), ago(1), NOW)
    assert build(Reader(scope=Filter(severity=Severity.SEVERE)), [], View(seen, wording(), NOW), found)
    assert build(Reader(scope=Filter(kinds=("city.stopped",))), [], View(seen, wording(), NOW), found)
    assert build(Reader(scope=Filter(kinds=("dataset.*",))), [], View(seen, wording(), NOW), found) is None
    assert build(Reader(scope=Filter(frozenset({"jinan"}))), [], View(seen, wording(), NOW), found) is None


def test_an_acknowledgement_silences_reminders_until_it_ends_and_only_of_the_stop_it_knew() -> None:
    known = Remark(RemarkKind.ACK, "p", ago(3), until=NOW + timedelta(days=5))
    assert reminders(stopped(7, acknowledged=known), ago(1), NOW) == []
    assert reminders(stopped(7, acknowledged=replace(known, until=ago(0.5))), ago(1), NOW)
    assert reminders(stopped(7, acknowledged=replace(known, at=ago(9))), ago(1), NOW)
    fresh = event("city.stopped", since=ago(244), evidence={"days_silent": 244})
    assert build(Reader(), [fresh], View(stopped(0, acknowledged=known), wording(), NOW))


def test_nothing_is_said_of_a_portal_that_could_not_be_read() -> None:
    assert reminders(stopped(7, reliable=False), ago(1), NOW) == []


def live(days: float, state: str = "live", **more: object) -> Situation:
    return Situation(PLACES, (PortalStanding("guiyang", state, None, ago(days), **(GOOD | more)),))


@pytest.mark.parametrize(
    ("days", "limit", "told"), [(63, 60, True), (60, 60, False), (61, 60, True), (400, None, False)]
)
def test_a_silence_beyond_the_readers_own_threshold(days: int, limit: int | None, *, told: bool) -> None:
    assert bool(silences(live(days), limit, ())) == told


def test_it_is_worded_apart_from_a_stop_and_told_once() -> None:
    seen = live(63)
    reader = Reader(silent_days=60, scope=Filter(severity=Severity.SEVERE))
    found = silences(seen, 60, ())
    digest = build(reader, [], View(seen, wording("en"), NOW), found)
    assert digest
    assert digest.subject == "Guiyang: no update for 63 days, your threshold is 60"
    assert "stopped" not in Rendered(digest).text.lower()
    assert digest.silences == ("guiyang 2026-09-22",)
    assert silences(seen, 60, digest.silences) == []
    assert silences(live(61.5), 60, digest.silences), "an update began a new silence"


def test_the_first_digest_tells_silences_too_and_counts_them_as_told() -> None:
    found = silences(live(63), 60, ())
    digest = build_first(Reader(silent_days=60), View(live(63), wording("zh"), NOW), found)
    assert "已 63 天没有更新，您设的上限是 60 天" in Rendered(digest).text
    assert digest.silences


def test_a_city_that_changed_state_that_night_is_not_told_twice() -> None:
    found = silences(live(93, "slowed"), 60, ())
    digest = build(Reader(), [event("city.slowed", since=ago(93))], View(live(93, "slowed"), wording("en"), NOW), found)
    assert digest
    assert "your threshold" not in Rendered(digest).text
    assert digest.silences == ()


def test_readers_of_one_night_share_what_is_said_but_not_their_thresholds() -> None:
    shared = View(live(93), wording("en"), NOW)
    fresh = event("city.slowed", "jinan", since=ago(40), evidence={"days_silent": 40})
    texts = []
    for limit in (60, 90):
        digest = build(Reader(silent_days=limit), [fresh], shared, silences(shared.situation, limit, ()))
        assert digest
        texts.append(Rendered(digest).text)
    assert [f"your threshold is {limit}" in text for text in texts for limit in (60, 90)] == [True, False, False, True]
    assert len(shared.groups) == 1, "Jinan's lines were made once"


def note(digest: Digest) -> list[str]:
    groups = [group for section in digest.sections for group in section.groups]
    return [as_text(words) for group in groups for words in group.notes if "Note" in as_text(words)]


def test_a_persons_note_stands_beside_the_evidence_once_and_is_inert() -> None:
    said = Remark(RemarkKind.NOTE, "p", ago(1), NOW + timedelta(days=9), "see <b>http://evil.cn</b>", "Li")
    seen = Situation(PLACES, (PortalStanding("guiyang", "live", note=said, **GOOD),))
    events = [event("dataset.removed", dataset="d", title="a"), event("dataset.new", dataset="e", title="b")]
    digest = build(Reader(), events, View(seen, wording("en"), NOW))
    assert digest
    [shown] = note(digest)
    assert shown == "Note by Li: “see ‹b›http∶//evil․cn‹/b›” (through 3 December)"
    assert "<b>" not in Rendered(digest).html


def test_whatever_happens_to_a_watched_dataset_is_told_even_outside_the_filter() -> None:
    seen = Situation(PLACES, (), watched=frozenset({("jinan.1", "d")}))
    reader = Reader(scope=Filter(frozenset({"guiyang"}), severity=Severity.SEVERE))
    quiet = event("dataset.updated", "jinan", "d", title="公交站点")
    digest = build(reader, [quiet, event("dataset.updated", "jinan", "e", title="x")], View(seen, wording("zh"), NOW))
    assert digest
    assert [section.key for section in digest.sections] == ["watched"]
    assert digest.subject == "济南《公交站点》：有更新"
    assert digest.events == (quiet.id,)


def test_a_watched_dataset_that_goes_with_many_is_named() -> None:
    rows = [{"id": f"d{n}", "title": f"t{n}", "office": "o", "last_seen": ago(3)} for n in range(9)]
    bulk = event("bulk.deletion", "jinan", evidence={"count": 9, "datasets": rows, "offices": [["o", 9]]})
    seen = Situation(PLACES, (), watched=frozenset({("jinan.1", "d7")}))
    digest = build(Reader(), [bulk], View(seen, wording("en"), NOW))
    assert digest
    watched = next(section for section in digest.sections if section.key == "watched")
    assert as_text(watched.groups[0].lines[0].words) == "“t7” (o): gone from the catalogue; last seen on 21 November"
    assert digest.events == (bulk.id,)
