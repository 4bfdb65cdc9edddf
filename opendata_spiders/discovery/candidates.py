"""Where a government's portal may be: addresses that somebody has named, and hosts spelled as those of other portals.

Pure functions of the register and the tables; no request is sent.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from opendata_spiders.discovery.policy import discovery_policy
from opendata_spiders.fetching.addresses import place_of
from opendata_spiders.register import Government, Portal, Register
from opendata_spiders.register.edit import slug_of
from opendata_spiders.tables import Row, Tables, read_table

_COLUMNS = ("adcode", "address", "note", "source")
_KINDS = re.compile(r"(?:prefecture|league|city|province)$")
_SYLLABLE = re.compile(r"(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?[aeiouv]+(?:ng?(?![aeiouv])|r(?![aeiouv]))?")
"""One syllable of pinyin without tones; a consonant before a vowel begins the next one."""
_OWN_SITE = "www."
"""What the government's own site begins with, which says nothing of a portal."""
_OF_GOVERNMENTS = ".gov.cn"
"""Nobody else has such a host: a guess elsewhere may be anybody's."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A software that may answer at an address, and where it is mounted there."""

    family: str
    context_path: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be a portal's."""

    address: str
    why: str
    """Who names it, or which portals are spelled alike."""
    suspects: tuple[Suspect, ...] = ()
    """The likeliest first; asked for where the home page tells no software."""

    @property
    def host(self) -> str:
        """Host and port, as in a URL."""
        return urlsplit(self.address).netloc


@dataclass(frozen=True, slots=True)
class HostPattern:
    """How the hosts of several portals are spelled, with `{pinyin}` or `{initials}` of the government in it."""

    host: str
    slugs: tuple[str, ...]
    provinces: frozenset[str]
    suspects: tuple[Suspect, ...]

    def fits(self, government: Government) -> bool:
        """Whether it may hold for a government: one of a single province says nothing of another."""
        return len(self.provinces) > 1 or government.province in self.provinces

    def candidate(self, government: Government) -> Candidate:
        """The address by this pattern: http, from which portals lead on to https."""
        suspects = tuple(Suspect(one.family, _filled(one.context_path, government)) for one in self.suspects)
        more = f" and {len(self.slugs) - 1} more" if len(self.slugs) > 1 else ""
        return Candidate(f"http://{_filled(self.host, government)}", f"spelled as {self.slugs[0]}{more}", suspects)


def pinyin(government: Government) -> str:
    """The government's name in small letters, without what kind of government it is: enshi."""
    return _KINDS.sub("", slug_of(government))


def initials(government: Government) -> str:
    """The first letters of its syllables: jms for Jiamusi; nonsense, which no host has, for another kind of name."""
    return "".join(syllable[0] for syllable in _SYLLABLE.findall(pinyin(government)))


def _filled(template: str, government: Government) -> str:
    return template.format(pinyin=pinyin(government), initials=initials(government))


def host_patterns(register: Register) -> Sequence[HostPattern]:
    """The ways in which hosts of several portals are spelled, those of the most portals first."""
    found: dict[str, list[tuple[Portal, Government]]] = {}
    for portal in register.portals.values():
        government = register.governments.get(portal.government or "")
        host = urlsplit(portal.base_url).netloc
        if government is None or host.startswith(_OWN_SITE) or not host.endswith(_OF_GOVERNMENTS):
            continue
        spelled = _template(host, government)
        if spelled != host:
            found.setdefault(spelled, []).append((portal, government))
    patterns = [_pattern(host, rows) for host, rows in found.items() if len(rows) >= discovery_policy().least_rows]
    return sorted(patterns, key=lambda one: (-len(one.slugs), one.host))


def _pattern(host: str, rows: Sequence[tuple[Portal, Government]]) -> HostPattern:
    counted = Counter(
        Suspect(portal.family, _template(portal.context_path, government))
        for portal, government in rows
        if portal.crawlable
    )
    likely = sorted(counted, key=lambda one: (-counted[one], one.family, one.context_path))
    return HostPattern(
        host,
        tuple(portal.slug for portal, _ in rows),
        frozenset(government.province for _, government in rows),
        tuple(likely[: discovery_policy().suspects]),
    )


def _template(text: str, government: Government) -> str:
    """A host or a path with the government's name replaced: the pinyin anywhere, initials alone or before `data`."""
    if (name := pinyin(government)) in text:
        return text.replace(name, "{pinyin}")
    short = initials(government)
    if len(short) < 2:
        return text
    return re.sub(rf"(?:(?<=[./])|^){re.escape(short)}(?=data\.|[./]|$)", "{initials}", text)


def known_addresses(register: Register, own: Path | None = None) -> Sequence[tuple[str, Candidate]]:
    """Adcode and address of every row of known_addresses.csv, and of a table of one's own with the same columns.

    Raises TableError for a row of no government, or without an address.
    """
    rows = [*(read_table(own, _COLUMNS) if own else ()), *Tables(__package__).rows("known_addresses", *_COLUMNS)]
    return [(row["adcode"], _known(register, row)) for row in rows]


def _known(register: Register, row: Row) -> Candidate:
    if row["adcode"] not in register.governments:
        raise row.error("adcode", f"{row['adcode']!r} is no government of the register; correct it.")
    if place_of(row["address"]) is None:
        raise row.error("address", f"{row['address']!r} is no address; write http://data.example.gov.cn.")
    note = f" ({row['note']})" if row["note"] else ""
    return Candidate(row["address"].rstrip("/"), f"named by {row['source']}{note}")


def candidates(
    register: Register,
    government: Government,
    known: Sequence[tuple[str, Candidate]],
    patterns: Sequence[HostPattern],
) -> Sequence[Candidate]:
    """Where the government's portal may be: named addresses first, then guesses; hosts of the register are left out."""
    taken = {urlsplit(portal.base_url).netloc for portal in register.portals.values()}
    named = [one for adcode, one in known if adcode == government.adcode]
    guessed = (one.candidate(government) for one in patterns if one.fits(government))
    return [*_new(named, taken), *[*_new(guessed, taken)][: discovery_policy().guesses]]


def _new(some: Iterator[Candidate] | Sequence[Candidate], taken: set[str]) -> Iterator[Candidate]:
    """Those whose host is not taken yet; takes it."""
    for one in some:
        if one.host not in taken:
            taken.add(one.host)
            yield one
