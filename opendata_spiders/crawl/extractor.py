"""What a list is read by: a family's class for our own readings, a `RecordedExtractor` for snapshots of others."""

from dataclasses import dataclass
from typing import Protocol

from opendata_spiders.crawl.target import CrawlTarget


class Extractor(Protocol):
    """By which software's rules datasets are read, and which fields."""

    @property
    def family(self) -> str: ...
    @property
    def ids_of(self) -> str:
        """The family whose native ids and epoch it continues; empty for its own."""

    @property
    def id_rule(self) -> int: ...
    @property
    def extractor_version(self) -> int: ...
    @property
    def list_fields(self) -> tuple[str, ...]: ...
    @property
    def detail_fields(self) -> tuple[str, ...]: ...
    @property
    def dates_in_details(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class RecordedExtractor:
    """Reads the lists that somebody recorded: there are no details."""

    family: str
    """Whose native ids and vocabulary the snapshot has: a family's, or a name that no family has."""
    list_fields: tuple[str, ...]
    ids_of: str = ""
    id_rule: int = 1
    extractor_version: int = 1
    detail_fields: tuple[str, ...] = ()
    dates_in_details: bool = False


def epoch_of(by: Extractor, target: CrawlTarget) -> str:
    """The epoch of what is read: readings of one epoch may be compared by native id."""
    return target.epoch(by.ids_of or by.family, by.id_rule)
