"""Three invented years, pruned as the policy says: lists take hardly more room in the third than in the second, and what
quiet events of the first year cite is still shown."""

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from alerts.engine.checkpoints import keep_due_checkpoints
from alerts.engine.repository import prepare
from alerts.publish.evidence.archive import archive
from alerts.publish.evidence.gather import gather
from alerts.records.queries import find_event
from alerts.upkeep.prune import prune
from alerts.upkeep.verify import verify
from opendata_spiders.store.clock import VARIABLE
from opendata_spiders.store.store import Store
from tests.year.catalogue import Catalogue, lives
from tests.year.nights import Costs, PortalYear, at_night
from tests.year.portals import country

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

YEAR, EVERY = 365, 5
"""Nights of a year, of which every fifth is read."""
LISTS = ("manifests", "chunks", "counters")


@pytest.fixture
def portals(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[PortalYear]:
    """A portal that is updated every working day, and one that prints new dates every day."""
    monkeypatch.setenv(VARIABLE, at_night(0).isoformat())
    prepare(store)
    register = country(3, tmp_path / "register")
    made = []
    for index, life in enumerate(("working", "stamped")):
        row = list(register.portals.values())[index]
        catalogue = Catalogue(index, row, 60, seed=3)
        catalogue.life = next(one for one in lives() if one.name == life)
        made.append(PortalYear(store, register, catalogue, nights=10_000))
    return made


def size(store: Store) -> int:
    """Bytes of the documents in which lists are kept."""
    return sum(int(store.db.command("collStats", name)["size"]) for name in LISTS)


def cited(store: Store, event: str) -> dict[str, Any]:
    """The entries that the evidence of an event shows, and the event itself, as `alerts evidence` writes them."""
    found = find_event(store, event)
    assert found is not None
    with ZipFile(BytesIO(archive(gather(store, found)))) as packed:
        wanted = [name for name in packed.namelist() if name.endswith(("entry.json", "event.json", "version.json"))]
        return {name: json.loads(packed.read(name)) for name in wanted}


def test_lists_take_hardly_more_room_in_the_third_year_than_in_the_second(
    store: Store, portals: list[PortalYear], alerts: Any, tmp_path: Path
) -> None:
    sizes, costs, first_year = dict[int, int](), Costs(), dict[str, dict[str, Any]]()
    for night in range(0, 3 * YEAR, EVERY):
        for portal in portals:
            portal.play(night, costs)
        now = at_night(night) + timedelta(hours=6)
        keep_due_checkpoints(store, now)
        if night % 30 == 0:
            assert prune(store, now).busy == []
        if night // YEAR == 0 and (night + EVERY) // YEAR == 1:
            quiet = store.db.events.find({"severity": "quiet", "dataset": {"$ne": None}}, {"_id": 1}).sort("seq", 1)
            first_year = {one["_id"]: cited(store, one["_id"]) for one in list(quiet)[::20]}
        sizes[night // YEAR] = size(store)  # as it is at the end of the year
    # Counters are kept week by week for 25 months; with nothing deleted the third year would be half as large again.
    assert sizes[2] < 1.2 * sizes[1]
    assert len(first_year) > 10
    assert {event: cited(store, event) for event in first_year} == first_year
    assert any(one["datasets/0001/before/entry.json"]["entry"] for one in first_year.values())
    target = tmp_path / "evidence.zip"
    done = alerts("evidence", next(iter(first_year)), "--out", str(target), WATCH_NOW="")
    assert done.returncode == 0, done.stderr
    with ZipFile(target) as packed:
        assert "datasets/0001/before/raw/list-row.txt" in packed.namelist()
    assert verify(store).defects == []
