"""Two invented years of a portal, thinned out every two weeks: what was told, and is told next, is as without it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from alerts.corrections.correct import regrade_run
from alerts.corrections.event_log import ManualCorrection
from alerts.corrections.past import states_at
from alerts.engine.checkpoints import keep_due_checkpoints
from alerts.engine.repository import prepare
from alerts.engine.runner import PortalRef, fold_new
from alerts.model.events import Event
from alerts.model.policy import policy
from alerts.publish.evidence.archive import archive
from alerts.publish.evidence.gather import gather
from alerts.records.queries import events_after
from alerts.upkeep import prune as pruning
from alerts.upkeep.policy import UpkeepPolicy, months_before, upkeep_policy
from alerts.upkeep.prune import prune
from alerts.upkeep.verify import verify
from opendata_spiders.register import packaged
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.errors import PrunedError
from opendata_spiders.store.models import Verdict
from opendata_spiders.store.store import Store
from tests.score.nights import Sky, at_night, entries_of, run_of
from tests.score.records import traits
from tests.score.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

NIGHTS, EVERY = 730, 3
"""Two years, of which every third night is read."""
POLICY = replace(upkeep_policy(), nightly_months=6)
COLLECTIONS = ("events", "states", "missing_datasets", "habits")


class Life:
    """One portal's two years."""

    def __init__(self, index: int) -> None:
        rng = Random(f"kept:{index}")
        self.world = World(traits(index, rng, large=0, most=40), rng, NIGHTS)
        self.sky = Sky(self.world, Random(f"kept:{index}:sky"), frozenset())
        self.place = PortalRef(self.world.traits.id, self.world.traits.slug)

    def night(self, night: int, stores: tuple[Store, ...]) -> None:
        for lived in range(max(1, night - EVERY + 1), night + 1):
            self.world.live(lived)
        reading = self.sky.read(night)
        entries, versions = entries_of(reading, self.world)
        run = run_of(reading, self.world, night // EVERY + 1)
        for store in stores:
            store.put_versions(versions)
            store.commit(run, entries)
            fold_new(store, self.place, policy())


def told(store: Store) -> list[Event]:
    return events_after(store, 0)


def believed(store: Store) -> dict[str, Any]:
    """What is believed, without what says how often it was derived or disturbed."""
    found = {name: list(store.db[name].find().sort("_id", 1)) for name in COLLECTIONS}
    for one in found["states"]:
        del one["corrections"]
    return found


def sizes(store: Store) -> dict[str, int]:
    return {name: store.db[name].count_documents({}) for name in ("manifests", "chunks", "versions")}


@pytest.fixture(scope="module")
def policy_of_six_months() -> Iterator[UpkeepPolicy]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pruning, "upkeep_policy", lambda: POLICY)
        yield POLICY


def test_two_years_thinned_out(store: Store, fresh_config: Any, policy_of_six_months: UpkeepPolicy) -> None:
    lives = [Life(1)]
    with open_store(fresh_config, env={}) as twin:
        both = (store, twin)
        for one in both:
            prepare(one)
        for night in range(0, NIGHTS, EVERY):
            for life in lives:
                life.night(night, both)
            now = at_night(night) + timedelta(hours=6)
            for one in both:
                keep_due_checkpoints(one, now)
            if night % 15 == 0:
                done = prune(store, now)
                assert done.busy == []
        assert believed(store) == believed(twin)
        assert sizes(store)["manifests"] < sizes(twin)["manifests"]
        assert verify(store).defects == []
        for event in told(store):
            assert archive(gather(store, event)) == archive(gather(twin, event)), event.kind
        for life in lives:
            recent = [run for run in store.runs(life.place.id) if run.at > months_before(now, POLICY.nightly_months)]
            at = recent[2].at + timedelta(hours=5)
            for mine, other in zip(past(store, at), past(twin, at), strict=True):
                assert {name: (one, other[name]) for name, one in mine.items() if one != other[name]} == {}
            complete = next(run for run in recent[10:] if run.verdict is Verdict.COMPLETE)
            word = ManualCorrection("it was half a list", now)
            corrected = [regrade_run(one, life.place, complete, Verdict.PARTIAL, word) for one in both]
            assert corrected[0] == corrected[1]
            first = next(run for run in store.runs(life.place.id) if run.verdict is Verdict.COMPLETE)
            with pytest.raises(PrunedError, match="no checkpoint is kept of that time"):
                regrade_run(store, life.place, first, Verdict.PARTIAL, word)
        for one in both:
            for life in lives:
                fold_new(one, life.place, policy())
        assert believed(store) == believed(twin)
        assert verify(store).defects == []


def past(store: Store, at: datetime) -> list[Any]:
    found = states_at(store, packaged(), at)
    return sorted(({**one, "corrections": 0} for one in found.documents()), key=lambda one: str(one["_id"]))
