"""What brings a database up from the schema version before, one function a version.

A migration may end on the way, with its process, and is run again from its beginning: running it twice is harmless.
Others wait meanwhile. It reports what it does, for it may take minutes.
"""

from collections.abc import Callable, Mapping

from opendata_spiders.store.writing import StoreDatabase

Report = Callable[[str], None]
Migration = Callable[[StoreDatabase, Report], None]


def _forget_catalogue_dates(db: StoreDatabase, report: Report) -> None:
    """Version 2: the dates of catalogues are kept in another form; the next diff derives them from the lists."""
    report(f"dropping the dates of {db.catalogue_dates.estimated_document_count()} catalogues, which are derived again")
    db.catalogue_dates.delete_many({})


_FULL_INDEXES = ("portal_1_dataset_1_seq_1", "severity_1_seq_-1", "portal_1_severity_1_seq_-1", "kind_1_seq_1")


def _drop_full_indexes(db: StoreDatabase, report: Report) -> None:
    """Version 3: indexes of `events` that held all of them; smaller ones take their place (`collections.py`)."""
    for name in sorted(db.events.index_information().keys() & set(_FULL_INDEXES)):
        report(f"dropping the index {name} of events; the next command of `alerts` makes a smaller one")
        db.events.drop_index(name)


MIGRATIONS: Mapping[int, Migration] = {2: _forget_catalogue_dates, 3: _drop_full_indexes}
"""By the version that they lead to."""
