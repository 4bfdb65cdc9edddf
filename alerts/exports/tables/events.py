"""The table of events: each with its evidence and as a sentence in both languages."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from alerts.exports.source import Row, Rows, Source
from alerts.exports.tables.datasets import web_url
from alerts.model.events import Event, items
from alerts.model.sections import concerns
from alerts.publish.evidence.page import CONTACTS
from alerts.records.isolation import failed, succeeded
from alerts.records.queries import Withdrawals, events_where, rounds_of
from alerts.text.facts import moment
from alerts.text.labels import kind_name
from alerts.text.links import event_path, has_page, page_url
from alerts.text.statements import place_name, statement_of
from alerts.text.wording import LANGUAGES

_AS_STORED = (
    *("id", "at", "kind", "severity", "confidence", "portal", "slug", "owner", "dataset", "title", "office", "since"),
    "rule",
)


def rows(source: Source, *, since: datetime | None = None, until: datetime | None = None) -> Rows:
    """Every event for readers, quiet ones included, in the order of writing; `since` and `until` limit their times."""
    found = events_where(source.store, since=since, until=until)
    return rows_of(source, (event for event in found if concerns("reader", event.kind)))


def rows_of(source: Source, events: Iterable[Event]) -> Rows:
    """The rows of these events; one that cannot be worded is left out and recorded as failed."""
    withdrawals = Withdrawals(source.store)
    for event in events:
        try:
            yield _row(source, event, withdrawals.at(event.id))
        except Exception as error:  # noqa: BLE001 -- logged, recorded and stated to operators
            failed("row of event", event.id, error)
    succeeded("table", "events")


def _row(source: Source, event: Event, retracted_at: datetime | None) -> Row:
    words, kind, place = (
        statement_of(event, source.places),
        kind_name(event.kind),
        place_name(event.slug, source.places),
    )
    return {
        **{name: getattr(event, name) for name in _AS_STORED},
        "kind_zh": kind.zh,
        "kind_en": kind.en,
        "place_zh": place.zh,
        "place_en": place.en,
        "page_url": web_url(event.page_url),
        **{f"event_page_{language}": _page(source, event, language) for language in LANGUAGES},
        "zh": words.what.zh,
        "en": words.what.en,
        "last_seen": moment(event.evidence.get("last_seen")),
        "absent": [one["at"] for one in _mappings(event.evidence.get("absent")) if one.get("at")],
        "version": _mapping(event.evidence.get("entry")).get("version"),
        "runs": _runs(event),
        "rounds": list(rounds_of(event)),
        "retracted": event.retracted or None,
        "retracted_at": retracted_at,
        "recorded_by": event.imported.recorded_by if event.imported else None,
        "evidence": _without_contacts(event.evidence),
    }


def _without_contacts(evidence: Mapping[str, Any]) -> Mapping[str, Any]:
    """The evidence without telephone numbers and mail addresses that changed."""
    changed = _mapping(evidence.get("fields"))
    if CONTACTS.isdisjoint(changed):
        return evidence
    return {**evidence, "fields": {name: one for name, one in changed.items() if name not in CONTACTS}}


def _page(source: Source, event: Event, language: str) -> str | None:
    if not source.site_url or not has_page(event):
        return None
    return page_url(source.site_url, language, event_path(event.id))


def _runs(event: Event) -> list[str]:
    """The readings that the event rests on; none for one that rests on looks at files."""
    if rounds_of(event):
        return []
    absent = (one.get("run") for one in _mappings(event.evidence.get("absent")))
    named = [*items(event.evidence.get("runs")), *absent, event.run]
    return list(dict.fromkeys(str(run) for run in named if run))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [one for one in items(value) if isinstance(one, Mapping)]
