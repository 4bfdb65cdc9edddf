"""One event in words that never change: a title, and what happened, in both languages, with whole dates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

from alerts.model.events import Event
from alerts.model.kinds import kinds
from alerts.model.places import PortalName
from alerts.text.facts import sentence
from alerts.text.labels import Both
from alerts.text.parts import as_text
from alerts.text.sanitising import clean, inert
from alerts.text.wording import Wording, load

CHINA = ZoneInfo("Asia/Shanghai")
_TITLE_CHARS = 80


@cache
def wordings() -> tuple[Wording, Wording]:
    """Chinese and English, dates as in China and with their year: a page is read in other years too."""
    return load("zh", CHINA, whole_dates=True), load("en", CHINA, whole_dates=True)


@dataclass(frozen=True, slots=True)
class Statement:
    """An event in words."""

    title: Both
    what: Both


def told(event: Event, places: Mapping[str, PortalName]) -> Statement:
    """What one event says, as of the night it was stated: the same whenever it is asked."""
    place = place_name(event.slug, places)
    kind = kind_name(event.kind)
    subject = quoted(event.title) if event.title else Both("", "")
    return Statement(
        Both(f"{place.zh} · {kind.zh}{subject.zh}", f"{place.en} · {kind.en}{subject.en}"),
        both(lambda wording: as_text(sentence(event, wording, event.at, event.at)[0])),
    )


def both(say: Callable[[Wording], str]) -> Both:
    """The same said by either language's texts."""
    zh, en = wordings()
    return Both(say(zh), say(en))


def quoted(title: str) -> Both:
    """Portal text after a colon, unable to act anywhere."""
    inside = inert(clean(title, _TITLE_CHARS))
    return Both(f"：{inside}", f": {inside}")


def place_name(slug: str, places: Mapping[str, PortalName]) -> Both:
    """The city; the slug of a portal outside the register."""
    place = places.get(slug)
    return Both(place.name_zh, place.name_en) if place else Both(slug, slug)


def kind_name(kind: str) -> Both:
    """What the table of kinds calls it."""
    known = kinds().get(kind)
    return Both(known.zh, known.en) if known else Both(kind, kind)
