"""One portal's known catalogue: the manifest after the last diff, and the records of its datasets."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from alerts.audit.rules import limits
from alerts.records.state_source import States, StoredStates
from opendata_spiders.normalise import Normalised, normalise
from opendata_spiders.normalise.texts import is_blank
from opendata_spiders.store.content import batches
from opendata_spiders.store.models import Entry, Run
from opendata_spiders.store.store import Store

_AT_ONCE = 2000
"""Number of versions in memory at a time."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The known entries of one portal, and which of its fields can be judged."""

    portal: str
    slug: str
    tz: tzinfo
    at: datetime
    """Time (UTC) of the last run: dates are judged as of this time, so that an audit can be repeated."""
    run: Run
    """The last complete run."""
    entries: Mapping[str, Entry] = field(default_factory=dict, repr=False)
    fields: frozenset[str] = frozenset()
    """Fields that the portal's family reads, from lists and detail pages."""
    in_list: frozenset[str] = frozenset()
    """Those of `fields` that the list shows; the others are known only after a dataset's detail page was read."""

    @property
    def family(self) -> str:
        """`family/slug`, the key of the vocabularies."""
        return f"{self.run.family}/{self.run.slug}"

    def tells(self, name: str, *, detailed: bool) -> bool:
        """Whether a missing value means that the portal shows none; `detailed`: whether the detail page was read."""
        return name in self.fields and (detailed or name in self.in_list)


@dataclass(frozen=True, slots=True)
class Record:
    """One dataset, raw and normalised."""

    entry: Entry
    raw: Mapping[str, Any]
    """Raw content fields by canonical name."""
    read: Normalised
    at: datetime
    """Time (UTC) of the portal's last run."""

    @property
    def id(self) -> str:
        return self.entry.id


def load(store: Store, portal: str, tz: tzinfo, states: States | None = None) -> Catalogue | None:
    """The portal's catalogue by these states (after the last diff); None if no complete run was folded by then.

    Raises StoreError if the database lacks a document that it refers to.
    """
    state = (states or StoredStates(store)).document(portal)
    run = store.run(state["last_complete"]) if state and state.get("last_complete") else None
    if state is None or run is None:
        return None
    entries = dict(sorted(store.entries(state["known"]).items()))
    # A family's list shows the fields of datasets whose detail page was not read; if none was ever read, the fill rates
    # of the run are those of the list.
    bare = [entry for entry in entries.values() if not entry.detailed]
    in_list = {name for entry in bare for name in (*entry.clocks, *entry.measures)}
    sample = store.versions((entry.version for entry in bare[: limits().list_sample]), evidence=False)
    in_list |= {name for version in sample.values() for name, raw in version.content.items() if not is_blank(raw)}
    if run.detailed == 0:
        in_list |= set(run.fill)
    return Catalogue(
        portal=portal,
        slug=run.slug,
        tz=tz,
        at=state["last_at"],
        run=run,
        entries=entries,
        fields=frozenset(state["read_fields"]),
        in_list=frozenset(in_list),
    )


def records(store: Store, catalogue: Catalogue) -> Iterator[Record]:
    """Yield every dataset whose content is stored, by id; versions are loaded in batches, without their bodies."""
    for entry, content in contents(store, catalogue.entries.values()):
        values = {**content, **entry.clocks, **entry.measures}
        read = normalise(values, family=catalogue.family, tz=catalogue.tz, now=catalogue.at)
        yield Record(entry, content, read, catalogue.at)


def contents(store: Store, entries: Iterable[Entry]) -> Iterator[tuple[Entry, Mapping[str, Any]]]:
    """Yield each entry with its raw content; one whose version is not stored is left out."""
    for batch in batches(entries, _AT_ONCE):
        versions = store.versions((entry.version for entry in batch), evidence=False)
        yield from ((entry, versions[entry.version].content) for entry in batch if entry.version in versions)
