"""The replica's world is the same on every asking, its incidents strike as scripted, and its truth is exact."""

from datetime import UTC, date, datetime
from random import Random

import pytest

from tests.replica import Habit, Incident, Kind, PortalSpec, World, truth


def specs() -> list[PortalSpec]:
    return [
        PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=45),
        PortalSpec("jinan", "inspur_oportal", "济南", "370100", "/jinan", datasets=45),
    ]


@pytest.fixture
def world() -> World:
    return World(specs())


def test_same_seed_same_world_whatever_the_order_of_nights() -> None:
    nights = list(range(0, 90, 7))
    forwards = {night: World(specs()).night("jinan", night) for night in nights}
    world = World(specs())
    Random(1).shuffle(nights)
    assert {night: world.night("jinan", night) for night in nights} == forwards
    assert World(specs(), seed=8).night("jinan", 0) != forwards[0]


def test_titles_ids_and_clocks_of_a_world_are_sound(world: World) -> None:
    for slug, spec in world.portals.items():
        records = world.night(slug, 30)
        assert len({record.id for record in records}) == len(records)
        now = world.moment(30)
        assert all(record.published <= (record.updated or record.published) < now for record in records)
        own = [record for record in records if record.title.startswith(spec.place)]
        assert len({record.title for record in own}) == spec.datasets
    assert world.moment(0) == datetime(2026, 3, 1, 18, 15, tzinfo=UTC)


def test_habits_differ() -> None:
    def updated(habit: Habit) -> int:
        spec = PortalSpec("x", "inspur_oportal", "某", "370100", datasets=40, habit=habit, promise="每月")
        world = World([spec])
        return sum(record.true_day >= 0 for record in world.night("x", 90))

    assert updated(Habit.NEVER) == 0 < updated(Habit.BURSTS) <= 40
    assert updated(Habit.PUNCTUAL) == 40 >= updated(Habit.LATE)


def test_a_city_that_stops_and_one_that_resumes(world: World) -> None:
    def newest(night: int) -> int:
        return max(record.true_day for record in world.listed("jinan", night))

    busy = newest(60)
    world.script("jinan", Incident(Kind.STOPS, first=11, last=70))
    assert newest(60) == newest(11) < busy
    assert newest(110) > 69
    world.script("jinan", Incident(Kind.STOPS, first=71), Incident(Kind.UPDATES, first=120, count=5))
    assert sum(record.true_day == 119 for record in world.listed("jinan", 150)) == 5


def test_new_datasets_do_not_change_whom_other_incidents_strike(world: World) -> None:
    world.script("jinan", Incident(Kind.DELETES, 5, count=4))
    struck = {record.id for record in world.night("jinan", 9) if not record.listed}
    world.script("jinan", Incident(Kind.APPEARS, 7, count=3))
    assert {record.id for record in world.night("jinan", 9) if not record.listed} == struck
    assert len(struck) == 4
    assert [len(world.listed("jinan", night)) for night in (4, 6, 7)] == [45, 41, 44]


def test_edits_restamps_and_impossible_dates(world: World) -> None:
    world.script(
        "jinan",
        Incident(Kind.EDITS, 2, count=1, field="frequency", value="不定期"),
        Incident(Kind.RESTAMPS, 3, share=0.5),
        Incident(Kind.MISDATES, 4, count=2, value="2099-12-31"),
    )
    before = {record.id: record for record in world.night("jinan", 1)}
    third = world.night("jinan", 3)
    stamped = [record for record in third if record.updated and record.updated.date() == date(2026, 3, 4)]
    assert len(stamped) >= 22
    assert any(record.true_day == before[record.id].true_day for record in stamped)
    assert sum(record.updated is not None and record.updated.year == 2099 for record in world.night("jinan", 4)) == 2


def kinds(world: World, portal: str, nights: range) -> list[tuple[str, int]]:
    return [(stated.kind, stated.night) for stated in truth(world, portal, nights).must]


def still(*incidents: Incident, newest: int = -60) -> World:
    world = World(
        [
            PortalSpec(
                "jinan",
                "inspur_oportal",
                "济南",
                "370100",
                datasets=60,
                habit=Habit.NEVER,
                history=(newest - 400, newest),
            )
        ]
    )
    world.script("jinan", *incidents)
    return world


