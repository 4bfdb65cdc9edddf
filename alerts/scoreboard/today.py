"""The scoreboard of today: the one that was kept, as long as nothing was read or stated since, else worked out anew."""

from datetime import datetime
from typing import Any

from alerts.records.queries import newest_seq
from alerts.scoreboard.board import Document, board
from alerts.scoreboard.definitions import FORMAT, definitions
from alerts.scoreboard.gather import gather
from alerts.scoreboard.history import keep, printed
from alerts.text.jsonable import jsonable
from opendata_spiders.normalise import NORMALISER_VERSION
from opendata_spiders.register import Register
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.content import canonical, digest
from opendata_spiders.store.national import last_totals
from opendata_spiders.store.store import Store


def todays(store: Store, register: Register, now: datetime, *, keeps: bool = True) -> Document:
    """The scoreboard of the day as JSON, times as text; `keeps`: store it if it was worked out anew.

    Raises StoreError (see `gather`).
    """
    made_from = _made_from(store, register)
    then = printed(store, f"{now.astimezone(SHANGHAI):%Y-%m-%d}")
    if then and then.board is not None and then.made_from == made_from:
        return dict(then.board)
    made = board(gather(store, register, now))
    if keeps:
        keep(store, made, made_from)
    document: Document = jsonable(made)
    return document


def _made_from(store: Store, register: Register) -> str:
    """A hash that changes with whatever the figures of a day are worked out from."""
    db, fields = store.db, {"last_seq": 1, "corrections": 1}
    folded: list[Any] = [
        sorted((str(one["_id"]), one["last_seq"], one.get("corrections", 0)) for one in db[name].find({}, fields))
        for name in ("states", "file_states")
    ]
    national = last_totals(db)
    return digest(
        canonical(
            [
                *folded,
                newest_seq(store),
                sorted(str(one["_id"]) for one in db["imports"].find({}, {"_id": 1})),
                national.at.isoformat() if national else None,
                [
                    f"{one}"
                    for rows in (register.governments, register.portals, register.no_portal)
                    for one in rows.values()
                ],
                [FORMAT, NORMALISER_VERSION, *(f"{code}/{one.version}" for code, one in definitions().items())],
            ]
        )
    )
