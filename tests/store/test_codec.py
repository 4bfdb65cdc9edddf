"""Documents and addresses stay what they were: the expectations were written before there was one codec."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import bson
import pytest
from bson import json_util
from bson.codec_options import CodecOptions
from hypothesis import given
from hypothesis import strategies as st

from opendata_spiders.store import runs
from opendata_spiders.store.codec import changed_fields, from_blob, from_document, to_blob, to_document
from opendata_spiders.store.connect import Store
from opendata_spiders.store.content import canonical, read_canonical, version_id
from opendata_spiders.store.errors import DocumentError
from opendata_spiders.store.file_checks import FileRound
from opendata_spiders.store.models import Entry, Finding
from opendata_spiders.store.regrades import Regrade
from tests.store import documents

AWARE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
WRITTEN = json_util.loads(
    Path(__file__).with_name("documents.json").read_text("utf-8"),
    json_options=json_util.JSONOptions(tz_aware=True),
)
hostile = st.text(st.characters(exclude_categories=()))
words = st.dictionaries(st.sampled_from(["published", "updated", "rows"]), hostile)
entries = st.builds(Entry, hostile, hostile, hostile, words, words, st.none() | hostile, st.booleans())


def kept(document: dict[str, Any]) -> dict[str, Any]:
    """As the database gives it back."""
    return bson.decode(bson.encode(document), AWARE)


def test_documents_have_the_shape_of_old() -> None:
    assert kept(runs.to_document(documents.RUN)) == WRITTEN["run"]
    assert kept(runs.to_document(documents.BARE_RUN)) == WRITTEN["bare_run"]
    assert kept(to_document(documents.ROUND)) == WRITTEN["round"]


def test_old_documents_are_read() -> None:
    stored = {"finish.reason": "done", "big": str(1 << 70), "at": documents.AT, "nested": {"a\ufffdb": [1, 2]}}
    findings = (documents.RUN.findings[0], Finding("field.date_future", dataset="d\ufffd1"))
    assert runs.from_document(WRITTEN["run"]) == replace(documents.RUN, findings=findings, stats=stored)
    assert runs.from_document(WRITTEN["bare_run"]) == documents.BARE_RUN
    assert from_document(FileRound, WRITTEN["round"]) == documents.ROUND
    assert from_document(Regrade, WRITTEN["regrade"]) == documents.REGRADE


def test_a_regrade_is_stored_as_of_old(store: Store) -> None:
    store.transact(lambda session: store.put_regrade(documents.REGRADE, session))
    assert store.db.regrades.find_one() == WRITTEN["regrade"]
    assert store.regrades() == {documents.REGRADE.run: documents.REGRADE}


def test_addresses_are_those_of_old(store: Store) -> None:
    address = store.put_entries(documents.ENTRIES)
    assert address == "ceecf6f1a59bfc101862d4dd7377e418"
    assert store.manifest(address).chunks == {
        "8b": "29d6659a9c453f22a394f4f314aed31b",
        "ae": "6a9a9bb1501a6c2fc6aad1cc9016337d",
        "e7": "1359ccb9a7990b518003d9dfddc586bd",
    }
    assert version_id("guiyang.1", "d\ud8001", documents.CONTENT) == "730646ea995795d57854975f61f56b5e"


@given(entries)
def test_an_entry_comes_back_from_its_line(entry: Entry) -> None:
    line = canonical(changed_fields(entry))
    assert b"\n" not in line
    assert from_document(Entry, read_canonical(line)) == entry


def test_what_a_later_version_adds_is_ignored() -> None:
    assert from_document(Entry, {"id": "a", "list_fp": "f", "new": 1, "version": "v"}) == Entry("a", "f", "v")


@dataclass(frozen=True, slots=True)
class Leaf:
    at: datetime
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    name: str
    leaves: dict[str, Leaf] = field(default_factory=dict)


def test_a_tree_comes_back_from_document_and_blob() -> None:
    tree = Tree("a", {"x": Leaf(documents.AT, ("b", "c"))})
    document = to_document(tree, key="name")
    assert document == {"_id": "a", "leaves": {"x": {"at": documents.AT, "names": ["b", "c"]}}}
    assert from_document(Tree, kept(document), key="name") == tree
    assert from_blob(Tree, to_blob(tree)) == tree


def test_what_holds_no_tree_is_named_in_one_line_without_its_values() -> None:
    with pytest.raises(DocumentError) as caught:
        from_document(Tree, {"name": 1, "leaves": {"x": {"at": "secret"}}})
    said = str(caught.value)
    assert said.startswith("A document of the database holds no Tree (name: ")
    assert "leaves.x.at: " in said
    assert "\n" not in said
    assert "secret" not in said
