"""A row that makes no sense fails at load, and the message says where."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from opendata_spiders.register import RegisterError, load
from opendata_spiders.tables import TableError, read_table

PORTAL_FAULTS = [
    ({"id": "guiyang"}, "id", "no portal id"),
    ({"id": "520100.0"}, "id", "no portal id"),
    ({"slug": "Guiyang"}, "slug", "a-z, 0-9 and _"),
    ({"slug": "2guiyang"}, "slug", "a-z, 0-9 and _"),
    ({"slug": "gui-yang"}, "slug", "a-z, 0-9 and _"),
    ({"slug": ""}, "slug", "a-z, 0-9 and _"),
    ({"slug": "guiyang"}, "slug", "'guiyang' is taken by line"),
    ({"name_zh": ""}, "name_zh", "must not be empty"),
    ({"name_en": "two\nlines"}, "name_en", "on one line"),
    ({"government": "999900"}, "government", "no government has the adcode 999900"),
    ({"government": "5201"}, "government", "no adcode"),
    ({"government": ""}, "government", "needs the adcode of its government"),
    ({"scope": "outside_364"}, "scope", "a portal with a government is national"),
    ({"scope": "foreign"}, "scope", "not one of national, outside_364"),
    ({"family": "Inspur"}, "family", "a-z, 0-9 and _"),
    ({"family": "guiyang_third"}, "family", "'guiyang_third' is also a slug"),
    ({"id": "110000.1", "slug": "gddata"}, "slug", "'gddata' is also a family"),
    ({"id": "110000.1", "slug": "guiyang"}, "slug", "'guiyang' is taken by line"),
    ({"family": "zunyi"}, "family", "'zunyi' is also a slug"),
    ({"slug": "gddata"}, "slug", "'gddata' is also a family"),
    ({"base_url": "ftp://data.example.cn"}, "base_url", "does not begin with http"),
    ({"base_url": "data.example.cn"}, "base_url", "does not begin with http"),
    ({"base_url": "https://"}, "base_url", "names no host"),
    ({"base_url": "https://data.example.cn?city=1"}, "base_url", "holds a query"),
    ({"base_url": "https://data.example.cn?"}, "base_url", "holds a query"),
    ({"base_url": "https://data.example.cn/portal"}, "base_url", "belongs in context_path"),
    ({"base_url": "https://data.example.cn/"}, "base_url", "belongs in context_path"),
    ({"base_url": "https://me:secret@data.example.cn"}, "base_url", "holds a user name"),
    ({"base_url": "https://data.example.cn:99999"}, "base_url", "cannot be read"),
    ({"base_url": "https://data.example.cn:0"}, "base_url", "port is 0"),
    ({"base_url": "https://[::1"}, "base_url", "cannot be read"),
    ({"base_url": "https://data example.cn"}, "base_url", "holds a space"),
    ({"context_path": "portal"}, "context_path", "begin with /"),
    ({"context_path": "/portal/"}, "context_path", "no / at the end"),
    ({"context_path": "/portal?x=1"}, "context_path", "no query"),
    ({"context_path": "/{en|tc}"}, "context_path", "no braces"),
    ({"tenant": "divisionId"}, "tenant", "name=value"),
    ({"tenant": "province portal: region_code 6402"}, "tenant", "name=value"),
    ({"tenant": "a=1&a=2"}, "tenant", "each name once"),
    ({"tenant": "?a=1"}, "tenant", "name=value"),
    ({"tenant": "=1"}, "tenant", "name=value"),
    ({"tenant": "a=1&&b=2"}, "tenant", "name=value"),
    ({"tenant": "a=%ff"}, "tenant", "name=value"),
    ({"language": "Chinese!"}, "language", "no language tag"),
    ({"timezone": "Asia/Guiyang"}, "timezone", "no time zone"),
    ({"timezone": "Asia"}, "timezone", "no time zone"),
    ({"timezone": "../etc/passwd"}, "timezone", "no time zone"),
    ({"timezone": ""}, "timezone", "no time zone"),
    ({"status": "sleeping"}, "status", "not one of active, planned, retired, dead"),
    ({"status": "active", "why": "", "family": "unverified"}, "family", "families/unverified.py"),
    ({"status": "active", "why": "", "family": "pages"}, "family", "families/pages.py"),
    ({"status": "active"}, "why", "clear this cell"),
    ({"why": ""}, "why", "a planned portal needs a sentence"),
    ({"status": "dead", "why": " "}, "why", "a dead portal needs a sentence"),
    ({"status": "retired", "why": ""}, "why", "a retired portal needs a sentence"),
    ({"attested": "yes"}, "attested", "not one of unverified guess"),
    ({"attested": "complete live"}, "attested", "say when"),
    ({"attested": "complete live on 2026-13-01"}, "attested", "no date"),
    ({"verified_on": "April"}, "verified_on", "no date"),
    ({"verified_on": "2026-13"}, "verified_on", "no date"),
    ({"impersonate": "netscape"}, "impersonate", "not one of chrome"),
    ({"impersonate": "chrome", "old_tls": "yes"}, "impersonate", "no browser of today speaks old TLS"),
    ({"relists": "maybe"}, "relists", "not one of yes, no"),
    ({"relists": "yes"}, "relists", "one tenant of a host"),
    ({"charset": "gbk9"}, "charset", "no charset"),
    ({"approx_datasets": "4,120"}, "approx_datasets", "plain digits"),
    ({"approx_datasets": "-1"}, "approx_datasets", "plain digits"),
    ({"approx_datasets": "²"}, "approx_datasets", "plain digits"),
    ({"note": "a\r\nb"}, "note", "on one line"),
]


@pytest.mark.parametrize(("change", "column", "message"), PORTAL_FAULTS)
def test_a_bad_portal_names_file_line_and_column(
    overlay: Any, change: Mapping[str, str], column: str, message: str
) -> None:
    overlay.family("pages", stated="something_else")
    file = overlay.portals({}, {"id": "520100.3", "slug": "guiyang_third", **change})
    with pytest.raises(RegisterError) as caught:
        overlay.load()
    assert str(caught.value).startswith(f"{file}, line 3, column {column}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("change", "column", "message"),
    [
        ({"adcode": "52010"}, "adcode", "six digits"),
        ({"adcode": "52980０"}, "adcode", "six digits"),
        ({"level": "county"}, "level", "not one of province, municipality, sub_provincial, prefecture"),
        ({"level": "province"}, "level", "does not fit the adcode"),
        ({"adcode": "990000", "level": "prefecture", "province": "新设市"}, "level", "does not fit the adcode"),
        ({"province": "云南省"}, "province", "not the name that the province 520000 has"),
        ({"adcode": "990100"}, "province", "not the name that the province 990000 has"),
        ({"name_zh": "贵阳市"}, "name_zh", "is taken by line"),
        ({"short_zh": ""}, "short_zh", "must not be empty"),
        ({"valid_from": "2023"}, "valid_from", "no date"),
        ({"valid_from": "20230630"}, "valid_from", "no date"),
    ],
)
def test_a_bad_government_names_file_line_and_column(
    overlay: Any, change: Mapping[str, str], column: str, message: str
) -> None:
    file = overlay.governments(change)
    with pytest.raises(RegisterError) as caught:
        overlay.load()
    assert str(caught.value).startswith(f"{file}, line 2, column {column}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("change", "column", "message"),
    [
        ({"adcode": "999900"}, "adcode", "no government has the adcode 999900"),
        ({"adcode": "632"}, "adcode", "no adcode"),
        ({"verified_on": "last year"}, "verified_on", "no date"),
        ({"source": ""}, "source", "must not be empty"),
        ({"adcode": "520100"}, "adcode", "520100 has the live portal 'guiyang'; delete this row, or set that portal"),
    ],
)
def test_a_bad_row_of_no_portal_names_file_line_and_column(
    overlay: Any, change: Mapping[str, str], column: str, message: str
) -> None:
    file = overlay.no_portal(change)
    with pytest.raises(RegisterError) as caught:
        overlay.load()
    assert str(caught.value).startswith(f"{file}, line 2, column {column}: ")
    assert message in str(caught.value)


def test_an_id_stands_once_in_a_file(overlay: Any) -> None:
    overlay.portals({}, {"slug": "other"})
    with pytest.raises(RegisterError, match=r"line 3, column id: '520100.2' is taken by line 2 of portals\.csv"):
        overlay.load()


def test_an_adcode_stands_once_in_a_file(overlay: Any) -> None:
    overlay.governments({}, {"name_zh": "别市"})
    with pytest.raises(RegisterError, match=r"line 3, column adcode: '529800' is taken by line 2 of governments\.csv"):
        overlay.load()


def _edit(overlay: Any, edit: Any) -> None:
    """Rewrite the raw bytes of a table that was in order."""
    file = overlay.portals({})
    file.write_bytes(edit(file.read_bytes()))


@pytest.mark.parametrize(
    ("edit", "place", "message"),
    [
        (lambda raw: raw.replace(b"id,slug", b"id,slug,colour", 1), "line 1, column colour", "no such column"),
        (lambda raw: raw.replace(b"id,slug", b"id,slug,slug", 1), "line 1, column slug", "stands twice"),
        (
            lambda raw: raw.replace(b",attested,", b",note,", 1).replace(b",note,source", b",source", 1),
            "line 1, column attested",
            "is missing",
        ),
        (lambda raw: raw.rstrip(b"\n") + b",more\n", "line 2, column source", "28 cells, the header 27"),
        (lambda raw: raw.rstrip(b"\n")[:-1] + b"\n", "line 2, column source", "ends before this column"),
        (lambda raw: b"", "line 1, column (all)", "the file is empty"),
        (lambda raw: raw.replace("贵阳".encode(), "贵阳".encode("gb18030")), "line 2, column number 3", "not UTF-8"),
        (lambda raw: raw.replace(b"guiyang_new", b'"guiyang" new'), "line 2, column (unknown)", "not CSV"),
        (lambda raw: raw.replace(b"guiyang_new", b'"guiyang_new'), "line 2, column (unknown)", "not CSV"),
    ],
    ids=["unknown", "twice", "missing", "too long", "too short", "empty", "gbk", "quote", "open quote"],
)
def test_a_bad_file_names_its_place(overlay: Any, edit: Any, place: str, message: str) -> None:
    _edit(overlay, edit)
    with pytest.raises(RegisterError) as caught:
        overlay.load()
    assert f"portals.csv, {place}: " in str(caught.value)
    assert message in str(caught.value)


def test_lines_are_counted_through_quoted_line_breaks(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text('\ufeffa,b\r\n1,"one\r\ntwo"\r\n\r\n2, x \r\n', "utf-8", newline="")
    lines = read_table(file, frozenset("ab"))
    assert [(row.line, dict(row)) for row in lines] == [
        (2, {"a": "1", "b": "one\r\ntwo"}),
        (5, {"a": "2", "b": "x"}),
    ]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"nowhere\.csv: cannot be read"):
        read_table(tmp_path / "nowhere.csv", frozenset("ab"))


def test_a_folder_that_is_not_there_is_refused(overlay: Any) -> None:
    with pytest.raises(RegisterError, match="there is no such folder; create it, or correct REGISTER_DIR"):
        load(overlay.root / "typo", families=overlay.families)


def test_the_packaged_rows_need_their_families_modules(overlay: Any) -> None:
    (overlay.families / "guizhou_api.py").unlink()
    with pytest.raises(RegisterError, match=r"portals.csv, line \d+, column family: families/guizhou_api.py"):
        overlay.load()
