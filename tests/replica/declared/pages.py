"""Answers of a declared family: puts rows, totals, page counts and fields where its declaration reads them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from lxml import etree
from lxml.html.builder import E

from opendata_spiders.declared import FieldPlaces, HtmlDetail, HtmlList, JsonDetail, JsonList, JsonTable
from opendata_spiders.declared.answers import Fields, names
from tests.replica.declared.markup import Page, readable
from tests.replica.declared.paths import put
from tests.replica.declared.patterns import spell

Shown = tuple[str, Mapping[str, Any]]
"""A dataset on a page: its native id ('' for an entry without one) and its values by canonical name."""


def list_text(page: JsonList | HtmlList, rows: Sequence[Shown], total: int | None, size: int) -> str:
    """The body of a list page; `total` None: none is printed, of rows or of pages."""
    return _json_list(page, rows, total, size) if isinstance(page, JsonList) else _html_list(page, rows, total, size)


def detail_text(page: JsonDetail | HtmlDetail, dataset: Shown) -> str:
    """The body of a detail."""
    return _json_detail(page, dataset) if isinstance(page, JsonDetail) else _html_detail(page, dataset)


def preview_text(table: JsonTable, columns: Sequence[str], rows: int) -> str:
    """The body of an answer that shows a dataset's table: its columns, its number of rows, or both."""
    body: Any = {}
    for place in names(table.columns)[:1]:
        body = put(place, body, [put(table.named[0], {}, column) for column in columns])
    for place in names(table.rows)[:1]:
        body = put(place, body, rows)
    return json.dumps(body, ensure_ascii=False)


# --- JSON and XML -----------------------------------------------------------------------------------------------------


def _json_list(page: JsonList, rows: Sequence[Shown], total: int | None, size: int) -> str:
    body = put(names(page.rows)[0], {}, [_entry(page.id, page.keys, row) for row in rows])
    if total is not None:
        for place, path in enumerate(page.totals):
            body = put(path, body, 0 if place else total)
        if page.pages:
            body = put(page.pages, body, -(-total // size))
    return _written(body, page)


def _json_detail(page: JsonDetail, dataset: Shown) -> str:
    entry = _entry(page.id, page.keys, dataset)
    return _written(put(page.at, {}, entry) if page.at else entry, page)


def _entry(id_path: str, keys: Mapping[str, Fields], dataset: Shown) -> Any:
    id_, values = dataset
    entry: Any = {}
    for path, value in _first_places(keys, values):
        entry = put(path, entry, value)
    return put(id_path, entry, id_) if id_path and id_ else entry


def _first_places(places: Mapping[str, Fields], values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The first place of each field, with the field's value; later places are never read then."""
    served: set[str] = set()
    for place, fields in places.items():
        new = [name for name in names(fields) if name not in served]
        served.update(new)
        if new and isinstance(fields, re.Pattern):
            yield place, spell(fields.pattern, {name: _text(values[name]) for name in names(fields)})
        elif new:
            yield place, values[new[0]]


def _written(body: Any, page: JsonList | JsonDetail) -> str:
    """The body as text: XML where the declaration takes XML, else JSON, perhaps inside JSON."""
    if page.xml_root:
        return etree.tostring(_element(page.xml_root, body), encoding="unicode")
    text = json.dumps(body, ensure_ascii=False)
    return json.dumps(put(page.inside, {}, text), ensure_ascii=False) if page.inside else text


def _element(name: str, value: Any) -> etree._Element:
    """The inverse of `xml_object`: keys are elements, a list is an element that holds elements of its own name."""
    element = etree.Element(name)
    if isinstance(value, dict):
        element.extend([_element(key, one) for key, one in value.items()])
    elif isinstance(value, list):
        element.extend([_element(name, one) for one in value])
    elif value is not None:
        element.text = readable(str(value))
    return element


# --- HTML -------------------------------------------------------------------------------------------------------------


def _html_list(page: HtmlList, rows: Sequence[Shown], total: int | None, size: int) -> str:
    whole = Page.empty()
    whole.element(page.frame)
    if total is not None:
        _number(whole, page.total, page.total_pattern, f"{total:,}" if page.total else str(total))
        _number(whole, page.pages, page.pages_pattern, str(-(-total // size)))
    for id_, values in rows:
        entry = Page(whole.element(page.entries, fresh=True))
        if id_:
            entry.write(page.id, spell(page.id_pattern, {1: quote(id_)}))
        _fill(entry, page.layout, values)
    return _inside(whole, page.inside)


def _number(page: Page, selector: str, pattern: str, number: str) -> None:
    if selector:
        page.write(selector, number)
    if pattern:
        page.scope.append(E.p(spell(pattern, {1: number})))


def _html_detail(page: HtmlDetail, dataset: Shown) -> str:
    whole = Page.empty()
    whole.element(page.frame)
    _fill(whole, page.layout, dataset[1])
    return _inside(whole, page.inside)


def _fill(page: Page, layout: FieldPlaces, values: Mapping[str, Any]) -> None:
    served = {name for fields in layout.cells.values() for name in names(fields)}
    for selector, value in _first_places(layout.cells, values):
        for text in value if isinstance(value, list) else [_text(value)]:
            page.write(selector, text, fresh=isinstance(value, list))
    labels = {label: fields for label, fields in layout.labels.items() if not served.issuperset(names(fields))}
    for label, value in _first_places(labels, values):
        _label(page, layout, label, _text(value))


def _label(page: Page, layout: FieldPlaces, label: str, text: str) -> None:
    """Write a label and its value as the layout reads them: running text, a table row, or a line."""
    if layout.running:
        block = page.element(layout.running, fresh=True)
        block.extend([E.span(f"{label}："), E.span()])
    elif layout.rows:
        block = page.element(layout.rows, fresh=True)
        block.extend([E.td(f"{label}："), E.td()])
    else:
        block = E.p(E.span(f"{label}："), E.span())
        page.element(layout.lines).append(block)
    page.set_text(block[-1], text)


def _inside(page: Page, inside: str) -> str:
    return json.dumps(put(inside, {}, page.html()), ensure_ascii=False) if inside else page.html()


def _text(value: Any) -> str:
    return "，".join(map(str, value)) if isinstance(value, list) else str(value)
