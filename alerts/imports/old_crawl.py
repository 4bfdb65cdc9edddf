"""Turns the rows of a file into datasets of one portal: columns to fields, bad rows named, the portal checked."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alerts.imports.file_rows import FileRow
from alerts.imports.limits import ImportRefusedError, limits
from opendata_spiders import normalise
from opendata_spiders.fetching.addresses import host_group, place_of
from opendata_spiders.normalise import title_key
from opendata_spiders.normalise.field_words import KEYS, field_of
from opendata_spiders.normalise.texts import is_blank, raw_text, scalar
from opendata_spiders.pages.bodies import plain, whole
from opendata_spiders.register import Portal, Register
from opendata_spiders.store.content import list_fingerprint, version_id
from opendata_spiders.store.fields import Role, fields, split
from opendata_spiders.store.models import Entry, Version

FAMILY = "import"
"""The `family` of imported versions."""


def import_name(portal: Portal, as_of: datetime) -> str:
    """Under which the versions of an import are kept: no portal has this id, so that none is ever taken for ours."""
    return f"{portal.id}@{as_of.astimezone(portal.timezone):%Y%m%d}"


@dataclass(slots=True)
class OldCrawl:
    """What a file says of one portal."""

    columns: dict[str, str]
    """Column to the field it is read as."""
    unread: tuple[str, ...]
    """Columns that are read as none."""
    keyed_by: str
    """id, page_url, or title and office: what tells two datasets apart."""
    entries: list[Entry] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    bad: int = 0
    """Rows that were left out."""
    odd: int = 0
    """Rows that were taken with a date that cannot be read."""
    faults: list[str] = field(default_factory=list)
    """The first of both: line, field and reason."""

    def name(self, line: int, where: str, said: str) -> None:
        """Name what is wrong with a row, as long as few are named."""
        if len(self.faults) < limits().faults:
            self.faults.append(f"line {line}, {where}: {said}")


def columns_of(rows: Iterable[FileRow], given: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Column to field, and the columns that are no field: those `given` first, then by the usual words.

    Of several columns of one field the first counts. Raises ImportRefusedError for a given column or field that there
    is not, and for a file without titles.
    """
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    for column, name in given.items():
        if column not in names:
            raise ImportRefusedError(f"the file has no column {column!r}; it has {_listed(names)}")
        if name not in fields() and name not in KEYS:
            raise ImportRefusedError(f"there is no field {name!r}; fields are {_listed([*KEYS, *fields()])}")
    found = dict(given)
    for column in names:
        name = "" if column in found else field_of(column)
        if name and name not in found.values():
            found[column] = name
    if "title" not in found.values():
        raise ImportRefusedError(f"no column is a title; say which with --map COLUMN=title: it has {_listed(names)}")
    return found, tuple(name for name in names if name not in found)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(plain(name, 40) for name in names)


def read_crawl(
    rows: Sequence[FileRow], portal: Portal, as_of: datetime, columns: Mapping[str, str], unread: tuple[str, ...]
) -> OldCrawl:
    """The datasets of a portal; raises ImportRefusedError where not one row can be taken."""
    named = columns.values()
    keyed_by = next((key for key in KEYS if key in named), "title and office")
    crawl = OldCrawl(dict(columns), unread, keyed_by)
    seen: dict[str, int] = {}
    for row in rows:
        values = field_values(row.values, columns)
        name, fault = ("", ("the whole row", row.fault)) if row.fault else key_of(values, keyed_by)
        if fault is None and name in seen:
            fault = keyed_by, f"the same as on line {seen[name]}"
        if fault is not None:
            crawl.bad += 1
            crawl.name(row.line, *fault)
            continue
        seen[name] = row.line
        _take(crawl, row.line, name, values, portal, as_of)
    if not crawl.entries:
        raise ImportRefusedError(f"not one row can be taken: {'; '.join(crawl.faults[:3])}")
    return crawl


