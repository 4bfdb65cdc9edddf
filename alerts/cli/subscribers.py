"""What the commands for subscribers share: the file, read or refused in one sentence."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click
from rapidfuzz import process

from alerts.audience.remarks import Remark, RemarkKind, holding
from alerts.audience.subscribers import DEFAULT_FILE, Subscriber, SubscribersError, lies_open, load, subscribers_path
from opendata_spiders.register import Register
from opendata_spiders.store.config import find_setting
from opendata_spiders.store.store import Store


def read(register: Register, path: Path | None = None) -> list[Subscriber] | None:
    """Every subscriber; None when there is no file and nobody said that there should be one, which is said once."""
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
    """Whether there is a subscribers file, or ought to be one because SUBSCRIBERS names it."""
    return subscribers_path().exists() or find_setting("SUBSCRIBERS") is not None


def with_mutes(store: Store, subscribers: Sequence[Subscriber], now: datetime) -> list[Subscriber]:
    """The subscribers, each muted as long as the file or `alerts mute` says, whichever is longer."""
    mutes = holding(store, RemarkKind.MUTE, now)
    return [_muted(one, mutes.get(one.name)) for one in subscribers]


def _muted(one: Subscriber, mute: Remark | None) -> Subscriber:
    if mute is None or mute.until is None or (one.muted_until and one.muted_until >= mute.until):
        return one
    return replace(one, muted_until=mute.until)


def named(subscribers: Sequence[Subscriber], names: Iterable[str]) -> list[Subscriber]:
    """Those of the given names, or all; a name that nobody has is a usage error with the nearest."""
    by_name = {one.name: one for one in subscribers}
    for name in names:
        if name not in by_name:
            match = process.extractOne(name, list(by_name), score_cutoff=50)
            hint = f"; did you mean {match[0]!r}?" if match else f"; there are {', '.join(by_name) or 'none'}"
            raise click.UsageError(f"there is no subscriber {name!r}{hint}")
    return [by_name[name] for name in names] or list(subscribers)
