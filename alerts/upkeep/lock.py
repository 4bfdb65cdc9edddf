"""One upkeep of a database at a time: what deletes or copies documents must not meet another that does."""

from collections.abc import Iterator
from contextlib import contextmanager

from opendata_spiders.store.leases import Lease, reserve
from opendata_spiders.store.store import Store

_UPKEEP = "*upkeep"
"""Id of the lease; that of no portal."""


@contextmanager
def upkeep(store: Store, purpose: str) -> Iterator[Lease]:
    """Hold the right to upkeep the database; `purpose`: what for, in a sentence such as «is being pruned».

    Raises LeaseHeldError naming who holds it.
    """
    with reserve(store.db, _UPKEEP, f"database {store.db.name}", purpose) as lease:
        yield lease
