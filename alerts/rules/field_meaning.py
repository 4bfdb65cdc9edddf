"""Whether two raw values of one field mean the same: both are normalised by today's code before they are compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alerts.comparison.run_view import Lens
from opendata_spiders import normalise
from opendata_spiders.store.fields import fields

_DATE = "date"
"""Under which a file of `resources` keeps the date printed beside it."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after: as the portal wrote it, and as we read it."""

    before: Any
    after: Any
    before_raw: Any
    after_raw: Any


def reading(name: str, raw: Any, lens: Lens) -> Any:
    """The value of one content field as we read it: a vocabulary's word where there is one, else clean text."""
    if name == "frequency":
        promise = lens.promise(_one(raw))
        return promise.word or promise.code if promise.code == "UNKNOWN" else promise.code
    if name == "open_type":
        opened = normalise.open_type(_one(raw), family=lens.family)
        login = ", login required" if opened.login_required else ""
        return normalise.text(raw) if opened.value == "unknown" else opened.value + login
    if name == "formats":
        return sorted(normalise.formats(raw))
    if name == "title":
        return normalise.text(raw)
    return _texts(raw) if fields()[name].many else normalise.text(raw)


def _one(raw: Any) -> Any:
    return raw[0] if isinstance(raw, list | tuple) and len(raw) == 1 else raw


def _texts(raw: Any) -> list[str]:
    """Lists are sets to us: portals return them in any order."""
    many = raw if isinstance(raw, list | tuple) else [raw]
    return sorted({text for one in many if (text := _text(one))})


def _text(raw: Any) -> str | None:
    if isinstance(raw, Mapping):
        return " · ".join(f"{key}: {_text(raw[key])}" for key in sorted(raw) if raw[key] not in (None, ""))
    return normalise.text(raw)


def field_changes(
    before: Mapping[str, Any], after: Mapping[str, Any], names: frozenset[str], lens: Lens
) -> dict[str, FieldChange]:
    """The fields among `names` whose meaning differs between two raw contents."""
    changes: dict[str, FieldChange] = {}
    for name in sorted(names):
        raw = before.get(name), after.get(name)
        if raw[0] == raw[1]:
            continue
        read = reading(name, raw[0], lens), reading(name, raw[1], lens)
        if not _alike(*read):
            changes[name] = FieldChange(read[0], read[1], raw[0], raw[1])
    return changes


def file_dates(files: FieldChange) -> set[str] | None:
    """The dates (raw) that came into a list of files which is otherwise as it was; None if more than dates differ."""
    before, after = (
        _texts(
            [{key: one[key] for key in one if key != _DATE} if isinstance(one, Mapping) else one for one in raw or ()]
        )
        for raw in (files.before_raw, files.after_raw)
    )
    return _dates(files.after_raw) - _dates(files.before_raw) if _alike(before, after) else None


def _dates(raw: Any) -> set[str]:
    return {str(one[_DATE]) for one in raw or () if isinstance(one, Mapping) and one.get(_DATE)}


def _alike(before: Any, after: Any) -> bool:
    """Whether two readings of one field say the same: texts whatever their notation, lists as sets, joined or not."""
    if not isinstance(before, list) and not isinstance(after, list):
        return normalise.sense(before) == normalise.sense(after)
    return any(
        normalise.senses(before, blanks=blanks) == normalise.senses(after, blanks=blanks) for blanks in (False, True)
    )
