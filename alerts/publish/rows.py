"""What an event rests on, as rows of tables: the same for its page on the site and for the printed evidence.

Values of the evidence are made inert here; ids, file names and addresses are as the portal wrote them, and the
templates decide how much of them a medium may show.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.model.events import Event
from alerts.text.facts import moment
from alerts.text.labels import Both, label, labels
from alerts.text.sanitising import clean, inert
from alerts.text.statements import CHINA, both, kind_name, wordings
from opendata_spiders.store.file_checks import FileCheck, FileRound
from opendata_spiders.store.models import Run
from opendata_spiders.store.store import Store

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


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One run that an event names; of one that the database no longer has only its id."""

    id: str
    at: datetime | None = None
    verdict: str = ""
    declared: int | None = None
    seen: int | None = None
    reason: str = ""
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class LookRow:
    """One look at one file."""

    at: datetime
    dataset: str
    file: str
    name: str
    """As the portal's page calls it; the file's id where it has no name."""
    said: str
    """Outcome, reason and HTTP status."""
    content: str
    """Bytes, rows and hash, as far as known."""
    columns: str
    url: str


def reading_row(run: Run) -> ReadingRow:
    """A run as a row."""
    verdict = str(label(f"verdict.{run.verdict.value}"))
    return ReadingRow(run.id, run.at, verdict, run.declared, run.seen, run.reason, run.base_url)


def look_rows(rounds: Iterable[FileRound], dataset: str | None) -> list[LookRow]:
    """The looks at the files of a dataset, or all of them (None) where the event is the host's."""
    return [_look(looked, check) for looked in rounds for check in looked.checks if dataset in (None, check.dataset)]


def _look(looked: FileRound, check: FileCheck) -> LookRow:
    numbers = {"bytes": check.size, "rows": check.rows, "hash": check.content_hash or None}
    words = (str(label(f"outcome.{check.outcome.value}")), check.why, str(check.status or ""))
    return LookRow(
        at=looked.at,
        dataset=check.dataset,
        file=check.file,
        name=check.name or check.file,
        said=" ".join(filter(None, words)),
        content=", ".join(f"{label(f'look.{name}')} {value}" for name, value in numbers.items() if value is not None),
        columns=" | ".join(check.columns),
        url=check.url,
    )


def runs_named(event: Event) -> list[str]:
    """Ids of the runs an event names, in the order of its evidence, its own last if it is not among them."""
    named = [str(run) for run in items(event.evidence.get("runs")) if run]
    return list(dict.fromkeys([*named, *_absent_from(event), event.run]))


def before_absence(store: Store, event: Event, find: Callable[[str], Run | None]) -> Run | None:
    """The last trusted run before the first of those that did not list what is gone; None where nothing is gone."""
    first = next(filter(None, map(find, _absent_from(event))), None)
    trusted = store.trusted_before(first) if first else None
    return trusted.run if trusted else None


def _absent_from(event: Event) -> list[str]:
    rows = items(event.evidence.get("absent"))
    return [str(one["run"]) for one in rows if isinstance(one, Mapping) and "run" in one]


def items(value: object) -> Sequence[Any]:
    """A list of the evidence, empty where there is none."""
    return value if isinstance(value, list | tuple) else ()


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
