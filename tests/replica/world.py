"""One seeded world: governments, their offices, their datasets, and the content of each catalogue on any night.

The result does not depend on the order in which nights are requested: it is a function of seed, script and number.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from tests.replica.incidents import EVERYWHERE, Incident, Kind, chosen
from tests.replica.records import Calendar, Record, change, newest_first, other_id, record_of
from tests.replica.sheets import PortalSpec, Sheet, make_sheets

START = date(2026, 3, 2)
WAKING = timedelta(hours=2, minutes=15)
"""Time of the night's crawl: a quarter past two, Shanghai time."""


class World:
    """The governments, their catalogues and the script."""

    def __init__(self, specs: Sequence[PortalSpec], *, seed: int = 7, start: date = START) -> None:
        self.seed = seed
        self.calendar = Calendar(start)
        self.portals: Mapping[str, PortalSpec] = {spec.slug: spec for spec in specs}
        self._sheets = {spec.slug: make_sheets(seed, spec, spec.datasets, "base", None) for spec in specs}
        self._script: dict[str, list[Incident]] = {}
        self._cache: dict[tuple[str, int], tuple[Record, ...]] = {}
        self._index: dict[tuple[str, int], dict[str, Record]] = {}

    def script(self, portal: str, *incidents: Incident) -> None:
        """Add incidents to a portal (or to all of them: "*"); raise KeyError for a portal that is not in the world."""
        if portal != EVERYWHERE and portal not in self.portals:
            raise KeyError(f"No portal {portal!r} in this world; it plays {', '.join(self.portals)}.")
        self._script.setdefault(portal, []).extend(incidents)
        self._drop_cache()

    def forget(self) -> None:
        """Drop the whole script."""
        self._script.clear()
        self._drop_cache()

    def _drop_cache(self) -> None:
        self._cache.clear()
        self._index.clear()

    def scripted(self, portal: str) -> list[Incident]:
        """Return the script of a portal, incidents of every portal first."""
        own = [] if portal == EVERYWHERE else self._script.get(portal, [])
        return self._script.get(EVERYWHERE, []) + own

    def incidents(self, portal: str, night: int) -> list[Incident]:
        """Return the incidents of a portal on a night."""
        return [incident for incident in self.scripted(portal) if incident.holds(night)]

    def moment(self, night: int) -> datetime:
        """Return when that night's reading starts, in Shanghai time: what WATCH_NOW should say."""
        return self.calendar.at(night, int(WAKING.total_seconds()))

    def night(self, portal: str, night: int) -> tuple[Record, ...]:
        """Return every dataset the portal ever showed by that night, unlisted and deleted ones too, newest first."""
        key = (portal, night)
        if (known := self._cache.get(key)) is None:
            known = self._cache[key] = self._records(portal, night)
        return known

    def find(self, portal: str, dataset: str, night: int) -> Record | None:
        """Return a dataset by its native id, listed or not."""
        key = (portal, night)
        if (known := self._index.get(key)) is None:
            known = self._index[key] = {record.id: record for record in self.night(portal, night)}
        return known.get(dataset)

    def listed(self, portal: str, night: int) -> tuple[Record, ...]:
        """Return the catalogue of that night, as its list ought to show it."""
        return tuple(record for record in self.night(portal, night) if record.listed)

    def listed_by(self, portals: Iterable[str], night: int) -> tuple[Record, ...]:
        """Return the catalogue of a whole host: the datasets of its portals, each once."""
        return newest_first({record.id: record for portal in portals for record in self.listed(portal, night)}.values())

    def offices(self, portal: str) -> Counter[str]:
        """Count the datasets of each office, as published before the first night."""
        return Counter(sheet.office for sheet in self._sheets[portal])

    def rekeyed(self, portal: str, night: int) -> Mapping[str, str]:
        """Return the datasets that have another id by that night: old id to new one."""
        rekeys = [incident for incident in self.incidents(portal, night) if incident.kind is Kind.REKEYS]
        before = min((incident.first for incident in rekeys), default=night) - 1
        old = self.night(portal, before) if rekeys else ()
        return {id_: other_id(id_, incident) for incident in rekeys for id_ in chosen(old, incident)}

    def prefix(self, portal: str, night: int) -> str:
        """Return the base path below which the portal lies on that night (it may have moved)."""
        moves = [incident for incident in self.incidents(portal, night) if incident.kind is Kind.MOVES]
        return moves[-1].value if moves else ""

    def _records(self, portal: str, night: int) -> tuple[Record, ...]:
        begun = [incident for incident in self.scripted(portal) if incident.first <= night]
        stops = [incident for incident in begun if incident.kind is Kind.STOPS]
        sheets = [sheet for sheet in self._all_sheets(portal, begun, night) if sheet.born < night]
        records = [record_of(sheet, night, self.calendar, stops) for sheet in sheets]
        for incident in begun:
            records = change(records, incident, night, self.calendar)
        return newest_first([*records, *self._relisted(portal, night)])

    def _relisted(self, portal: str, night: int) -> Iterable[Record]:
        """Yield the datasets of its cities that the province of the shared host also lists."""
        spec = self.portals[portal]
        if not spec.division:
            for other in self.portals.values():
                if other.server == spec.server and other.division:
                    yield from self.night(other.slug, night)

    def _all_sheets(self, portal: str, begun: Iterable[Incident], night: int) -> Iterable[Sheet]:
        yield from self._sheets[portal]
        for incident in begun:
            if incident.kind is Kind.APPEARS and incident.holds(night):
                spec = self.portals[portal]
                yield from make_sheets(self.seed, spec, incident.count, f"new {incident.first}", incident.first - 1)
