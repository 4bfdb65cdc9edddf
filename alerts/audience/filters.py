"""Filters of subscribers: names are resolved to portals once, events are matched many times."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict
from rapidfuzz import fuzz, process

from alerts.model.events import Event, Severity
from alerts.model.kinds import kinds
from alerts.model.places import PortalName, Silent
from alerts.model.sections import concerns
from alerts.records.queries import RETRACTED
from opendata_spiders import normalise
from opendata_spiders.register import Government, Level, Portal, PortalStatus, Register

SEVERITIES = (Severity.QUIET, Severity.NOTABLE, Severity.SEVERE)
"""From the least to the most."""

_SPEAKS_OF = frozenset({RETRACTED, "city.still_stopped"})
"""Kinds that refer to another event, whose kind their evidence has as `of`, and have the same readers as that event."""

_SUGGEST_FROM = 50
"""Similarity (0-100) below which no suggestion is made."""
_SUGGESTED = 5
"""Most names that are suggested."""


class UnknownNameError(ValueError):
    """Raised for a city, province, theme or kind that does not exist; names the most similar that does."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter, resolved against the register."""

    slugs: frozenset[str] | None = None
    """Portals followed; None is all of them."""
    themes: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = ()
    """Patterns (dataset.removed, city.*); empty means all."""
    severity: Severity = Severity.QUIET
    silent: tuple[Silent, ...] = ()
    names_zh: tuple[str, ...] = ()
    names_en: tuple[str, ...] = ()
    offices: frozenset[str] = frozenset()
    """Parts of department names; one of them must match."""
    key_data: frozenset[str] = frozenset()
    """Which of the four kinds of key data of the index."""

    def silent_but(self, told: Iterable[str]) -> tuple[Silent, ...]:
        """The places that cannot say anything, without those that are told from their province's portal."""
        known = set(told)
        return tuple(one for one in self.silent if one.slug not in known)

    def follows(self, slug: str) -> bool:
        """Whether the portal is followed. An empty slug, of events about this service itself, always is."""
        return self.slugs is None or not slug or slug in self.slugs

    @property
    def without_places(self) -> "Filter":
        """The filter without places: readers with equal ones get the same events of a city that they both follow."""
        return Filter(None, self.themes, self.kinds, self.severity, offices=self.offices, key_data=self.key_data)

    def names(self, language: str) -> tuple[str, ...]:
        """Names of the followed cities and provinces; empty if all are followed."""
        return self.names_zh if language == "zh" else self.names_en

    def takes(self, event: Event, role: str) -> bool:
        """Whether the event matches; a retraction matches if the retracted event did."""
        kind = str(event.evidence.get("of", event.kind)) if event.kind in _SPEAKS_OF else event.kind
        severity = Severity(event.evidence.get("of_severity", event.severity))
        return (
            self.follows(event.slug)
            and concerns(role, kind)
            and SEVERITIES.index(severity) >= SEVERITIES.index(self.severity)
            and (not self.kinds or any(fnmatchcase(kind, pattern) for pattern in self.kinds))
            and (event.dataset is None or self.wants(event.title, event.office, event.evidence.get("themes")))
        )

    def wants(self, title: str, office: str, stated: object = None) -> bool:
        """Whether a dataset matches by theme, department and key data; `stated`: its themes in the evidence, if any."""
        if self.offices and not any(part in office for part in self.offices):
            return False
        if not self.themes and not self.key_data:
            return True
        if isinstance(stated, list | tuple):
            themes = frozenset(str(theme) for theme in stated)
        else:
            themes = frozenset(normalise.content_theme(title, office).themes)
        return (not self.themes or bool(self.themes & themes)) and (
            not self.key_data or bool(self.key_data & normalise.key_data(title, office, themes))
        )


