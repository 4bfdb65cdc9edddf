"""A turn at the servers of a host group: waited for, renewed while it lasts, given back (the lease: `store/leases.py`).

A crawl takes its turn with the lease of its portal. Whatever else asks a portal's servers takes one with `turn_at`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, Never

from pymongo.errors import PyMongoError

from opendata_spiders.fetching.addresses import HostGroup
from opendata_spiders.store import leases
from opendata_spiders.store.errors import HostHeldError
from opendata_spiders.store.leases import Lease
from opendata_spiders.store.writing import StoreDatabase

logger = logging.getLogger(__name__)

BEAT: Final = 60.0
"""Seconds between two renewals of a lease (of a crawl's: setting LEASE_BEAT_SECONDS)."""
_PAUSE: Final = 2.0
"""Seconds between two tries to get a host group that another process asks."""


async def get_turn(take: Callable[[], Lease], group: HostGroup, *, is_over: Callable[[], bool]) -> Lease:
    """Take a lease by `take`; while another process asks the servers of its host group, wait for it to end.

    Raises HostHeldError, which names that process, once `is_over` says that nobody waits any more.
    """
    waits = False
    while True:
        try:
            return await asyncio.to_thread(take)
        except HostHeldError as error:
            if is_over():
                raise
            if not waits:
                logger.warning("%s is one server for one reader, and waits for its turn: %s", group.lease, error)
                waits = True
        await asyncio.sleep(_PAUSE)


async def keep_turn(lease: Lease, *, seconds: float) -> Never:
    """Renew a lease again and again, also after a database error; raises LeaseLostError."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await asyncio.to_thread(lease.beat)
        except PyMongoError as error:
            logger.warning("the lease could not be renewed (%s): trying again", type(error).__name__)


@asynccontextmanager
async def turn_at(  # noqa: PLR0913 -- where, for whom, and how long it is waited for
    db: StoreDatabase,
    group: HostGroup,
    slug: str,
    purpose: str,
    *,
    is_over: Callable[[], bool],
    beat_seconds: float = BEAT,
) -> AsyncIterator[None]:
    """Ask the servers of a host group while the block runs, and nobody else; `slug` and `purpose` as of `hold_host`.

    Waits for its turn, and raises HostHeldError, as `get_turn` does. A turn that another process takes over, because
    this one was silent for too long, ends the block: LeaseLostError.
    """
    lease = await get_turn(lambda: leases.hold_host(db, group.lease, slug, purpose), group, is_over=is_over)
    try:
        async with asyncio.TaskGroup() as turn:
            beating = turn.create_task(keep_turn(lease, seconds=beat_seconds))
            yield
            beating.cancel()
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    finally:
        await asyncio.to_thread(lease.release)
