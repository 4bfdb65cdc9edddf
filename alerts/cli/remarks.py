"""`python -m alerts note, ack, mute`: remarks of people, with an end."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo

import click

from alerts.audience.remarks import Remark, RemarkKind, holding, put
from alerts.cli.options import end
from alerts.cli.output import Output, answers, until
from alerts.cli.session import Session, session
from alerts.cli.subscribers import one_named
from opendata_spiders.store.clock import SHANGHAI


def _says(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that all remarks share."""
    clear = click.option("--clear", is_flag=True, help="Take it away.")
    by = click.option("--by", metavar="NAME", default="", help="Who says so; shown beside it.")
    ends = click.option("--until", "ends", metavar="DATE", help="The last day it holds (Shanghai), or a time.")
    return ends(by(clear(answers(command))))


@click.command("note")
@click.argument("portal", metavar="PORTAL")
@click.argument("text", required=False, default="")
@_says
def note(portal: str, text: str, ends: str | None, by: str, *, clear: bool, out: Output) -> None:  # noqa: PLR0913
    """Show TEXT beside the evidence of a city (or of all portals of a province), in digests and states."""
    if bool(text.strip()) == clear:
        raise click.UsageError('write the note in quotes, such as "migration until 12 March", or give --clear alone')
    with session() as opened:
        said = Remark(
            RemarkKind.NOTE, "", opened.now, _end(opened, ends, needed=False if clear else None), text, by, clear
        )
        _put(opened, said, _portals(opened, portal), out)


@click.command("ack")
@click.argument("portal", metavar="PORTAL")
@_says
def ack(portal: str, ends: str | None, by: str, *, clear: bool, out: Output) -> None:
    """Say that a stop is known: no reminders of it until then. A new transition is told all the same."""
    with session() as opened:
        said = Remark(RemarkKind.ACK, "", opened.now, _end(opened, ends, needed=not clear), "", by, clear)
        _put(opened, said, _portals(opened, portal), out)


@click.command("mute")
@click.argument("name", metavar="SUBSCRIBER")
@_says
def mute(name: str, ends: str | None, by: str, *, clear: bool, out: Output) -> None:
    """Pause this subscriber's digests until DATE; one catch-up digest follows. DATE ends on the subscriber's clock."""
    with session() as opened:
        zone = one_named(opened.register, name).rhythm.timezone
        said = Remark(RemarkKind.MUTE, "", opened.now, _end(opened, ends, zone, needed=not clear), "", by, clear)
        _put(opened, said, {name: name}, out, zone)


def _end(opened: Session, ends: str | None, zone: tzinfo = SHANGHAI, *, needed: bool | None = None) -> datetime | None:
    """The end of a remark; `needed`: whether it must (True) or must not (False) have one."""
    if needed is not None and (ends is None) == needed:
        raise click.UsageError("say until when with --until 2027-03-12, or give --clear alone")
    found = end(ends, "--until", zone)
    if found is not None and found <= opened.now:
        raise click.UsageError(f"--until {ends} is past; name a later date")
    return found


def _portals(opened: Session, word: str) -> dict[str, str]:
    """Id to slug of the crawlable portals that a word names, sorted by slug."""
    crawlable = {portal.id for portal in opened.register.crawlable()}
    places = [place for place in opened.places([word]) if place.id in crawlable or not place.registered]
    if not places:
        raise click.UsageError(f"{word!r} has no portal that is read, so nothing could be shown beside it")
    return {place.id: place.slug for place in sorted(places, key=lambda place: place.slug)}


def _put(opened: Session, said: Remark, subjects: Mapping[str, str], out: Output, zone: tzinfo = SHANGHAI) -> None:
    """Store the remark for each subject, or clear it where one holds; `subjects`: subject to label."""
    if said.ended:
        known = holding(opened.store, said.kind, opened.now, subjects)
        subjects = {subject: label for subject, label in subjects.items() if subject in known}
    made = [replace(said, subject=subject, text=said.text.strip(), by=said.by.strip()) for subject in subjects]
    put(opened.store, made)
    how = " cleared" if said.ended else f" until {until(said.until, zone)}" if said.until else ""
    lines = [f"{said.kind}: {label}{how}" for label in subjects.values()]
    document = [{"label": subjects[one.subject], "remark": one} for one in made]
    out.say(document, *(lines or [f"{said.kind}: there was nothing to clear"]))