class Wanted(BaseModel):
    """A filter as written in the subscribers file; what is left out does not limit."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    cities: list[str] = []
    provinces: list[str] = []
    themes: list[str] = []
    offices: list[str] = []
    key_data: list[str] = []
    kinds: list[str] = []
    severity: Severity = Severity.QUIET


def resolve(register: Register, wanted: Wanted) -> Filter:
    """The filter with all names resolved. Raises UnknownNameError for the first unknown name."""
    themes = frozenset(known(theme, normalise.THEMES, "theme") for theme in wanted.themes)
    patterns = tuple(kind_pattern(word) for word in wanted.kinds)
    key_data = frozenset(known(word, normalise.KINDS, "key data") for word in wanted.key_data)
    offices = frozenset(word.strip() for word in wanted.offices if word.strip())
    scope = Filter(None, themes, patterns, wanted.severity, offices=offices, key_data=key_data)
    found = [_city(register, word) for word in wanted.cities] + [_province(register, word) for word in wanted.provinces]
    if not found:
        return scope
    slugs = {slug for one in found for slug in one.slugs(register)}
    silent = tuple(dict.fromkeys(silent for one in found for silent in one.silent(register)))
    names_zh, names_en = zip(*((one.name_zh, one.name_en) for one in found), strict=True)
    return replace(scope, slugs=frozenset(slugs), silent=silent, names_zh=names_zh, names_en=names_en)


def kind_pattern(word: str) -> str:
    """`city`, `city.` and `city.*` all mean every kind with that prefix. Raises UnknownNameError if there is none."""
    names = list(kinds())
    if word in names:
        return word
    prefix = word.removesuffix("*").removesuffix(".") + "."
    if any(name.startswith(prefix) for name in names):
        return prefix + "*"
    groups = sorted({name.split(".")[0] + ".*" for name in names})
    listed = f"known are {', '.join(groups)}; `python -m alerts kinds` lists every kind"
    return known(word, [*names, *groups], "event kind", listed=listed)


def known(word: str, words: Iterable[str], what: str, *, listed: str = "") -> str:
    """`word`, if it is among `words`. Raises UnknownNameError with the most similar one otherwise.

    `listed`: where all are listed, if they are too many for a sentence.
    """
    words = list(words)
    if word in words:
        return word
    hint = nearest(word, words, listed or f"known are {', '.join(words)}")
    raise UnknownNameError(f"there is no {what} {word!r}; {hint}")


def nearest(word: str, words: Iterable[str], otherwise: str) -> str:
    """The end of a sentence about an unknown name: the most similar known ones, else `otherwise`.

    Of a Chinese name of two characters several are equally similar: 贵杨 may be 贵阳, or 贵港.
    """
    found = process.extract(word, list(words), scorer=fuzz.ratio, score_cutoff=_SUGGEST_FROM, limit=_SUGGESTED)
    likely = dict.fromkeys(name for name, score, _ in found if score == found[0][1])
    return f"did you mean {' or '.join(map(repr, likely))}?" if likely else otherwise


@dataclass(frozen=True, slots=True)
class _Named:
    """The place that one name in a filter refers to."""

    name_zh: str
    name_en: str
    portals: tuple[Portal, ...]
    empty: tuple[Government, ...] = ()
    """Governments without any portal."""

    def slugs(self, register: Register) -> set[str]:
        """Of its portals that are read, and the places of governments that only the province's portal may tell of."""
        read = [portal for portal in self.portals if portal.crawlable]
        governed = {portal.government for portal in self.portals} | {one.adcode for one in self.empty}
        others = governed.difference(portal.government for portal in read)
        above = {adcode for adcode in others if adcode and register.read_above(adcode)}
        return {portal.slug for portal in read} | {register.place(adcode) for adcode in above}

    def silent(self, register: Register) -> list[Silent]:
        """Those that are not read; one whose datasets its province lists may be heard of nevertheless."""
        mute = [
            Silent(place_zh(portal), portal.short_en, portal.status.value, register.place(portal.government or ""))
            for portal in self.portals
            if not (portal.crawlable or self._speaks(portal))
        ]
        return mute + [Silent(one.short_zh, one.name_en, "no_portal", one.adcode) for one in self.empty]

    def _speaks(self, portal: Portal) -> bool:
        """Whether the same government has another portal that is crawled."""
        return any(
            other.status is PortalStatus.ACTIVE and other.government == portal.government and other.government
            for other in self.portals
        )


