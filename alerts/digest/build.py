"""Builds a digest: a pure function of events, present states, subscriber and time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from alerts.audience.filters import Filter
from alerts.audience.rhythm import Every
from alerts.audience.subscribers import Subscriber
from alerts.digest.city_news import CityNews, by_section, event_ids, hear, with_reminders
from alerts.digest.model import Digest, DigestKind, Line, Section, Situation, View
from alerts.digest.reminders import SILENT, told_silences
from alerts.digest.sections import sections, tally
from alerts.digest.standings import TOLD_FIRST, coverage, first_sections, read_lately, still_stopped
from alerts.digest.subject import changes_subject, first_subject, fitting
from alerts.model.events import Event, Severity
from alerts.model.sections import policy
from alerts.text.parts import Part
from alerts.text.wording import Wording


def build(reader: Subscriber, events: Sequence[Event], view: View, reminders: Sequence[Event] = ()) -> Digest | None:
    """The digest of these events, or None if none of them is for this reader.

    Events outside the reader's scope are left out, unless the reader watches the dataset.
    """
    news = hear(events, reader.scope, reader.role, view.situation.watched)
    return build_heard(reader, news, view, reminders)


def build_heard(
    reader: Subscriber, news: Sequence[CityNews], view: View, reminders: Sequence[Event] = ()
) -> Digest | None:
    """Like `build`, from news that are already filtered for this reader.

    Events of severity quiet are counted, and alone make no digest. `reminders` are the events of reminders.py.
    """
    about_state = {one.slug for one in news if one.about_state}
    asked = [one for one in reminders if one.kind == SILENT or reader.scope.takes(one, reader.role)]
    extra = [one for one in asked if one.slug not in about_state]
    taken = with_reminders(news, extra)
    found = by_section(taken)
    if not found:
        return None
    summary = still_stopped(view, about_state | {one.slug for one in extra})
    if counts := tally(taken, view.wording):
        summary += (counts,)
    digest = _digest(DigestKind.CHANGES, changes_subject(found, view), summary, reader, view, sections(found, view))
    return replace(digest, events=event_ids(news), silences=told_silences(view.situation, extra))


def build_first(reader: Subscriber, view: View, silent: Sequence[Event] = ()) -> Digest:
    """The first digest of a new subscriber: the present state of what they follow."""
    shown = {one.slug for one in view.standings if one.state in TOLD_FIRST}
    untold = with_reminders((), [one for one in silent if one.slug not in shown])
    told = (*sections(by_section(untold), view), *first_sections(view))
    summary = (Line(view.wording.say("summary/first")),)
    digest = _digest(DigestKind.FIRST, first_subject(view), summary, reader, view, told)
    return replace(digest, silences=told_silences(view.situation, silent))


def build_list(reader: Subscriber, subject: str, view: View) -> Digest:
    """The digest for an officer's overdue list in a night without events."""
    summary = (Line(view.wording.say("list/summary")), *still_stopped(view))
    return _digest(DigestKind.LIST, fitting(subject), summary, reader, view)


def build_heartbeat(reader: Subscriber, view: View) -> Digest:
    """The digest of a month without events; it says how many portals could be read."""
    total, watched = len(view.portals), sum(read_lately(one, view.now) for one in view.portals)
    key = "heartbeat" if watched == total else "heartbeat_some" if watched else "heartbeat_none"
    subject = fitting(view.wording.plain(f"subject/{key}", total=total, watched=watched))
    summary = (Line(view.wording.say(f"summary/{key}")), *still_stopped(view))
    return _digest(DigestKind.HEARTBEAT, subject, summary, reader, view)


def notice(reader: Subscriber, lines: Sequence[Line], now: datetime, wording: Wording) -> Digest:
    """The digest to an operator about messages that could not be delivered."""
    subject = fitting(wording.plain("subject/notice", count=len(lines)))
    summary = (*lines, Line((Part(wording.text("notice/todo")),)))
    return _digest(DigestKind.NOTICE, subject, summary, reader, View(Situation({}), wording, now))


def _digest(  # noqa: PLR0913, PLR0917 -- the parts of a digest
    kind: DigestKind,
    subject: str,
    summary: tuple[Line, ...],
    reader: Subscriber,
    view: View,
    told: tuple[Section, ...] = (),
) -> Digest:
    return Digest(
        subscriber=reader.name,
        language=view.wording.language,
        kind=kind,
        subject=subject,
        dateline=f"{view.wording.full_day(view.now)} · {view.wording.text('product')}",
        summary=summary,
        sections=told,
        coverage=() if kind is DigestKind.NOTICE else coverage(view, reader.role),
        footer=footer(reader, view.wording),
    )


def footer(reader: Subscriber, wording: Wording) -> tuple[Line, ...]:
    """The lines that say why the reader gets this message and how to change or end it."""
    when = reader.rhythm
    rhythm = wording.plain(
        f"footer/rhythm_{Every(when.every)}",
        at=when.at.strftime("%H:%M"),
        weekday=wording.text("footer/weekdays")[when.weekday],
        day=when.day,
    )
    why = wording.say("footer/why", name=reader.name, scope=scope_words(reader.scope, wording), rhythm=rhythm)
    return (Line(why), Line(wording.say("footer/change", name=reader.name)))


def scope_words(scope: Filter, wording: Wording) -> str:
    """What the subscriber follows, in one phrase."""
    names = scope.names(wording.language)
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
