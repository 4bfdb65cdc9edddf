"""One event as fixed text: a title and a sentence, in both languages, with whole dates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from alerts.model.events import Event
from alerts.model.places import PortalName
from alerts.text.facts import sentence
from alerts.text.labels import Both, kind_name
from alerts.text.parts import as_text
from alerts.text.sanitising import clean, inert
from alerts.text.wording import Wording, load
from opendata_spiders.store.clock import SHANGHAI

_TITLE_CHARS = 80


@cache
def wordings() -> tuple[Wording, Wording]:
    """Chinese and English wording, with dates in China's time zone and with years, because pages stay for years."""
    return load("zh", SHANGHAI, whole_dates=True), load("en", SHANGHAI, whole_dates=True)


@dataclass(frozen=True, slots=True)
class Statement:
    """An event as text."""

    title: Both
    what: Both


def statement_of(event: Event, places: Mapping[str, PortalName]) -> Statement:
    """The statement of one event as of the night it was stated, so that it never changes."""
    place, kind = place_name(event.slug, places), kind_name(event.kind)
    # Inert portal text.
    title = inert(clean(event.title, _TITLE_CHARS))
    zh, en = (f"：{title}", f": {title}") if event.title else ("", "")
    return Statement(
        Both(f"{place.zh} · {kind.zh}{zh}", f"{place.en} · {kind.en}{en}"),
        both(lambda wording: as_text(sentence(event, wording, event.at, event.at)[0])),
    )


def both(say: Callable[[Wording], str]) -> Both:
    """A text made by `say` in both languages."""
    zh, en = wordings()
    return Both(say(zh), say(en))


def place_name(slug: str, places: Mapping[str, PortalName]) -> Both:
    """The name of the city; the slug for a portal outside the register."""
    place = places.get(slug)
    return Both(place.name_zh, place.name_en) if place else Both(slug, slug)
