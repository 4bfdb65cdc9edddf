"""Who keeps at it: the score as a function of quarters, and what is read from a real database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.corrections.correct import retract
from alerts.corrections.event_log import ManualCorrection
from alerts.engine.runner import PortalRef
from alerts.scoreboard.backcast import ClaimedDays, backcast
from alerts.scoreboard.board import board
from alerts.scoreboard.gather import gather
from alerts.scoreboard.perseverance import QUARTERS, KeptAtIt, perseverance_parts
from alerts.scoreboard.quarters import Quarter, judge_quarters
from opendata_spiders.store.models import Run, Verdict
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import AT, REGISTER, put, run_of

LAST = tuple(Quarter(2026, 3).plus(-back) for back in range(QUARTERS - 1, -1, -1))


def kept(told: str) -> KeptAtIt:
    """A record in signs, oldest quarter first: + an update, - none, ? not known."""
    signs = dict(zip(LAST, told.rjust(QUARTERS, "?"), strict=True))
    evidence = [one for one, sign in signs.items() if sign == "+"]
    nights = {one: 90 for one, sign in signs.items() if sign == "-"}
    return KeptAtIt("x", judge_quarters(LAST, evidence, nights, 60), backcast(ClaimedDays(), (), LAST))


@pytest.mark.parametrize(
    ("told", "observed", "updated", "score"),
    [
        ("+" * 16, 16, 16, 100.0),
        ("-" * 16, 16, 0, 0.0),
        ("++++++++----", 12, 8, 50.0),
        ("----++++", 8, 4, 62.5),
        ("+?", 1, 1, None),
        ("+++?", 3, 3, None),
        ("+++-", 4, 3, 75.0),
        ("", 0, 0, None),
        ("++++????", 4, 4, None),
    ],
)
def test_the_score_counts_quarters_that_were_observed(told: str, observed: int, updated: int, score: float) -> None:
    one = kept(told)
    assert (one.observed, one.updated, one.score) == (observed, updated, score)


def test_the_weights_are_data() -> None:
    assert list(perseverance_parts()) == list(kept("+").parts)
    assert all(one.weight > 0 for one in perseverance_parts().values())


def nights(store: Store, slug: str, since: datetime, count: int) -> None:
    """Complete runs on that many nights, that list nothing and are not folded."""
    portal = REGISTER.get(slug)
    runs: list[Run] = [
        run_of(
            portal.id,
            slug,
            since + timedelta(days=night),
            id=f"{slug}-{since:%Y%m%d}-{night}",
            verdict=Verdict.COMPLETE,
        )
        for night in range(count)
    ]
    for run in runs:
        store.commit(run, [])


def row(store: Store, slug: str) -> dict[str, Any]:
    made = board(gather(store, REGISTER, AT))
    (found,) = [one for one in made["perseverance"]["rows"] if one["slug"] == slug]
    (claims,) = [one for one in made["backcast"]["rows"] if one["slug"] == slug]
    return {**found, "claims": claims}


def test_what_we_saw_and_what_is_claimed_stand_apart(store: Store) -> None:
    nights(store, "guiyang", datetime(2026, 1, 1, 18, tzinfo=UTC), 60)
    put(store, "guiyang", {"a": None}, datetime(2026, 5, 1, 18, tzinfo=UTC))
    put(
        store,
        "guiyang",
        {"a": None, "b": {"updated": "2023-02-03", "published": None}},
        datetime(2026, 5, 2, 18, tzinfo=UTC),
    )
    put(store, "guiyang", {"a": None, "b": {"updated": "2023-02-03", "published": None}}, AT)
    told = row(store, "guiyang")
    assert (told["quarters_observed"], told["quarters_updated"]) == (2, 1), "60 quiet nights, and one new dataset"
    assert told["parts"] == {"updated": 0.5, "lately": 0.5}
    assert told["claimed_quarters"] == 2, "2023Q1 and 2024Q1; September 2026 stood there in May"
    assert (told["claims"]["datasets"], told["claims"]["undated"]) == (2, 1)
    assert told["claims"]["published"] == {str(one): int(one >= Quarter(2024, 1)) for one in LAST}
    assert told["score"] is None, "two quarters are not enough"


def test_an_event_that_was_taken_back_is_no_update(store: Store) -> None:
    put(store, "guiyang", {"a": None}, datetime(2026, 5, 1, 18, tzinfo=UTC))
    place = put(store, "guiyang", {"a": None, "b": None}, datetime(2026, 5, 2, 18, tzinfo=UTC))
    put(store, "guiyang", {"a": None, "b": None}, AT)
    assert row(store, "guiyang")["quarters_updated"] == 1
    event = store.db["events"].find_one({"kind": "dataset.new"})
    assert event is not None
    retract(store, PortalRef(place.id, "guiyang"), event["_id"], ManualCorrection("wrong", AT))
    assert row(store, "guiyang")["quarters_updated"] == 0


def test_a_portal_that_was_read_once_is_not_ranked_by_its_claims(store: Store) -> None:
    put(store, "guiyang", {"a": None})
    told = row(store, "guiyang")
    assert (told["score"], told["quarters_observed"], told["claimed_quarters"]) == (None, 0, 2)


def test_dates_stamped_on_in_bulk_are_no_claim(store: Store) -> None:
    put(store, "guiyang", {"a": None})
    store.db["states"].update_one({}, {"$set": {"restamps": ["2026-09-01"]}})
    assert row(store, "guiyang")["claimed_quarters"] == 1
