"""JSON answers as declarations: where rows, totals and ids lie (JMESPath), and which keys hold which field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from opendata_spiders.declared.answers import Answer, Fields, InUtc, names, names_of, put
from opendata_spiders.declared.xml_answers import xml_object
from opendata_spiders.items import RawValues
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import Detail, ListPage, ListRow, PageDriftedError
from opendata_spiders.pages.json_values import search, zoned
from opendata_spiders.store.fields import fields

BARE = "@"
"""Stands for the answer itself where it is a list and no object."""


@dataclass(frozen=True, slots=True)
class JsonList:
    """A list page that is JSON.

    Paths are JMESPath expressions. `rows` is where the entries lie, or several such places: the first that holds a list
    counts; `BARE` is the place of a list that is the whole answer, which then has no total. `totals` are summed
    (Shenzhen prints two); none for a portal that prints no total. `pages` is where a number of pages lies instead: the
    list is read to that page, however few rows the portal serves a page.
    `keys` maps a path within a row to its field (or fields, where one value serves several); where several paths serve
    one field, the first that is filled counts. `inside` is the path of a text within the answer that is JSON itself.
    With `xml_root` the answer may be XML of that root element instead; null then stands for a list without rows.
    """

    rows: str | tuple[str, ...]
    id: str
    keys: Mapping[str, Fields]
    totals: tuple[str, ...] = ()
    pages: str = ""
    inside: str = ""
    xml_root: str = ""

    @property
    def kind(self) -> str:
        return "xml" if self.xml_root else "json"

    @property
    def fields(self) -> tuple[str, ...]:
        return names_of([self.keys])

    def read(self, answer: Answer) -> ListPage:
        """One page; raises PageError for an error code, a cut-off body or another shape."""
        found = _object(answer, self.inside, self.xml_root, bare=BARE in names(self.rows))
        declared, oddities = self._total(found)
        entries = _list(found, names(self.rows), declared, null_is_none=bool(self.xml_root))
        rows = tuple(self._rows(entries))
        pages, odd_pages = bodies.of_pages(bodies.total(search(self.pages, found))) if self.pages else (None, ())
        odd = (*answer.oddities, *oddities, *odd_pages)
        return ListPage(rows, declared, len(entries) - len(rows), odd, pages, chars=len(answer.text))

    def _total(self, found: Mapping[str, Any]) -> tuple[int | None, tuple[str, ...]]:
        if not self.totals or BARE in found:
            return None, ()
        parts = [bodies.total(search(path, found)) for path in self.totals]
        numbers = [number for number, _ in parts if number is not None]
        oddities = tuple(oddity for number, said in parts if number is None for oddity in said)
        return (sum(numbers), ()) if len(numbers) == len(parts) else (None, oddities)

    def _rows(self, entries: list[Any]) -> Iterator[ListRow]:
        for entry in entries:
            id_ = bodies.native_id(search(self.id, entry)) if isinstance(entry, dict) else ""
            if id_:
                yield ListRow(id_, values(entry, self.keys), entry)


@dataclass(frozen=True, slots=True)
class JsonDetail:
    """A dataset's detail that is JSON: the object at `at` (the whole answer where it is empty).

    It must hold one of the paths `must`, else it is not the interface we know. `id` is the path of its own id, if it
    has one: an answer about another dataset is refused. With `xml_root` the answer may be XML of that root element.
    """

    keys: Mapping[str, Fields]
    at: str = "data"
    must: tuple[str, ...] = ()
    id: str = ""
    inside: str = ""
    xml_root: str = ""

    @property
    def kind(self) -> str:
        return "xml" if self.xml_root else "json"

    @property
    def fields(self) -> tuple[str, ...]:
        return names_of([self.keys])

    def read(self, answer: Answer, id_: str) -> Detail:
        """One dataset; raises PageError. Whether an answer says that the dataset is gone is the family's own rule."""
        found = _object(answer, self.inside, self.xml_root)
        data = search(self.at, found) if self.at else found
        if not isinstance(data, dict):
            bodies.check_envelope(found)
            raise PageDriftedError(_unexpected(self.at, found, "an object"))
        if self.must and all(_absent(path, data) for path in self.must):
            bodies.check_envelope(found)
            keys = " nor ".join(map(repr, self.must))
            raise PageDriftedError(f"the detail has no key {keys}: this is not the interface we know")
        other = bodies.native_id(search(self.id, data)) if self.id else ""
        if other not in ("", id_):
            raise PageDriftedError(f"asked for {bodies.plain(id_)}, answered about {bodies.plain(other)}")
        return Detail(values(data, self.keys), bodies.json_text(data))


def values(entry: Mapping[str, Any], keys: Mapping[str, Fields]) -> RawValues:
    """Raw values by field; a field of which the entry has no key is left out, an empty one stays ''."""
    found: RawValues = {}
    known = fields()
    for path, served in keys.items():
        value = search(path, entry)
        if value is None and _absent(path, entry):
            continue
        value = zoned(value) if isinstance(served, InUtc) else value
        for name in names(served):
            put(found, name, bodies.many(value) if known[name].many else bodies.scalar(value))
    return found


def _absent(path: str, entry: Any) -> bool:
    """Whether a key of the path is missing, as opposed to empty; keys inside a list are not checked."""
    for part in path.split("."):
        key = part.partition("[")[0]
        if not isinstance(entry, dict) or key not in entry:
            return isinstance(entry, dict)
        if key != part:
            return False
        entry = entry[key]
    return False


def _object(answer: Answer, inside: str, xml_root: str, *, bare: bool = False) -> dict[str, Any]:
    """The answer as an object; a bare list as one that holds it at BARE, where `bare` says that it may be one."""
    start = answer.text.lstrip()[:1]
    if bare and start == "[":
        return {BARE: bodies.json_value(answer.text)}
    is_xml = xml_root and start == "<"
    found = xml_object(answer.text, xml_root) if is_xml else bodies.json_object(answer.text)
    if not inside:
        return found
    text = search(inside, found)
    if not isinstance(text, str):
        bodies.check_envelope(found)
        raise PageDriftedError(_unexpected(inside, found, "JSON as text"))
    return bodies.json_object(text)


def _list(found: Mapping[str, Any], paths: tuple[str, ...], declared: int | None, *, null_is_none: bool) -> list[Any]:
    places = [search(path, found) for path in paths]
    rows = next((place for place in places if isinstance(place, list)), None)
    if rows:
        return rows
    bodies.check_envelope(found)
    if rows is not None:
        return rows
    if declared == 0 and all(place is None for place in places):
        return []
    if null_is_none and any(search(path, found) is None and not _absent(path, found) for path in paths):
        return []
    raise PageDriftedError(_unexpected(paths[0], found, "a list"))


def _unexpected(path: str, found: Mapping[str, Any], due: str) -> str:
    """Say which part of a path is missing, and what stands there instead."""
    at: Any = found
    for key in path.split(".") if path else ():
        if not isinstance(at, dict) or key not in at:
            there = ", ".join(at) if isinstance(at, dict) else _kind(at)
            return f"the answer has no key {key!r}, only: {bodies.plain(there or 'nothing')}"
        at = at[key]
    return f"the key {path!r} holds {_kind(at)} where {due} is due"


def _kind(value: Any) -> str:
    return "null" if value is None else f"a JSON {type(value).__name__}"
