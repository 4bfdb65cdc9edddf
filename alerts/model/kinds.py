"""The kinds of events, read from kinds.csv: severity, names in Chinese and English, rule, evidence and criterion."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from alerts.model.events import Severity
from opendata_spiders.tables import Tables

LATER, RETIRED = "later", "retired"


class EventScope(StrEnum):
    """What an event is about; it decides who receives the event."""

    DATASET = "dataset"
    PORTAL = "portal"
    OPS = "ops"
    """About our own crawling: for operators only, never for subscribers."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of kinds.csv."""

    name: str
    scope: EventScope
    severity: Severity
    """The usual one; a rule may raise or lower it for one event."""
    stated: str
    """The release that first stated it; `later`: not stated yet; `retired`: no longer, only in older databases."""
    rule: str
    """Name and version of the rule, e.g. removed/1; empty while it is not stated."""
    zh: str
    en: str
    evidence: tuple[str, ...]
    """Keys of the event's evidence."""
    criterion: str

    @property
    def is_stated(self) -> bool:
        return self.stated not in (LATER, RETIRED)


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by name, in the order of the table, stated or not."""
    return {row["kind"]: _kind(row) for row in Tables("alerts.model").rows("kinds")}


def _kind(row: Mapping[str, str]) -> Kind:
    return Kind(
        name=row["kind"],
        scope=EventScope(row["scope"]),
        severity=Severity(row["severity"]),
        stated=row["stated"],
        rule=row["rule"],
        zh=row["zh"],
        en=row["en"],
        evidence=tuple(row["evidence"].split()),
        criterion=row["criterion"],
    )


_PAGE = """# Events

Generated from `alerts/model/kinds.csv` by `python -m alerts kinds --markdown`; do not edit by hand.

What each rests on, and what it cannot know, is in [trust.md](trust.md).

## Stated now

{stated}

## Not stated yet

{later}

## Not stated any more

Older databases may hold these; they are shown as they were written.

{retired}
"""


def events_page() -> str:
    """The text of docs/events.md: one table of what is stated, one of what is not yet, one of what is no longer."""
    stated = [kind for kind in kinds().values() if kind.is_stated]
    later, retired = ([kind for kind in kinds().values() if kind.stated == word] for word in (LATER, RETIRED))
    return _PAGE.format(
        stated=_stated_table(stated),
        later=_unstated_table(later, "would state when"),
        retired=_unstated_table(retired, "was stated when"),
    )


def _stated_table(rows: list[Kind]) -> str:
    head = ("event", "中文", "English", "about", "severity", "states when", "evidence", "rule")
    cells = ((kind.severity, kind.criterion, ", ".join(kind.evidence), kind.rule) for kind in rows)
    return _table(head, [(*_names(kind), *rest) for kind, rest in zip(rows, cells, strict=True)])


def _unstated_table(rows: list[Kind], criterion: str) -> str:
    head = ("event", "中文", "English", "about", criterion)
    return _table(head, [(*_names(kind), kind.criterion) for kind in rows])


def _names(kind: Kind) -> tuple[str, ...]:
    return f"`{kind.name}`", kind.zh, kind.en, kind.scope


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