def _city(register: Register, word: str) -> _Named:
    folded = word.strip().casefold()
    if folded in register.portals:
        portal = register.portals[folded]
        return _Named(place_zh(portal), portal.short_en, (portal,))
    if government := _government(register, folded, lambda one: one.level is not Level.PROVINCE):
        portals = tuple(register.portals_of(government.adcode))
        return _Named(government.short_zh, government.name_en, portals, () if portals else (government,))
    for portal in register.portals.values():
        if folded in {name.casefold() for name in (portal.name_zh, portal.short_zh, portal.name_en, portal.short_en)}:
            return _Named(place_zh(portal), portal.short_en, (portal,))
    if _government(register, folded, lambda one: one.level is Level.PROVINCE):
        raise UnknownNameError(f"{word!r} is a province, not a city; write it under `provinces`.")
    cities = [name for one in register.governments.values() if one.level is not Level.PROVINCE for name in one.names]
    known(word, [*register.portals, *cities], "city", listed="docs/portals.md lists every city and portal")
    raise UnknownNameError(f"there is no city {word!r}; docs/portals.md lists every portal.")


def _province(register: Register, word: str) -> _Named:
    def is_province(one: Government) -> bool:
        return one.province == one.name_zh

    government = _government(register, word.strip().casefold(), is_province)
    if government is None:
        names = [name for one in register.governments.values() if is_province(one) for name in one.names]
        short = ", ".join(one.short_zh for one in register.governments.values() if is_province(one))
        known(word, names, "province", listed=f"known are {short}")
        raise UnknownNameError(f"there is no province {word!r}.")
    portals = tuple(one for one in register.portals.values() if one.province == government.name_zh)
    governed = {portal.government for portal in portals}
    empty = tuple(
        one for one in register.governments.values()
        if one.province == government.name_zh and one.adcode not in governed
    )  # fmt: skip
    return _Named(government.short_zh, government.name_en, portals, empty)


def _government(register: Register, folded: str, wanted: Callable[[Government], bool]) -> Government | None:
    for one in register.governments.values():
        if wanted(one) and folded in {name.casefold() for name in one.names}:
            return one
    return None


def place_zh(portal: Portal) -> str:
    """The short Chinese name of a portal's city."""
    return portal.short_zh or portal.name_zh


def places(register: Register) -> Mapping[str, PortalName]:
    """Every portal, and every government without one, as a reader knows it, by slug (`Register.place`)."""
    found = {}
    for slug, portal in register.portals.items():
        government = register.governments.get(portal.government or "")
        read = portal if portal.crawlable else register.read_above(portal.government or "") or portal
        found[slug] = PortalName(
            slug=slug,
            name_zh=portal.short_zh or (government.short_zh if government else portal.name_zh),
            name_en=portal.short_en or (government.name_en if government else portal.name_en),
            host=_host(read),
            home=read.base_url,
        )
    # The datasets of a government without a portal lie on the province's, if on any that is read.
    governed = {portal.government for portal in register.portals.values()}
    for bare in (one for adcode, one in register.governments.items() if adcode not in governed):
        above = register.read_above(bare.adcode)
        found[bare.adcode] = PortalName(
            slug=bare.adcode,
            name_zh=bare.short_zh,
            name_en=bare.name_en,
            host=_host(above) if above else "",
            home=above.base_url if above else "",
        )
    return found


def _host(portal: Portal) -> str:
    return urlsplit(portal.base_url).hostname or ""
