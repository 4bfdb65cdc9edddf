"""Folders of versions, and what the loopback portal makes of them."""

import http.client
import json
import lzma
from contextlib import closing
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sequences import generator
from tests.sequences.server import DETAIL, LIST, Answers, Portal
from tests.sequences.translate import content, detail, list_row
from tests.sequences.versions import FolderError, Version, read_folder, read_histories

ROW = {
    "resource": {
        "id": "abcd-1234", "name": "Budget", "description": "What was spent", "attribution": "Finance", "type": "dataset",
        "createdAt": "2020-05-01T16:01:23.000Z", "updatedAt": "2022-06-02T15:05:59.000Z",
        "columns_name": ["Year", "Sum", "Note"], "columns_field_name": ["year", "sum", "note"],
        "columns_datatype": ["Number", "Number", "Text"], "columns_description": ["", "in dollars", ""],
        "page_views": {"page_views_total": 7}, "download_count": 3,
    },
    "classification": {
        "categories": ["finance"], "tags": [], "domain_category": "Budget", "domain_tags": ["money", "spending"],
        "domain_metadata": [{"key": "Common-Core_Update-Frequency", "value": "R/P1W"}],
    },
}  # fmt: skip


def with_id(id_, **resource):
    row = deepcopy(ROW)
    row["resource"] |= {"id": id_, **resource}
    return row


def write(folder, **versions):
    for name, rows in versions.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


def test_versions_come_in_the_order_of_their_names_with_doubled_rows(tmp_path):
    write(tmp_path, b=[with_id("two"), with_id("one"), with_id("two", name="later")], a=[with_id("one")])
    recording = read_folder(tmp_path)
    assert [version.name for version in recording.versions] == ["a.jsonl", "b.jsonl"]
    second = recording.versions[1]
    assert (len(second.rows), len(second.objects)) == (3, 2)
    assert second.objects["two"]["resource"]["name"] == "Budget", "the first row of an id counts"
    assert recording.last_listed == {"one": 1, "two": 1}
    assert len(read_folder(tmp_path, limit=1).versions) == 1


def test_without_times_in_names_a_version_is_never_older_than_its_newest_date(tmp_path):
    late = "2022-06-04T00:00:00.000Z"
    write(
        tmp_path,
        a=[with_id("one")],
        b=[with_id("one")],
        c=[with_id("one", updatedAt=late)],
        d=[with_id("x", updatedAt=None)],
    )
    times = [version.at.isoformat()[:16] for version in read_folder(tmp_path).versions]
    assert times == ["2022-06-02T15:05", "2022-06-03T03:05", "2022-06-04T00:00", "2022-06-04T12:00"]


def test_times_in_names_win_if_each_is_later_than_the_one_before(tmp_path):
    write(tmp_path, **{"x-2023-01-05T0700": [ROW], "x-2023-01-06": [ROW]})
    times = [version.at.isoformat()[:16] for version in read_folder(tmp_path).versions]
    assert times == ["2023-01-05T07:00", "2023-01-06T12:00"]
    write(tmp_path, **{"x-2023-01-06b": [ROW]})
    assert read_folder(tmp_path).versions[0].at.year == 2022


@pytest.mark.parametrize(
    ("text", "says"),
    [("{]\n", "line 1 is no JSON"), ('{"a": 1}\n', "no object 'resource'"), ("[]\n", "no object 'resource'")],
)
def test_a_line_that_is_no_catalogue_object_is_named(tmp_path, text, says):
    (tmp_path / "a.jsonl").write_text(text, "utf-8")
    with pytest.raises(FolderError, match=says):
        read_folder(tmp_path)


def test_an_empty_folder_says_what_belongs_there(tmp_path):
    with pytest.raises(FolderError, match="one JSON-lines file"):
        read_folder(tmp_path)


@given(st.randoms(use_true_random=False))
def test_columns_are_shuffled_together_and_the_order_is_no_change(draw):
    row, resource = deepcopy(ROW), deepcopy(ROW["resource"])
    order = draw.sample(range(3), 3)
    row["resource"] |= {
        name: [value[i] for i in order] for name, value in resource.items() if name.startswith("columns_")
    }
    draw.shuffle(row["classification"]["domain_tags"])
    row["resource"] |= {"updatedAt": "2022-06-09T00:00:00.000Z", "download_count": 99}
    assert content(row) == content(ROW)


@pytest.mark.parametrize("key", ["columns_name", "columns_datatype", "columns_description"])
def test_columns_that_exchange_one_property_are_a_change(key):
    row = deepcopy(ROW)
    row["resource"][key] = row["resource"][key][1:] + row["resource"][key][:1]
    assert content(row) != content(ROW)


def test_a_row_is_told_in_the_words_of_the_interface():
    told = list_row(ROW)
    assert told["orgName"] == "Finance"
    assert told["updateTime"] == 1654182359000
    assert told["topicName"] == ["Budget", "finance", "money", "spending", "Year | year | Number | ",
                                 "Sum | sum | Number | in dollars", "Note | note | Text | "]  # fmt: skip
    assert detail(ROW)["frequency"] == "R/P1W"
    assert list_row({"resource": {}})["id"] is None


def ask(portal, path, body):
    connection = http.client.HTTPConnection(portal.url.removeprefix("http://"), timeout=10)
    with closing(connection):
        connection.request("POST", path, json.dumps(body))
        response = connection.getresponse()
        return response.status, json.load(response)


def version(rows, **more):
    return Version("v", generator.FIRST, rows, **more)


