"""Nights over HTTP: the script is fair, the judgement can be missed, and the watch tells the nights as they were."""

from collections import Counter
from datetime import timedelta

import pytest

from alerts.model.events import Confidence, Event, Severity
from opendata_spiders.store.models import Verdict
from tests.replica import Incident, Kind, truth
from tests.score.overnight.judge import STRICT, judge
from tests.score.overnight.play import Misgraded, Played, play
from tests.score.overnight.script import RATES, write


def test_a_script_is_seeded_and_holds_both_families_and_every_life():
    one, same, other = write(1, 60, 14), write(1, 60, 14), write(2, 60, 14)
    assert one.weather == same.weather != other.weather
    assert [one.world.scripted(slug) for slug in one.world.portals] == [
        same.world.scripted(s) for s in one.world.portals
    ]
    assert Counter(spec.family for spec in one.world.portals.values()) == {"inspur_oportal": 51, "guizhou_api": 9}
    assert set(one.totals.values()) == {"share", "distance", "none", "small", "fixed"}
    assert all(12 <= spec.datasets <= 60 for spec in one.world.portals.values())


def test_the_nights_are_as_bad_as_they_are_meant_to_be():
    scripts = [write(seed, 60, 14) for seed in range(8)]
    nights = Counter(weather.name for script in scripts for weather in script.weather.values())
    partial = sum(nights[name] for name in ("cut short", "hole", "paging", "total"))
    played = len(scripts) * 60 * 14
    assert nights["blocked"] > 0.03 * played
    assert partial > 0.05 * played
    assert nights["drifted"] > 0.02 * played
    starts = sum(
        each.kind is Kind.REDESIGN and each.last is None
        for script in scripts for slug in script.world.portals for each in script.world.scripted(slug)
    )  # fmt: skip
    assert starts > 0.002 * played
    assert sum(RATES.values()) < 0.25


def test_every_script_has_cases_of_what_may_never_be_wrong():
    script = write(1, 60, 14)
    cases = Counter(must.kind for slug in script.world.portals for must in truth(script.world, slug, range(14)).must)
    assert all(cases[kind] >= 4 for kind in STRICT)


@pytest.fixture
def quiet():
    """Two portals without weather, one of which loses two datasets on the third night."""
    script = write(1, 2, 6)
    script.world.forget()
    script.weather.clear()
    slug = min(script.world.portals)
    script.world.script(slug, Incident(Kind.DELETES, 2, count=2, how="404"))
    return script, slug


def event(script, slug, kind, dataset, night):
    at = script.world.moment(night) + timedelta(hours=1)
    return Event(f"{kind}{dataset}", kind, "x", slug, dataset, "r", at, Severity.NOTABLE, Confidence.CONFIRMED)


def test_what_is_false_missed_late_or_misgraded_is_a_fault(quiet):
    script, slug = quiet
    gone, other = [must.dataset for must in truth(script.world, slug, range(6)).must]
    right = [event(script, slug, "dataset.removed", one, 3) for one in (gone, other)]
    assert judge(Played(script, right)).faults == []
    assert judge(Played(script, right[:1])).faults == [f"dataset.removed not told: {slug} since night 3 {other}"]
    late = [right[0], event(script, slug, "dataset.removed", other, 5)]
    assert judge(Played(script, late)).faults == ["dataset.removed: 1 late"]
    untrue = event(script, slug, "dataset.removed", "nobody", 4)
    assert judge(Played(script, [*right, untrue])).faults == [f"dataset.removed stated falsely: {slug} night 4 nobody"]
    graded = Misgraded(slug, 2, "cut short", ("partial",), "complete: all of it")
    assert len(judge(Played(script, right, misgraded=[graded])).faults) == 1


@pytest.mark.years
@pytest.mark.timeout(1800)
def test_fourteen_nights_of_sixty_portals_are_told_as_they_were(store_config):
    played = play(write(1, 60, 14), store_config)
    assert judge(played).faults == []
    assert len(played.verdicts) == 60 * 14
    verdicts = Counter(played.verdicts.values())
    assert all(verdicts[one] for one in (Verdict.PARTIAL, Verdict.BLOCKED, Verdict.DRIFTED, Verdict.UNREACHABLE))
