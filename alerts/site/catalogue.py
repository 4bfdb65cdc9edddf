"""The datasets of one place as the site lists them: those its portal lists, and those that are gone from it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from functools import cached_property
from typing import Any

from alerts.model.events import Event, owner_of, portal_of
from alerts.model.states import DatasetState, DatasetStatus
from alerts.records.isolation import apart
from alerts.records.parts import owners_told
from alerts.records.published import of_datasets
from alerts.records.queries import CityView, missing_datasets
from alerts.site.policy import policy
from alerts.site.sources import Sources
from alerts.text.labels import Both
from alerts.text.links import dataset_page, has_page, office_page
from alerts.text.sanitising import clean, inert, inert_url
from alerts.text.statements import place_name
from opendata_spiders.normalise import frequency, judged_at, newest_update, standing
from opendata_spiders.normalise.texts import unmarked
from opendata_spiders.register import Portal, RegisterError
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.fields import Role, names

_SHOWN = (
    "id",
    "title",
    "office",
    "page_url",
    "frequency_raw",
    "open_type",
    *(f"{one}_raw" for one in names(Role.CLOCK)),
)
"""What is read of a listed dataset."""
GONE: Mapping[DatasetStatus, str] = {
    DatasetStatus.PENDING: "missing",
    DatasetStatus.HELD: "missing",
    DatasetStatus.REMOVED: "removed",
    DatasetStatus.UNLISTED: "unlisted",
    DatasetStatus.LEFT: "left",
}
"""The word of the site for each status of a dataset that is not listed."""
ENDED = frozenset({"removed", "unlisted"})
"""Words for datasets that are stated as gone."""
REKEYED = "rekeyed"
"""The word for a dataset that is stated to be listed under another id."""
_ROW_BYTES = 400
"""Bytes of a table's row beside its title and address."""


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """One dataset in a table; its texts are inert."""

    dataset: str
    title: str
    office: str
    promise: str
    """EU code of the promise."""
    updated: date | None
    """The newest day the portal claims for it, on the portal's calendar."""
    standing: str
    """How far it keeps its promise; empty once it is gone."""
    open_type: str
    link: str
    """Address of its page on the portal; empty unless on the portal's own host."""
    status: str
    """Empty while it is listed, else a word of `GONE`, or `REKEYED`."""
    own_page: str
    """Name of its page on the site; empty if it has none."""


@dataclass(frozen=True, slots=True)
class OfficePage:
    """One page of the table of an office's datasets."""

    office: str
    number: int
    of: int
    rows: Sequence[DatasetRow]

    @property
    def name(self) -> str:
        """Name of the page's file."""
        return office_page(self.office, self.number)

    @property
    def siblings(self) -> Sequence[str]:
        """Names of all pages of the table."""
        return [office_page(self.office, number) for number in range(1, self.of + 1)]