@pytest.mark.parametrize(("kind", "total"), [("rows", 4), ("distinct", 3), ("honest", 1)])
def test_the_portal_prints_the_largest_total_so_far_or_that_of_the_night(kind, total):
    rows = [with_id("one"), with_id("two"), with_id("two"), with_id("three")]
    with Portal(Answers(total=kind)) as portal:
        portal.answers.show(version(rows))
        portal.answers.show(version(rows[:1]))
        assert ask(portal, LIST, {"pageIndex": 1, "pageSize": 12})[1]["total"] == total
        portal.answers.show(version(rows[:1], total=1))
        assert portal.answers.total == 1


@pytest.mark.parametrize("look", [404, 200, 503])
def test_the_page_of_what_is_not_listed_answers_as_it_is_told(look):
    with Portal(Answers(look=look)) as portal:
        portal.answers.show(version([with_id("one")], gone=frozenset({"old"})))
        status, said = ask(portal, DETAIL, {"id": "two"})
        assert status == look
        assert (said["data"] or {}).get("id") == ("two" if look == 200 else None)
        assert ask(portal, DETAIL, {"id": "old"})[0] == 404


SNAPSHOTS = [
    {"portal": "a", "at": "20240501", "datasets": [["x", "Budget", "Finance", "2024-04-30T10:00:00Z", "odc-by", 6]]},
    {"portal": "b", "at": "2024-05-01T02:00:00+08:00", "datasets": []},
    {"portal": "a", "at": "20240601", "datasets": [["x", "Budget"], ["y", "Schools", "Education"]]},
]


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.xz"])
def test_a_file_of_histories_holds_many_portals(tmp_path, suffix):
    path = tmp_path / f"histories{suffix}"
    text = "\n".join(json.dumps(one) for one in SNAPSHOTS).encode()
    path.write_bytes(lzma.compress(text) if suffix.endswith("xz") else text)
    found = read_histories(path)
    assert {name: len(one.versions) for name, one in found.items()} == {"a": 2, "b": 1}
    first, second = found["a"].versions
    assert (first.at.isoformat(), sorted(second.objects)) == ("2024-05-01T00:00:00+00:00", ["x", "y"])
    assert list_row(first.objects["x"])["orgName"] == "Finance"
    assert list_row(second.objects["x"])["orgName"] is None
    assert len(read_histories(path, limit=1)["a"].versions) == 1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ({"portal": "a", "at": "May", "datasets": []}, "at is 'May'"),
        ({"portal": "a", "datasets": []}, "needs portal, at and datasets"),
        ({"portal": "a", "at": "20240401", "datasets": []}, "not in the order of their times"),
    ],
)
def test_a_history_that_cannot_be_read_says_where(tmp_path, line, says):
    path = tmp_path / "histories.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in (SNAPSHOTS[0], line)), "utf-8")
    with pytest.raises(FolderError, match=says):
        read_histories(path)


def test_the_portal_serves_rows_as_they_stand_and_knows_no_more_than_the_version():
    with Portal() as portal:
        portal.answers.show(version([with_id("one"), with_id("two"), with_id("two")], gone=frozenset({"old"})))
        pages = [ask(portal, LIST, {"pageIndex": page, "pageSize": 2})[1]["data"] for page in (1, 2, 3)]
        assert [[row["id"] for row in page] for page in pages] == [["one", "two"], ["two"], []]
        assert ask(portal, DETAIL, {"id": "one"})[1]["data"]["name"] == "Budget"
        assert ask(portal, DETAIL, {"id": "unheard"})[0] == 503
        assert ask(portal, DETAIL, {"id": "old"})[0] == 404


def test_the_generator_is_seeded_and_holds_the_pathologies(tmp_path):
    for name, seed in (("a", 4), ("b", 4), ("c", 5)):
        generator.make(tmp_path / name, seed=seed)
    a, b, c = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in "abc")
    assert a == b != c
    recording = read_folder(tmp_path / "a")
    sizes = [len(one.objects) for one in recording.versions]
    assert min(sizes) < 0.5 * max(sizes)
    assert all(len(one.rows) > len(one.objects) for one in recording.versions)
    assert set(recording.removed) == {id_ for id_, last in recording.last_listed.items() if last < 10}
    assert recording.removed
    shuffled = [
        one.objects[generator._id(0)]["resource"]["columns_name"]
        for one in (recording.versions[0], recording.versions[2])
    ]
    assert sorted(shuffled[0]) == sorted(shuffled[1])


def test_a_storm_hides_a_few_rows_of_every_version_but_the_first_and_last(tmp_path):
    generator.make_storm(tmp_path, seed=1)
    recording = read_folder(tmp_path)
    sizes = [len(one.objects) for one in recording.versions]
    assert sizes == [110, *[108] * 16, 110]
    assert set(recording.last_listed.values()) == {17}
    assert len({frozenset(one.objects) for one in recording.versions}) > 8


def test_the_lies_are_seeded_and_dwindle_under_a_total_that_stands_still(tmp_path):
    generator.make_lies(tmp_path, seed=1)
    recording = read_folder(tmp_path)
    assert [len(one.objects) for one in recording.versions] == [
        (110 if place < 10 else 109) - lie.hidden for place, lie in enumerate(generator.LIES)
    ]
    assert [one.total for one in recording.versions] == [lie.total for lie in generator.LIES]
    assert {one.size for one in recording.versions} == {109, 110}
    assert recording.removed == {generator._id(generator.LOST): generator.name(12)}
    assert [one.name for one in recording.versions if one.gone] == [generator.name(place) for place in range(10, 15)]
