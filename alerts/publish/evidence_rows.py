"""An event's evidence as rows of a table: every value it rests on, portal text made inert."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.text.facts import moment
from alerts.text.labels import Both, label, labels
from alerts.text.sanitising import clean, inert
from alerts.text.statements import CHINA, both, kind_name, wordings

_ROWS = 50
"""Datasets of a bulk event listed by name; the others are counted."""
_CHARS = 300
OWN = frozenset({"runs", "rounds", "file_ids", "themes_rule", "of_severity", "of_seq", "when"})
"""Told elsewhere on the page, or of no use to a reader."""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One thing the event rests on."""

    label: Both
    values: tuple[str, ...]
    hidden: int = 0
    """How many further values are not listed."""
    event: str = ""
    """Id of another event, where that is what the row names."""


def rows(evidence: Mapping[str, Any]) -> tuple[EvidenceRow, ...]:
    """The evidence in the order it was stated, what is empty left out."""
    found = [_row(name, value) for name, value in evidence.items() if name not in OWN]
    return tuple(row for row in found if row.values)


def _row(name: str, value: Any) -> EvidenceRow:
    if name == "retracted":
        return EvidenceRow(label(f"evidence.{name}"), (str(value),), event=str(value))
    items = list(value) if isinstance(value, list | tuple) else [value]
    shown = tuple(text for text in map(lambda one: _text(name, one), items[:_ROWS]) if text)  # noqa: C417
    return EvidenceRow(label(f"evidence.{name}"), shown, max(len(items) - _ROWS, 0))


_LABELLED: Mapping[str, tuple[str, ...]] = {
    "look": ("look_result",),
    "kind": ("sign",),
    "before": ("standing", "state"),
    "status_before": ("standing",),
    "was": ("state", "standing"),
    "state": ("state",),
    "verdict": ("verdict",),
}
"""Evidence whose values are codes of ours: the groups of labels that word them."""
_VOCABULARIES: Mapping[str, tuple[str, ...]] = {
    "why": ("failure",),
    "frequency": ("frequency",),
    "iso": ("frequency",),
    "before": ("open_type",),
    "after": ("open_type",),
    "fields": ("field",),
    "theme": ("theme",),
    "themes": ("theme",),
    "key": ("key_data",),
}
"""The same, worded by the vocabularies of digests."""


def _text(name: str, value: Any) -> str:
    if name == "of":
        return str(kind_name(str(value)))
    if isinstance(value, str) and (known := _worded(name, value)):
        return known
    if isinstance(value, Mapping):
        return _joined(f"{_key(str(key))}: {_text(str(key), one)}" for key, one in value.items() if one)
    if isinstance(value, list | tuple):
        return _joined(_text(name, one) for one in value)
    return _scalar(value)


def _worded(name: str, value: str) -> str:
    """Our words for a code of ours, in both languages; nothing for what is none."""
    keys = (f"{group}.{value}" for group in _LABELLED.get(name, ()))
    found = next((labels()[key] for key in keys if key in labels()), None)
    if found is None:
        groups = (group for group in _VOCABULARIES.get(name, ()) if value in wordings()[0].text("vocabulary")[group])
        group = next(groups, "")
        found = both(lambda texts: texts.plain_known(group, value)) if group else None
    return str(found) if found else ""


def _key(name: str) -> str:
    return inert(clean(str(label(f"evidence.{name}")), _CHARS))


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(part for part in parts if part)


def _scalar(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是 / yes" if value else "否 / no"
    if isinstance(value, float):
        return f"{value:.3g}"
    found = moment(value)
    return when(found) if found else inert(clean(str(value), _CHARS))


def when(value: datetime | None) -> str:
    """A moment in China's time, to the minute; the same in both languages."""
    return f"{value.astimezone(CHINA):%Y-%m-%d %H:%M}" if value else ""
