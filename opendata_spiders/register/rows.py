"""Reads rows of governments.csv and portals.csv into governments and portals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from opendata_spiders.register import cells
from opendata_spiders.register.models import Government, Level, NationalScope, NoPortal, Portal, PortalStatus
from opendata_spiders.tables import Row

T = TypeVar("T")

_GOVERNMENT: Mapping[str, Callable[[str], Any]] = {
    "adcode": cells.adcode,
    "level": lambda cell: cells.word(Level, cell),
    "province": cells.filled,
    "name_zh": cells.filled,
    "name_en": cells.filled,
    "short_zh": cells.filled,
    "aliases": cells.aliases,
    "valid_from": cells.day,
}
_PORTAL: Mapping[str, Callable[[str], Any]] = {
    "id": cells.portal_id,
    "slug": cells.name,
    "name_zh": cells.filled,
    "name_en": cells.filled,
    "scope": lambda cell: cells.word(NationalScope, cell),
    "family": cells.name,
    "base_url": cells.base_url,
    "context_path": cells.context_path,
    "tenant": cells.tenant,
    "language": cells.language,
    "timezone": cells.timezone,
    "status": lambda cell: cells.word(PortalStatus, cell),
    "verified_on": cells.rough_date,
    "relists": cells.yes,
    "charset": cells.charset,
    "old_tls": cells.yes,
    "impersonate": cells.browser,
    "approx_datasets": cells.count,
    "approx_as_of": cells.rough_date,
    "why": cells.text,
    "note": cells.text,
    "source": cells.text,
}
"""Columns read from their own cell; the others need the government or another column."""

GOVERNMENT_COLUMNS = frozenset(_GOVERNMENT)
NO_PORTAL_COLUMNS = frozenset({"adcode", "verified_on", "source"})
PORTAL_OPTIONAL = frozenset(
    {"short_zh", "short_en", "host_group", "verified_on", "relists", "charset", "old_tls", "impersonate"}
    | {"approx_datasets", "approx_as_of", "note", "source"}
)
PORTAL_COLUMNS = (frozenset(_PORTAL) | {"government", "attested"}) - PORTAL_OPTIONAL


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """A value and the line it came from."""

    value: T
    line: Row


def _read(line: Row, column: str, reader: Callable[[str], T]) -> T:
    try:
        return reader(line[column])
    except ValueError as error:
        raise line.error(column, str(error)) from error


def government(line: Row) -> Placed[Government]:
    """Read one line of governments.csv; raises TableError that names the place."""
    return Placed(Government(**_read_all(line, _GOVERNMENT)), line)


def portal(line: Row, governments: Mapping[str, Government]) -> Placed[Portal]:
    """Read one line of portals.csv; raises TableError that names the place."""
    plain = _read_all(line, _PORTAL)
    home = _home(line, governments)
    attested, attested_on = _read(line, "attested", cells.attested)
    value = Portal(
        **plain,
        short_zh=_short(line, "zh", home.short_zh if home else None),
        short_en=_short(line, "en", home.name_en if home else None),
        government=home.adcode if home else None,
        province=home.province if home else "",
        host_group=_read(line, "host_group", cells.text) or urlsplit(plain["base_url"]).netloc,
        attested=attested,
        attested_on=attested_on,
    )
    return Placed(value, line)


def no_portal(line: Row, governments: Mapping[str, Government]) -> Placed[NoPortal]:
    """Read one line of no_portal.csv; raises TableError that names the place."""
    adcode = _government(line, "adcode", governments).adcode
    return Placed(NoPortal(adcode, _read(line, "verified_on", cells.day), _read(line, "source", cells.filled)), line)


def _read_all(line: Row, readers: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    return {column: _read(line, column, reader) for column, reader in readers.items()}


def _home(line: Row, governments: Mapping[str, Government]) -> Government | None:
    return _government(line, "government", governments) if line["government"] else None


def _government(line: Row, column: str, governments: Mapping[str, Government]) -> Government:
    adcode = _read(line, column, cells.adcode)
    if adcode not in governments:
        message = f"no government has the adcode {adcode}; correct it, or add the government to governments.csv"
        raise line.error(column, message)
    return governments[adcode]


def _short(line: Row, language: str, of_government: str | None) -> str:
    """Read the short name; it is the government's unless the row says otherwise."""
    own = _read(line, f"short_{language}", cells.text)
    return own or of_government or _read(line, f"name_{language}", cells.filled)
