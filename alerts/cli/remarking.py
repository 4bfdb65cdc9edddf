"""`python -m alerts note, ack, mute`: what people say, with an end."""

import os
from contextlib import suppress
from datetime import datetime

import click

from alerts.cli.output import cell
from alerts.cli.session import Session, moment, session
from alerts.cli.subscribers import named, prepare, read
from alerts.digest.scope import UnknownNameError, Wanted, resolve
from alerts.remarks import Remark, RemarkKind, holding, put
from opendata_spiders.register import Register
from opendata_spiders.store.clock import domain_now

_by = click.option("--by", metavar="NAME", default="", help="Who says so; shown beside it.")
_clear = click.option("--clear", is_flag=True, help="Take it away.")


_until = click.option("--until", metavar="DATE", help="When it ends: a date (its beginning, Shanghai) or a time.")


@click.command("note")
@click.argument("place", metavar="GOVERNMENT_OR_SLUG")
@click.argument("text", required=False, default="")
@_until
@_by
@_clear
def note(place: str, text: str, until: str | None, by: str, *, clear: bool) -> None:
    """Show TEXT beside the evidence of a city (or of all portals of a province), in digests and states."""
    if bool(text.strip()) == clear:
        raise click.UsageError('write the note in quotes, such as "migration until 12 March", or give --clear alone')
    _remark(RemarkKind.NOTE, place, until, by, text=text, clear=clear)


@click.command("ack")
@click.argument("place", metavar="SLUG")
@_until
@_by
@_clear
def ack(place: str, until: str | None, by: str, *, clear: bool) -> None:
    """Say that a stop is known: no reminders of it until then. A new transition is told all the same."""
    if (until is None) != clear:
        raise click.UsageError("say until when with --until 2027-03-12, or give --clear alone")
    _remark(RemarkKind.ACK, place, until, by, clear=clear)


@click.command("mute")
@click.argument("name", metavar="SUBSCRIBER")
@_until
@_by
@_clear
def mute(name: str, until: str | None, by: str, *, clear: bool) -> None:
    """Write nothing for a subscriber until then; what happens meanwhile comes afterwards in one digest."""
    if (until is None) != clear:
        raise click.UsageError("say until when with --until 2027-03-12, or give --clear alone")
    with session() as opened:
        prepare(opened.store)
        named(read(opened.register) or [], [name])
        _put(opened, RemarkKind.MUTE, {name: name}, _end(until), by, clear=clear)


def _remark(  # noqa: PLR0913 -- one remark whole
    kind: RemarkKind, place: str, until: str | None, by: str, *, text: str = "", clear: bool
) -> None:
    with session() as opened:
        prepare(opened.store)
        _put(opened, kind, _portals(opened, place), _end(until), by, text=text, clear=clear)


def _portals(opened: Session, word: str) -> dict[str, str]:
    """Id to slug of the portals a word names: a slug alone, a province with all its cities, or a city."""
    register = opened.register
    found = {register.portals[slug].id: slug for slug in sorted(_named(register, word))}
    if not found:
        raise click.UsageError(f"{word!r} has no portal that is read, so nothing could be shown beside it")
    return found


def _named(register: Register, word: str) -> frozenset[str]:
    """A province before a city: most provinces have a portal of the same name, and a note on 贵州 means all of it."""
    if word not in register.portals:
        with suppress(UnknownNameError):
            return resolve(register, Wanted(provinces=[word])).slugs or frozenset()
    try:
        return resolve(register, Wanted(cities=[word])).slugs or frozenset()
    except UnknownNameError as error:
        raise click.UsageError(str(error)) from None


def _end(until: str | None) -> datetime | None:
    end = moment(until, "--until")
    if end is not None and end <= domain_now(os.environ):
        raise click.UsageError(f"--until {until} is past; name a later date")
    return end


def _put(  # noqa: PLR0913 -- one remark whole
    opened: Session, kind: RemarkKind, subjects: dict[str, str], until: datetime | None, by: str, *,
    text: str = "", clear: bool,
) -> None:  # fmt: skip
    now = domain_now(os.environ)
    if clear:
        known = holding(opened.store, kind, now, subjects)
        subjects = {subject: label for subject, label in subjects.items() if subject in known}
    said = (text.strip(), by.strip(), clear)
    put(opened.store, [Remark(kind, subject, now, until, *said) for subject in subjects])
    for label in subjects.values():
        click.echo(f"{kind}: {label}" + (" cleared" if clear else f" until {cell(until)} UTC" if until else ""))
    if not subjects:
        click.echo(f"{kind}: there was nothing to clear")
