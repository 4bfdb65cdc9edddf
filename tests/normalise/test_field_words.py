"""Words of columns and labels, and the fields they mean."""

import pytest

from opendata_spiders.declared.answers import names
from opendata_spiders.normalise.field_words import KEYS, field_of, field_of_path, usual_labels
from opendata_spiders.store.fields import fields
from tests.families.goldens import loader


@pytest.mark.parametrize(
    ("column", "field"),
    [("标题", "title"), (" 更新 时间：", "updated"), ("Update_Time", "updated"), ("data_updated", "data_updated"),
     ("来源部门", "office"), ("详情页网址", "page_url"), ("id", "id"), ("颜色", ""), ("", "")],
)  # fmt: skip
def test_a_column_is_known_by_its_word(column: str, field: str) -> None:
    assert field_of(column) == field


def test_labels_of_pages_are_a_part_of_the_words() -> None:
    assert set(usual_labels().values()) <= set(fields()) - set(KEYS)
    assert all(field_of(word) == field for word, field in usual_labels().items())


@pytest.mark.parametrize(
    ("path", "field"),
    [("gxpl", "frequency"), ("AAW_GXPL", "frequency"), ("resTitle", "title"), ("org.name", "office"), ("node.title", "title"),
     ("companys.title", ""), ("publisher.code", ""), ("statistics.data_count", "rows"), ("openTypeDetail", "open_type"),
     ("dataUpdateTime", "data_updated"), ("dataset.uuid", "id"), ("creator", "")],
)  # fmt: skip
def test_a_path_is_known_by_its_keys(path: str, field: str) -> None:
    found = field_of_path(path.split("."))
    assert (found.field if found else "") == field


def test_what_keys_are_called_is_what_declarations_read_them_as() -> None:
    """A key may be either of two fields, and authors differ; the values decide where a list is recognised."""
    agree = differ = 0
    for family in loader().families.values():
        for page in (getattr(family, "list_page", None), getattr(family, "detail_page", None)):
            for path, served in (getattr(page, "keys", None) or {}).items():
                if path.replace(".", "").replace("_", "").isalnum() and (word := field_of_path(path.split("."))):
                    agree += word.field in names(served)
                    differ += word.field not in names(served)
    assert agree > 500
    assert differ <= 0.03 * agree
