"""The overdue list as a table: nothing in it computes, Excel reads its characters."""

import csv
import io
from datetime import UTC, datetime

import pytest

from alerts.digest.overdue import OverdueDataset, as_csv
from alerts.text.spreadsheets import BOM


def row(**more: str) -> OverdueDataset:
    values = {"office": "市场监管局", "title": "双公示", "dataset": "d1", "promise": "每月", "updated": "2026-01-01"}
    return OverdueDataset(
        **{**values, **more},
        due="2026-02-01",
        days=30,
        state="overdue",
        city="贵阳",
        page="http://x.cn/d1",
        slug="guiyang",
        read="2026-03-03",
        read_at=datetime(2026, 3, 3, tzinfo=UTC),
    )


def read(text: str) -> list[list[str]]:
    assert text.startswith(BOM)
    return list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", " =", "\t=", "\r\n="])
def test_no_cell_is_a_formula(start: str) -> None:
    hostile = f'{start}HYPERLINK("http://evil.cn","x")'
    [_, *rows] = read(as_csv([row(title=hostile, office=hostile, dataset=hostile, promise=hostile)]))
    assert len(rows) == 1
    assert not [cell for cell in rows[0] if cell.lstrip().startswith(tuple("=+-@＝＋－＠"))]


def test_every_row_is_one_line_whatever_a_portal_wrote() -> None:
    text = as_csv([row(title='a\n"b",c'), row(title="x" * 5000)])
    assert text.count("\r\n") == 3
    assert [len(one) for one in read(text)] == [11, 11, 11]
    assert max(len(cell) for one in read(text) for cell in one) <= 2001
