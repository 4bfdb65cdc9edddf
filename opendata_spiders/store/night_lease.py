"""The lease of the night: one night at a time reads a database, whatever machine it runs on.

Its document lies beside those of portals and is alike; it counts in real time, as theirs.
"""

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime

from pymongo.errors import DuplicateKeyError, PyMongoError

from opendata_spiders.store import processes
from opendata_spiders.store.clock import real_now, to_stored
from opendata_spiders.store.errors import LeaseHeldError, NightRunningError
from opendata_spiders.store.leases import ATTEMPTS, abandoned
from opendata_spiders.store.writing import StoreDatabase

log = logging.getLogger(__name__)

NIGHT = "night"
"""Id of the document: no portal of the register has it."""
BEAT_SECONDS = 60.0


@contextlib.contextmanager
def night_lease(
    db: StoreDatabase, what: str, *, at: datetime, lost: Callable[[], None], beat_seconds: float = BEAT_SECONDS
) -> Iterator[None]:
    """Hold the lease while the block runs; `what` names the command, `at` is its domain time.

    It is renewed in a thread, which calls `lost` if another night has taken it over meanwhile. Raises
    NightRunningError, which names who runs and since when.
    """
    run = _take(db, what, at)
    done = threading.Event()
    beating = threading.Thread(target=_keep, args=(db, run, done, beat_seconds, lost), name="night lease", daemon=True)
    beating.start()
    try:
        yield
    finally:
        done.set()
        beating.join()
        with contextlib.suppress(PyMongoError):  # it is abandoned then, as the process is about to end
            db.leases.delete_one({"_id": NIGHT, "run": run})


def _take(db: StoreDatabase, what: str, at: datetime) -> str:
    now, identity = real_now(), processes.identity()
    run = f"{what} {now.isoformat()} {identity['machine']} {identity['pid']}"
    document = {
        "_id": NIGHT,
        "run": run,
        "slug": what,
        "seq": 0,
        "at": to_stored(at),
        **identity,
        "host": socket.gethostname(),
        "started": now,
        "beat": now,
    }
    for _ in range(ATTEMPTS):
        try:
            db.leases.insert_one(document)
        except DuplicateKeyError:
            _clear(db)
        else:
            return run
    raise LeaseHeldError("Several nights begin at once; let one of them run")


def _clear(db: StoreDatabase) -> None:
    """Remove an abandoned lease; raises NightRunningError for one that is not."""
    held = db.leases.find_one({"_id": NIGHT})
    if held is None:
        return
    why = abandoned(held)
    if why is None:
        raise NightRunningError(
            f"{held['slug']} runs on {held['host']} (process {held['pid']}) since "
            f"{held['started']:%Y-%m-%d %H:%M:%S} UTC; wait for it to end, or end it"
        )
    log.warning("%s of %s was broken off (%s)", held["slug"], f"{held['started']:%Y-%m-%d %H:%M} UTC", why)
    db.leases.delete_one({"_id": NIGHT, "run": held["run"], "beat": held["beat"]})


def _keep(db: StoreDatabase, run: str, done: threading.Event, seconds: float, lost: Callable[[], None]) -> None:
    while not done.wait(seconds):
        try:
            beaten = db.leases.update_one({"_id": NIGHT, "run": run}, {"$set": {"beat": real_now()}})
        except PyMongoError as error:
            log.warning("the lease of the night could not be renewed (%s): trying again", type(error).__name__)
            continue
        if not beaten.matched_count:
            log.error("another night took this one for dead and runs now: this one ends")
            lost()
            return
