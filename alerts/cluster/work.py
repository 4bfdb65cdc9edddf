"""What a worker does with an item: reads a host group, or folds a portal. Both may be asked for twice."""

import logging
import socket
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from pymongo.errors import PyMongoError

from alerts.engine.portal_fold import fold_portal
from alerts.engine.runner import place_of
from alerts.engine.terms_fold import portals_changed
from alerts.model.policy import policy as event_policy
from opendata_spiders.night import logs as night_logs
from opendata_spiders.night import shared_night
from opendata_spiders.policy import policy
from opendata_spiders.register import Register, load
from opendata_spiders.store import shared_work
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.shared_work import Claim
from opendata_spiders.store.store import Store

log = logging.getLogger(__name__)

REST_SECONDS = 60
"""How long a process takes no other item after an error."""
FOLDING = "fold"
"""Kind of the batches of portals to be folded."""
Stopped = Callable[[], bool]
"""Whether the worker is to end."""


def read(item: str, stopped: Stopped) -> None:
    """Read a host group; the logs lie in DATA_DIR of this machine."""
    with open_store() as store:
        shared_night.read_item(store, item, _logs, machine=socket.gethostname(), stopped=stopped)


def _logs(begun: datetime) -> Path:
    logs = Path(StoreConfig.from_env().data_dir) / "logs"
    night_logs.prune(logs, datetime.now(UTC), policy())
    return night_logs.folder(logs, begun)


def fold(item: str, stopped: Stopped) -> None:
    """Fold a portal; one that fails is left to the diff that follows, which records the fault."""
    with open_store() as store:
        claim = None if stopped() else shared_work.claim(store, item)
        if claim is None:
            return
        with claim.kept():
            if not claim.item.is_given_up:
                _fold(store, claim)
            claim.end()


def _fold(store: Store, claim: Claim) -> None:
    task = claim.item.task
    place = place_of(_register(claim.item.batch), task["portal"], task["slug"])
    try:
        found = fold_portal(store, place, event_policy(), store.our_failures(), portals_changed(store))
    except PyMongoError:
        raise
    except Exception:
        log.exception("portal %s was not folded", place.slug)
    else:
        claim.note({"runs": found.runs, "looks": found.looks, "terms": found.terms})


@lru_cache(maxsize=1)
def _register(batch: str) -> Register:  # noqa: ARG001 -- read anew for each batch, since a worker runs for weeks
    return load()


def do(kind: str, item: str, stopped: Stopped) -> None:
    """Do an item. After an error this process rests, lest a machine with a fault takes one item after the other."""
    try:
        KINDS[kind](item, stopped)
    except Exception:
        end = time.monotonic() + REST_SECONDS
        while time.monotonic() < end and not stopped():
            time.sleep(1)
        raise


KINDS: Mapping[str, Callable[[str, Stopped], None]] = {shared_night.READING: read, FOLDING: fold}
"""What is done with the items of a kind of batch."""
