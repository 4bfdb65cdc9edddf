"""The permanent page of one event."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field

from alerts.model.events import Event
from alerts.model.kinds import kinds
from alerts.model.places import PortalName
from alerts.publish.rows import (
    EvidenceRow,
    FileCheckRow,
    RunRow,
    before_absence,
    file_check_rows,
    rows,
    run_row,
    runs_named,
)
from alerts.records.queries import rounds_of
from alerts.site.pages.method import defined
from alerts.site.tree import Trees
from alerts.text.labels import Both
from alerts.text.links import city_path, dataset_path, event_path
from alerts.text.sanitising import inert_url
from alerts.text.statements import Statement, place_name, statement_of
from opendata_spiders.store.file_checks import by_ids
from opendata_spiders.store.models import Run
from opendata_spiders.store.store import Store

_LOOKS = 60
"""Most file checks that a page lists."""


@dataclass(frozen=True, slots=True)
class EventPage:
    """One event with all that its page shows."""

    event: Event
    told: Statement
    place: Both
    evidence: tuple[EvidenceRow, ...]
    readings: tuple[RunRow, ...]
    looks: tuple[FileCheckRow, ...]
    link: str
    """URL of the dataset's page; empty unless it is on the portal's own host."""
    home: str
    """URL of the portal's first page."""
    criterion: Both
    city: str
    """Path of the page of its city; empty without one."""
    dataset: str
    """Path of the page of its dataset, which is made after it in the same build; empty without one."""


@dataclass
class EventPages:
    """Makes event pages; caches the runs that many of them share."""

    store: Store
    places: Mapping[str, PortalName]
    cities: Container[str]
    """Slugs of the cities that have a page."""
    _runs: dict[str, Run | None] = field(default_factory=dict)

    def page(self, event: Event) -> EventPage:
        """The page of one event."""
        place, kind, rounds = self.places.get(event.slug), kinds().get(event.kind), rounds_of(event)
        city = city_path(event.slug) if event.slug in self.cities else ""
        return EventPage(
            event=event,
            told=statement_of(event, self.places),
            place=place_name(event.slug, self.places),
            evidence=rows(event.evidence),
            readings=() if rounds else tuple(self._run_rows(event)),
            looks=tuple(file_check_rows(by_ids(self.store.db, rounds), event.dataset)[:_LOOKS]) if rounds else (),
            link=inert_url(event.page_url, place.host if place else ""),
            home=inert_url(place.home, place.host) if place else "",
            criterion=defined(event.kind, kind.criterion if kind else ""),
            city=city,
            dataset=dataset_path(event.slug, event.portal, event.dataset) if city and event.dataset else "",
        )

    def _run_rows(self, event: Event) -> Iterator[RunRow]:
        """The runs that the event names, and before them the last complete one that listed what is gone."""
        names = runs_named(event)
        before = before_absence(self.store, event, self._run)
        if before and before.id not in names:
            yield run_row(before)
        for name in names:
            run = self._run(name)
            yield run_row(run) if run else RunRow(name)

    def _run(self, name: str) -> Run | None:
        if name not in self._runs:
            self._runs[name] = self.store.run(name)
        return self._runs[name]


def put_event(trees: Trees, page: EventPage) -> None:
    """Put the page into both trees."""
    trees.put(event_path(page.event.id), "event.html.j2", title=page.told.title, page=page)
