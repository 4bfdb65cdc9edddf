"""Builds a digest: a pure function of what happened, how things stand, who reads it and when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from alerts.audience.filters import Filter
from alerts.audience.rhythm import Every, Rhythm
from alerts.digest.lots import CityNews, by_section, event_ids, hear, with_occasions
from alerts.digest.model import Digest, DigestKind, Line, Picture, Section
from alerts.digest.occasions import SILENT, told_silences
from alerts.digest.order import sections, tally
from alerts.digest.standing import TOLD_FIRST, coverage, first_sections, read_lately, still_stopped
from alerts.digest.subject import changes_subject, first_subject, fitting
from alerts.model.events import Event, Severity
from alerts.model.sections import policy
from alerts.text.parts import Part
from alerts.text.wording import Wording


class ReaderProfile(Protocol):
    """What a digest must know of its reader."""

    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def scope(self) -> Filter: ...
    @property
    def rhythm(self) -> Rhythm: ...
    @property
    def silent_days(self) -> int | None: ...


def build(  # noqa: PLR0913, PLR0917 -- everything a digest is made of
    reader: ReaderProfile,
    events: Sequence[Event],
    picture: Picture,
    now: datetime,
    wording: Wording,
    occasions: Sequence[Event] = (),
) -> Digest | None:
    """The digest of what happened, or None if nothing did that this reader is to hear of.

    `events` may hold anything; those outside the reader's scope are left out, unless the reader watches the dataset.
    """
    news = hear(events, reader.scope, reader.role, picture.watched)
    return build_heard(reader, news, picture, now, wording, occasions)


def build_heard(  # noqa: PLR0913, PLR0917 -- everything a digest is made of
    reader: ReaderProfile,
    news: Sequence[CityNews],
    picture: Picture,
    now: datetime,
    wording: Wording,
    occasions: Sequence[Event] = (),
) -> Digest | None:
    """Like `build`, of news that are this reader's already.

    Events of severity quiet are counted, and alone make no digest. `occasions` are what occasions.py found.
    """
    turned = {one.slug for one in news if one.turned}
    asked = [one for one in occasions if one.kind == SILENT or reader.scope.takes(one, reader.role)]
    apart = [one for one in asked if one.slug not in turned]
    taken = with_occasions(news, apart)
    lots = by_section(taken)
    if not lots:
        return None
    told = sections(lots, picture, wording, now)
    subject = changes_subject(lots, picture, wording, now)
    extra = [still_stopped(picture, turned | {one.slug for one in apart}, wording, now), tally(taken, wording)]
    summary = tuple(line for line in extra if line)
    digest = _digest(DigestKind.CHANGES, subject, (summary, told), (reader, picture, now, wording), event_ids(news))
    return replace(digest, silences=tuple(told_silences(picture, apart)))


def build_first(
    reader: ReaderProfile, picture: Picture, now: datetime, wording: Wording, silent: Sequence[Event] = ()
) -> Digest:
    """The state of play: what a new subscriber has to know before changes make sense."""
    subject = first_subject(picture, wording, now)
    summary = (Line(wording.say("summary/first")),)
    shown = {one.slug for one in picture.standings if one.state in TOLD_FIRST}
    own = sections(
        by_section(with_occasions((), [one for one in silent if one.slug not in shown])), picture, wording, now
    )
    told = (*own, *first_sections(picture, wording, now))
    digest = _digest(DigestKind.FIRST, subject, (summary, told), (reader, picture, now, wording))
    return replace(digest, silences=tuple(told_silences(picture, silent)))


def build_list(reader: ReaderProfile, subject: str, picture: Picture, now: datetime, wording: Wording) -> Digest:
    """Nothing happened, but an officer's list is due: the digest that it is put into."""
    extra = [Line(wording.say("list/summary")), still_stopped(picture, (), wording, now)]
    summary = tuple(line for line in extra if line)
    return _digest(DigestKind.LIST, fitting(subject), (summary, ()), (reader, picture, now, wording))


def build_heartbeat(reader: ReaderProfile, picture: Picture, now: datetime, wording: Wording) -> Digest:
    """Nothing happened where we could read, and how much that was: silence of ours is no quiet month."""
    total, watched = len(picture.standings), sum(read_lately(one, now) for one in picture.standings)
    key = "heartbeat" if watched == total else "heartbeat_some" if watched else "heartbeat_none"
    subject = fitting(wording.plain(f"subject/{key}", total=total, watched=watched))
    extra = [Line(wording.say(f"summary/{key}")), still_stopped(picture, (), wording, now)]
    summary = tuple(line for line in extra if line)
    return _digest(DigestKind.HEARTBEAT, subject, (summary, ()), (reader, picture, now, wording))


def _digest(
    kind: DigestKind,
    subject: str,
    body: tuple[tuple[Line, ...], tuple[Section, ...]],
    context: tuple[ReaderProfile, Picture, datetime, Wording],
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


def footer(reader: ReaderProfile, wording: Wording) -> tuple[Line, ...]:
    """Why this came, and how it stops coming."""
    why = wording.say(
        "footer/why", name=reader.name, scope=scope_words(reader.scope, wording), rhythm=_when(reader.rhythm, wording)
    )
    return (Line(why), Line(wording.say("footer/change", name=reader.name)))


def scope_words(scope: Filter, wording: Wording) -> str:
    """What is followed, in one phrase."""
    names = scope.names_zh if wording.language == "zh" else scope.names_en
    places = (
        wording.text("footer/scope_all")
        if scope.slugs is None
        else wording.places(names[: policy().places_named], len(names))
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


def notice(reader: ReaderProfile, lines: Sequence[Line], now: datetime, wording: Wording) -> Digest:
    """To an operator: messages of ours that were given up."""
    subject = fitting(wording.plain("subject/notice", count=len(lines)))
    summary = (*lines, Line((Part(wording.text("notice/todo")),)))
    return _digest(DigestKind.NOTICE, subject, (summary, ()), (reader, Picture({}), now, wording))
