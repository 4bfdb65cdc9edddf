"""Builds a digest: a pure function of what happened, how things stand, who reads it and when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from alerts.digest.model import Digest, DigestKind, Line, Part, Picture, Section
from alerts.digest.occasions import SILENT, told_silences
from alerts.digest.order import is_watched, listed, sections, tally
from alerts.digest.rhythm import Every, Rhythm
from alerts.digest.rules import concerns, policy
from alerts.digest.scope import Scope
from alerts.digest.standing import TOLD_FIRST, coverage, first_sections, still_stopped, stopped
from alerts.digest.subject import changes_subject, first_subject, fitting
from alerts.digest.wording import Wording
from alerts.events import Event, Severity


class Reader(Protocol):
    """What a digest must know of its reader."""

    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def scope(self) -> Scope: ...
    @property
    def rhythm(self) -> Rhythm: ...
    @property
    def silent_days(self) -> int | None: ...


def build(  # noqa: PLR0913, PLR0917 -- everything a digest is made of
    reader: Reader,
    events: Sequence[Event],
    picture: Picture,
    now: datetime,
    wording: Wording,
    occasions: Sequence[Event] = (),
) -> Digest | None:
    """The digest of what happened, or None if nothing did that this reader is to hear of.

    `events` may hold anything; those outside the reader's scope are left out, unless the reader watches the dataset.
    Events of severity quiet are counted, and alone make no digest. `occasions` are what occasions.py found.
    """
    heard = [*heard_by(reader, events, picture), *watched_in_bulk(events, picture)]
    moved = {event.slug for event in heard if event.kind.startswith("city.")}
    asked = [one for one in occasions if one.kind == SILENT or reader.scope.takes(one, reader.role)]
    taken = [*heard, *(one for one in asked if one.slug not in moved)]
    if not listed(taken, picture.watched):
        return None
    told = sections(taken, picture, wording, now)
    subject = changes_subject(taken, picture, wording, now)
    stopped_now = {event.slug for event in taken if event.kind.startswith("city.")}
    extra = [still_stopped(picture, stopped_now, wording, now), tally(taken, picture.watched, wording)]
    summary = tuple(line for line in extra if line)
    ids = tuple(dict.fromkeys(event.id for event in heard))
    digest = _digest(DigestKind.CHANGES, subject, (summary, told), (reader, picture, now, wording), ids)
    return replace(digest, silences=tuple(told_silences(picture, taken)))


def heard_by(reader: Reader, events: Sequence[Event], picture: Picture) -> list[Event]:
    """What this reader is to hear of: what the filter takes, and whatever happens to a watched dataset."""
    return [
        event
        for event in events
        if reader.scope.takes(event, reader.role)
        or (is_watched(event, picture.watched) and concerns(reader.role, event.kind))
    ]


def watched_in_bulk(events: Sequence[Event], picture: Picture) -> list[Event]:
    """A watched dataset that went with many others, as news of its own: the bulk event alone would hide it."""
    bulks = [event for event in events if event.kind == "bulk.deletion"] if picture.watched else []
    return [
        replace(
            event,
            kind="dataset.removed",
            dataset=row["id"],
            title=row["title"],
            office=row["office"],
            evidence={"last_seen": row.get("last_seen"), "runs": [event.run]},
        )
        for event in bulks
        for row in event.evidence.get("datasets") or ()
        if (event.portal, row["id"]) in picture.watched
    ]


def build_first(
    reader: Reader, picture: Picture, now: datetime, wording: Wording, silent: Sequence[Event] = ()
) -> Digest:
    """The state of play: what a new subscriber has to know before changes make sense."""
    subject = first_subject(len(picture.standings), stopped(picture, now), picture, wording, now)
    summary = (Line(wording.say("summary/first")),)
    shown = {one.slug for one in picture.standings if one.state in TOLD_FIRST}
    own = sections([one for one in silent if one.slug not in shown], picture, wording, now)
    told = (*own, *first_sections(picture, wording, now))
    digest = _digest(DigestKind.FIRST, subject, (summary, told), (reader, picture, now, wording))
    return replace(digest, silences=tuple(told_silences(picture, silent)))


def build_heartbeat(reader: Reader, picture: Picture, now: datetime, wording: Wording) -> Digest:
    """Nothing happened, and that is known, not merely unheard of."""
    subject = fitting(wording.plain("subject/heartbeat", total=len(picture.standings)))
    extra = [Line(wording.say("summary/heartbeat")), still_stopped(picture, (), wording, now)]
    summary = tuple(line for line in extra if line)
    return _digest(DigestKind.HEARTBEAT, subject, (summary, ()), (reader, picture, now, wording))


def _digest(
    kind: DigestKind,
    subject: str,
    body: tuple[tuple[Line, ...], tuple[Section, ...]],
    context: tuple[Reader, Picture, datetime, Wording],
    events: tuple[str, ...] = (),
) -> Digest:
    reader, picture, now, wording = context
    return Digest(
        subscriber=reader.name,
        language=wording.language,
        kind=kind,
        subject=subject,
        dateline=f"{wording.full_day(now)} · {wording.text('product')}",
        summary=body[0],
        sections=body[1],
        coverage=() if kind is DigestKind.NOTICE else coverage(picture, reader.role, wording, now),
        footer=footer(reader, wording),
        events=events,
    )


def footer(reader: Reader, wording: Wording) -> tuple[Line, ...]:
    """Why this came, and how it stops coming."""
    why = wording.say(
        "footer/why", name=reader.name, scope=scope_words(reader.scope, wording), rhythm=_when(reader.rhythm, wording)
    )
    return (Line(why), Line(wording.say("footer/change", name=reader.name)))


def scope_words(scope: Scope, wording: Wording) -> str:
    """What is followed, in one phrase."""
    names = scope.names_zh if wording.language == "zh" else scope.names_en
    places = (
        wording.text("footer/scope_all") if scope.slugs is None else wording.places(list(names), policy().places_named)
    )
    limits = [wording.text(f"footer/severity/{scope.severity}")] if scope.severity is not Severity.QUIET else []
    limits += [wording.plain_known("theme", theme) for theme in sorted(scope.themes)]
    limits += [*sorted(scope.offices), *(wording.plain_known("key_data", name) for name in sorted(scope.key_data))]
    limits += scope.kinds
    if not limits:
        return str(places)
    return wording.plain("footer/limited", list=places, limits=wording.text("list_separator").join(limits))


def _when(rhythm: Rhythm, wording: Wording) -> str:
    at = rhythm.at.strftime("%H:%M")
    weekday = wording.text("footer/weekdays")[rhythm.weekday]
    key = f"footer/rhythm_{Every(rhythm.every)}"
    return wording.plain(key, at=at, weekday=weekday, day=rhythm.day)


def notice(reader: Reader, lines: Sequence[Line], now: datetime, wording: Wording) -> Digest:
    """To an operator: messages of ours that were given up."""
    subject = fitting(wording.plain("subject/notice", count=len(lines)))
    summary = (*lines, Line((Part(wording.text("notice/todo")),)))
    return _digest(DigestKind.NOTICE, subject, (summary, ()), (reader, Picture({}), now, wording))
