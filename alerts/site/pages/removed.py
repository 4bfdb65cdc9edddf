"""What was removed: lists by month and by province."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter

from alerts.model.events import Event, owner_of, portal_of
from alerts.model.states import DatasetState
from alerts.publish.feed_library import province_file
from alerts.records.isolation import apart
from alerts.records.published import of_kinds
from alerts.records.queries import CityView, missing_datasets
from alerts.site.catalogue import GONE, shown_title
from alerts.site.policy import policy
from alerts.site.sources import Sources
from alerts.site.tree import Crumb, Trees
from alerts.site.words import said
from alerts.text.labels import Both, paired
from alerts.text.links import dataset_path, event_path, removed_path
from alerts.text.statements import place_name
from opendata_spiders.register import Government
from opendata_spiders.store.clock import SHANGHAI

INDEX = removed_path("index")
_KINDS = ("dataset.removed", "dataset.unlisted")


@dataclass(frozen=True, slots=True)
class Removal:
    """One dataset that was stated as gone; its texts are inert."""

    title: str
    office: str
    place: Both
    province: str
    """Adcode of the province; empty outside of all."""
    stated: datetime
    last_seen: datetime | None
    status: str
    """removed, unlisted, or `back` if it is listed again."""
    path: str
    """Path of its page, or of the event's."""
    history: bool = False
    """Whether only snapshots that others recorded show it."""

    @property
    def month(self) -> str:
        return f"{self.stated.astimezone(SHANGHAI):%Y-%m}"


@dataclass(frozen=True, slots=True)
class RemovedList:
    """One list in the overview of all lists."""

    name: Both
    path: str
    removed: int
    unlisted: int
    back: int


@dataclass(frozen=True)
class Removals:
    """All removals of the places that are told."""

    sources: Sources
    trees: Trees

    @cached_property
    def all(self) -> Sequence[Removal]:
        """The latest first."""
        gone = [self._removal(view, state) for view, state in self._ended]
        return sorted([*gone, *self._back()], key=attrgetter("stated", "path"), reverse=True)

    @cached_property
    def provinces(self) -> Mapping[str, Government]:
        """By adcode."""
        known = self.sources.register.governments
        return {adcode: one for adcode, one in known.items() if one.province == one.name_zh}

    @cached_property
    def _ended(self) -> Sequence[tuple[CityView, DatasetState]]:
        """What is stated as gone and is not listed under another id, with its place."""
        return [
            (view, state)
            for view in self.sources.paged.values()
            for state in missing_datasets(self.sources.store, view.portal)
            if state.ended and not state.twin
        ]

    def _removal(self, view: CityView, state: DatasetState) -> Removal:
        path = dataset_path(view.slug, portal_of(view.portal), state.dataset)
        return Removal(
            title=shown_title(state.title),
            office=shown_title(state.office),
            place=place_name(view.slug, self.sources.places),
            province=self._province(view.portal),
            stated=state.ended or state.last_seen,
            last_seen=state.last_seen,
            status=GONE[state.status],
            path=path if self.trees.has(path) else "",
            history=view.imported_until is not None and state.last_seen <= view.imported_until,
        )

    def _back(self) -> Iterator[Removal]:
        """Datasets that were stated as gone and are listed again."""
        ended, told = (
            {state.ended_by for _, state in self._ended},
            {view.portal for view in self.sources.paged.values()},
        )
        for event in map(self.sources.withdrawals.mark, of_kinds(self.sources.store, _KINDS)):
            if event.id in ended or event.retracted or event.part not in told:
                continue
            with apart("page", event.id):
                yield self._returned(event)

    def _returned(self, event: Event) -> Removal:
        last_seen = event.evidence.get("last_seen")
        own = dataset_path(event.slug, event.portal, event.dataset or "")
        return Removal(
            title=shown_title(event.title),
            office=shown_title(event.office),
            place=place_name(event.slug, self.sources.places),
            province=self._province(event.part),
            stated=event.at,
            last_seen=last_seen if isinstance(last_seen, datetime) else None,
            status="back",
            path=own if self.trees.has(own) else event_path(event.id),
            history=event.imported is not None,
        )

    def _province(self, part: str) -> str:
        """Ids of portals and parts begin with the adcode of a government, but for those outside of the provinces."""
        adcode = f"{(owner_of(part) or part)[:2]}0000"
        return adcode if adcode in self.provinces else ""


def put(trees: Trees, sources: Sources) -> None:
    """Put all lists into both trees."""
    removals = Removals(sources, trees)
    months, provinces = _grouped(removals.all, "month"), _grouped(removals.all, "province")
    month_rows = [_put_list(trees, month, Both.same(month), found) for month, found in sorted(months.items())][::-1]
    province_rows = [
        _put_list(trees, province_file(one), Both(one.short_zh, one.name_en), provinces[adcode])
        for adcode, one in removals.provinces.items()
        if adcode in provinces
    ]
    trees.put(
        INDEX,
        "removed.html.j2",
        title=said("removed.title"),
        section="removed",
        months=month_rows,
        provinces=province_rows,
        latest=removals.all[: policy().removed_latest],
        statuses=paired("site")["status"],
    )


def _grouped(removals: Iterable[Removal], by: str) -> Mapping[str, list[Removal]]:
    found: dict[str, list[Removal]] = defaultdict(list)
    for one in removals:
        if value := getattr(one, by):
            found[value].append(one)
    return found


def _put_list(trees: Trees, file: str, name: Both, removals: Sequence[Removal]) -> RemovedList:
    """Put one list in pages of bounded size."""
    size = policy().table_rows
    pages = [removals[start : start + size] for start in range(0, len(removals), size)]
    names = [removed_path(file, number).removeprefix("removed/") for number in range(1, len(pages) + 1)]
    for number, rows in enumerate(pages, start=1):
        trees.put(
            removed_path(file, number),
            "removed_list.html.j2",
            title=said("removed.of", name=name),
            crumbs=(Crumb(said("removed.title"), INDEX),),
            section="removed",
            rows=rows,
            number=number,
            names=names,
            statuses=paired("site")["status"],
        )
    counts = Counter(one.status for one in removals)
    return RemovedList(name, removed_path(file), counts["removed"], counts["unlisted"], counts["back"])