def field_values(cells: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """Raw values by field, without blank ones; a list stays one where the field may have several values."""
    named = ((columns[column], value) for column, value in cells.items() if column in columns)
    raw = {name: _raw(value, many=name in fields() and fields()[name].many) for name, value in named}
    return {name: value for name, value in raw.items() if value and not is_blank(value)}


def _raw(value: Any, *, many: bool) -> Any:
    if many and isinstance(value, list):
        return [whole(scalar(one)) for one in value]
    return whole(raw_text(value) or "")


def key_of(values: Mapping[str, Any], keyed_by: str) -> tuple[str, tuple[str, str] | None]:
    """The id of a row, and the field and reason for which it has none."""
    if "title" not in values:
        return "", ("title", "empty")
    if keyed_by not in KEYS:
        return f"{title_key(values['title'])}|{title_key(values.get('office', ''))}", None
    name = str(values.get(keyed_by, ""))
    fault = "empty" if not name else "too long" if len(name) > limits().id_chars else ""
    return name, (keyed_by, fault) if fault else None


def _take(  # noqa: PLR0913, PLR0917 -- one row and where it is from
    crawl: OldCrawl, line: int, name: str, values: Mapping[str, Any], portal: Portal, as_of: datetime
) -> None:
    raw = {key: value for key, value in values.items() if key in fields()}
    parts = split(raw)
    clocks = {key: str(value) for key, value in parts[Role.CLOCK].items()}
    measures = {key: str(value) for key, value in parts[Role.MEASURE].items()}
    unreadable = [
        key for key, value in clocks.items() if normalise.date(value, tz=portal.timezone, now=as_of).value is None
    ]
    for key in unreadable:
        crawl.name(line, key, "no date that can be read; the row is taken without it")
    crawl.odd += bool(unreadable)
    content, owner = parts[Role.CONTENT], import_name(portal, as_of)
    version = version_id(owner, name, content)
    crawl.versions.append(Version(version, owner, name, FAMILY, content, page_url=str(values.get("page_url", ""))))
    frequency = content.get("frequency")
    crawl.entries.append(
        Entry(name, list_fingerprint(raw), version, clocks, measures, None if frequency is None else str(frequency))
    )


def portal_of_file(register: Register, rows: Sequence[FileRow], columns: Mapping[str, str]) -> Portal:
    """The portal on whose servers the rows' pages lie; raises ImportRefusedError unless it is one and no other."""
    places = _places(rows, columns)
    if not places:
        raise ImportRefusedError("the file names no page of a portal; name the portal behind the file")
    fitting = [one for one in register.portals.values() if _share(one, places) >= limits().fitting_share]
    if len(fitting) != 1:
        hosts = _listed(host for host, _ in places.most_common(3))
        found = f"of several portals ({_listed(one.slug for one in fitting)})" if fitting else "of no portal we know"
        raise ImportRefusedError(f"its pages lie on {hosts}, {found}; name the portal behind the file")
    return fitting[0]


def refuse_other(portal: Portal, rows: Sequence[FileRow], columns: Mapping[str, str]) -> None:
    """Raise ImportRefusedError for a file whose pages lie mostly on other servers than the portal's."""
    refuse_other_servers(portal, _places(rows, columns))


def refuse_other_servers(portal: Portal, places: Counter[str]) -> None:
    """The same for the servers of its pages, counted (`servers`)."""
    if places and _share(portal, places) < limits().fitting_share:
        hosts = _listed(host for host, _ in places.most_common(3))
        raise ImportRefusedError(
            f"its pages lie on {hosts}, not on {portal.base_url}; if {portal.slug} stood there then, add --moved"
        )


def _places(rows: Sequence[FileRow], columns: Mapping[str, str]) -> Counter[str]:
    """Number of rows by the server of their pages, as scheme and host."""
    column = next((column for column, name in columns.items() if name == "page_url"), None)
    return servers(row.values.get(column) for row in rows) if column is not None else Counter()


def servers(urls: Iterable[Any]) -> Counter[str]:
    """Number of addresses by server, as scheme and host; what is no address is left out."""
    return Counter(filter(None, map(_origin, urls)))


def _origin(url: Any) -> str:
    place = place_of(url) if isinstance(url, str) else None
    return f"{url.partition(':')[0]}://{place[0]}:{place[1]}" if place else ""


def _share(portal: Portal, places: Counter[str]) -> float:
    group = host_group("", portal.base_url)
    return sum(count for origin, count in places.items() if group.holds(origin)) / places.total()