@dataclass(frozen=True)
class PlaceCatalogue:
    """What the site says of the datasets of one place."""

    sources: Sources
    view: CityView
    events: Mapping[str, list[Event]] = field(default_factory=dict)
    """Events by dataset, oldest first, retracted ones marked."""
    gone: Mapping[str, DatasetState] = field(default_factory=dict)
    """Datasets that are not listed, by native id."""

    @property
    def portal(self) -> str:
        """Id of the portal that lists them."""
        return portal_of(self.view.portal)

    @cached_property
    def tz(self) -> tzinfo:
        return self._registered.timezone if self._registered else SHANGHAI

    @cached_property
    def family(self) -> str:
        """Key of the vocabularies of codes."""
        return f"{self._registered.family}/{self._registered.slug}" if self._registered else ""

    @cached_property
    def judged(self) -> datetime | None:
        """The moment as of which promises are judged; None before the first complete reading."""
        at, run = self.view.last_complete_at, self.sources.store.run(self.view.last_run)
        return judged_at(at, dates_in_details=run is not None and run.dates_in_details) if at else None

    @cached_property
    def host(self) -> str:
        place = self.sources.places.get(self.view.slug)
        return place.host if place else ""

    @property
    def portal_name(self) -> Both:
        """Name of the portal, as it calls itself."""
        one = self._registered
        return Both(one.name_zh, one.name_en) if one else place_name(self.view.slug, self.sources.places)

    @property
    def portals_above(self) -> Sequence[Portal]:
        """The portals of the province that the place lies in."""
        register = self.sources.register
        place = owner_of(self.view.portal) or (self._registered.government if self._registered else "") or ""
        return register.portals_of(f"{place[:2]}0000") if place else ()

    @cached_property
    def _registered(self) -> Portal | None:
        try:
            return self.sources.register.by_id(self.portal)
        except RegisterError:
            return None

    def has_page(self, dataset: str) -> bool:
        """Whether a dataset has a page: once something was told of it, or it is stated as gone."""
        state = self.gone.get(dataset)
        return (state is not None and state.ended is not None) or any(map(has_page, self.events.get(dataset, ())))

    @cached_property
    def pages(self) -> Sequence[OfficePage]:
        """The tables of all offices, by name of the office, without datasets that are listed under another id."""
        offices: dict[str, list[DatasetRow]] = defaultdict(list)
        for row in self.rows:
            if row.status != REKEYED:
                offices[row.office].append(row)
        return [page for office in sorted(offices) for page in _paged(office, offices[office])]

    @cached_property
    def table_of(self) -> Mapping[str, str]:
        """Name of the page of the table that each dataset stands in."""
        return {row.dataset: page.name for page in self.pages for row in page.rows}

    @cached_property
    def rows(self) -> Sequence[DatasetRow]:
        """Every dataset."""
        return list(self._rows())

    def _rows(self) -> Iterator[DatasetRow]:
        for document in self.sources.store.db.datasets.find(self._listed, dict.fromkeys(_SHOWN, 1) | {"_id": 0}):
            if document["id"] not in self.gone:
                with apart("dataset", str(document["id"])):
                    yield self._row(document)
        for name, state in self.gone.items():
            with apart("dataset", name):
                yield self._gone_row(state)

    @property
    def _listed(self) -> Mapping[str, Any]:
        """The query for the datasets that are listed and told of this place."""
        listed: dict[str, Any] = {"portal": self.portal, "listed": True}
        if self._registered:
            owners: set[str | None] = {
                *owners_told(self.sources.register, self._registered, owner_of(self.view.portal))
            }
            if "" in owners:  # its own, which are stored under the adcode of its government
                owners |= {None, self._registered.government}
            listed["owner"] = {"$in": list(owners)}
        return listed

    def _row(self, document: Mapping[str, Any]) -> DatasetRow:
        clocks = {name: document.get(f"{name}_raw") for name in names(Role.CLOCK)}
        return self._made(document["id"], document, document.get("frequency_raw"), clocks, document.get("open_type"))

    def _gone_row(self, state: DatasetState) -> DatasetRow:
        shown = {"title": state.title, "office": state.office, "page_url": state.page_url}
        return self._made(state.dataset, shown, state.entry.frequency, state.entry.clocks, "")

    def _made(
        self, dataset: str, shown: Mapping[str, Any], promised: Any, clocks: Mapping[str, Any], open_type: str | None
    ) -> DatasetRow:
        promise, at = frequency(promised, family=self.family), self.view.last_complete_at
        updated = newest_update(clocks, tz=self.tz, now=at) if at else None
        state = self.gone.get(dataset)
        return DatasetRow(
            dataset=dataset,
            title=shown_title(shown.get("title")),
            office=shown_title(shown.get("office")),
            promise=promise.code,
            updated=updated.astimezone(self.tz).date() if updated else None,
            standing="" if state or self.judged is None else standing(promise, updated, self.judged, self.tz),
            open_type=open_type or "unknown",
            link=inert_url(str(shown.get("page_url") or ""), self.host),
            status=_status(state) if state else "",
            own_page=dataset_page(self.portal, dataset) if self.has_page(dataset) else "",
        )


def _status(state: DatasetState) -> str:
    return REKEYED if state.twin and state.ended else GONE[state.status]


def shown_title(raw: Any) -> str:
    """A title or an office in one line, without markup and without effect."""
    return inert(clean(unmarked(str(raw or "")), policy().title_chars))


def read_catalogue(sources: Sources, view: CityView) -> PlaceCatalogue:
    """The catalogue of a place. What cannot be decoded is left out alone."""
    events: dict[str, list[Event]] = defaultdict(list)
    for event in of_datasets(sources.store, view.portal):
        events[event.dataset or ""].append(sources.withdrawals.mark(event))
    gone = {one.dataset: one for one in missing_datasets(sources.store, view.portal)}
    return PlaceCatalogue(sources, view, events, gone)


def _paged(office: str, rows: Sequence[DatasetRow]) -> list[OfficePage]:
    """The datasets by title in pages of bounded size."""
    pages: list[list[DatasetRow]] = [[]]
    size = 0
    for row in sorted(rows, key=lambda one: (one.title, one.dataset)):
        size += _ROW_BYTES + len(row.title.encode()) + len(row.link)
        if pages[-1] and (size > policy().table_bytes or len(pages[-1]) >= policy().table_rows):
            pages.append([])
            size = 0
        pages[-1].append(row)
    return [OfficePage(office, number, len(pages), page) for number, page in enumerate(pages, start=1)]