def test_truth_of_a_quiet_portal_is_silence() -> None:
    assert kinds(still(), "jinan", range(20)) == []


def test_truth_of_removals_one_by_one_and_in_bulk() -> None:
    assert kinds(still(Incident(Kind.DELETES, 3, count=2)), "jinan", range(9)) == [("dataset.removed", 4)] * 2
    assert kinds(still(Incident(Kind.DELETES, 3, count=20)), "jinan", range(9)) == [("bulk.deletion", 5)]
    assert kinds(still(Incident(Kind.UNLISTS, 3, count=1)), "jinan", range(9)) == [("dataset.unlisted", 4)]
    assert kinds(still(Incident(Kind.DELETES, 3, 3, count=2)), "jinan", range(9)) == []
    back = kinds(still(Incident(Kind.DELETES, 3, 6, count=1)), "jinan", range(9))
    assert back == [("dataset.removed", 4), ("dataset.reappeared", 7)]


def test_truth_of_other_ids_and_of_pages_that_do_not_say_gone() -> None:
    world = still(Incident(Kind.REKEYS, 3, count=2))
    old = {record.id for record in world.listed("jinan", 2)} - {record.id for record in world.listed("jinan", 3)}
    told = truth(world, "jinan", range(9)).must
    assert [(each.kind, each.night) for each in told] == [("dataset.rekeyed", 4)] * 2
    assert {each.dataset for each in told} == {record.id for record in world.listed("jinan", 3)} - {
        record.id for record in world.listed("jinan", 2)
    }
    assert len(old) == 2
    assert set(world.rekeyed("jinan", 3)) == old
    quiet = PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", habit=Habit.NEVER)
    for how, night in (("404", 4), ("null", 5), ("page", 5)):
        guiyang = World([quiet])
        guiyang.script("guiyang", Incident(Kind.DELETES, 3, count=1, how=how))
        assert kinds(guiyang, "guiyang", range(9)) == [("dataset.removed", night)]


def test_truth_of_a_stop_and_a_resumption() -> None:
    world = still(Incident(Kind.UPDATES, 260, count=4), newest=-3)
    newest = max(record.true_day for record in world.listed("jinan", 0))
    assert kinds(world, "jinan", range(300)) == [("city.stopped", newest + 244), ("city.resumed", 260)]


@pytest.mark.parametrize(
    "incident",
    [
        Incident(Kind.REFUSES, 3, 4), Incident(Kind.CHALLENGES, 3, 4), Incident(Kind.ENDS_EARLY, 3, 4, count=1),
        Incident(Kind.HOLE, 3, 4, first_page=2, last_page=3), Incident(Kind.DRIFTS, 3, 4), Incident(Kind.REDESIGN, 3, 4),
    ],
)  # fmt: skip
def test_truth_accuses_nobody_for_what_could_not_be_read(incident: Incident) -> None:
    told = truth(still(incident), "jinan", range(9))
    assert told.must == ()
    assert told.unreadable == (3, 4)


def test_truth_of_edits_moves_restamps_and_arrivals() -> None:
    world = still(
        Incident(Kind.EDITS, 2, count=1, field="title", value="改了名的目录"),
        Incident(Kind.RESTAMPS, 3, share=0.9),
        Incident(Kind.APPEARS, 4, count=1),
        Incident(Kind.MOVES, 6, value="/v2"),
    )
    expected = [("dataset.renamed", 2), ("platform.restamp", 3), ("dataset.new", 4), ("platform.moved", 6)]
    assert kinds(world, "jinan", range(9)) == expected


def test_score_counts_what_was_missed_invented_and_late() -> None:
    told = truth(still(Incident(Kind.DELETES, 3, count=2)), "jinan", range(9))
    first, second = (stated.dataset for stated in told.must)
    score = told.score([("dataset.removed", first, 6), ("city.stopped", "", 5), ("city.slowed", "", 5)])
    assert [stated.dataset for stated in score.missed] == [second]
    assert score.false == (("city.stopped", ""),)
    assert score.delays == {("dataset.removed", first): 2}
    assert told.score([(each.kind, each.dataset, each.night) for each in told.must]).perfect
