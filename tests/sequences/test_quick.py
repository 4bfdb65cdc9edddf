"""The replay in memory: what it says of a made-up recording, and of an index that flaps under a total that follows it."""

from datetime import timedelta

import pytest

from tests.sequences import generator
from tests.sequences.quick import replay_quickly
from tests.sequences.score import judge
from tests.sequences.server import Answers
from tests.sequences.versions import Recording, Version, read_folder


def scored(recording, *, total="rows", look=503):
    replayed = replay_quickly(recording, "made_up", Answers(total=total, look=look))
    return judge(recording, replayed, "made_up", 1.0, honest=total == "honest")


def test_it_says_what_the_crawl_says_of_the_made_up_versions(tmp_path):
    generator.make(tmp_path, seed=3)
    score = scored(read_folder(tmp_path))
    assert score.met, score.goals
    stated = {one.dataset: one.version for one in score.removals}
    assert stated == {generator._id(number): generator.name(place) for number, place in generator.STATED.items()}
    assert [line.version for line in score.lines if line.verdict == "partial"] == [
        generator.name(place) for place, night in enumerate(generator.NIGHTS) if night.keep < 1
    ]


SWINGS = {9: 1, 12: 1, 15: 2, 22: 5, 34: 1, 37: 9, 50: 3}
"""First night to the number of nights for which the index leaves out more than half."""
LOST = {2, 3}
"""Truly removed on the twentieth night."""


def nights(count, *, swings, lost=frozenset(), size=60):
    """Versions a day apart of a catalogue whose index swings; its first fifth stays listed through every swing."""
    away = {night for first, lasts in swings.items() for night in range(first, first + lasts)}
    for night in range(count):
        ids = [number for number in range(size) if not (night >= 20 and number in lost)]
        shown = [number for number in ids if night not in away or number < 12 or number % 4 == 0]
        yield Version(f"v{night:02}", generator.FIRST + timedelta(days=night), [_row(number) for number in shown])


def _row(number):
    return {"resource": {"id": f"id{number}", "name": f"title {number}", "attribution": f"office {number % 7}"}}


@pytest.mark.parametrize("look", [503, 404, 200])
def test_an_index_that_flaps_deletes_nothing_and_hides_no_true_loss(look):
    score = scored(Recording(list(nights(70, swings=SWINGS, lost=LOST))), total="honest", look=look)
    assert {one.dataset for one in score.removals} == {"id2", "id3"}
    assert {one.kind for one in score.removals} == {"dataset.unlisted" if look == 200 else "dataset.removed"}
    assert {one.version for one in score.removals} == {"v22" if look == 503 else "v21"}
    assert score.naive_false > 200
    assert [score.events.get(kind, 0) for kind in ("ops.flapping", "bulk.deletion", "dataset.reappeared")] == [1, 0, 0]
    assert score.met


def test_a_mass_that_stays_away_is_told_as_a_smaller_catalogue_first():
    recording = Recording(list(nights(125, swings={10: 115})))
    score = scored(recording, total="honest")
    assert score.events["platform.incident"] == score.events["bulk.deletion"] == 1
    told = {one.version for one in score.removals}
    assert told == {"v117"}, "36 of 60 have to be away for as long a part of 180 days"
    assert {one.version for one in scored(recording, total="honest", look=404).removals} == {"v12"}


def test_the_goals_of_an_honest_total_can_be_missed():
    swings = {10: 4}
    assert not scored(Recording(list(nights(30, swings=swings))), total="honest", look=404).met
    assert scored(Recording(list(nights(30, swings=swings))), total="honest", look=503).met
