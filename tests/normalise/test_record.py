import re
from dataclasses import fields
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from opendata_spiders import normalise as n
from opendata_spiders.items import Dataset, DatasetFields, Resource
from opendata_spiders.store.fields import fields as declared

TZ = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
RAW = {
    "title": " 公交站点信息\u202e ",
    "description": "null",
    "office": "市交通运输局",
    "theme": "交通运输,公共安全",
    "industry": "交通运输、仓储和邮政业",
    "tags": "公交,站点,公交",
    "frequency": "05",
    "open_type": "02",
    "formats": "xml\\json",
    "published": "1686900000000",
    "updated": "2023-6-16",
    "data_updated": "2099-01-01",
    "rows": "1,204条",
    "storage": "38.131 KB",
    "views": "7.61万",
    "downloads": "",
    "resources": [{"name": "站点.xlsx", "format": ".XLSX", "id": 7}],
}


def test_a_whole_record():
    read = n.normalise(RAW, family="exchange_gateway", tz=TZ, now=NOW)
    assert (read.title, read.description, read.office) == ("公交站点信息", None, "市交通运输局")
    assert (read.theme, read.theme_rule) == (["交通出行", "公共安全"], "label:交通运输; label:公共安全")
    assert (read.frequency, read.frequency_code, read.promise.word) == ("P1Y", "ANNUAL", "每年")
    assert (read.open_type, read.login_required, read.formats) == ("open", False, ["json", "xml"])
    assert (read.rows, read.views, read.downloads, read.files, read.storage) == (1204, 76100, None, None, "38.131 KB")
    assert read.updated == n.date("2023-06-16", tz=TZ, now=NOW).value
    assert read.tags == ["公交", "站点"]
    assert read.resources == [Resource("站点.xlsx", "xlsx", "7")]
    assert read.findings == ("field.date_future",)


def test_the_raw_value_stands_beside_every_reading():
    read = n.normalise(RAW, family="exchange_gateway", tz=TZ, now=NOW)
    assert (read.frequency_raw, read.open_type_raw, read.formats_raw) == ("05", "02", ["xml\\json"])
    assert (read.published_raw, read.updated_raw, read.data_updated_raw) == ("1686900000000", "2023-6-16", "2099-01-01")
    assert read.theme_raw == ["交通运输,公共安全"]


def test_attributes_are_those_of_the_item():
    read = n.normalise(RAW, family=None, tz=TZ, now=NOW).for_item()
    assert set(declared()) <= set(read) <= {field.name for field in fields(Dataset)}
    assert Dataset(portal="p", slug="s", id="1", raw=RAW, **read).title == "公交站点信息"
    typed = {re.sub("_(raw|rule|code)$", "", field.name) for field in fields(DatasetFields)}
    assert typed == set(declared()), "fields.csv is the list; items.py says the type of each"


def test_an_empty_record():
    read = n.normalise({}, family=None, tz=TZ, now=NOW)
    assert (read.title, read.frequency_code, read.open_type, read.formats) == ("", "UNKNOWN", "unknown", [])
    assert read.findings == ("field.title_missing",)


def test_findings_are_collected():
    raw = {
        "title": "x", "theme": "量子", "frequency": "牲畜饲养", "open_type": "每年", "formats": "$type",
        "updated": "1970-01-01", "published": "abc", "rows": "3 MB",
    }  # fmt: skip
    assert n.normalise(raw, family=None, tz=TZ, now=NOW).findings == (
        "field.date_ancient", "field.date_unparsed", "field.formats_template", "field.frequency_shifted",
        "field.number_unparsed", "field.open_type_shifted", "field.theme_unknown",
    )  # fmt: skip


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.characters(codec=None),
    st.text(alphabet="0123456789-/.:年月日 TZ天前万,", max_size=20), st.integers(10**300, 10**301),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_nothing_a_portal_writes_raises(value):
    raw = dict.fromkeys(declared(), value)
    for family in (None, "guizhou_api"):
        read = n.normalise(raw, family=family, tz=TZ, now=NOW)
        assert read.open_type in {"open", "conditional", "closed", "unknown"}
        assert set(read.theme) <= set(n.THEMES)
        assert all(finding.startswith("field.") for finding in read.findings)


@settings(max_examples=100, deadline=None)
@given(VALUES, st.sampled_from(["time", "year", "month", "date"]))
def test_a_date_object_with_anything_in_it_does_not_raise(value, name):
    reading = n.date({"year": 123, "month": 1, "date": 16, name: value}, tz=TZ, now=NOW)
    assert (reading.value is None) is (reading.finding == "field.date_unparsed")


@settings(max_examples=100, deadline=None)
@given(VALUES, VALUES)
def test_keys_and_kinds_do_not_raise(title, office):
    assert len(n.second_key(title, office)) == 40
    assert n.key_data(title, office) <= n.KINDS
    assert set(n.content_theme(title, office).themes) <= set(n.THEMES)
