"""What a family's parsers return and raise: plain data, so that a golden test needs no crawl."""

from dataclasses import dataclass
from typing import Any

from opendata_spiders.items import RawValues
from opendata_spiders.store.models import Verdict


@dataclass(frozen=True, slots=True)
class ListRow:
    """One entry of a list page."""

    id: str
    values: RawValues
    """Raw values by canonical name (store/fields.csv); a field the row lacks is left out, an empty one stays ''."""
    body: Any
    """The row as it was read: HTML, or the value of JSON, which `bodies.evidence` writes as text where it is kept."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a portal's list."""

    rows: tuple[ListRow, ...]
    declared: int | None = None
    """The total this page prints; None if it prints none (or nonsense, see `oddities`)."""
    without_id: int = 0
    """Entries that cannot be keyed: counted and recorded, never dropped in silence."""
    oddities: tuple[str, ...] = ()
    """What was odd about the page, one English phrase each (`total is not a number: 'abc'`)."""
    pages: int | None = None
    """How many pages this page says that the list has, where it prints that in place of a total."""
    chars: int = 0
    """Characters of the page where its rows are values of JSON; 0 where the rows are texts themselves."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One dataset's detail page."""

    values: RawValues
    body: str


@dataclass(frozen=True, slots=True)
class PortalFile:
    """One file of a dataset, as its portal lists it."""

    dataset: str
    id: str
    """The portal's own id of the file within the dataset, else its name."""
    name: str
    format: str
    """As the portal writes it."""


@dataclass(frozen=True, slots=True)
class FilesPage:
    """One page of the list of a dataset's files."""

    files: tuple[PortalFile, ...]
    declared: int | None = None
    """How many there are in all, if the portal says so."""
    without_id: int = 0
    """Entries that can be neither named nor fetched."""


@dataclass(frozen=True, slots=True)
class TablePreview:
    """What a portal shows of a dataset's table without a download."""

    columns: tuple[str, ...] = ()
    """Names as written, '' for a column without one; empty where none are shown."""
    rows: int | None = None
    """Rows of the whole table; None where they are not shown, or none are."""


class PageError(Exception):
    """A page that is not what was asked for; `verdict` is the verdict of a run that consists of this page alone.

    Raised by parsers and by the checks every response goes through; never reaches a subscriber.
    """

    verdict: Verdict = Verdict.FAILED


class PageDriftedError(PageError):
    """Raised when a page answers in a shape that the family does not know (redesign, moved endpoint)."""

    verdict = Verdict.DRIFTED


class PageMissingError(PageDriftedError):
    """Raised when a list page answers 404 or 410: a hole if its neighbours answer, a moved portal if none does."""


class PageMovedError(PageDriftedError):
    """Raised when an answer leads outside the portal's host group, where no request is sent."""

    def __init__(self, said: str, target: str) -> None:
        super().__init__(said)
        self.target = target
        """The URL that was not asked for."""


class PageTooLargeError(PageDriftedError):
    """Raised when an answer is larger, also once inflated, than the limit for a portal's pages."""


class PageBlockedError(PageError):
    """Raised when the answer is a wall: 403, 412, 521, a challenge, a login or HTML where JSON is due."""

    verdict = Verdict.BLOCKED


class PageUnreachableError(PageError):
    """Raised when the portal did not answer, or answered that it cannot (timeout, 5xx, an error code inside a 200)."""

    verdict = Verdict.UNREACHABLE


class DatasetGoneError(PageError):
    """Raised by a detail parser when the portal says, by its family's rule, that the dataset is gone."""

    verdict = Verdict.COMPLETE
