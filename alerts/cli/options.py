"""Options and arguments that several commands share, each defined once."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo
from functools import wraps
from typing import Any

import click

from alerts.audience.remarks import day_end
from opendata_spiders.store.clock import SHANGHAI

_DAY = len("2026-11-23")


def moment(value: str | None, option: str, zone: tzinfo = SHANGHAI) -> datetime | None:
    """A date (as the start of the day in `zone`) or an ISO 8601 time, in UTC. Raises click.UsageError for `option`."""
    if value is None:
        return None
    try:
        if len(value) == _DAY:
            return datetime.combine(date.fromisoformat(value), time(), zone).astimezone(UTC)
        given = datetime.fromisoformat(value)
    except ValueError:
        raise click.UsageError(f"{option} {value!r} is no date; write one such as 2026-11-23") from None
    return (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)


def end(value: str | None, option: str, zone: tzinfo = SHANGHAI) -> datetime | None:
    """The end (UTC) of a date, which includes the whole day, or an ISO 8601 time as it is."""
    start = moment(value, option, zone)
    return day_end(start.astimezone(zone).date(), zone) if start and value and len(value) == _DAY else start


def portals(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the portals of a command, as `words` for `Session.places`: arguments, or --portal as in older scripts."""

    @click.argument("words", nargs=-1, metavar="[PORTAL]...")
    @click.option("--portal", "named", multiple=True, hidden=True)
    @wraps(command)
    def wrapped(*args: Any, words: tuple[str, ...], named: tuple[str, ...], **given: Any) -> None:
        command(*args, words=words + named, **given)

    return wrapped


since = click.option(
    "--since",
    metavar="DATE",
    callback=lambda _context, option, value: moment(value, option.opts[0]),
    help="Only since this date (China) or ISO 8601 time.",
)
until = click.option(
    "--until",
    metavar="DATE",
    callback=lambda _context, option, value: end(value, option.opts[0]),
    help="Only up to the end of this date (China), or a time.",
)
subscribers = click.option(
    "--subscriber", "names", multiple=True, metavar="NAME", help="Only this subscriber (repeatable)."
)
subscriber = click.option("--subscriber", "name", required=True, metavar="NAME", help="Whose.")
