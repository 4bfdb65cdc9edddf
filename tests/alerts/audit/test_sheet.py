"""The sheet: what Excel makes of hostile cells."""

import csv
import io
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from alerts.audit import sheet
from alerts.audit.portal import audit
from alerts.text.spreadsheets import safe, write


@given(st.text(max_size=40))
@example("=cmd|' /C calc'!A0")
@example("\t=1+1")
@example(" -1+1")
@example("\u200b@SUM(1)")
def test_no_cell_is_a_formula(text: str) -> None:
    cell = str(safe(text))
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert "\n" not in cell
    assert safe(cell) == cell


def test_the_sheet_is_read_back_office_by_office(world: Any) -> None:
    rows = {
        "c": {"title": "=HYPERLINK(1)", "office": "乙局", "frequency": None},
        "a": {"title": "名录,一\n行", "office": "甲局", "updated": "2099-01-01"},
        "b": {"office": None, "contact_phone": None},
    }
    made = world(rows)
    file = io.StringIO(newline="")
    done = audit(made.catalogue)
    count = write(file, sheet.HEADER, sheet.lines(done, "某市平台", {"a": "https://p.example/a"}))
    text = file.getvalue()
    assert text.startswith("\ufeff平台 portal,")
    header, *lines = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert tuple(header) == sheet.HEADER
    assert count == len(lines) == 3
    assert [(line[1], line[2], line[3], line[5]) for line in lines] == [
        ("乙局", "'=HYPERLINK(1)", "c", "audit.no_promise"),
        ("甲局", "名录,一 行", "a", "audit.date_future"),
        ("", "b号线路时刻", "b", "audit.no_contact"),
    ]
    assert lines[1][10:] == ["https://p.example/a", "2026-11-24 02:15"]
