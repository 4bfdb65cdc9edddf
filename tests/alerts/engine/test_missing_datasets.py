"""A fold reads of the missing datasets those that it asks for, and finds the same as if it had all of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.engine.repository import prepare
from alerts.engine.runner import PortalRef, fold_new
from alerts.model.memory import MissingDatasets
from alerts.model.policy import policy
from alerts.model.states import ENDED, WAITING, DatasetState, DatasetStatus, bucket_document
from alerts.records.kept_by_dataset import StoredMissing
from opendata_spiders.store.manifests import bucket
from opendata_spiders.store.models import Entry
from opendata_spiders.store.store import Store

PLACE = PortalRef("id-of-testcity", "testcity")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def state(number: int, status: DatasetStatus) -> DatasetState:
    name, at = f"m{number}", FIRST + timedelta(days=number)
    ended = at if status in ENDED else None
    return DatasetState(name, status, Entry(name, "f", "v"), at, 0, title=f"数据 {number}", ended=ended)


EVERY = {f"m{number}": state(number, status) for number in range(200) for status in [[*DatasetStatus][number % 5]]}


def keep(store: Store, states: dict[str, DatasetState], *dropped: str) -> MissingDatasets:
    """Keep these in the database, without the fields that an earlier version did not write."""
    prepare(store)
    for place in {bucket(name) for name in states}:
        document = bucket_document(PLACE.id, place, [one for name, one in states.items() if bucket(name) == place])
        store.db["missing_datasets"].insert_one({name: one for name, one in document.items() if name not in dropped})
    return MissingDatasets(StoredMissing(store, PLACE.id))


@pytest.mark.parametrize("dropped", [(), ("last_ended", "oldest_left")])
def test_what_is_asked_for_is_found_also_in_buckets_of_an_earlier_version(
    store: Store, dropped: tuple[str, ...]
) -> None:
    kept = keep(store, EVERY, *dropped)
    changes = {"m0": None, "m1": None, "m3": replace(EVERY["m3"], status=DatasetStatus.PENDING, ended=None)}
    changed = kept.changed({**changes, "m4": EVERY["m4"], "m9000": state(9000, DatasetStatus.LEFT)})
    expected = EVERY | {"m3": changes["m3"], "m9000": state(9000, DatasetStatus.LEFT)}
    del expected["m0"], expected["m1"]
    assert "m4" not in changed.since, "it is the same as before"
    day = FIRST + timedelta(days=100)
    for found, states in ((kept, EVERY), (changed, expected)):
        assert found == states
        assert found.of(["m0", "m3", "m7", "none"]) == {
            name: states[name] for name in ("m0", "m3", "m7") if name in states
        }
        assert found.waiting() == {name: one for name, one in states.items() if one.status in WAITING}
        left = {name: one for name, one in states.items() if one.status is DatasetStatus.LEFT}
        assert found.left() == left
        assert found.left(last_seen_before=day) == {name: one for name, one in left.items() if one.last_seen < day}
        assert found.ended_since(day) == {name: one for name, one in states.items() if one.ended and one.ended >= day}


def test_a_night_reads_no_bucket_of_which_it_judges_nothing(store: Store, tell: Any, put: Callable[..., Any]) -> None:
    """The contents of such buckets are spoiled, so that whoever reads one fails."""
    story = tell({"start": {"d1..d40": {}}, "nights": [{}, {"hide": ["d3"]}, {}, {}, {}]})
    put(story, 0, 1)
    fold_new(store, PLACE, policy())
    last = story.runs[0].at
    ended, left = (
        replace(state(0, DatasetStatus.REMOVED), ended=last),
        replace(state(0, DatasetStatus.LEFT), last_seen=last),
    )
    names = [f"m{number}" for number in range(300) if bucket(f"m{number}") != bucket("d3")]
    lost = {name: replace((ended, left)[place % 2], dataset=name) for place, name in enumerate(names)}
    keep(store, lost)
    spoiled = {"packed": b"spoiled"}
    store.db["missing_datasets"].update_many({}, {"$set": spoiled})
    put(story, 1, None)
    stated = fold_new(store, PLACE, policy()).events
    assert "dataset.removed" in {one.kind for one in stated}
    assert store.db["missing_datasets"].count_documents(spoiled) == len(set(map(bucket, lost)))
