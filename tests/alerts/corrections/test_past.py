"""The states of a past moment, derived again: what they were that night, whatever was read and corrected since."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from alerts.corrections.correct import regrade_run, retract
from alerts.corrections.event_log import ManualCorrection
from alerts.corrections.past import states_at
from alerts.engine.runner import PortalRef, fold_new
from alerts.model.policy import policy
from alerts.records.queries import events_after, portal_states
from alerts.records.state_source import StoredStates
from opendata_spiders.register import packaged
from opendata_spiders.store.connect import Store
from opendata_spiders.store.models import Verdict

PLACE = PortalRef("id-of-testcity", "testcity")
YEAR: dict[str, Any] = {
    "start": {"d1..d9": {"updated": "D-240", "frequency": "每月"}},
    "nights": [
        {"hide": ["d5"], "look": {"d5": "gone"}},
        {"look": {"d5": "gone"}},
        {"set": {"d3": {"updated": "D", "title": "新"}, "n1": {}}},
        {"verdict": "unreachable", "times": 4},
        {"verdict": "partial", "only": ["d1"]},
        {"times": 250},
        {"show": ["d5"]},
    ],
}


def kept(document: Mapping[str, Any] | None) -> dict[str, Any]:
    """The state without what says how often it was derived."""
    return {name: one for name, one in (document or {}).items() if name != "corrections"}


def test_every_night_is_derived_as_it_was_then(store: Store, tell: Any, put: Any) -> None:
    story, nights = tell(YEAR), [1, 2, 3, 4, 8, 9, 200, 258, 260]
    then = {}
    done = 0
    for night in nights:
        put(story, done, night)
        done = night
        fold_new(store, PLACE, policy())
        then[story.runs[night - 1].at] = (kept(StoredStates(store).document(PLACE.id)), StoredStates(store).missing())
    for at, (document, missing) in then.items():
        past = states_at(store, packaged(), at)
        assert kept(past.document(PLACE.id)) == document
        assert {name: dict(counts) for name, counts in past.missing().items() if counts} == {
            name: dict(counts) for name, counts in missing.items() if counts
        }
    assert not list(states_at(store, packaged(), story.runs[0].at - timedelta(days=1)).documents())


def test_corrections_count_from_the_day_they_were_made(store: Store, tell: Any, put: Any) -> None:
    story = tell(YEAR)
    put(story, 0, 4)
    fold_new(store, PLACE, policy())
    before, last = kept(StoredStates(store).document(PLACE.id)), story.runs[3]
    word = ManualCorrection("the city has shown us the page", last.at + timedelta(hours=20))
    (gone,) = [one for one in events_after(store, 0) if one.kind == "dataset.removed"]
    retract(store, PLACE, gone.id, word)
    regrade_run(store, PLACE, last, Verdict.PARTIAL, word)
    after = kept(StoredStates(store).document(PLACE.id))
    assert after != before
    assert kept(states_at(store, packaged(), last.at).document(PLACE.id)) == before
    assert kept(states_at(store, packaged(), word.at).document(PLACE.id)) == after
    (view,) = portal_states(states_at(store, packaged(), word.at))
    assert view.last_verdict is Verdict.PARTIAL
