"""Where the memory of files lies: one transaction a round commits it with the events, or nothing of either."""

from pymongo.client_session import ClientSession

from alerts.engine.file_fold import FilesFolded
from alerts.engine.repository import put_events, swap
from alerts.model.events import Event
from alerts.model.file_states import FileMemory, memory_document, memory_of
from opendata_spiders.store.store import Store

STATES = "file_states"


def load(store: Store, portal: str) -> FileMemory:
    """What is believed of the files of a portal's watched datasets; of one never looked at, nothing."""
    return memory_of(portal, store.db[STATES].find_one({"_id": portal}))


def commit(store: Store, before: FileMemory, folded: FilesFolded) -> list[Event]:
    """Write one fold if nobody was faster; returns the events that are new, with their seq. Raises RaceLostError."""
    document = memory_document(folded.memory)

    def work(session: ClientSession) -> list[Event]:
        swap(store, STATES, before, document, session)
        return put_events(store, folded.events, session)

    return store.transact(work)
