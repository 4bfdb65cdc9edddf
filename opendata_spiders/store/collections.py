"""Every collection of the database with its indexes beside `_id`; docs/store.md says what each holds.

Each index costs every write: tests/store/test_indexes.py shows that some query needs it, and that no query of a
collection that grows has to do without.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING, HASHED, IndexModel

from opendata_spiders.store.writing import StoreDatabase

Indexes = Mapping[str, Sequence[IndexModel]]


SHOWN = {"severity": {"$in": ["severe", "notable"]}}
"""The query for events that are shown one by one: most are quiet, and are only counted or told to who watches them.

The indexes of these events alone take next to nothing; a query that is to use one holds this condition.
"""


def _by(*names: str, **options: Any) -> IndexModel:
    """An index of these fields in this order; `-` before a name: descending, `#` after it: by a hash of the value."""
    return IndexModel([(name.strip("-#"), _order(name)) for name in names], **options)


def _order(name: str) -> int | str:
    return HASHED if name.endswith("#") else DESCENDING if name.startswith("-") else ASCENDING


_SHARED_WORK_SECONDS = 14 * 24 * 3600
"""Age at which the database itself deletes what was shared out among machines."""

OF_THE_CRAWL: Indexes = {
    "meta": (),
    "versions": (_by("portal", "dataset"),),
    "chunks": (),
    "manifests": (),
    "runs": (_by("portal", "-seq", unique=True), _by("at", "_id")),
    "regrades": (_by("portal"),),
    "leases": (_by("host_group", unique=True, sparse=True),),
    "counters": (),
    "datasets": (_by("portal", "listed"),),
    "file_rounds": (_by("portal", "seq", unique=True),),
    "nights": (_by("-at", "-_id"), _by("uplink_suspect")),
    "shared_work": (_by("batch"), _by("begun", expireAfterSeconds=_SHARED_WORK_SECONDS)),
    "national_totals": (_by("at"),),
    "national_looks": (_by("portal", "dataset", "at"),),
    "terms": (_by("portal"),),
    "terms_looks": (),
    "imports": (_by("portal", "as_of"),),
    "pruned": (_by("portal"),),
}
"""Created when the store is opened. `regrades` and `pruned` are written by `alerts` and read by both packages,
`imports` is written by `alerts`."""
OF_A_RUN = ("versions", "chunks", "manifests", "counters", "datasets", "runs")
"""The collections that a run is written to, in this order."""
OF_ALERTS: Indexes = {
    "events": (
        _by("seq", unique=True),
        _by("portal", "seq"),
        _by("dataset#", "seq"),
        _by("evidence.retracted", sparse=True),
        _by("-seq", partialFilterExpression=SHOWN),
        _by("portal", "-seq", partialFilterExpression=SHOWN),
        _by("kind", "seq", partialFilterExpression=SHOWN),
        _by("at"),
    ),
    "excerpts": (),
    "sequences": (),
    "states": (),
    "missing_datasets": (_by("portal"),),
    "habits": (_by("portal"),),
    "catalogue_dates": (),
    "dataset_facts": (),
    "file_states": (),
    "upkeep": (),
    "sizes": (_by("at"),),
    "checkpoints": (_by("fold", "portal", "seq", "made_at"),),
    "health": (_by("ended"),),
    "faults": (_by("last"),),
    "seen_updates": (),
    "scoreboards": (),
    "watches": (_by("subscriber", "portal", "dataset", unique=True), _by("portal")),
    "remarks": (_by("kind", "subject", "at"),),
    "silences": (),
    "cursors": (),
    "deliveries": (_by("state", "next_at", "_id"), _by("ended_at")),
    "told": (_by("at"),),
    "attachments": (_by("at"),),
    "outbox": (),
    "pace": (),
}
"""Created by the commands of `alerts`. Of `watches` the crawl reads `portal` and `dataset`."""
DERIVED = ("dataset_facts", "seen_updates")
"""What a scoreboard works out again where it is missing, and no backup holds."""


def create(db: StoreDatabase, collections: Indexes) -> None:
    """Make the collections and indexes that are missing; repeating is harmless."""
    known = set(db.list_collection_names())
    for name, indexes in collections.items():
        if indexes or name not in known:
            db[name].create_indexes(list(indexes) or [_by("_id")])
