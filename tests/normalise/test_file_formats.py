import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendata_spiders.normalise import FORMATS, format_reading, formats


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (["xls", "xls", "csv"], ("csv", "xls")),
        ("xls,json", ("json", "xls")),
        ("xml\\json\\xlsx\\csv", ("csv", "json", "xlsx", "xml")),
        ("['xls', 'xml']", ("xls", "xml")),
        (".xlsx", ("xlsx",)),
        (["text/csv", "application/json", "application/vnd.pdf"], ("csv", "json", "pdf")),
        ("http://publications.europa.eu/resource/authority/file-type/XLSX", ("xlsx",)),
        ("EXCEL,DOC", ("doc", "xls")),
        ("DB数据库", ("database",)),
        ("库表", ("database",)),
        ("mysql", ("database",)),
        ("http", ("api",)),
        ("接口", ("api",)),
        ("链接", ("link",)),
        ("其他", ("other",)),
        ("file", ("other",)),
        ("et", ("other",)),
        (["word", "PDF", "zip", "rar", "rdf", "docx"], ("doc", "docx", "pdf", "rar", "rdf", "zip")),
        ([{"name": "json"}], ("json",)),
        ([], ()),
        (None, ()),
        ("", ()),
        ("-", ()),
    ],
)
def test_every_way_of_listing_formats(raw, expected):
    assert format_reading(raw).formats == expected
    assert format_reading(raw).finding is None


@pytest.mark.parametrize("raw", ["$type", ["$type"], "${format}", "{{ item.type }}", "<%=type%>"])
def test_a_template_that_was_never_filled_in_is_stated(raw):
    assert format_reading(raw) == type(format_reading(""))((), "field.formats_template")


def test_an_unknown_format_is_other_and_stated():
    assert format_reading("flac").formats == ("other",)
    assert format_reading("flac").finding == "field.formats_unknown"


def test_codes_need_their_family():
    assert formats(["04", "08", "10"], family="exchange_gateway") == ("csv", "xlsx", "xml")
    assert formats("3", family="guangzhou_ds") == ("api",)
    assert format_reading("3").finding == "field.formats_unknown"


@given(st.lists(st.sampled_from([*FORMATS, "接口", "库表", "EXCEL"])))
def test_order_and_doubles_do_not_matter(words):
    assert formats(words) == formats(words[::-1]) == formats(words * 2) == formats(",".join(words))
