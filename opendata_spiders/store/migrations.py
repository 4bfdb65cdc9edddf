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


MIGRATIONS: Mapping[int, Migration] = {2: _forget_catalogue_dates}
"""By the version that they lead to."""
