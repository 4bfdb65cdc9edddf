"""Why a file counts as failed or as unseen: the classes of failures.csv; digests word them in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from opendata_spiders.store.file_checks import FileOutcome
from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class FailureClass:
    """One row of failures.csv."""

    outcome: FileOutcome
    """FAILED: the file is broken or absent. UNSEEN: it was not checked, or could not be."""
    en: str


@cache
def classes() -> Mapping[str, FailureClass]:
    """All classes by name."""
    return Tables("opendata_spiders.files").records(FailureClass, "failures", "why")


def outcome_of(why: str) -> FileOutcome:
    """The outcome of a class; OK for an empty one. Raises KeyError for a class that is not in the table."""
    return classes()[why].outcome if why else FileOutcome.OK
