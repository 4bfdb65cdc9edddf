"""Selects portals by words: `guiyang,贵阳,province:山东,family:guizhou_api,host:data.guizhou.gov.cn`."""

from collections.abc import Callable, Iterable, Mapping

from opendata_spiders.register.models import Government, Portal, RegisterError

Names = Mapping[str, list[Portal]]

_CITY = "city"
_CUTOFF = 70
"""Similarity (0-100) below which no suggestion is made."""


def select(expression: str, portals: Iterable[Portal], governments: Mapping[str, Government]) -> list[Portal]:
    """Resolve a comma-separated list of words to portals: the union, in the order of the words, each portal once.

    A word is a slug, the name of a province (all its portals) or of a city, or `province:`, `family:` or `host:` with
    a name behind it. Portals that cannot be crawled are among the result.
    Raises RegisterError that names the first word without a match, and the nearest known one.
    """
    words = [word.strip() for word in expression.replace("，", ",").split(",")]
    if not any(words):
        raise RegisterError("no portal is named; write slugs, or province:…, family:…, host:…, joined by commas")
    known = list(portals)
    indexes, hints = _indexes(known, governments), places(known, governments.values())
    found = [portal for word in words if word for portal in _resolve(word, indexes, hints)]
    return list({portal.id: portal for portal in found}.values())


def _resolve(word: str, indexes: Mapping[str, Names], hints: Mapping[str, str]) -> list[Portal]:
    key, colon, value = word.replace("：", ":").partition(":")
    if not colon:
        key, value = "", word
    if key not in indexes or key == _CITY:
        known = ", ".join(f"{name}:" for name in indexes if name and name != _CITY)
        raise RegisterError(f"{word!r} names no portal: {key!r} is not one of {known}")
    index = indexes[key]
    folded = value.strip().casefold()
    if not key and folded not in index and (found := indexes["province"].get(folded) or indexes[_CITY].get(folded)):
        return found
    if folded not in index:
        place = "" if key else hints.get(folded, "")
        raise RegisterError(f"{word!r} names no portal{place or nearest(folded, index, prefix=key + colon)}")
    return index[folded]


def _indexes(portals: list[Portal], governments: Mapping[str, Government]) -> dict[str, Names]:
    provinces = {government.name_zh: government.names for government in governments.values()}
    return {
        "": _index(portals, lambda portal: (portal.slug,)),
        "province": _index(portals, lambda portal: provinces.get(portal.province, ())),
        "family": _index(portals, lambda portal: (portal.family,)),
        "host": _index(portals, lambda portal: (portal.host_group,)),
        _CITY: _cities(portals, governments),
    }


def _cities(portals: list[Portal], governments: Mapping[str, Government]) -> Names:
    """Portals by name of city; a name that several governments share is left out."""
    index: dict[str, list[Portal]] = {}
    owners: dict[str, set[str]] = {}
    for portal in portals:
        government = governments.get(portal.government or "")
        for name in _spoken(
            portal.name_zh, portal.name_en, portal.short_zh, portal.short_en, *(government.names if government else ())
        ):
            index.setdefault(name, []).append(portal)
            owners.setdefault(name, set()).add(portal.government or portal.id)
    return {name: found for name, found in index.items() if name and len(owners[name]) == 1}


def _index(portals: list[Portal], names: Callable[[Portal], Iterable[str]]) -> Names:
    index: dict[str, list[Portal]] = {}
    for portal in portals:
        for name in {name.casefold() for name in names(portal)}:
            index.setdefault(name, []).append(portal)
    return index


def places(portals: Iterable[Portal], governments: Iterable[Government]) -> dict[str, str]:
    """The slugs of every place by its name, as the end of a sentence, for users who type a place in place of a slug."""
    homes: dict[str, list[str]] = {}
    named: dict[str, dict[str, None]] = {}
    for portal in portals:
        homes.setdefault(portal.government or portal.id, []).append(portal.slug)
        for name in _spoken(portal.id, portal.name_zh, portal.name_en, portal.short_zh, portal.short_en):
            named.setdefault(name, {})[portal.slug] = None
    hints: dict[str, str] = {}
    for government in governments:
        names = _spoken(government.adcode, *government.names)
        none = f": the register holds no portal of {government.name_en} ({government.name_zh})"
        hints |= dict.fromkeys(names, none)
        for name in names:
            named.setdefault(name, {}).update(dict.fromkeys(homes.get(government.adcode, [])))
    return hints | {name: f"; did you mean {' or '.join(slugs)}?" for name, slugs in named.items() if slugs}


def _spoken(*names: str) -> set[str]:
    """Names as people type them: in any case, and without the addition to namesakes («Suzhou (Jiangsu)»)."""
    return {form for name in names for form in (name.casefold(), name.casefold().partition(" (")[0])}


def nearest(word: str, known: Iterable[str], *, prefix: str = "") -> str:
    """Suggest the nearest known word, as the end of a sentence."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 -- every command selects portals, few misspell one

    match = process.extractOne(word, list(known), scorer=fuzz.ratio, score_cutoff=_CUTOFF)
    if match:
        return f"; did you mean {prefix}{match[0]}?"
    return "; docs/portals.md lists every portal"
