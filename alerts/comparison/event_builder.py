"""Drafts of events as the rules return them, and events from drafts: with id, title, office and page of the dataset."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from alerts.comparison.reused_ids import native
from alerts.comparison.run_view import ManifestReader
from alerts.model.events import Confidence, Event, Severity, event_id
from alerts.model.kinds import kinds
from opendata_spiders.store.content import storable
from opendata_spiders.store.models import Version


class Observation(Protocol):
    """What events are stated from: a run over a portal's list, or a round of file checks."""

    @property
    def id(self) -> str: ...
    @property
    def portal(self) -> str: ...
    @property
    def slug(self) -> str: ...
    @property
    def at(self) -> datetime: ...


class Stating(Protocol):
    """An observation with access to the versions from which title, office and page of a dataset are taken."""

    @property
    def run(self) -> Observation: ...
    @property
    def reader(self) -> ManifestReader: ...
    @property
    def slug(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def part(self) -> str: ...


PORTAL = "portal"
"""Subject of events about the portal or city as a whole."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One event as a rule returns it."""

    kind: str
    dataset: str | None = None
    version: str | None = None
    """Version of the dataset from which title, office and page are taken."""
    subject: str = ""
    """What distinguishes events of one kind and episode; by default the dataset, or the portal."""
    episode: str = ""
    """Id of the first run or round of the episode; by default the one in which it is stated."""
    since: datetime | None = None
    confidence: Confidence = Confidence.CONFIRMED
    severity: Severity | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)


def state_events(drafts: Iterable[Draft], view: Stating) -> tuple[Event, ...]:
    """The events from the drafts, in the order of kinds.csv, then by dataset."""
    order = {name: place for place, name in enumerate(kinds())}
    listed = sorted(drafts, key=lambda draft: (order[draft.kind], draft.dataset or "", draft.subject))
    versions = view.reader.versions({draft.version for draft in listed if draft.version})
    return tuple(_event(draft, view, versions.get(draft.version or "")) for draft in listed)


def _event(draft: Draft, view: Stating, version: Version | None) -> Event:
    kind, run = kinds()[draft.kind], view.run
    subject = draft.subject or draft.dataset or PORTAL
    return Event(
        id=event_id(draft.kind, view.part, subject, draft.episode or run.id),
        kind=draft.kind,
        portal=run.portal,
        slug=view.slug,
        dataset=None if draft.dataset is None else native(draft.dataset),
        run=run.id,
        at=run.at,
        severity=draft.severity or kind.severity,
        confidence=draft.confidence,
        title=label(version, "title"),
        office=label(version, "office"),
        page_url=version.page_url if version else "",
        since=draft.since,
        rule=kind.rule,
        evidence=storable(draft.evidence),
        owner=view.owner,
    )


def label(version: Version | None, name: str) -> str:
    """A raw content field as one line of text; empty if unknown."""
    value = version.content.get(name) if version else None
    if isinstance(value, list | tuple):
        return "、".join(str(one) for one in value)
    return "" if value is None else str(value)


def named_in(version: Version | None) -> dict[str, str]:
    """Title and office of a version, as evidence."""
    return {name: label(version, name) for name in ("title", "office")}
