"""Which value of an entry is which field of a dataset: by the word of its key, and only where its values agree."""

import re
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Any, Final

from opendata_spiders import normalise
from opendata_spiders.normalise.field_words import KEYS, field_of_path
from opendata_spiders.normalise.texts import is_blank, text
from opendata_spiders.pages import bodies
from opendata_spiders.rendered.answers import Path, jmespath_of
from opendata_spiders.rendered.policy import rendered_policy
from opendata_spiders.store.fields import fields

_CHINESE = re.compile("[\u3400-\u9fff]")
_WORDY = re.compile(r"[^\W\d_]{2}")
_IDENTIFIER = re.compile(r"[\w./?=&#:%+-]{6,200}", re.ASCII)
_CODE = re.compile(r"[A-Za-z]?\d{1,3}|[A-Z_]{3,24}")
_LOOKS: Final[Mapping[str, re.Pattern[str]]] = {
    "page_url": re.compile(r"^(?:\.?/|https?:|#)"),
    "contact_phone": re.compile(r"\d{3,}.*\d{3,}|\d{7,}"),
    "contact_email": re.compile("@"),
    "office": re.compile("[局委办厅署院心司团会队站所处部行府区县市省镇道馆社校学台厂园室联](?:[（(].*[)）])?$"),
}
"""What values of some fields look like; Chinese offices and enterprises are told by how their names end."""

KINDS: Final[Mapping[str, str]] = {
    "published": "date",
    "updated": "date",
    "data_updated": "date",
    "office": "office",
    "description": "description",
    "frequency": "frequency",
    "open_type": "open type",
    "formats": "formats",
    "theme": "theme",
    "rows": "size",
    "files": "size",
    "apis": "size",
    "views": "use",
    "downloads": "use",
    "calls": "use",
}
"""Kind of evidence that a confirmed field is: three dates prove no more than one."""
OF_CATALOGUES: Final = frozenset({"frequency", "open type", "formats", "theme", "size"})
"""Kinds that news, menus and lists of offices do not have."""


@dataclass(frozen=True, slots=True)
class EntryColumn:
    """The values at one path of the entries, None where an entry has none."""

    path: Path
    values: tuple[Any, ...]

    @property
    def filled(self) -> tuple[Any, ...]:
        return tuple(one for one in self.values if not is_blank(one) and one not in ([], {}))


@dataclass(frozen=True, slots=True)
class EntryColumns:
    """What was found in some entries; '' and empty where nothing was."""

    id: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Path within an entry (JMESPath) to its field; one path a field."""
    by: Mapping[str, str] = field(default_factory=dict)
    """Field (and `id`) to what it was recognised by, in words."""
    confirmed: tuple[str, ...] = ()
    """Fields that values confirm; the others are known by their word and hold codes."""
    missing: str = ""
    """Why these are no entries of a catalogue; '' if they are."""

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds of evidence beside id and title."""
        return frozenset(KINDS[name] for name in self.confirmed if name in KINDS)


def columns_of(
    entries: Sequence[Mapping[str, Any]],
    *,
    now: datetime,
    tz: tzinfo,
    shown: str = "",
    known: Mapping[str, str] = MappingProxyType({}),
) -> EntryColumns:
    """Read the keys of some entries.

    `shown` is the text of the page, which decides between two possible titles; `known` says at which path a field lay
    when the list was read before: if its values still agree it lies there.
    """
    table = list(_table(entries[: rendered_policy().most_entries]))
    candidates: dict[str, list[tuple[tuple[int, ...], EntryColumn, bool]]] = {}
    for column in table:
        if not (word := field_of_path([str(step) for step in column.path])):
            continue
        name = word.field
        if name == "open_condition" and _confirms("open_type", column, now, tz):
            name = "open_type"  # both are called the same; free text is no open type
        proven = _confirms(name, column, now, tz)
        if proven or (word.rank[0] == 0 and _codes(name, column)):
            rank = (known.get(name) != jmespath_of(column.path), not proven, *word.rank, len(column.path))
            candidates.setdefault(name, []).append((rank, column, proven))
    if "title" in candidates and shown and "title" not in known:
        candidates["title"] = _shown(candidates["title"], shown)
    picked = {name: one for name, found in candidates.items() if (one := _best(found))}
    return _read(table, picked)


def _read(table: Sequence[EntryColumn], picked: Mapping[str, tuple[EntryColumn, bool]]) -> EntryColumns:
    keys, by, confirmed = {}, {}, []
    for name, (column, proven) in picked.items():
        said = jmespath_of(column.path)
        by[name] = f"{said}: its word" + (
            f" and {len(column.filled)} of {len(column.values)} values" if proven else ", codes"
        )
        if name not in KEYS:
            keys[said] = name
            confirmed += [name] if proven else []
    if "id" in picked:
        id_ = jmespath_of(picked["id"][0].path)
    elif found := _by_values_alone(table, keys):
        id_ = jmespath_of(found.path)
        by["id"] = f"{id_}: the only column of different names in every entry"
    else:
        id_ = ""
    read = EntryColumns(id_, dict(sorted(keys.items())), by, tuple(sorted(confirmed)))
    return EntryColumns(read.id, read.keys, read.by, read.confirmed, _missing(read))


