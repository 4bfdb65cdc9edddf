"""One page of a list: which rows it shows and which total it prints, incidents of paging included."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.replica.incidents import Incident, Kind
from tests.replica.records import Record


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list."""

    rows: tuple[Record, ...]
    total: int | None
    """As printed; None: not printed."""
    missing: bool = False
    """The page answers 404."""


def listing(records: Sequence[Record], page: int, size: int, incidents: Iterable[Incident], reading: int) -> Listing:
    """Return page `page` (from 1) in the `reading`-th reading of that night; a page past the end has no rows."""
    total: int | None = len(records)
    pages = -(-len(records) // size)
    for incident in incidents:
        if incident.kind is Kind.MISCOUNTS:
            total = _printed(incident.value, len(records))
        elif incident.kind is Kind.HOLE and incident.first_page <= page <= incident.last_page:
            return Listing((), total, missing=True)
        elif incident.kind is Kind.ENDS_EARLY and page > incident.count:
            return Listing((), total)
        elif incident.kind is Kind.DOUBLES:
            records = _doubled(records, incident.count)
        elif incident.kind is Kind.DRIFTS:
            records = _drifted(records, incident, (reading - 1) * pages + page - 1, reading)
        elif incident.kind is Kind.INSERTS:
            inserted = ((reading - 1) * pages + page - 1) // incident.every
            records = records[max(0, incident.count - inserted) :]
            total = len(records)
    return Listing(tuple(records[(page - 1) * size : page * size]), total)


def _printed(value: str, true: int) -> int | None:
    if not value:
        return None
    return true + int(value) if value[0] in "+-" else int(value)


def _doubled(records: Sequence[Record], every: int) -> Sequence[Record]:
    return [
        record for place, one in enumerate(records, start=1) for record in ([one, one] if place % every == 0 else [one])
    ]


def _drifted(records: Sequence[Record], incident: Incident, requests: int, reading: int) -> Sequence[Record]:
    """After some requests a dataset from the end is updated and moves to the top: all others move one place down."""
    if not records or (incident.passes and reading >= incident.passes):
        return records
    moved = requests // incident.every % len(records)
    return [*records[len(records) - moved :], *records[: len(records) - moved]]
