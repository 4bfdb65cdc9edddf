"""`python -m alerts digest`: write what is due into the outbox, or show what would be written."""

import os
import re
from datetime import datetime, timedelta

import click

from alerts.audience.subscribers import Subscriber
from alerts.cli.output import print_json
from alerts.cli.session import json_option, moment, session, since_option
from alerts.cli.subscribers import named, read, with_mutes
from alerts.delivery import outbox
from alerts.digest.deliveries import renderings
from alerts.digest.head_start import head_start
from alerts.digest.model import Digest
from alerts.digest.render import Rendered, readable
from alerts.digest.replay import Sending, replayed
from alerts.digest.write import DigestSession, Written
from alerts.health.check import check
from alerts.records.isolation import attempts, record, told
from alerts.text.links import site_url
from opendata_spiders.store.clock import domain_now

_SPAN = re.compile(r"(\d{1,3})([dw])")
_DAYS = {"d": 1, "w": 7}
_LONGEST = 366


@click.command("digest")
@click.option("--subscriber", "names", multiple=True, metavar="NAME", help="Only this subscriber (repeatable).")
@click.option("--preview", is_flag=True, help="Print what would be written, due or not; change nothing.")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "html"]), default="text", show_default=True)
@click.option(
    "--replay", "span", metavar="30d", help="Print what would have been sent over so many days, or weeks (4w)."
)
@since_option
@json_option
def command(  # noqa: PLR0913 -- one argument an option
    names: tuple[str, ...], form: str, span: str | None, since: str | None, *, preview: bool, as_json: bool
) -> None:
    """Write the digests that are due into the outbox; `python -m alerts send` delivers them.

    With --preview, --since shows one digest on everything stated since that date. --replay shows every digest of the
    last days in each subscriber's own rhythm, by the same code; neither changes anything.
    """
    period = _period(span) if span else None
    if since and not preview:
        raise click.UsageError("--since belongs to --preview: a written digest goes on where the last one ended")
    with session() as opened:
        subscribers = read(opened.register)
        if subscribers is None:
            return
        now = domain_now(os.environ)
        first = head_start(subscribers)
        desk = DigestSession(opened.store, opened.register, now, site_url(), first)
        chosen = with_mutes(opened.store, named(subscribers, names), now)
        if period is not None:
            _replay(desk, chosen, form, period, as_json=as_json)
        elif preview:
            _preview(desk, chosen, form, since, as_json=as_json)
        else:
            _write(desk, chosen, as_json=as_json)


def _preview(
    desk: DigestSession, subscribers: list[Subscriber], form: str, since: str | None, *, as_json: bool
) -> None:
    start = moment(since)
    found = [(one, _previewed(desk, one, start)) for one in subscribers]
    if as_json:
        print_json([_sending(one, Sending(desk.now, digest), form) for one, digest in found if digest])
        return
    for subscriber, digest in found:
        if len(subscribers) > 1:
            click.echo(f"===== {subscriber.name}", err=True)
        told = _shown(_rendered(subscriber, digest, form), form) if digest else f"{subscriber.name}: nothing to say"
        click.echo(told)


def _previewed(desk: DigestSession, subscriber: Subscriber, start: datetime | None) -> Digest | None:
    if start is not None:
        return desk.replay(subscriber, start)
    return desk.compose(subscriber, outbox.cursor(desk.store, subscriber.name))[0]


def _rendered(subscriber: Subscriber, digest: Digest, form: str) -> Rendered:
    """As the subscriber's mail says it where there is one, else as a chat does."""
    attached, plain = renderings(subscriber, digest)
    mails = form != "markdown" and any(target.takes_files for target in subscriber.targets)
    return attached if mails else plain


def _period(text: str) -> timedelta:
    """`30d` or `4w`."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None or not 1 <= int(found[1]) * _DAYS[found[2]] <= _LONGEST:
        raise click.UsageError(f"--replay {text!r} is no span of 1 to {_LONGEST} days; write one such as 30d or 4w")
    return timedelta(days=int(found[1]) * _DAYS[found[2]])


def _replay(desk: DigestSession, subscribers: list[Subscriber], form: str, period: timedelta, *, as_json: bool) -> None:
    shown = [(one, list(replayed(desk, one, desk.now - period))) for one in subscribers]
    if as_json:
        print_json([_sending(subscriber, one, form) for subscriber, sendings in shown for one in sendings])
        return
    for subscriber, sendings in shown:
        for one in sendings:
            at = one.at.astimezone(subscriber.rhythm.timezone)
            told = _shown(_rendered(subscriber, one.digest, form), form)
            click.echo(f"===== {subscriber.name}  {at:%Y-%m-%d %H:%M} {subscriber.rhythm.timezone}\n{told}")
        count = f"{len(sendings)} digest{'' if len(sendings) == 1 else 's'}"
        click.echo(f"{subscriber.name}: {count} in {period.days} days")


def _sending(subscriber: Subscriber, one: Sending, form: str) -> dict[str, object]:
    rendered = _rendered(subscriber, one.digest, form)
    bodies = {"html": rendered.html, "markdown": readable(rendered.markdown), "text": readable(rendered.text)}
    return {
        "subscriber": one.digest.subscriber,
        "at": one.at,
        "kind": one.digest.kind.value,
        "subject": one.digest.subject,
        "events": list(one.digest.events),
        "body": bodies[form],
        "list": one.digest.table.attachment.content.decode() if one.digest.table else None,
    }


def _shown(rendered: Rendered, form: str) -> str:
    if form == "html":
        return rendered.html
    return f"{rendered.subject}\n\n{readable(rendered.markdown if form == 'markdown' else rendered.text)}"


def _write(desk: DigestSession, subscribers: list[Subscriber], *, as_json: bool) -> None:
    """Operators come last, so that what fails before reaches them tonight."""
    with attempts() as made:
        done = list(desk.write_all(one for one in subscribers if one.role != "operator"))
        if record(desk.store, "digest", made, desk.now):
            check(desk.store, desk.register, desk.now)
        fresh = DigestSession(desk.store, desk.register, desk.now, desk.site_url, desk.first)
        done += fresh.write_all(one for one in subscribers if one.role == "operator")
    record(desk.store, "digest", made, desk.now)
    place = {one.name: number for number, one in enumerate(subscribers)}
    _print(desk, sorted(done, key=lambda one: place[one.subscriber]), as_json=as_json)
    if made.failed:
        raise click.ClickException(f"{told(made)}; the rest went out")


def _print(desk: DigestSession, written: list[Written], *, as_json: bool) -> None:
    if as_json:
        print_json([_row(one) for one in written])
        return
    for one in written:
        if one.digest:
            count = f"{one.deliveries} deliver{'y' if one.deliveries == 1 else 'ies'}"
            click.echo(f"{one.subscriber}: {one.digest.subject} ({one.digest.kind}, {count})")
        else:
            click.echo(f"{one.subscriber}: {one.reason}")
    click.echo(f"In the outbox: {outbox.waiting(desk.store)}")


def _row(one: Written) -> dict[str, object]:
    return {
        "subscriber": one.subscriber,
        "kind": one.digest.kind.value if one.digest else None,
        "subject": one.digest.subject if one.digest else None,
        "deliveries": one.deliveries,
        "events": list(one.digest.events) if one.digest else [],
        "reason": one.reason,
    }
