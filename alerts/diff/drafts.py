"""Events before they are worded out: what a rule says; the subject's title, office and page are added in one go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alerts.diff.state import plain
from alerts.diff.view import RunView
from alerts.events import Confidence, Event, Severity, event_id
from alerts.kinds import kinds
from opendata_spiders.store.models import Version

PORTAL = "portal"
"""Subject of events about the portal or city as a whole."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One event as its rule states it."""

    kind: str
    dataset: str | None = None
    version: str | None = None
    """Version of the dataset from which title, office and page are taken."""
    subject: str = ""
    """What tells two events of one kind and one episode apart; by default the dataset, or the portal."""
    episode: str = ""
    """First run of what the event is about; by default the run that states it."""
    since: datetime | None = None
    confidence: Confidence = Confidence.CONFIRMED
    severity: Severity | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)


def state_events(drafts: Iterable[Draft], view: RunView) -> tuple[Event, ...]:
    """The events themselves, in the order of kinds.csv, then by dataset."""
    order = {name: place for place, name in enumerate(kinds())}
    listed = sorted(drafts, key=lambda draft: (order[draft.kind], draft.dataset or "", draft.subject))
    versions = view.reader.versions({draft.version for draft in listed if draft.version})
    return tuple(_event(draft, view, versions.get(draft.version or "")) for draft in listed)


def _event(draft: Draft, view: RunView, version: Version | None) -> Event:
    kind, run = kinds()[draft.kind], view.run
    subject = draft.subject or draft.dataset or PORTAL
    return Event(
        id=event_id(draft.kind, run.portal, subject, draft.episode or run.id),
        kind=draft.kind,
        portal=run.portal,
        slug=run.slug,
        dataset=draft.dataset,
        run=run.id,
        at=run.at,
        severity=draft.severity or kind.severity,
        confidence=draft.confidence,
        title=label(version, "title"),
        office=label(version, "office"),
        page_url=version.page_url if version else "",
        since=draft.since,
        rule=kind.rule,
        evidence=plain(draft.evidence),
    )


def label(version: Version | None, name: str) -> str:
    """A content field as one line of text, as the portal wrote it; empty if unknown."""
    value = version.content.get(name) if version else None
    if isinstance(value, list | tuple):
        return "、".join(str(one) for one in value)
    return "" if value is None else str(value)
