"""One event, or many of one kind in one city, as a line with its evidence."""

from collections.abc import Mapping, Sequence
from typing import Any

from alerts.digest import samples
from alerts.digest.city_news import distinct
from alerts.digest.model import Line, View
from alerts.model.events import Confidence, Event
from alerts.model.sections import DetailLevel
from alerts.records.queries import rounds_of
from alerts.text.facts import AGES, moment, sentence
from alerts.text.links import event_path, has_page, page_url
from alerts.text.parts import Part, Tone, Words
from alerts.text.sanitising import inert_url
from alerts.text.wording import Wording


def event_line(event: Event, view: View, level: DetailLevel) -> Line:
    """One event with its confidence and evidence."""
    read = view.read_at(event)
    said, used = sentence(event, view.wording, view.now, read)
    aged = view.wording.as_of(read, view.now) if AGES & used else ()
    doubt = view.wording.asides(_confidence(event.confidence, view.wording), aged)
    many = samples.of_bulk(event)
    return Line(said + doubt, _notes(event, view), samples.rows(many, view, level) if many else ())


def folds(events: Sequence[Event], wording: Wording, level: DetailLevel) -> bool:
    """Whether these events of one kind get one line: there are many, and the kind can be counted."""
    countable = events[0].dataset is not None or wording.has(f"folds/{events[0].kind}")
    return countable and len(events) > level.fold_over


def folded_line(events: Sequence[Event], view: View, level: DetailLevel) -> Line:
    """Many events of one kind in one city: their number, departments, and a few by name."""
    events = distinct(events)
    words: Words = (Part(counted(events[0].kind, len(events), view.wording)),)
    sure = {event.confidence for event in events}
    doubt = view.wording.asides(_confidence(sure.pop(), view.wording)) if len(sure) == 1 else ()
    # The first of them: datasets by title, events about no dataset as full sentences.
    if events[0].dataset is not None:
        return Line(words + doubt, named=samples.rows(samples.of_events(events, level.samples), view, level))
    named = [sentence(event, view.wording, view.now, event.at)[0] for event in events[: level.samples]]
    if hidden := len(events) - len(named):
        named.append(view.wording.say("named/rest", count=hidden))
    return Line(words + doubt, named=tuple(named))


def counted(kind: str, count: int, wording: Wording) -> str:
    """A phrase for `count` datasets, files or other subjects of one kind of event."""
    return wording.plain(f"folds/{kind if wording.has(f'folds/{kind}') else 'other'}", count=count)


def _confidence(confidence: Confidence, wording: Wording) -> Words:
    if confidence is Confidence.CONFIRMED:
        return ()
    return (Part(wording.text(f"confidence/{confidence.value}")),)


def _notes(event: Event, view: View) -> tuple[Words, ...]:
    """A link to our event page if there is one, else the dates before and after the change; and the portal's page."""
    notes: list[Words] = []
    if view.situation.site_url and event.id and has_page(event):
        href = page_url(view.situation.site_url, view.wording.language, event_path(event.id))
        notes.append((Part(view.wording.text("evidence/detail"), Tone.LINK, href),))
    else:
        evidence = event.evidence
        told = {
            "last_seen": evidence.get("last_seen"),
            "first_absent": (evidence.get("absent") or [{}])[0].get("at"),
            "old_date": evidence.get("claimed_before") or evidence.get("evidence_before"),
            "new_date": evidence.get("claimed_after") or evidence.get("claimed"),
            "due": evidence.get("due_at"),
        }
        dates = {name: moment(value) for name, value in told.items()}
        if known := {name: view.wording.day(date, view.now) for name, date in dates.items() if date}:
            notes.append(_evidence(known, view.wording))
    place = view.situation.places.get(event.slug)
    if page := inert_url(event.page_url, place.host if place else ""):
        notes.append((Part(page, Tone.URL),))
    return tuple(notes)


def shared_notes(events: Sequence[Event], view: View) -> tuple[Words, ...]:
    """The evidence that several events of one city share: the two runs, the printed total and the datasets read."""
    if view.situation.site_url:
        return ()
    tables = [_reading(event) for event in events]
    common = {name: value for name, value in tables[0].items() if all(one.get(name) == value for one in tables)}
    return (_evidence(common, view.wording),) if common else ()


def _evidence(values: Mapping[str, Any], wording: Wording) -> Words:
    pieces = [wording.say(f"evidence/{name}", value=value) for name, value in values.items()]
    return (Part(wording.text("evidence/prefix")), *wording.join(pieces))


def _reading(event: Event) -> dict[str, int | str]:
    """The printed total, the datasets read, the run that states the event and the one it was compared with."""
    compared = rounds_of(event) or event.evidence.get("runs") or ()
    others = [str(run) for run in compared if run != event.run]
    numbers = {name: event.evidence.get(name) for name in ("declared", "seen")}
    runs = {"run": event.run, "previous_run": others[0] if others else ""}
    return {
        **{name: value for name, value in numbers.items() if isinstance(value, int)},
        **{name: run for name, run in runs.items() if run},
    }
