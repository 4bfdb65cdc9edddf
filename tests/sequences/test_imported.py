"""A recorded catalogue as imported history says what its replay says: both are made runs by the same code."""

from collections import Counter
from dataclasses import replace

import pytest

from alerts.engine.repository import prepare
from alerts.engine.runner import fold_new, place_of
from alerts.imports.history import HistorySource, import_history
from alerts.model.policy import policy
from opendata_spiders.register import packaged
from tests.sequences import generator
from tests.sequences.quick import replay_quickly
from tests.sequences.server import Answers
from tests.sequences.versions import Recording, read_folder

pytestmark = pytest.mark.slow
REGISTER = packaged()
GUIYANG = REGISTER.get("guiyang")
COMPARED = ("dataset.removed", "dataset.unlisted", "dataset.new", "dataset.reappeared", "bulk.", "platform.", "ops.")
"""Kinds, by their beginning, that rest on which datasets are listed; the replay reads other fields than the import."""


def compared(events):
    return Counter((event.kind, event.dataset, event.at) for event in events if event.kind.startswith(COMPARED))


@pytest.mark.parametrize("seed", [1, 3])
def test_verdicts_and_events_are_those_of_the_replay(store, tmp_path, seed):
    generator.make(tmp_path, seed=seed)
    recording = read_folder(tmp_path)
    # Nobody can look at the pages of a history.
    recording = Recording([replace(version, gone=frozenset()) for version in recording.versions])
    replayed = replay_quickly(recording, "guiyang", Answers(look=503))
    rows = "".join(
        f"{one.name},{one.at:%Y-%m-%dT%H:%MZ},{total}\n"
        for one, total in zip(recording.versions, replayed.totals, strict=True)
    )
    (tmp_path / "manifest.csv").write_text(f"file,at,total\n{rows}", "utf-8")
    (tmp_path / "sequence.json").unlink()
    source = HistorySource(GUIYANG, "an archive", moved=True)
    report = import_history(store, REGISTER, tmp_path, source, recording.versions[-1].at)
    prepare(store)
    stated = fold_new(store, place_of(REGISTER, GUIYANG.id, GUIYANG.slug), policy()).events
    facts = [[(run.at, run.verdict, run.seen, run.declared) for run in runs] for runs in (report.runs, replayed.runs)]
    assert facts[0] == facts[1]
    assert {run.verdict.value for run in report.runs} == {"complete", "partial"}
    assert compared(stated) == compared(replayed.events)
    assert compared(stated).total() > 5
    assert all(event.imported for event in stated)
