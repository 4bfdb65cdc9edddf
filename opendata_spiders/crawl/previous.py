"""What the store knows of a portal before a crawl, and which missing datasets the crawl has to probe again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from opendata_spiders.crawl.absence_probe import LOOKS, unanswered
from opendata_spiders.items import RawValues
from opendata_spiders.policy import policy
from opendata_spiders.store.connect import Store
from opendata_spiders.store.errors import StoreError
from opendata_spiders.store.models import Entry, LookResult, Run


@dataclass(frozen=True, slots=True)
class Previous:
    """Earlier readings of the same epoch; empty for a new portal, in a new epoch and with the store off."""

    run: Run | None = None
    """The last trusted run."""
    later: tuple[Run, ...] = ()
    """The runs since, in the order of their commits."""
    entries: Mapping[str, Entry] = field(default_factory=dict)
    """What is known of each dataset by native id, also from partial runs before any trusted one."""


def load_previous(store: Store, portal: str, epoch: str, *, imported: bool = False) -> Previous:
    """Load the earlier readings of a portal (by its id); in another epoch native ids mean other datasets.

    Our own readings are judged by our own alone, those of its `imported` history by that history.
    """
    last = store.last_run(portal, imported=imported)
    if last is None or last.epoch != epoch:
        return Previous()
    trusted = store.previous(portal)
    if trusted is None or trusted.run.epoch != epoch or (trusted.run.imported is not None) != imported:
        return Previous(entries=store.known(portal))
    since = store.graded_runs(portal, after_seq=trusted.run.seq)
    return Previous(trusted.run, tuple(run for run in since if run.epoch == epoch), trusted.entries)


def carried(store: Store, entries: Iterable[Entry], names: Iterable[str]) -> dict[str, RawValues]:
    """Return the raw values of the fields `names` from earlier details, by native id.

    Raises StoreError if a version that an entry names is missing.
    """
    entries, names = list(entries), tuple(names)
    versions = store.versions([entry.version for entry in entries])
    if missing := sum(entry.version not in versions for entry in entries):
        raise StoreError(f"{missing} versions are missing from the store; restore the database from a backup")
    known = {entry.id: {**versions[entry.version].content, **entry.clocks, **entry.measures} for entry in entries}
    return {id_: {name: values[name] for name in names if name in values} for id_, values in known.items()}


def known_ids(store: Store, portals: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the native ids in the last trusted reading of each portal that has one, by the portal's id."""
    readings = {portal: store.previous(portal) for portal in portals}
    return {portal: frozenset(reading.entries) for portal, reading in readings.items() if reading}


def owed_looks(store: Store, last: Run | None, now: datetime) -> set[str]:
    """Native ids that a recent trusted run was the first to miss: a removal needs a second probe.

    Recent are the last trusted run and those of the last `look_again_hours`: where a portal is read twice a day the
    next run is on the same day, and the probe that counts is the one after. Ids whose page did not answer are added,
    up to their third probe.
    """

    def is_recent(run: Run) -> bool:
        return run is last or now - run.at <= timedelta(hours=policy().look_again_hours)

    owed: set[str] = set()
    looks: list[Mapping[str, LookResult]] = []
    run = last
    while run is not None and run.look and (is_recent(run) or len(looks) < LOOKS):
        before = store.trusted_before(run)
        if is_recent(run):
            owed |= {id_ for id_ in run.look if before and id_ in before.entries}
        looks.append(run.look)
        run = before.run if before else None
    return owed | unanswered(looks)
