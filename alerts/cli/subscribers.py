"""Reads the subscribers file for commands, with errors as one sentence, and finds subscribers by name."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from alerts.audience.filters import nearest
from alerts.audience.remarks import RemarkKind, holding
from alerts.audience.subscribers import DEFAULT_FILE, Subscriber, SubscribersError, lies_open, load, subscribers_path
from opendata_spiders.register import Register
from opendata_spiders.store.environment import find_setting
from opendata_spiders.store.store import Store


def read(register: Register, path: Path | None = None) -> list[Subscriber] | None:
    """Every subscriber; None, with a message, if there is no file and neither `path` nor SUBSCRIBERS names one."""
    if path is None and not is_there():
        click.echo(f"Nobody is subscribed: there is no {DEFAULT_FILE} (subscribers.example.yaml shows one).", err=True)
        return None
    path = path or subscribers_path()
    try:
        found = load(path, register)
        if lies_open(path):
            click.echo(f"warning: {path} holds keys and others on this machine can read it: chmod 600 {path}", err=True)
    except SubscribersError as error:
        raise click.ClickException(str(error)) from None
    if not found:
        click.echo(f"Nobody is subscribed: {path} names no subscriber.", err=True)
    return found


def is_there() -> bool:
    """Whether there is a subscribers file, or SUBSCRIBERS names one."""
    return subscribers_path().exists() or find_setting("SUBSCRIBERS") is not None


def with_mutes(store: Store, subscribers: Sequence[Subscriber], now: datetime) -> list[Subscriber]:
    """The subscribers, each muted until the later end given by the file or by `alerts mute`."""
    mutes = holding(store, RemarkKind.MUTE, now)
    ends = {name: mute.until for name, mute in mutes.items() if mute.until}
    longest = {one.name: max(filter(None, (one.muted_until, ends.get(one.name))), default=None) for one in subscribers}
    return [replace(one, muted_until=longest[one.name]) for one in subscribers]


def named(subscribers: Sequence[Subscriber], names: Iterable[str]) -> list[Subscriber]:
    """The subscribers with these names, or all. Raises click.UsageError with a similar name for an unknown one."""
    by_name = {one.name: one for one in subscribers}
    for name in names:
        if name not in by_name:
            hint = nearest(name, by_name, f"there are {', '.join(by_name) or 'none'}")
            raise click.UsageError(f"there is no subscriber {name!r}; {hint}")
    return [by_name[name] for name in names] or list(subscribers)


def one_named(register: Register, name: str) -> Subscriber:
    """The subscriber with this name. Raises click.UsageError."""
    [found] = named(read(register) or [], [name])
    return found