def _missing(read: EntryColumns) -> str:
    if "title" not in read.confirmed:
        return "no key of its entries is a title by its word and its values"
    if not read.id:
        return "no key of its entries is an id: filled everywhere, and never the same"
    if len(read.kinds) < rendered_policy().other_kinds:
        return f"beside id and title its values confirm only {_listed(read.kinds)}"
    if not read.kinds & OF_CATALOGUES:
        return f"it says nothing that only catalogues say ({_listed(OF_CATALOGUES)})"
    return ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _table(entries: Sequence[Mapping[str, Any]]) -> Iterable[EntryColumn]:
    """Every path of the entries, with the value of each entry there."""
    found: dict[Path, list[Any]] = {}
    for place, entry in enumerate(entries):
        for path, value in _leaves(entry):
            row = found.setdefault(path, [None] * len(entries))
            row[place] = value
    return (EntryColumn(path, tuple(values)) for path, values in sorted(found.items(), key=lambda one: str(one[0])))


def _leaves(entry: Mapping[str, Any], at: tuple[str, ...] = ()) -> Iterable[tuple[Path, Any]]:
    for key, value in entry.items():
        path = (*at, key)
        if isinstance(value, Mapping) and len(path) < 4:
            yield from _leaves(value, path)
        elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            inner: dict[str, list[Any]] = {}
            for one in value:
                for name, part in one.items():
                    if isinstance(part, str | int | float):
                        inner.setdefault(name, []).append(part)
            yield from (((*at, f"{key}[]", name), parts) for name, parts in inner.items())
        else:
            yield path, value


def _best(found: list[tuple[tuple[int, ...], EntryColumn, bool]]) -> tuple[EntryColumn, bool] | None:
    """The column whose word fits best; None where two fit alike and say different things."""
    ranked = sorted(found, key=lambda one: (one[0], str(one[1].path)))
    rank, column, proven = ranked[0]
    rivals = (other for other_rank, other, _ in ranked[1:] if other_rank == rank)
    return None if any(other.values != column.values for other in rivals) else (column, proven)


def _shown(
    found: list[tuple[tuple[int, ...], EntryColumn, bool]], shown: str
) -> list[tuple[tuple[int, ...], EntryColumn, bool]]:
    """The columns of which the page shows most values, if it shows some of any."""
    counted = [sum((text(one) or "\0") in shown for one in column.filled) for _, column, _ in found]
    most = max(counted)
    return [one for one, count in zip(found, counted, strict=True) if count == most] if most else found


def _by_values_alone(table: Sequence[EntryColumn], keys: Mapping[str, str]) -> EntryColumn | None:
    found = [
        one
        for one in table
        if jmespath_of(one.path) not in keys
        and not field_of_path([str(step) for step in one.path])
        and _is_id(one)
        and all(isinstance(value, str) and _IDENTIFIER.fullmatch(value) for value in one.values)
    ]
    return found[0] if len(found) == 1 else None


def _is_id(column: EntryColumn) -> bool:
    names = [bodies.native_id(one) for one in column.values]
    return all(names) and len(set(names)) == len(names) and not any(map(_CHINESE.search, names))


def _confirms(name: str, column: EntryColumn, now: datetime, tz: tzinfo) -> bool:
    """Whether the values of a column read as the field."""
    rules, filled = rendered_policy(), column.filled
    many = name in fields() and fields()[name].many
    if not many and any(isinstance(one, list | dict) for one in filled):
        return False
    if name == "id":
        return _is_id(column)
    if len(filled) < max(1, rules.filled_share * len(column.values)):
        return False
    fitting = sum(_reads_as(name, one, now, tz) for one in filled)
    if fitting < rules.confirm_share * len(filled):
        return False
    return name != "title" or _are_titles(column)


def _are_titles(column: EntryColumn) -> bool:
    rules, filled = rendered_policy(), [str(one) for one in column.filled]
    distinct = len(set(filled)) >= rules.distinct_share * len(filled)
    everywhere = len(filled) >= rules.confirm_share * len(column.values)
    return distinct and everywhere and statistics.median(map(len, filled)) < rules.title_chars


def _reads_as(name: str, value: Any, now: datetime, tz: tzinfo) -> bool:
    if name in _LOOKS:
        return isinstance(value, str | int) and bool(_LOOKS[name].search(str(value).strip()))
    reading = fields()[name].reading
    if reading == "date":
        return normalise.date(value, tz=tz, now=now).finding is None
    if reading in _VOCABULARIES:
        return _VOCABULARIES[reading](value)
    said = text(value) or ""
    return bool(_CHINESE.search(said) or (reading != "words" and _WORDY.search(said)))


def _is_frequency(value: Any) -> bool:
    promise = normalise.frequency(value)
    return promise.code != "UNKNOWN" and promise.finding is None


def _is_theme(value: Any) -> bool:
    read = normalise.themes(value, title="", office="")
    return read.rule is not None and read.finding is None


_VOCABULARIES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "number": lambda value: normalise.number(value) is not None,
    "frequency": _is_frequency,
    "open_type": lambda value: normalise.open_type(value).value != "unknown",
    "formats": lambda value: normalise.format_reading(value).finding is None and bool(normalise.formats(value)),
    "theme": _is_theme,
}
"""By the reading of a field (store/fields.csv): whether a value is a word of it."""


def _codes(name: str, column: EntryColumn) -> bool:
    """Whether a column of a field of few words holds codes, whose meaning nobody has written down."""
    coded = name in fields() and fields()[name].reading in {"frequency", "open_type"}
    filled = [str(one) for one in column.filled]
    return coded and bool(filled) and all(map(_CODE.fullmatch, filled))
