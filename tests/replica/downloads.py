"""The files behind a dataset: the first 1,000 of its rows, in every format it is offered in."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from xml.sax.saxutils import escape

from tests.replica.records import Record
from tests.replica.wire import Reply, not_found

MOST_ROWS = 1000
Table = Sequence[Sequence[str]]
"""Header and rows."""


def files_of(record: Record) -> Sequence[tuple[str, str, str]]:
    """Return id, name and format of every file."""
    return [(f"{place}{record.id[:4]}", f"{record.title}_0", kind) for place, kind in enumerate(record.formats)]


def download(record: Record | None, file: str) -> Reply:
    """Answer a download; 404 for a dataset or file that is not there."""
    found = [kind for id_, _, kind in files_of(record) if id_ == file] if record and record.opens else []
    if not found or record is None:
        return not_found()
    write, content_type = WRITERS[found[0]]
    headers = (("Content-Disposition", f"attachment; filename=data.{found[0]}"),)
    return Reply(write(table(record)), content_type, headers=headers)


def table(record: Record) -> Table:
    """Return header and rows; which rows there are depends on the number of the record's rows alone."""
    first = record.published.date()
    rows = [
        [f"{number}", f"{record.title}{number}号", f"{record.office}第{number}分局", f"{first + timedelta(number)}"]
        for number in range(1, min(record.rows, MOST_ROWS) + 1)
    ]
    return [record.columns, *([*row, *[""] * len(record.columns)][: len(record.columns)] for row in rows)]


def as_csv(cells: Table) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(cells)
    return out.getvalue().encode()


def as_json(cells: Table) -> bytes:
    header, *rows = cells
    return json.dumps([dict(zip(header, row, strict=True)) for row in rows], ensure_ascii=False).encode()


def as_xml(cells: Table) -> bytes:
    header, *rows = cells
    records = "".join(
        f"<row>{''.join(f'<{name}>{escape(cell)}</{name}>' for name, cell in zip(header, row, strict=True))}</row>"
        for row in rows
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><rows>{records}</rows>'.encode()


def as_xlsx(cells: Table) -> bytes:
    """A minimal workbook; portals also send one as .xls."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{links}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{links}"><sheets><sheet name="数据" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{links}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{"".join(_row(at, row) for at, row in enumerate(cells, 1))}</sheetData></worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return out.getvalue()


def _row(number: int, cells: Sequence[str]) -> str:
    inside = "".join(
        f'<c r="{chr(ord("A") + at)}{number}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
        for at, cell in enumerate(cells)
    )
    return f'<row r="{number}">{inside}</row>'


WRITERS: Mapping[str, tuple[Callable[[Table], bytes], str]] = {
    "csv": (as_csv, "text/csv"),
    "json": (as_json, "application/json"),
    "xml": (as_xml, "application/xml"),
    "rdf": (as_xml, "application/rdf+xml"),
    "xls": (as_xlsx, "application/vnd.ms-excel"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def repacked(body: bytes, name: str, old: str, new: str) -> bytes:
    """Return a workbook with one text replaced in one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in read.namelist():
            part = read.read(member)
            archive.writestr(member, part.replace(old.encode(), new.encode()) if member == name else part)
    return out.getvalue()
