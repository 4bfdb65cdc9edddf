"""Whether two raw values of one field mean the same: both are normalised by the current code before comparison."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from typing import Any

from alerts.comparison.run_view import Lens
from opendata_spiders import normalise
from opendata_spiders.store.fields import fields

_DATE = "date"
"""Key of the date that is printed beside a file of `resources`."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, raw and normalised."""

    before: Any
    after: Any
    before_raw: Any
    after_raw: Any

    def as_evidence(self) -> dict[str, Any]:
        """Its values by name."""
        return {one.name: getattr(self, one.name) for one in dataclass_fields(self)}


def reading(name: str, raw: Any, lens: Lens) -> Any:
    """The normalised value of one content field: a word of its vocabulary if it has one, else clean text."""
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
    """Lists are compared as sets, because portals return them in any order."""
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
    """The new dates (raw) in a list of files that is otherwise unchanged; None if more than dates differ."""
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
    """Whether two normalised values mean the same: texts in any notation, lists as sets, joined to one text or not."""
    if not isinstance(before, list) and not isinstance(after, list):
        return normalise.sense(before) == normalise.sense(after)
    return any(
        normalise.senses(before, blanks=blanks) == normalise.senses(after, blanks=blanks) for blanks in (False, True)
    )
