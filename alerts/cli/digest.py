"""`python -m alerts digest`: write digests that are due into the outbox, or show them without writing."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import click

from alerts.audience.subscribers import Subscriber
from alerts.cli import options
from alerts.cli.output import Output, answers
from alerts.cli.session import Session, session
from alerts.cli.subscribers import named, read, with_mutes
from alerts.delivery import outbox
from alerts.digest.deliveries import renderings
from alerts.digest.head_start import head_start
from alerts.digest.render import readable
from alerts.digest.replay import Sending, replayed
from alerts.digest.write import DigestSession
from alerts.health.check import check
from alerts.records.isolation import record
from alerts.text.links import site_url

_SPAN = re.compile(r"(\d{1,3})([dw])")
_DAYS = {"d": 1, "w": 7}
_LONGEST = 366


@click.command("digest")
@options.subscribers
@click.option("--preview", is_flag=True, help="Print what would be written, due or not; change nothing.")
@click.option(
    "--format", "form", type=click.Choice(["text", "markdown", "html"]), help="Of what is printed (default: text)."
)
@click.option(
    "--replay", "span", metavar="30d", help="Print what would have been sent over so many days, or weeks (4w)."
)
@options.since
@answers
def digest(  # noqa: PLR0913 -- one argument an option
    names: tuple[str, ...], form: str | None, span: str | None, since: datetime | None, *, preview: bool, out: Output
) -> None:
    """Write the digests that are due into the outbox; `python -m alerts send` delivers them.

    With --preview, --since shows one digest on everything stated since that date. --replay shows every digest of the
    last days in each subscriber's own rhythm, by the same code; neither changes anything.
    """
    period = _period(span) if span else None
    if preview and span:
        raise click.UsageError("--preview and --replay exclude each other: give one of them")
    if form and not (preview or span):
        raise click.UsageError("--format belongs to --preview and --replay: each target has the format of its service")
    if since and not preview:
        raise click.UsageError("--since belongs to --preview: a written digest goes on where the last one ended")
    with session() as opened:
        subscribers = read(opened.register)
        if subscribers is None:
            return
        desk = DigestSession(opened.store, opened.register, opened.now, site_url(), head_start(subscribers))
        chosen = with_mutes(opened.store, named(subscribers, names), opened.now)
        if period is not None:
            _show([(one, list(replayed(desk, one, desk.now - period))) for one in chosen], form or "text", out, period)
        elif preview:
            cursors = outbox.cursors(desk.store, [one.name for one in chosen])
            found = []
            for one in chosen:
                told = desk.replay(one, since) if since else desk.compose(one, cursors.get(one.name))[0]
                found.append((one, [Sending(desk.now, told)] if told else []))
            _show(found, form or "text", out)
        else:
            _write(opened, desk, chosen, out)


def _period(text: str) -> timedelta:
    """Parse a period such as `30d` or `4w`."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None or not 1 <= int(found[1]) * _DAYS[found[2]] <= _LONGEST:
        raise click.UsageError(f"--replay {text!r} is no span of 1 to {_LONGEST} days; write one such as 30d or 4w")
    return timedelta(days=int(found[1]) * _DAYS[found[2]])


def _show(
    found: Sequence[tuple[Subscriber, list[Sending]]], form: str, out: Output, period: timedelta | None = None
) -> None:
    """Print digests; for a period each with the time at which it would have been written, and their number."""
    if out.as_json:
        out.say(
            [
                {
                    "subscriber": one.digest.subscriber,
                    "at": one.at,
                    "kind": one.digest.kind.value,
                    "subject": one.digest.subject,
                    "events": list(one.digest.events),
                    "body": _body(subscriber, one, form)[1],
                    "list": one.digest.table.attachment.content.decode() if one.digest.table else None,
                }
                for subscriber, sendings in found
                for one in sendings
            ]
        )
        return
    for subscriber, sendings in found:
        if period is None and len(found) > 1:
            click.echo(f"===== {subscriber.name}", err=True)
        if period is None and not sendings:
            click.echo(f"{subscriber.name}: nothing to say")
        for one in sendings:
            zone = subscriber.rhythm.timezone
            if period is not None:
                click.echo(f"===== {subscriber.name}  {one.at.astimezone(zone):%Y-%m-%d %H:%M} {zone}")
            subject, body = _body(subscriber, one, form)
            click.echo(body if form == "html" else f"{subject}\n\n{body}")
        if period is not None:
            count = f"{len(sendings)} digest{'' if len(sendings) == 1 else 's'}"
            click.echo(f"{subscriber.name}: {count} in {period.days} days")


def _body(subscriber: Subscriber, one: Sending, form: str) -> tuple[str, str]:
    """Subject and body as in the subscriber's mail if they have one, else as in a chat."""
    attached, plain = renderings(subscriber, one.digest)
    mails = form != "markdown" and any(target.takes_files for target in subscriber.targets)
    rendered = attached if mails else plain
    if form == "html":
        return rendered.subject, rendered.html
    return rendered.subject, readable(rendered.markdown if form == "markdown" else rendered.text)


def _write(opened: Session, desk: DigestSession, subscribers: list[Subscriber], out: Output) -> None:
    """Write the digests; operators come last, so that earlier failures are in their digest of the same night."""
    with opened.step("digest", "the rest went out") as made:
        done = list(desk.write_all(one for one in subscribers if one.role != "operator"))
        if record(desk.store, "digest", made, desk.now):
            check(desk.store, desk.register, desk.now)
        fresh = DigestSession(desk.store, desk.register, desk.now, desk.site_url, desk.first)
        done += fresh.write_all(one for one in subscribers if one.role == "operator")
        place = {one.name: number for number, one in enumerate(subscribers)}
        done.sort(key=lambda one: place[one.subscriber])
        lines, document = [], []
        for one in done:
            told, count = one.digest, f"{one.deliveries} deliver{'y' if one.deliveries == 1 else 'ies'}"
            lines.append(
                f"{one.subscriber}: {told.subject} ({told.kind}, {count})"
                if told
                else f"{one.subscriber}: {one.reason}"
            )
            document.append(
                {
                    "subscriber": one.subscriber,
                    "kind": told.kind.value if told else None,
                    "subject": told.subject if told else None,
                    "deliveries": one.deliveries,
                    "events": list(told.events) if told else [],
                    "reason": one.reason,
                }
            )
        out.say(document, *lines, f"In the outbox: {outbox.waiting(desk.store)}")
