"""A golden page that cannot be used fails its own test, and says what to do; those of others are collected."""

import json
from pathlib import Path

import pytest

from tests.families.goldens import Case

META = {"slug": "guangdong", "kind": "list", "page": 1}


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        (json.dumps(META), ""),
        (json.dumps({**META, "slug": "nowhere", "arguments": {"base_url": "https://data.qinghe.example"}}), ""),
        (json.dumps({**META, "slug": "nowhere"}), "base_url is missing"),
        (json.dumps({**META, "kind": "files", "id": "7"}), "asks for no page of the kind files"),
        (json.dumps({"slug": "guangdong"}), "correct it (KeyError: 'kind')"),
        ("{", "correct it (JSONDecodeError"),
        (None, "has no meta.json: write it"),
    ],
)
def test_a_case_says_why_it_cannot_be_used(tmp_path: Path, meta: str | None, said: str):
    folder = tmp_path / "gddata" / "list_trial"
    folder.mkdir(parents=True)
    if meta is not None:
        (folder / "meta.json").write_text(meta, "utf-8")
    fault = Case(folder).fault
    assert said in fault
    assert bool(fault) == bool(said)
    assert not fault or str(folder) in fault
