"""Many datasets in a few rows: their departments, some titles, and how many more there are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from alerts.digest.model import View
from alerts.model.events import Event
from alerts.model.sections import DetailLevel, policy
from alerts.text.facts import moment
from alerts.text.parts import Words

_SEEN = ("dataset.removed", "dataset.unlisted")


@dataclass(frozen=True, slots=True)
class NamedDataset:
    """A dataset as a digest names it."""

    title: str
    office: str = ""
    seen: datetime | None = None
    """When it was last listed, if it is gone."""
    updated: datetime | None = None
    """The last date it claims, if it is late."""


@dataclass(frozen=True, slots=True)
class Many:
    """A number of datasets, some of them with title."""

    total: int
    named: tuple[NamedDataset, ...] = ()
    offices: tuple[tuple[str, int], ...] = ()
    """Department and its number of datasets, largest number first."""


def of_events(events: Sequence[Event], samples: int) -> Many:
    """The datasets of several events of one kind, the first `samples` of them with title."""
    offices = Counter(event.office for event in events).most_common()
    return Many(len(events), tuple(_of_event(event) for event in events[:samples]), tuple(offices))


def _of_event(event: Event) -> NamedDataset:
    seen = moment(event.evidence.get("last_seen")) if event.kind in _SEEN else None
    return NamedDataset(event.title, event.office, seen, moment(event.evidence.get("claimed")))


def of_bulk(event: Event) -> Many | None:
    """The datasets in the evidence of a bulk event; None if it names none."""
    datasets = [row for row in _rows(event.evidence.get("datasets")) if isinstance(row, Mapping)]
    pairs = [pair for pair in map(_rows, _rows(event.evidence.get("offices"))) if len(pair) == 2]
    offices = [(str(name), number) for name, number in pairs if isinstance(number, int)]
    if not datasets and not offices:
        return None
    total = event.evidence.get("count")
    return Many(
        total if isinstance(total, int) else len(datasets),
        tuple(
            NamedDataset(str(row.get("title") or ""), str(row.get("office") or ""), moment(row.get("last_seen")))
            for row in datasets
        ),
        tuple(offices),
    )


def _rows(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def rows(many: Many, view: View, level: DetailLevel) -> tuple[Words, ...]:
    """One row for the departments, one for each sample, one for the rest."""
    shown = many.named[: level.samples]
    told = []
    if level.offices and any(name.strip() for name, _ in many.offices):
        wording, rest = view.wording, many.offices[level.offices :]
        named = [
            wording.say("named/department", name=wording.office(name), count=count)
            for name, count in many.offices[: level.offices]
        ]
        hidden = sum(count for _, count in rest)
        listed = wording.join(named)
        told.append(wording.say("named/departments", list=listed, rest=len(rest) or None, hidden=hidden))
        if len(many.offices) == 1:
            shown = tuple(replace(one, office="") for one in shown)
    told += [_sample(one, view) for one in shown]
    hidden = many.total - len(shown)
    if shown and hidden > 0:
        told.append(view.wording.say("named/rest", count=hidden))
    return tuple(told)


def _sample(one: NamedDataset, view: View) -> Words:
    wording = view.wording
    return wording.say(
        "named/sample",
        title=wording.quote(one.title, policy().title_chars),
        office=wording.aside(wording.office(one.office)) if one.office.strip() else (),
        seen=wording.day(one.seen, view.now) if one.seen else None,
        updated=wording.day(one.updated, view.now) if one.updated else None,
    )
