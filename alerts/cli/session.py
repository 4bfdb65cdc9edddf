"""What every command needs: the store, the register, portals by name, and errors as one sentence."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from functools import cached_property

import click
from pymongo.errors import OperationFailure

from alerts.audience.remarks import day_end
from alerts.comparison.run_view import SHANGHAI
from alerts.engine.repository import prepare
from alerts.engine.runner import PortalRef, place_of
from opendata_spiders.register import Register, RegisterError, load
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.errors import StoreError
from opendata_spiders.store.store import Store

_NAMED = 5
"""Databases that are named where the chosen one is empty."""


@dataclass(frozen=True)
class Session:
    """An open store and the register beside it."""

    store: Store
    register: Register

    @cached_property
    def read(self) -> Mapping[str, PortalRef]:
        """Every portal that was ever read, by its slug as of its last run."""
        group = {"$group": {"_id": "$portal", "slug": {"$last": "$slug"}}}
        found = self.store.db["runs"].aggregate([{"$sort": {"portal": 1, "seq": 1}}, group])
        return {one["slug"]: self.place(one["_id"], one["slug"]) for one in found}

    def place(self, portal: str, slug: str) -> PortalRef:
        """The portal with the time zone of its row, or China's for one outside the register."""
        return place_of(self.register, portal, slug)

    def places(self, words: Iterable[str]) -> list[PortalRef]:
        """The portals that words name: slugs, also of portals outside the register, or `province:…` and the like.

        Without words, all that were ever read. Raises click.UsageError (exit status 2) for a word that names nothing.
        """
        named = [place for word in words for place in self._named(word)]
        chosen = named or sorted(self.read.values(), key=lambda place: place.slug)
        return list({place.id: place for place in chosen}.values())

    def _named(self, word: str) -> list[PortalRef]:
        if word in self.read:
            return [self.read[word]]
        try:
            return [self.place(portal.id, portal.slug) for portal in self.register.select(word)]
        except RegisterError as error:
            raise click.UsageError(str(error)) from None


@contextmanager
def session() -> Iterator[Session]:
    """Open store and register; what goes wrong with either becomes one sentence and exit status 1."""
    try:
        config = StoreConfig.from_env()
        with open_store(config) as store:
            prepare(store)
            if store.db["runs"].find_one({}, {"_id": 1}) is None:
                click.echo(_nothing_there(store, config), err=True)
            yield Session(store, load())
    except (StoreError, RegisterError) as error:
        raise click.ClickException(str(error)) from None


def _nothing_there(store: Store, config: StoreConfig) -> str:
    """Say that the database holds nothing, and which of its neighbours do: its name may be a slip."""
    said = f"Database {config.database} of {config.place} holds no run: nothing was read into it yet"
    others = [name for name in _databases(store) if name != config.database and _holds_runs(store, name)]
    if others:
        return f"{said}; runs lie in {', '.join(others[:_NAMED])}: set MONGODB_DATABASE"
    return f"{said}; read a portal first (scrapy crawl SLUG), or correct MONGODB_DATABASE"


def _databases(store: Store) -> list[str]:
    try:
        return sorted(store.db.client.list_database_names())
    except OperationFailure:  # a user who may not know its neighbours
        return []


def _holds_runs(store: Store, name: str) -> bool:
    database = store.db.client[name]
    try:
        return all(database[held].find_one({}, {"_id": 1}) for held in ("meta", "runs"))
    except OperationFailure:
        return False


def moment(value: str | None, option: str = "--since", zone: tzinfo = SHANGHAI) -> datetime | None:
    """A date (the start of that day in `zone`) or an ISO 8601 time, in UTC. Raises click.UsageError for `option`."""
    if value is None:
        return None
    try:
        if len(value) == len("2026-11-23"):
            return datetime.combine(date.fromisoformat(value), time(), zone).astimezone(UTC)
        given = datetime.fromisoformat(value)
    except ValueError:
        raise click.UsageError(f"{option} {value!r} is no date; write one such as 2026-11-23") from None
    return (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)


def end(value: str | None, zone: tzinfo = SHANGHAI, option: str = "--until") -> datetime | None:
    """The first moment (UTC) after a date, which is meant whole, or an ISO 8601 time as it is."""
    if value is None or len(value) != len("2026-11-23"):
        return moment(value, option, zone)
    start = moment(value, option, zone)
    return None if start is None else day_end(start.astimezone(zone).date(), zone)


portal_option = click.option(
    "--portal", "portals", multiple=True, metavar="SLUG", help="Only this portal (repeatable)."
)
since_option = click.option("--since", metavar="DATE", help="Only since this date, such as 2026-11-23.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
