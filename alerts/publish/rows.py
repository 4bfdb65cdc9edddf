"""The evidence of an event as rows of tables, for its page on the site and for the printed evidence page.

Values of the evidence are made inert here; ids, file names and addresses are raw, and the templates decide how much of
them is shown.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.model.events import Event, items
from alerts.records.terms import TERMS_CHANGED
from alerts.text.facts import moment
from alerts.text.labels import Both, kind_name, label, labels
from alerts.text.sanitising import clean, inert
from alerts.text.statements import both, wordings
from alerts.text.templates import when
from alerts.text.wording import LANGUAGES
from opendata_spiders.store.file_checks import FileCheck, FileRound
from opendata_spiders.store.models import Run
from opendata_spiders.store.store import Store

_ROWS = 50
"""Most datasets of a bulk event listed by name; the others are counted."""
_CHARS = 300
OWN = frozenset({"runs", "rounds", "file_ids", "themes_rule", "of_severity", "of_seq", "when"})
"""Keys of evidence that are shown elsewhere on the page, or of no use to a reader."""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One key of an event's evidence."""

    label: Both
    values: tuple[Both, ...]
    hidden: int = 0
    """Number of further values that are not listed."""
    event: str = ""
    """Id of another event, if the row refers to one."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run that an event names; only its id if the database no longer holds it."""

    id: str
    at: datetime | None = None
    verdict: Both | None = None
    declared: int | None = None
    seen: int | None = None
    reason: str = ""
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class FileCheckRow:
    """One check of one file."""

    at: datetime
    dataset: str
    file: str
    name: str
    """The file's name on the portal's page; its id if it has none."""
    said: Both
    """Outcome, reason and HTTP status."""
    content: Both
    """Size in bytes, rows and hash, as far as known."""
    columns: str
    url: str


def run_row(run: Run) -> RunRow:
    """A run as a row."""
    verdict = label(f"verdict.{run.verdict.value}")
    return RunRow(run.id, run.at, verdict, run.declared, run.seen, reason_told(run), run.base_url)


def reason_told(run: Run) -> str:
    """The reason of a run's verdict; of an imported run with whose snapshot it is."""
    return f"{run.reason} (recorded by {run.imported.recorded_by}, {run.imported.file})" if run.imported else run.reason


def file_check_rows(rounds: Iterable[FileRound], dataset: str | None) -> list[FileCheckRow]:
    """The checks of the files of a dataset, or of all (None) for an event about the host."""
    return [_look(looked, check) for looked in rounds for check in looked.checks if dataset in (None, check.dataset)]


def _look(looked: FileRound, check: FileCheck) -> FileCheckRow:
    numbers = {"bytes": check.size, "rows": check.rows, "hash": check.content_hash or None}
    words = (label(f"outcome.{check.outcome.value}"), Both.same(check.why), Both.same(str(check.status or "")))
    return FileCheckRow(
        at=looked.at,
        dataset=check.dataset,
        file=check.file,
        name=check.name or check.file,
        said=Both.joined(words, " "),
        content=Both.joined(
            (
                Both.joined((label(f"look.{name}"), Both.same(str(value))), " ")
                for name, value in numbers.items()
                if value is not None
            ),
            ", ",
        ),
        columns=" | ".join(check.columns),
        url=check.url,
    )


def runs_named(event: Event) -> list[str]:
    """Ids of the runs that an event names, in the order of its evidence, with its own last unless it is among them.

    One about terms of use rests on no run.
    """
    named = [str(run) for run in items(event.evidence.get("runs")) if run]
    own = () if event.kind == TERMS_CHANGED else (event.run,)
    return list(dict.fromkeys([*named, *_absent_from(event), *own]))


def before_absence(store: Store, event: Event, find: Callable[[str], Run | None]) -> Run | None:
    """The last complete run before the first one that did not list what is gone; None if nothing is gone."""
    first = next(filter(None, map(find, _absent_from(event))), None)
    return store.trusted_run_before(first) if first else None


def _absent_from(event: Event) -> list[str]:
    rows = items(event.evidence.get("absent"))
    return [str(one["run"]) for one in rows if isinstance(one, Mapping) and "run" in one]


def rows(evidence: Mapping[str, Any]) -> tuple[EvidenceRow, ...]:
    """The rows of the evidence in its own order, without empty ones."""
    found = [_row(name, value) for name, value in evidence.items() if name not in OWN]
    return tuple(row for row in found if row.values)


def _row(name: str, value: Any) -> EvidenceRow:
    if name == "retracted":
        return EvidenceRow(label(f"evidence.{name}"), (Both.same(str(value)),), event=str(value))
    items = list(value) if isinstance(value, list | tuple) else [value]
    shown = (_text(name, one) for one in items[:_ROWS])
    return EvidenceRow(
        label(f"evidence.{name}"), tuple(one for one in shown if one.zh), hidden=max(len(items) - _ROWS, 0)
    )


_LABELLED: Mapping[str, tuple[str, ...]] = {
    "look": ("look_result",),
    "kind": ("sign",),
    "before": ("standing", "state"),
    "status_before": ("standing",),
    "was": ("state", "standing"),
    "state": ("state",),
    "verdict": ("verdict",),
}
"""Keys of evidence with coded values, and the groups of labels that translate them."""
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
"""Keys of evidence with coded values, and the vocabularies of digests that translate them."""


def _text(name: str, value: Any) -> Both:
    if name == "of":
        return kind_name(str(value))
    if isinstance(value, str) and (known := _worded(name, value)):
        return known
    if isinstance(value, Mapping):
        return Both.joined((_named(str(key), one) for key, one in value.items() if one), "; ")
    if isinstance(value, list | tuple):
        return Both.joined((_text(name, one) for one in value), "; ")
    return _scalar(value)


def _named(key: str, value: Any) -> Both:
    """One value with its label; a key without a label may be portal text."""
    named, told = label(f"evidence.{key}"), _text(key, value)
    return Both(*(f"{inert(clean(named.of(language), _CHARS))}: {told.of(language)}" for language in LANGUAGES))


def _worded(name: str, value: str) -> Both | None:
    """The label of a code; None for any other value."""
    keys = (f"{group}.{value}" for group in _LABELLED.get(name, ()))
    found = next((labels()[key] for key in keys if key in labels()), None)
    if found is None:
        groups = (group for group in _VOCABULARIES.get(name, ()) if value in wordings()[0].text("vocabulary")[group])
        group = next(groups, "")
        found = both(lambda texts: texts.plain_known(group, value)) if group else None
    return found


def _scalar(value: Any) -> Both:
    if value is None or value == "":
        return Both.same("")
    if isinstance(value, bool):
        return label(f"yes_no.{'yes' if value else 'no'}")
    if isinstance(value, float):
        return Both.same(f"{value:.3g}")
    found = moment(value)
    return Both.same(when(found) if found else inert(clean(str(value), _CHARS)))
