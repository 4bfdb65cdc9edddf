"""Words of columns and labels, and the fields they mean."""

import pytest

from opendata_spiders.normalise.field_words import KEYS, field_of, usual_labels
from opendata_spiders.store.fields import fields


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
