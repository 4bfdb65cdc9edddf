"""`python -m alerts note, ack, mute`: what people say, with an end."""

import os
from contextlib import suppress
from datetime import datetime, tzinfo

import click

from alerts.audience.filters import UnknownNameError, Wanted, resolve
from alerts.audience.remarks import Remark, RemarkKind, holding, put
from alerts.cli.output import print_json, until
from alerts.cli.session import Session, end, json_option, session
from alerts.cli.subscribers import named, read
from alerts.comparison.run_view import SHANGHAI
from opendata_spiders.register import Register
from opendata_spiders.store.clock import domain_now

_by = click.option("--by", metavar="NAME", default="", help="Who says so; shown beside it.")
_clear = click.option("--clear", is_flag=True, help="Take it away.")


_until = click.option("--until", "ends", metavar="DATE", help="The last day it holds (Shanghai), or a time.")


@click.command("note")
@click.argument("place", metavar="GOVERNMENT_OR_SLUG")
@click.argument("text", required=False, default="")
@_until
@_by
@_clear
@json_option
def note(  # noqa: PLR0913 -- one argument an option
    place: str, text: str, ends: str | None, by: str, *, clear: bool, as_json: bool
) -> None:
    """Show TEXT beside the evidence of a city (or of all portals of a province), in digests and states."""
    if bool(text.strip()) == clear:
        raise click.UsageError('write the note in quotes, such as "migration until 12 March", or give --clear alone')
    _remark(RemarkKind.NOTE, place, ends, by, text=text, clear=clear, as_json=as_json)


@click.command("ack")
@click.argument("place", metavar="SLUG")
@_until
@_by
@_clear
@json_option
def ack(place: str, ends: str | None, by: str, *, clear: bool, as_json: bool) -> None:
    """Say that a stop is known: no reminders of it until then. A new transition is told all the same."""
    if (ends is None) != clear:
        raise click.UsageError("say until when with --until 2027-03-12, or give --clear alone")
    _remark(RemarkKind.ACK, place, ends, by, clear=clear, as_json=as_json)


@click.command("mute")
@click.argument("name", metavar="SUBSCRIBER")
@_until
@_by
@_clear
@json_option
def mute(name: str, ends: str | None, by: str, *, clear: bool, as_json: bool) -> None:
    """Pause this subscriber's digests until DATE; one catch-up digest follows. DATE ends on the subscriber's clock."""
    if (ends is None) != clear:
        raise click.UsageError("say until when with --until 2027-03-12, or give --clear alone")
    with session() as opened:
        [subscriber] = named(read(opened.register) or [], [name])
        zone = subscriber.rhythm.timezone
        _put(opened, RemarkKind.MUTE, {name: name}, (_end(ends, zone), zone), by, clear=clear, as_json=as_json)


def _remark(  # noqa: PLR0913 -- one remark whole
    kind: RemarkKind, place: str, ends: str | None, by: str, *, text: str = "", clear: bool, as_json: bool
) -> None:
    with session() as opened:
        subjects, ending = _portals(opened, place), (_end(ends, SHANGHAI), SHANGHAI)
        _put(opened, kind, subjects, ending, by, text=text, clear=clear, as_json=as_json)


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


def _end(ends: str | None, zone: tzinfo) -> datetime | None:
    found = end(ends, zone)
    if found is not None and found <= domain_now(os.environ):
        raise click.UsageError(f"--until {ends} is past; name a later date")
    return found


def _put(  # noqa: PLR0913 -- one remark whole
    opened: Session, kind: RemarkKind, subjects: dict[str, str], ending: tuple[datetime | None, tzinfo], by: str, *,
    text: str = "", clear: bool, as_json: bool,
) -> None:  # fmt: skip
    now, (ends, zone) = domain_now(os.environ), ending
    if clear:
        known = holding(opened.store, kind, now, subjects)
        subjects = {subject: label for subject, label in subjects.items() if subject in known}
    made = [Remark(kind, subject, now, ends, text.strip(), by.strip(), clear) for subject in subjects]
    put(opened.store, made)
    if as_json:
        print_json([{"label": subjects[one.subject], "remark": one} for one in made])
        return
    for label in subjects.values():
        click.echo(f"{kind}: {label}" + (" cleared" if clear else f" until {until(ends, zone)}" if ends else ""))
    if not subjects:
        click.echo(f"{kind}: there was nothing to clear")
