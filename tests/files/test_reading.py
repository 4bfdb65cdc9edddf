"""What is in a file: kinds, headers, rows, hashes, and every way in which it can be no good."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from opendata_spiders.files.failures import classes, outcome_of
from opendata_spiders.files.parse import archive, kinds
from opendata_spiders.files.parse.content import content_of
from opendata_spiders.files.parse.delimiters import DELIMITERS, delimiter_of
from opendata_spiders.files.parse.errors import ReaderError
from opendata_spiders.files.parse.file_reading import FileReading, read, read_head
from opendata_spiders.files.parse.tables import text_sheet
from opendata_spiders.files.policy import FilePolicy, file_policy
from opendata_spiders.normalise import FORMATS
from opendata_spiders.store.file_checks import FileOutcome
from tests.replica import downloads

SAMPLES = Path(__file__).parent / "samples"
HEADER = ("编号", "名称", "登记日期", "数量")
TABLE = [HEADER, *[(f"{n}", f"单位{n}", f"2024-01-0{n}", f"{n * 1.5:g}") for n in range(1, 4)]]
TEXT = "\n".join(",".join(row) for row in TABLE) + "\n"
WHOLE = read(TEXT.encode(), "csv")


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in members.items():
            packed.writestr(name.replace("_", "."), body)
    return out.getvalue()


def test_a_table_is_read_whatever_it_is_written_in():
    assert (WHOLE.why, WHOLE.kind, WHOLE.columns, WHOLE.rows) == ("", "csv", HEADER, 3)
    for format_ in ("csv", "json", "xml", "xlsx"):
        body = downloads.WRITERS[format_][0](TABLE)
        assert read(body, format_) == FileReading("", format_, HEADER, 3, WHOLE.content_hash)
    for format_ in ("xls", "ods"):
        body = (SAMPLES / f"table.{format_}").read_bytes()
        assert read(body, "xls") == FileReading("", format_, HEADER, 3, WHOLE.content_hash)
    assert read(zipped(table_csv=TEXT.encode(), readme_pdf=b"%PDF-1.4"), "zip") == FileReading(
        "", "zip", HEADER, 3, WHOLE.content_hash
    )


@pytest.mark.parametrize(
    ("body", "declared", "why", "kind"),
    [
        (b"", "csv", "empty", ""),
        (b" \r\n", "csv", "empty", ""),
        (b"<!DOCTYPE html><html><body>x</body></html>", "csv", "html", "html"),
        ("﻿ <html><body>系统维护</body></html>".encode(), "其他", "html", "html"),
        (b"<!-- x --><html></html>", "xls", "html", "html"),
        (b"%PDF-1.4 x", "csv", "wrong_type", "pdf"),
        (TEXT.encode(), "xlsx", "wrong_type", "csv"),
        (b'[{"a": 1}]', "csv", "wrong_type", "json"),
        (b"<rows><row/></rows>", "csv", "wrong_type", "xml"),
        (b"<rows><row/></rows>", "json", "wrong_type", "xml"),
        (b"Rar!\x1a\x07\x00", "zip", "wrong_type", "rar"),
        (b"hello", "json", "unreadable", "txt"),
        (b'[{"a": 1}, {"a"', "json", "unreadable", "json"),
        (b"<rows><row></rows>", "xml", "unreadable", "xml"),
        (b"PK\x03\x04" + b"\0" * 40, "xlsx", "unreadable", "zip"),
        (b"PK\x03\x04" + b"\0" * 40, "zip", "unreadable", "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "xls", "unreadable", "ole"),
        (b"\x01\x02\x03" * 99, "csv", "unreadable", ""),
        (zipped(a_csv=b"<html></html>"), "csv", "html", "zip"),
        (b"%PDF-1.4 x", "pdf", "", "pdf"),
        (b"%PDF-1.4 x", "其他", "", "pdf"),
        (b"\x89PNG\r\n\x1a\n", "", "", "png"),
        (b"{\\rtf1 x}", "doc", "", "rtf"),
        (b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table></table></html>', "xls", "", "excel_html"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "xls",
            "",
            "excel_xml",
        ),
        (b"<http://a.cn/1> <http://b.cn/2> <urn:c> .\n", "rdf", "", "txt"),
        (b"@prefix a: <b> .\n", "rdf", "", "txt"),
        (b"[a],b\n1,2\n", "csv", "", "csv"),
    ],
)
def test_bytes_are_told_from_what_is_declared(body, declared, why, kind):
    found = read(body, declared)
    assert (found.why, found.kind) == (why, kind)


def test_what_is_no_table_is_known_by_its_bytes():
    first, second = read(b"%PDF-1.4 x", "pdf"), read(b"%PDF-1.4 y", "pdf")
    assert first.content_hash
    assert first.content_hash != second.content_hash
    assert (first.columns, first.rows) == ((), None)


def test_json_of_other_shapes():
    enveloped = {"code": 0, "total": 1, "data": {"rows": [{"编号": 1, "名称": None}]}}
    assert read(json.dumps(enveloped).encode(), "json").columns == ("编号", "名称")
    lines = b'{"a": 1}\n{"a": 2, "b": true}\n'
    assert (read(lines, "json").columns, read(lines, "json").rows) == (("a", "b"), 2)
    lists = b'[["a", "b"], [1, 2], [3, 4]]'
    assert (read(lists, "json").columns, read(lists, "json").rows) == (("a", "b"), 2)
    geo = b'{"type": "FeatureCollection", "bbox": [1, 2], "features": [{"type": "Feature", "geometry": {"x": 1}}]}'
    assert read(geo, "geojson").columns == ("type", "geometry")
    assert (read(b'{"data": []}', "json").rows, read(b"[]", "json").rows) == (0, 0)
    assert read(b'{"a": 1}', "json").rows is None
    assert read(b"[" * 100_000, "json").why == "unreadable"
    assert read(b"[" + b"1" * 5000 + b"]", "json").why == ""


def test_xml_of_other_shapes():
    wrapped = "<r><code>0</code><data><row 号='1'><名>甲</名></row><row 号='2'><名>乙</名></row></data></r>"
    assert (read(wrapped.encode(), "xml").columns, read(wrapped.encode(), "xml").rows) == (("号", "名"), 2)
    single = "<rows><row><a>1</a><b>2</b></row></rows>"
    assert (read(single.encode(), "xml").columns, read(single.encode(), "xml").rows) == (("a", "b"), 1)
    gbk = '<?xml version="1.0" encoding="GBK"?><rows><row><名>甲</名></row><row><名>乙</名></row></rows>'
    assert (read(gbk.encode("gbk"), "xml").columns, read(gbk.encode("gbk"), "xml").rows) == (("名",), 2)
    laughs = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    assert (read(laughs.encode(), "xml").why, read(laughs.encode(), "xml").rows) == ("", None)


def test_titles_and_stamps_above_the_header_are_no_rows():
    stamped = f"单位名录\n导出时间：2026-11-02 02:15:07\n{TEXT}"
    later = f"单位名录\n导出时间：2026-11-03 02:15:09\n{TEXT}"
    assert (read(stamped.encode(), "csv").columns, read(stamped.encode(), "csv").rows) == (HEADER, 3)
    assert read(stamped.encode(), "csv").content_hash == read(later.encode(), "csv").content_hash
    renamed = stamped.replace("单位名录", "企业名录")
    assert read(stamped.encode(), "csv").content_hash != read(renamed.encode(), "csv").content_hash


@pytest.mark.parametrize(
    "stamp",
    [
        "生成时间,2026-11-02",
        "（制表日期：2026年11月2日）,",
        "Generated at 2026-11-02T02:15:07Z,",
        "下载时间 2026/11/2 2:15",
    ],
)
def test_a_stamp_at_the_end_is_left_out(stamp):
    assert read(f"{TEXT}{stamp}\n".encode(), "csv") == WHOLE


def test_a_column_of_stamps_is_left_out_and_a_column_of_dates_is_not():
    first, second = (f"名称,导出时间\n甲,2026-11-0{n}\n" for n in (1, 2))
    assert read(first.encode(), "csv").content_hash == read(second.encode(), "csv").content_hash
    first, second = (f"名称,登记日期\n甲,2026-11-0{n}\n" for n in (1, 2))
    assert read(first.encode(), "csv").content_hash != read(second.encode(), "csv").content_hash


def test_a_change_on_any_sheet_is_one():
    one, two = [[["a", "b"], ["1", "2"]], [["c"], ["3"]]], [[["a", "b"], ["1", "2"]], [["c"], ["4"]]]
    first, second = (
        content_of([text_sheet("\n".join(map(",".join, rows))) for rows in sheets]) for sheets in (one, two)
    )
    assert (first.columns, first.rows) == (second.columns, second.rows) == (("a", "b"), 1)
    assert first.content_hash != second.content_hash


def test_archives_are_opened_with_care(monkeypatch):
    two = zipped(a_csv=b"a,b\n1,2\n", b_csv=b"a,b\n1,2\n")
    assert (read(two, "zip").rows, read(two, "zip").why) == (None, "")
    assert read(two, "zip").content_hash == read(zipped(b_csv=b"a,b\n1,2\n", a_csv=b"a,b\n1,2\n"), "zip").content_hash
    assert read(two, "zip").content_hash != read(zipped(a_csv=b"a,b\n1,3\n", b_csv=b"a,b\n1,2\n"), "zip").content_hash
    inner = zipped(inner_csv=TEXT.encode())
    assert (read(zipped(outer_csv=inner), "zip").rows, read(zipped(outer_csv=inner), "zip").why) == (None, "")
    bomb = zipped(big_csv=b"a,b\n" + b"1,2\n" * 300_000)
    assert read(bomb, "zip").rows == 300_000
    small = FilePolicy(**{**{n: getattr(file_policy(), n) for n in FilePolicy.__slots__}, "inflated_mb": 1})
    monkeypatch.setattr(archive, "file_policy", lambda: small)
    assert (read(bomb, "zip").rows, read(bomb, "zip").why) == (None, "")
    lying = bomb.replace(len(b"a,b\n" + b"1,2\n" * 300_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert read(lying, "zip").rows is None, "what it says of its size is not believed"


def test_a_cut_file_tells_its_kind_and_header():
    head = TEXT.encode("gb18030")[:-3]
    assert read_head(head, "csv") == FileReading("", "csv", HEADER)
    assert read_head(downloads.as_xlsx(TABLE)[:300], "xlsx") == FileReading("", "zip")
    assert read_head(downloads.as_json(TABLE)[:50], "json") == FileReading("", "json")
    assert read_head(b"<html><body>" + b"x" * 99, "csv") == FileReading("html", "html")
    assert read_head(b"%PDF-1.4 x", "csv") == FileReading("wrong_type", "pdf")
    assert read_head(b"[a],b\n1,2", "csv").columns == ("[a]", "b")


def test_columns_that_no_document_could_hold_are_cut():
    header = ",".join("长" * 500 for _ in range(3000))
    columns = read(f"{header}\n1,2\n".encode(), "csv").columns
    assert (len(columns), len(columns[0])) == (file_policy().columns, file_policy().column_chars)


def test_a_workbook_of_shapes_and_long_cells_is_no_reason_to_refuse_a_table():
    body = f"名称,范围\n甲,{'1' * 200_000}\n"
    assert (read(body.encode(), "csv").why, read(body.encode(), "csv").rows) == ("", 1)


# --- properties -----------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(["道路名称", "济南市历下区", "人民医院", "二〇二四年度", "12.5", "A-17", "", "不详", "是"])
ROWS = st.lists(st.lists(WORDS, min_size=4, max_size=4), max_size=12)


def written(rows, delimiter=",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([HEADER, *rows])
    return out.getvalue()


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_move_the_hash(rows, random):
    shuffled = random.sample(rows, len(rows))
    assert read(written(rows).encode(), "csv") == read(written(shuffled).encode(), "csv")


@given(ROWS, ROWS)
def test_other_rows_move_the_hash(rows, others):
    def filled(table):
        return sorted(row for row in table if any(row))

    same = filled(rows) == filled(others)
    assert (read(written(rows).encode(), "csv") == read(written(others).encode(), "csv")) is same


@given(ROWS, st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]), st.sampled_from(DELIMITERS))
def test_charset_and_delimiter_do_not_matter(rows, charset, delimiter):
    assert read(written(rows, delimiter).encode(charset), "csv") == read(written(rows).encode(), "csv")


TRADITIONAL = st.sampled_from(["道路名稱", "臺北市大安區", "國立醫院", "二零二四年度", "12.5", ""])


@given(st.lists(st.lists(TRADITIONAL, min_size=4, max_size=4), min_size=1, max_size=12))
def test_traditional_characters_are_read(rows):
    out = io.StringIO()
    csv.writer(out).writerows([["編號", "機構名稱", "登記日期", "數量"], *rows])
    assert read(out.getvalue().encode("big5"), "csv") == read(out.getvalue().encode(), "csv")


DECLARED = st.sampled_from([*FORMATS, "其他", "", "XLS,CSV", "$type"])
STARTS = st.sampled_from(
    [b"", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-", b"<?xml version='1.0'?>", b"<a>", b"{",
     b"[", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1f\x8b\x08", "编号,".encode("gb18030"), TEXT.encode(), zipped(a_csv=b"a,b\n1,2\n")]
)  # fmt: skip
BOOKS = [downloads.as_xlsx(TABLE), (SAMPLES / "table.xls").read_bytes(), (SAMPLES / "table.ods").read_bytes()]


@given(STARTS, st.binary(max_size=300), DECLARED)
@example(b"", b'"', "csv")
@example(b"", b"a\rb,c\0d\n", "csv")
@settings(max_examples=300)
def test_no_bytes_make_reading_fail(start, rest, declared):
    for found in (read(start + rest, declared), read_head(start + rest, declared)):
        assert outcome_of(found.why) in (FileOutcome.OK, FileOutcome.FAILED)
        assert (found.rows is None) or not found.why
        json.dumps(found.columns)


@given(st.sampled_from(BOOKS), st.lists(st.tuples(st.floats(0, 0.999), st.binary(min_size=1, max_size=4)), max_size=4))
@settings(max_examples=150)
def test_damaged_workbooks_are_read_or_refused(book, scratches):
    body = bytearray(book)
    for place, what in scratches:
        at = int(place * len(body))
        body[at : at + len(what)] = what
    try:
        found = read(bytes(body), "xls")
    except ReaderError:
        return  # declared: our reader, not the file
    assert found.why in ("", "unreadable", "wrong_type")


@given(st.text(max_size=200))
def test_a_delimiter_is_one_of_ours_or_none(text):
    assert delimiter_of(text) in (*DELIMITERS, "")


def test_the_tables_of_data_are_coherent():
    assert all(why.en and why.outcome is not FileOutcome.OK for why in classes().values())
    assert set(kinds._formats()) | {*kinds.NOT_FILES, "other"} == {*FORMATS, "other"}
    for row in kinds._formats().values():
        assert set(row["readable"].split()) <= set(row["kinds"].split())
