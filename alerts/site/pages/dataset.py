"""The page of one dataset of which something was told: its log, its promise against its updates, what is known of it.

A dataset that is gone keeps its page, as a tombstone.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import cached_property
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from alerts.comparison.reused_ids import native
from alerts.exports.schema_org import as_script, dataset_document
from alerts.model.events import Event, portal_of
from alerts.model.states import DatasetState
from alerts.records.isolation import apart
from alerts.site.catalogue import ENDED, DatasetRow, PlaceCatalogue, shown_title
from alerts.site.charts.promise_timeline import periods, promise_timeline
from alerts.site.pages.change_log import Difference, LogEntry, difference, entry, shown
from alerts.site.pages.datasets import place_crumbs, promise_words
from alerts.site.pages.tombstone import GoneDataset, Relisted, Tombstone, tombstone
from alerts.site.policy import policy
from alerts.site.tree import Trees
from alerts.site.words import said
from alerts.text.facts import moment
from alerts.text.labels import Both, paired
from alerts.text.links import city_path, dataset_page, event_path, letter_name, page_url
from alerts.text.sanitising import clean, inert, inert_url
from alerts.text.statements import place_name
from opendata_spiders.normalise import frequency, open_type
from opendata_spiders.store.content import batches
from opendata_spiders.store.fields import Role, fields
from opendata_spiders.store.models import Version
from opendata_spiders.store.versions import versions_of
from opendata_spiders.store.views import key

_CLAIMED = ("claimed_before", "claimed_after", "claimed")
"""Keys of evidence that hold a date of an update."""
_AT_ONCE = 200
"""Datasets whose versions are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One field as last seen."""

    field: Both
    word: Both | None
    """The value in a word of ours, where it stands in a vocabulary."""
    raw: str
    """As the portal wrote it, inert."""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One content that the dataset has had."""

    id: str
    at: datetime | None
    """When it was first read; None where the database no longer holds the run."""
    differences: Sequence[Difference]
    """Against the version before."""


@dataclass(frozen=True, slots=True)
class DatasetPage:
    """One dataset with all that its page shows; texts of the portal are inert."""

    row: DatasetRow
    table: str
    """Name of the page of the table that it stands in; empty if it stands in none."""
    successor: str
    """Name of the page of the dataset under its new id; empty if there is none."""
    log: Sequence[LogEntry]
    """Newest first."""
    timeline: Both | None
    facts: Sequence[Fact]
    versions: Sequence[VersionRow]
    """Newest first."""
    tombstone: Tombstone | None
    back_since: datetime | None
    """When it was listed again, if it had been stated as gone."""


