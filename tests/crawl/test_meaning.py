"""What means nothing, through the whole job: a clock that is set, words that are escaped, an id dealt out again."""

import json

import pytest

from tests.replica import PortalSpec, World
from tests.replica.incidents import Incident, Kind


@pytest.fixture
def world() -> World:
    world = World([PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=24)], seed=7)
    world.script("guiyang", Incident(Kind.STOPS, 0))
    return world


def test_a_clock_that_is_set_and_words_in_another_notation_are_no_news_and_an_id_used_again_is(desk) -> None:
    [reused, *others] = [record.id for record in desk.replica.world.night("guiyang", 0)]
    desk.replica.script(
        "guiyang", Incident(Kind.SHIFTS, 1, value="8"), Incident(Kind.ESCAPES, 1, ids=tuple(others[:4])),
        Incident(Kind.REUSES, 2, ids=(reused,)),
    )  # fmt: skip
    told = []
    for night in range(3):
        desk.crawl("guiyang", night)
        done = desk.command("alerts", "diff", "--json", night=night)
        told += [(night, one["kind"], one["dataset"], one["confidence"]) for one in json.loads(done.stdout)]
    changed = [one for one in told if one[1].startswith(("dataset.updated", "dataset.changed", "dataset.re", "city."))]
    assert changed == []
    assert [one for one in told if one[1] == "dataset.new"] == [(2, "dataset.new", reused, "probable")]
    shown = desk.command("alerts", "states", night=2)
    assert "clock  guiyang: all dates moved by +8:00:00 (24 of 24 read)" in shown.stdout
