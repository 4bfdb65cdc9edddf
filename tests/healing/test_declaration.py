"""The module of a draft is Python that declares what was proven, whatever the portal calls its keys."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from opendata_spiders.declared import AsJson, AsText, Call, JsonDetail, JsonList, Slot, Tenant
from opendata_spiders.healing.agreement import Fit
from opendata_spiders.healing.declaration import DraftFamily, OldFamily, ProvenDetails, ProvenList, module, source
from opendata_spiders.healing.proof import IdProof, Proof

AT = datetime(2026, 11, 30, tzinfo=UTC)
HOSTILE = "\"a\\\"b\u202e\n'''x\""
"""A JMESPath step of a key with quotes, a line break and a direction mark."""


FIT = Fit(HOSTILE, "title", frozenset({0}), 1.0, 1.0, 40)
LIST = ProvenList(
    Call("/a/{list}", query={HOSTILE: Slot.PAGE}, json={"x": [AsText(Slot.SIZE), None, True], "y": AsJson({"z": 1})}),
    JsonList(rows="data.rows", id="id", keys={HOSTILE: "title"}, totals=("data.n",)), 20, 0,
    Proof({"title": FIT}, {"updated": f"{HOSTILE} and b fit equally well"}, 40),
    IdProof("id", survives=True, why="40 of 40 entries have the id they had"),
)  # fmt: skip
DETAILS = ProvenDetails(
    Call("/d", form={"id": Slot.ID, "of": Tenant("city")}), JsonDetail(keys={HOSTILE: "title"}), Proof({}, {}, 40)
)


def draft(**changed) -> DraftFamily:
    return replace(DraftFamily(OldFamily("gddata", "GddataSpider", 1), "guangdong", "/", LIST), **changed)


def loaded(one: DraftFamily) -> type:
    names: dict = {"__name__": f"drafted.{one.family}"}
    exec(compile(module(one, AT), "draft", "exec"), names)  # noqa: S102 -- the module that the product writes
    return names[one.class_name]


@pytest.mark.parametrize("one", [
    draft(),
    draft(keeps_details=True),
    draft(details=DETAILS, human_page='/x"{id}"', home_marks=('id="app"',)),
], ids=["list alone", "details kept", "details proven"])  # fmt: skip
def test_the_module_declares_what_was_proven(one: DraftFamily):
    made = loaded(one)
    assert (made.family, made.ids_of, made.id_rule) == ("gddata_v2", "gddata", 1)
    assert (made.list_call, made.list_page) == (one.list.call, one.list.page)
    assert (made.page_size, made.first_page) == (20, 0)
    assert [base.__name__ for base in made.__mro__[1:2]] == ["GddataSpider" if one.keeps_details else "DeclaredFamily"]
    if not one.keeps_details:
        assert (made.detail_call, made.detail_page) == ((DETAILS.call, DETAILS.page) if one.details else (None, None))
    assert "`updated`" in made.__doc__
    assert all(len(line) <= 120 for line in module(one, AT).splitlines())


def test_new_ids_open_a_new_epoch():
    made = loaded(draft(list=replace(LIST, id=IdProof("no", survives=False, why="the links hold it"))))
    assert (made.ids_of, made.id_rule) == ("", 2)
    assert "no dataset can be compared by id" in made.__doc__


def test_versions_are_counted():
    assert draft(old=OldFamily("gddata_v2", "GddataV2Spider", 1)).family == "gddata_v3"
    assert draft().class_name == "GddataV2Spider"


def test_nothing_of_the_portal_steers_a_terminal_or_leaves_its_string():
    text = module(draft(), AT)
    assert "\u202e" not in text
    assert text.count('"""') == 4


def test_values_are_written_as_source():
    assert source(Call("/a", query={"p": Slot.PAGE})) == 'Call("/a", query={"p": Slot.PAGE})'
    assert source(("x",)) == '("x",)'
    assert source(Tenant("city", given="2")) == 'Tenant("city", given="2")'
