"""Opens store and register for commands; finds portals, runs and events by name; reports errors as one sentence."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import click
from pymongo.errors import OperationFailure

from alerts.cli.output import usage
from alerts.engine.repository import prepare
from alerts.engine.runner import PortalRef, place_of
from alerts.model.events import Event
from alerts.records.isolation import Attempts, attempts, record, told
from alerts.records.queries import find_event
from opendata_spiders.exits import Exit
from opendata_spiders.register import Portal, Register, RegisterError, load
from opendata_spiders.store.clock import domain_now
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.errors import NightRunningError, StoreError
from opendata_spiders.store.models import Run
from opendata_spiders.store.store import Store

_NAMED = 5
"""Most databases that are named if the chosen one is empty."""


@dataclass(frozen=True)
class Session:
    """An open store with the register."""

    store: Store
    register: Register
    now: datetime
    """Domain time (UTC), the same throughout one command."""

    @cached_property
    def read(self) -> Mapping[str, PortalRef]:
        """Every portal that was ever read, by the slug of its last run."""
        # In the order of the index on both, so that one run of each portal is read and not all.
        group = {"$group": {"_id": "$portal", "slug": {"$first": "$slug"}}}
        found = self.store.db["runs"].aggregate([{"$sort": {"portal": 1, "seq": -1}}, group])
        return {one["slug"]: self.place(one["_id"], one["slug"]) for one in found}

    def place(self, portal: str, slug: str) -> PortalRef:
        """The portal with its time zone from the register, or China's for one outside it."""
        return place_of(self.register, portal, slug)

    def place_of(self, event: Event) -> PortalRef:
        """The portal that an event is about, or the part of one."""
        return place_of(self.register, event.portal, event.slug, event.owner)

    def places(self, words: Iterable[str]) -> list[PortalRef]:
        """The portals that the words name, by the same rules in every command; without words all that were ever read.

        A word is the slug of a portal that was read, also of one outside the register, or whatever `Register.select`
        resolves: slugs and names of cities and provinces, `province:`, `family:`, `host:`, also joined by commas.
        Raises click.UsageError with the most similar name for a word that names nothing.
        """
        named: list[PortalRef] = []
        for word in words:
            if word in self.read:
                named.append(self.read[word])
            else:
                named += (self.place(portal.id, portal.slug) for portal in selected(self.register, word))
        chosen = named or sorted(self.read.values(), key=lambda place: place.slug)
        return list({place.id: place for place in chosen}.values())

    def ids(self, words: Iterable[str]) -> list[str] | None:
        """Ids of the portals that the words name; None (all) without words."""
        return [place.id for place in self.places(words)] if words else None

    def run(self, name: str) -> Run:
        """The run with this id. Raises click.UsageError."""
        run = self.store.run(name)
        if run is None:
            raise click.UsageError(f"there is no run {name!r}; `python -m alerts runs` lists them")
        return run

    def event(self, name: str) -> Event:
        """The event with this id. Raises click.UsageError."""
        event = find_event(self.store, name)
        if event is None:
            raise click.UsageError(f"there is no event {name!r}; `python -m alerts events` shows their ids")
        return event

    @contextmanager
    def step(self, name: str, rest: str) -> Iterator[Attempts]:
        """A step whose parts may fail alone; failures are recorded under `name` for the health report.

        Raises ClickException (exit status 1) at the end if one failed; `rest` says what became of the others.
        """
        with attempts() as made:
            yield made
        record(self.store, name, made, self.now)
        if made.failed:
            raise click.ClickException(f"{told(made)}; {rest}")


class RunningError(click.ClickException):
    """Ends a command because a night is running."""

    exit_code = Exit.RUNNING


def selected(register: Register, word: str) -> list[Portal]:
    """The portals of the register that a word names. Raises click.UsageError with the most similar name."""
    with usage(RegisterError):
        return register.select(word)


@contextmanager
def loaded() -> Iterator[Register]:
    """Load the register; an error in it becomes one sentence and exit status 1."""
    try:
        yield load()
    except RegisterError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def session(*, may_be_empty: bool = False) -> Iterator[Session]:
    """Open store and register; an error of either becomes one sentence and exit status 1, another night 9.

    A database without a run is pointed out, unless it is the command that brings the first.
    """
    try:
        config = StoreConfig.from_env()
        with open_store(config) as store:
            prepare(store)
            if not may_be_empty and store.db["runs"].find_one({}, {"_id": 1}) is None:
                click.echo(_nothing_there(store, config), err=True)
            yield Session(store, load(), domain_now(os.environ))
    except NightRunningError as error:
        raise RunningError(str(error)) from None
    except (StoreError, RegisterError) as error:
        raise click.ClickException(str(error)) from None


def _nothing_there(store: Store, config: StoreConfig) -> str:
    """Report that the database is empty, and which others on the server are not: its name may be mistyped."""
    said = f"Database {config.database} of {config.place} holds no run: nothing was read into it yet"
    others: list[str] = []
    # This user may not be permitted to list databases.
    with suppress(OperationFailure):
        for name in sorted({*store.db.client.list_database_names()} - {config.database}):
            database = store.db.client[name]
            with suppress(OperationFailure):
                held = len(others) < _NAMED and all(database[one].find_one({}, {"_id": 1}) for one in ("meta", "runs"))
                others += [name] if held else []
    if others:
        return f"{said}; runs lie in {', '.join(others)}: set MONGODB_DATABASE"

    return f"{said}; read a portal first (scrapy crawl SLUG), or correct MONGODB_DATABASE"
