"""What the national register said stands with a removal: the last answer before the run, and no failed one."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from opendata_spiders.store.connect import Store
from opendata_spiders.store.national import NationalLook, keep_look


def test_the_last_answer_before_the_run_is_evidence(store: Store, tell: Any, put: Any, alerts: Any) -> None:
    gone = {"b": "gone", "c": "gone"}
    story = tell(
        {
            "start": {"a": {}, "b": {}, "c": {}},
            "run": {"slug": "nowhere"},
            "nights": [{"hide": ["b", "c"], "look": gone}, {"look": gone}],
        }
    )
    put(story)
    first, last = (run.at + timedelta(hours=1) for run in story.runs[1:])
    known = NationalLook("1", story.runs[0].portal, "b", "学校名录", first, entries=2, codes=("SJ520100-0001",))
    failed = replace(known, id="2", at=first + timedelta(hours=1), entries=None, codes=(), why="blocked")
    for look in (known, failed, replace(known, id="3", at=last, entries=0), replace(failed, id="4", dataset="c")):
        keep_look(store.db, look)
    done = alerts("diff", "nowhere", "--json")
    assert done.returncode == 0, done.stderr
    removed = {one["dataset"]: one for one in json.loads(done.stdout) if one["kind"] == "dataset.removed"}
    assert set(removed) == {"b", "c"}
    assert {name: one["confidence"] for name, one in removed.items()} == {"b": "confirmed", "c": "confirmed"}
    evidence = removed["b"]["evidence"]
    assert (evidence["national_entries"], evidence["national_codes"]) == (2, ["SJ520100-0001"])
    assert evidence["national_at"].startswith(f"{first:%Y-%m-%dT%H:%M}")
    assert not any(name.startswith("national") for name in removed["c"]["evidence"]), "no answer says nothing"


def test_a_product_registered_since_it_left_is_told_once_and_can_be_taken_back(
    store: Store, tell: Any, put: Any, alerts: Any
) -> None:
    gone = {"b": "gone"}
    story = tell(
        {
            "start": {"a": {}, "b": {}},
            "run": {"slug": "nowhere"},
            "nights": [{"hide": ["b"], "look": gone}, {"look": gone}, {}, {}],
        }
    )
    put(story)
    at = story.runs[1].at + timedelta(hours=1)
    look = NationalLook("1", story.runs[0].portal, "b", "b号数据", at, entries=0, products=1, product_codes=("CP-9",))
    for one in (look, replace(look, id="2", at=at + timedelta(days=2), product_codes=("CP-9", "CP-10"))):
        keep_look(store.db, one)

    def told(*command: str) -> list[dict[str, Any]]:
        done = alerts(*command, "--json")
        assert done.returncode == 0, done.stderr
        return [one for one in json.loads(done.stdout) if one["kind"] == "dataset.to_authorised_operation"]

    (event,) = told("diff", "nowhere")
    assert (event["confidence"], event["evidence"]["product_codes"]) == ("probable", ["CP-9"])
    assert alerts("retract", event["id"], "--why", "另一份数据").returncode == 0
    assert told("diff", "nowhere") == []
    (kept,) = told("events", "nowhere")
    assert kept["retracted"]