@dataclass
class DatasetPages:
    """Makes the pages of the datasets of one place."""

    catalogue: PlaceCatalogue
    _relisted: dict[str, list[Relisted]] = field(default_factory=dict)
    """By title."""

    def put(self, trees: Trees) -> None:
        """Put every page into both trees; one that cannot be made is left out."""
        rows = [row for row in self.catalogue.rows if row.own_page]
        self._relisted = self._find_relisted([row.title for row in rows if row.status in ENDED])
        for batch in batches(rows, _AT_ONCE):
            ids = [row.dataset for row in batch]
            versions, values = self._versions(ids), self._values(ids)
            for row in batch:
                with apart("page", row.own_page):
                    name = native(row.dataset)
                    self._put(trees, self.page(row, versions.get(name, []), values.get(name, {})))

    def _put(self, trees: Trees, page: DatasetPage) -> None:
        slug, row = self.catalogue.view.slug, page.row
        letter = city_path(slug, letter_name(row.own_page)) if page.tombstone else ""
        stated = event_path(page.tombstone.stated) if page.tombstone else ""
        if page.tombstone:
            trees.put_file(f"zh/{letter}", page.tombstone.letter)
        trees.put(
            city_path(slug, row.own_page),
            "dataset.html.j2",
            title=Both.same(row.title) if row.title else said("datasets.unnamed"),
            crumbs=place_crumbs(self.catalogue),
            page=page,
            letter=letter,
            stated=stated if stated and trees.has(stated) else "",
            promise=promise_words(row.promise),
            standing=paired("site")["standing"].get(row.standing),
            status=paired("site")["status"].get(row.status),
            looks=paired("site")["look"],
            about=self._about(trees, row),
        )

    def _about(self, trees: Trees, row: DatasetRow) -> Markup:
        """The dataset as schema.org/Dataset, for search engines of datasets."""
        sources, view = self.catalogue.sources, self.catalogue.view
        portal = sources.rows.get(view.portal)
        midnight = datetime.combine(row.updated, time(), self.catalogue.tz) if row.updated else None
        document = dataset_document(
            {
                "portal": portal_of(view.portal),
                "id": row.dataset,
                "title": row.title,
                "office": row.office,
                "status": row.status,
                "page_url": row.link or None,
                "updated": midnight,
            },
            portal,
            sources.register.governments.get(portal.government or "") if portal else None,
            page_url(trees.site_url, "zh", city_path(view.slug, row.own_page)) if trees.site_url else "",
        )
        return Markup(as_script(document))  # noqa: S704 -- no < > & in it

    def page(self, row: DatasetRow, versions: Sequence[Version], listed: Mapping[str, Any]) -> DatasetPage:
        """The page of a dataset; `versions`: oldest first; `listed`: its raw values, if it is listed."""
        events, state = self.catalogue.events.get(row.dataset, []), self.catalogue.gone.get(row.dataset)
        values = _last_seen(versions, state) if state else listed
        back = [one.at for one in events if one.kind == "dataset.reappeared" and not one.retracted]
        return DatasetPage(
            row=row,
            table=self.catalogue.table_of.get(row.dataset, ""),
            successor=self._successor(state),
            log=[entry(one, self.catalogue.sources) for one in reversed(events)],
            timeline=self._timeline(row, events, values.get("frequency")),
            facts=list(self._facts(values)),
            versions=self._version_rows(versions),
            tombstone=self._tombstone(row, state, values) if state and row.status in ENDED else None,
            back_since=back[-1] if back and not state else None,
        )

    def _successor(self, state: DatasetState | None) -> str:
        twin = state.twin if state else None
        return dataset_page(self.catalogue.portal, twin) if twin and self.catalogue.has_page(twin) else ""

    def _facts(self, values: Mapping[str, Any]) -> Iterator[Fact]:
        """The fields that have a value, in the order of fields.csv; counters are no property of the dataset."""
        for name, one in fields().items():
            raw = shown(values.get(name))
            if one.role is Role.COUNTER or raw == "–":
                continue
            yield Fact(Both(one.zh, one.en), self._worded(name, values[name]), raw)

    def _worded(self, name: str, raw: Any) -> Both | None:
        """The value in words of a vocabulary; None for a field without one, or a value that it does not know."""
        if name == "frequency":
            code = frequency(raw, family=self.catalogue.family).code
            return None if code == "UNKNOWN" else promise_words(code)
        if name == "open_type":
            value = open_type(raw, family=self.catalogue.family).value
            return None if value == "unknown" else paired("vocabulary")["open_type"].get(value)
        return None

    def _timeline(self, row: DatasetRow, events: Sequence[Event], promised: Any) -> Both | None:
        end = self.catalogue.view.last_complete_at
        found = [moment(one.evidence.get(key)) for one in events for key in _CLAIMED]
        updates = sorted({one for one in found if one and end and one <= end})
        if end is None or not updates or row.status:
            return None
        shown_periods = periods(updates, frequency(promised, family=self.catalogue.family), end, self.catalogue.tz)
        if not shown_periods:
            return None
        late = sum(one.is_late for one in shown_periods)
        return promise_timeline(shown_periods, said("dataset.timeline", updates=len(updates), late=late))

    def _tombstone(self, row: DatasetRow, state: DatasetState, values: Mapping[str, Any]) -> Tombstone:
        subject = GoneDataset(
            title=row.title,
            office=row.office,
            place=place_name(self.catalogue.view.slug, self.catalogue.sources.places),
            portal=self.catalogue.portal_name,
            address=row.link,
            dataset=inert(clean(native(row.dataset), policy().title_chars)),
            published=shown(values["published"]) if values.get("published") else "",
        )
        return tombstone(state, row.status, subject, self._run_at, self._relisted.get(row.title, ()))

    def _version_rows(self, versions: Sequence[Version]) -> list[VersionRow]:
        rows = [VersionRow(one.id, self._times.get(one.first_run), ()) for one in versions[:1]]
        for before, after in pairwise(versions):
            rows.append(VersionRow(after.id, self._times.get(after.first_run), _differences(before, after)))
        return rows[::-1]

    def _versions(self, datasets: Sequence[str]) -> Mapping[str, list[Version]]:
        """The versions of these datasets by the portal's own id, oldest first."""
        known = versions_of(self.catalogue.sources.store.db, self.catalogue.portal, set(map(native, datasets)))
        oldest = datetime.min.replace(tzinfo=UTC)
        for found in known.values():
            found.sort(key=lambda one: (self._times.get(one.first_run, oldest), one.id))
        return known

    def _values(self, datasets: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """The raw values of these datasets by the portal's own id, as last listed."""
        keys = [key(self.catalogue.portal, native(one)) for one in datasets]
        found = self.catalogue.sources.store.db.datasets.find({"_id": {"$in": keys}}, {"id": 1, "raw": 1})
        return {one["id"]: one.get("raw") or {} for one in found}

    @cached_property
    def _times(self) -> Mapping[str, datetime]:
        """Times of the portal's runs by id."""
        found = self.catalogue.sources.store.db.runs.find({"portal": self.catalogue.portal}, {"at": 1})
        return {one["_id"]: one["at"] for one in found}

    @cached_property
    def _run_at(self) -> Mapping[datetime, str]:
        return {at: name for name, at in self._times.items()}

    def _find_relisted(self, titles: Sequence[str]) -> dict[str, list[Relisted]]:
        """Entries of these very titles on the portal of the province."""
        sources, found = self.catalogue.sources, defaultdict(list)
        above = [one.id for one in self.catalogue.portals_above if one.id != self.catalogue.portal]
        if not above or not titles:
            return {}
        query = {"portal": {"$in": above}, "listed": True, "title": {"$in": list(titles)}}
        for one in sources.store.db.datasets.find(query, {"title": 1, "slug": 1, "page_url": 1}):
            place = sources.places.get(one["slug"])
            url = inert_url(one["page_url"], place.host if place else "")
            if url:
                found[shown_title(one["title"])].append(Relisted(place_name(one["slug"], sources.places), url))
        return found


def _differences(before: Version, after: Version) -> list[Difference]:
    pairs = ((name, before.content.get(name), after.content.get(name)) for name in fields())
    return [difference(name, old, new) for name, old, new in pairs if old != new]


def _last_seen(versions: Sequence[Version], state: DatasetState) -> Mapping[str, Any]:
    """The raw values of a dataset that is gone, as it was last listed."""
    content = next((one.content for one in versions if one.id == state.entry.version), {})
    return {**content, **state.entry.clocks, **state.entry.measures}
