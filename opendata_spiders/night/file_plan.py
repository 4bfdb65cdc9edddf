"""Which files to check tonight: portals with watched datasets by host group, and which datasets may be checked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from opendata_spiders import normalise
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.files.fetch.looker import FileKey, WatchedDataset
from opendata_spiders.files.policy import file_policy
from opendata_spiders.night.crawl_plan import by_host
from opendata_spiders.pages.bodies import plain
from opendata_spiders.register import Portal
from opendata_spiders.store import file_checks, views
from opendata_spiders.store.connect import Store
from opendata_spiders.store.errors import ClockError
from opendata_spiders.store.file_checks import FileRound
from opendata_spiders.store.schema import Mode
from opendata_spiders.store.writing import StoreDatabase

_TERMS = {"open": "", "conditional": "conditional", "closed": "closed", "unknown": "terms_unknown"}


@dataclass(frozen=True, slots=True)
class DueRound:
    """The plan of one portal's round of file checks."""

    portal: Portal
    datasets: tuple[WatchedDataset, ...]
    """In the order of checking: those that last night's budget left out come first."""
    left_out: frozenset[FileKey]
    """Files (and lists of files: file '') that the last round had no budget for."""
    seq: int
    """Number the round will have."""
    spider: PortalSpider | None = None
    """The portal's spider, which makes its requests; None where the portal is not crawled."""


@dataclass(frozen=True, slots=True)
class FilePlan:
    """The rounds of a night by host group, and the portals that were checked too recently."""

    groups: tuple[tuple[DueRound, ...], ...]
    recent: tuple[Portal, ...]
    """Checked within `again_hours`: left out tonight."""

    @property
    def due(self) -> list[DueRound]:
        return [due for group in self.groups for due in group]


def plan_rounds(
    store: Store,
    portals: Iterable[Portal],
    watched: Mapping[str, Sequence[str]],
    *,
    now: datetime,
    force: bool = False,
) -> FilePlan:
    """Plan a round for each of these portals that has watched datasets.

    Raises ClockError in a replayed database when a round would not be later than the portal's last.
    """
    groups, recent = [], []
    for members in by_host(portal for portal in portals if watched.get(portal.id)):
        group = []
        for portal in members:
            last = file_checks.last_round(store.db, portal.id)
            if last and not force and now - last.at < timedelta(hours=file_policy().again_hours):
                recent.append(portal)
                continue
            _check_clock(store, portal, last, now)
            group.append(_due(store.db, portal, watched[portal.id], last))
        groups.append(tuple(group))
    longest_first = sorted(filter(None, groups), key=lambda group: -sum(len(due.datasets) for due in group))
    return FilePlan(tuple(longest_first), tuple(recent))


def _check_clock(store: Store, portal: Portal, last: FileRound | None, now: datetime) -> None:
    if store.mode is Mode.REPLAY and last is not None and now <= last.at:
        raise ClockError(
            f"the files of {portal.slug} were last looked at at {last.at.isoformat()} in this replayed database, and "
            f"nights only go forward: {now.isoformat()} is not later; set WATCH_NOW to a later time"
        )


def _due(db: StoreDatabase, portal: Portal, ids: Sequence[str], last: FileRound | None) -> DueRound:
    shown = db.datasets.find({"_id": {"$in": [views.key(portal.id, id_) for id_ in ids]}})
    found = {view["id"]: view for view in shown}
    left_out = [(check.dataset, check.file) for check in last.checks if check.why == "budget"] if last else []
    waiting = list(dict.fromkeys(dataset for dataset, _ in left_out))
    order = {dataset: place for place, dataset in enumerate(waiting)}
    datasets = [_dataset(portal, id_, found.get(id_)) for id_ in ids]
    datasets.sort(key=lambda one: order.get(one.id, len(order)))
    return DueRound(portal, tuple(datasets), frozenset(left_out), last.seq + 1 if last else 1)


def _dataset(portal: Portal, id_: str, view: Mapping[str, Any] | None) -> WatchedDataset:
    """Read the dataset's view; only data open to everybody, without conditions or a login, is checked."""
    title = (view.get("title") if view else None) or ""
    if not portal.crawlable:
        return WatchedDataset(id_, title, "not_crawled")
    if view is None:
        return WatchedDataset(id_, title, "not_read")
    if not view.get("listed"):
        return WatchedDataset(id_, title, "not_listed")
    terms = normalise.open_type(view.get("open_type_raw"), family=f"{portal.family}/{portal.slug}")
    return WatchedDataset(id_, title, "login" if terms.login_required else _TERMS[terms.value])


def title_of(dataset: WatchedDataset) -> str:
    """Return a dataset's title for people, or its id."""
    return plain(dataset.title or dataset.id)
