"""What was told of one dataset, event by event, with the values of its fields before and after."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from alerts.model.events import Event
from alerts.site.sources import Sources
from alerts.text.facts import moment
from alerts.text.labels import Both, kind_name
from alerts.text.links import event_path, has_page
from alerts.text.sanitising import clean, inert
from alerts.text.statements import statement_of
from alerts.text.templates import when
from opendata_spiders.store.fields import fields

_CHARS = 300
_FIELD_OF: Mapping[str, str] = {
    "dataset.renamed": "title",
    "dataset.promise_weakened": "frequency",
    "dataset.open_type_changed": "open_type",
    "dataset.format_degraded": "formats",
    "dataset.shrunk": "rows",
    "dataset.grew": "rows",
}
"""Kinds of events about one field, whose evidence has `before` and `after`."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field before and after, inert."""

    field: Both
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One event in the log."""

    event: Event
    kind: Both
    what: Both
    path: str
    """Path of its page; empty for an event that has none."""
    differences: tuple[Difference, ...]


def entry(event: Event, sources: Sources) -> LogEntry:
    """The entry of one event."""
    path = event_path(event.id) if has_page(event) and event.id not in sources.without else ""
    what = statement_of(event, sources.places).what
    return LogEntry(event, kind_name(event.kind), what, path, tuple(differences(event)))


def differences(event: Event) -> Iterator[Difference]:
    """The fields that the event says have changed."""
    evidence = event.evidence
    if event.kind == "dataset.changed":
        changed = evidence.get("fields")
        for name, one in changed.items() if isinstance(changed, Mapping) else ():
            if isinstance(one, Mapping):
                yield difference(name, one.get("before_raw"), one.get("after_raw"))
    elif event.kind == "dataset.updated":
        if evidence.get("claimed_before") or evidence.get("claimed_after"):
            yield difference("updated", evidence.get("claimed_before"), evidence.get("claimed_after"))
        measures = evidence.get("measures")
        for name, pair in measures.items() if isinstance(measures, Mapping) else ():
            if isinstance(pair, list | tuple) and len(pair) == 2:
                yield difference(name, *pair)
    elif event.kind in _FIELD_OF:
        change, after = evidence.get("before"), evidence.get("after")
        pair = (change.get("before_raw"), change.get("after_raw")) if isinstance(change, Mapping) else (change, after)
        yield difference(_FIELD_OF[event.kind], *pair)


def difference(name: str, before: Any, after: Any) -> Difference:
    """The values of a field (fields.csv) before and after, as the portal wrote them."""
    known = fields().get(name)
    label = Both(known.zh, known.en) if known else Both.same(inert(clean(name, _CHARS)))
    return Difference(label, shown(before), shown(after))


def shown(value: Any) -> str:
    """A raw value in one inert line; a dash for an empty one."""
    return inert(clean(_flat(value), _CHARS)) or "–"


def _flat(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, Mapping):
        return " · ".join(filter(None, map(_flat, value.values())))
    if isinstance(value, list | tuple):
        return "、".join(filter(None, map(_flat, value)))
    found = moment(value)
    return when(found) if found and not isinstance(value, str) else str(value)
