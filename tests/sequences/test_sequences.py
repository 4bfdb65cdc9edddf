"""The made-up recording through the real crawl and diff; and a score that can be missed."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest

from alerts.model.events import Confidence, Event, Severity
from opendata_spiders.store.models import Run, Verdict
from tests.sequences import generator
from tests.sequences.replay import ROOT, Replayed
from tests.sequences.score import judge
from tests.sequences.versions import Recording, Version


def command(folder, config, *args, timeout=170):
    env = {**os.environ, "MONGODB_URI": config.uri, "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "tests.sequences", str(folder), "--json", *args]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=timeout, check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def check(score, versions):
    stated = {one["dataset"]: one["version"] for one in score["removals"]}
    assert stated == {
        generator._id(number): generator.name(place) for number, place in generator.STATED.items() if place < versions
    }
    short = [generator.name(place) for place, night in enumerate(generator.NIGHTS[:versions]) if night.keep < 1]
    assert score["short"] == short
    assert {line["verdict"] for line in score["lines"] if line["short"]} == {"partial"}
    assert all(line["verdict"] == "complete" for line in score["lines"] if not line["short"])
    changes = sum(len(night.change) for night in generator.NIGHTS[:versions])
    assert [score[name] for name in ("changed", "stored", "differing")] == [changes] * 3
    assert [score[name] for name in ("false_changes", "unstated_changes")] == [0, 0]
    assert score["naive_false"] > 50
    new = sum(len(night.new) for night in generator.NIGHTS[:versions])
    assert score["events"].get("dataset.new", 0) == new
    untrue = {
        "bulk.deletion",
        "bulk.import",
        "dataset.unlisted",
        "dataset.rekeyed",
        "dataset.reappeared",
        "dataset.renamed",
    }
    assert not untrue & set(score["events"])
    assert score["met"]


def test_five_made_up_versions(tmp_path, store_config):
    generator.make(tmp_path / "made", seed=3, versions=5)
    status, score = command(tmp_path / "made", store_config, "--portal", "Made up")
    assert status == 0, score
    assert (score["portal"], score["versions"], len(score["removals"])) == ("made_up", 5, 2)
    check(score, 5)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [1, 2])
def test_all_made_up_versions(tmp_path, store_config, seed):
    generator.make(tmp_path, seed=seed)
    status, score = command(tmp_path, store_config, timeout=550)
    assert status == 0, score
    assert len(score["removals"]) == 5
    check(score, 14)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_list_that_dwindles_under_a_wrong_total_and_a_true_removal_under_it(tmp_path, store_config):
    generator.make_lies(tmp_path)
    status, score = command(tmp_path, store_config, timeout=550)
    assert status == 0, score
    assert [line["verdict"] for line in score["lines"]] == [lie.verdict for lie in generator.LIES]
    assert [(one["dataset"], one["version"]) for one in score["removals"]] == [
        (generator._id(generator.LOST), generator.name(12))
    ]
    assert score["naive_false"] > 10


def test_a_folder_that_cannot_be_replayed_is_told_apart_from_a_missed_goal(tmp_path, store_config):
    status, says = command(tmp_path, store_config)
    assert status == 2
    assert "holds no version" in says


AT = generator.FIRST


def row(id_, description=""):
    return {"resource": {"id": id_, "name": id_, "description": description}}


def run(place, verdict=Verdict.COMPLETE):
    at = AT + timedelta(days=place)
    return Run(f"r{place}", "x.p", "p", "guizhou_api", "e", place + 1, at, at, at, verdict, "")


def event(kind, dataset, place, **evidence):
    return Event(f"{kind}{dataset}{place}", kind, "x.p", "p", dataset, f"r{place}", AT, Severity.NOTABLE,
                 Confidence.CONFIRMED, evidence=evidence)  # fmt: skip


def played(lists, events, verdicts=(), removed=None):
    versions = [Version(f"v{place}", AT + timedelta(days=place), rows) for place, rows in enumerate(lists)]
    runs = [run(place, verdict) for place, verdict in enumerate(verdicts or [Verdict.COMPLETE] * len(lists))]
    contents = [dict.fromkeys(version.objects, "") for version in versions]
    replayed = Replayed(runs, [3] * len(lists), events, contents)
    return judge(Recording(versions, removed), replayed, "p", 1.0)


ALL = [row("a"), row("b"), row("c")]


def missed(score):
    return [goal.split()[0] for goal, met in score.goals.items() if not met]


@pytest.mark.parametrize(
    "claim",
    [
        event("dataset.removed", "c", 2),
        event("dataset.unlisted", "c", 2),
        event("dataset.rekeyed", "b", 2, old_id="c", old_title="C"),
        event("bulk.deletion", None, 2, datasets=[{"id": "c", "title": "C", "office": ""}]),
    ],
)
def test_a_removal_of_what_comes_back_misses_the_goal_under_whatever_name(claim):
    score = played([ALL, ALL, ALL[:2], ALL[:2], ALL], [claim])
    assert missed(score)[:1] == ["no"]
    assert score.removals[0].back_in == "v4"
    assert "no" not in missed(played([ALL, ALL, ALL[:2], ALL[:2]], [claim]))


def test_a_short_version_must_be_partial_and_nothing_else():
    lists = [ALL, ALL[:2], ALL]
    assert missed(played(lists, [], [Verdict.COMPLETE, Verdict.PARTIAL, Verdict.COMPLETE])) == []
    assert missed(played(lists, [])) == ["short"]
    drifted = [Verdict.COMPLETE, Verdict.DRIFTED, Verdict.COMPLETE]
    assert missed(played(lists, [], drifted)) == ["short"]
    assert missed(played([ALL, [], ALL], [], drifted)) == []
    assert missed(played([ALL, [], ALL], [])) == ["short"]


def test_a_wrong_total_does_not_make_a_version_short_where_the_true_size_is_told():
    one = Version("v0", AT, ALL, total=9, size=3)
    replayed = Replayed([run(0)], [9], [], [dict.fromkeys(one.objects, "")])
    assert [line.short for line in judge(Recording([one]), replayed, "p", 1.0).lines] == [False]
    lying = Version("v0", AT, ALL, total=2, size=4)
    assert [line.short for line in judge(Recording([lying]), replayed, "p", 1.0).lines] == [True]


def test_the_score_is_held_beside_a_plain_set_difference():
    score = played([ALL, ALL[:1], ALL[:2]], [])
    assert (score.naive, score.naive_false) == (2, 1)


def test_changes_are_counted_by_pair_and_held_against_the_recording():
    lists = [ALL, [row("a", "other"), row("b"), row("c")]]
    events = [event("dataset.changed", "a", 1), event("dataset.updated", "a", 1, content_changed=True),
              event("dataset.updated", "b", 1, content_changed=False), event("dataset.renamed", "c", 1)]  # fmt: skip
    score = played(lists, events)
    assert (score.pairs, score.changed, score.differing, score.false_changes) == (3, 2, 1, 1)
    assert played(lists, []).unstated_changes == 1
    assert missed(score) == ["at"]


def test_where_the_truth_is_known_every_removal_must_be_true_and_every_true_one_found():
    lists = [ALL, ALL[:2], ALL[:2]]
    verdicts = [Verdict.COMPLETE, Verdict.PARTIAL, Verdict.PARTIAL]
    claim = event("dataset.removed", "c", 2)
    assert missed(played(lists, [claim], verdicts, {"c": "v2"})) == []
    assert missed(played(lists, [], verdicts, {"c": "v2"})) == ["exactly"]
    assert missed(played(lists, [claim], verdicts, {})) == ["exactly"]
