"""`python -m alerts digest`: write what is due into the outbox, or show what would be written."""

import os

import click

from alerts import outbox
from alerts.cli.output import print_json
from alerts.cli.session import json_option, moment, session, since_option
from alerts.cli.subscribers import named, read
from alerts.digest.model import Digest
from alerts.digest.render import readable, render
from alerts.digest.write import Desk, Written
from alerts.subscribers import Subscriber
from opendata_spiders.store.clock import domain_now
from opendata_spiders.store.config import setting


@click.command("digest")
@click.option("--subscriber", "names", multiple=True, metavar="NAME", help="Only this subscriber (repeatable).")
@click.option("--preview", is_flag=True, help="Print what would be written, due or not; change nothing.")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "html"]), default="text", show_default=True)
@since_option
@json_option
def command(names: tuple[str, ...], form: str, since: str | None, *, preview: bool, as_json: bool) -> None:
    """Write the digests that are due into the outbox; `python -m alerts send` delivers them.

    With --preview, --since shows one digest on everything stated since that date.
    """
    if since and not preview:
        raise click.UsageError("--since belongs to --preview: a written digest goes on where the last one ended")
    with session() as opened:
        subscribers = read(opened.register)
        if subscribers is None:
            return
        outbox.prepare(opened.store)
        desk = Desk(opened.store, opened.register, domain_now(os.environ), setting("SITE_URL") or "")
        chosen = named(subscribers, names)
        if preview:
            _preview(desk, chosen, form, since)
        else:
            _write(desk, chosen, as_json=as_json)


def _preview(desk: Desk, subscribers: list[Subscriber], form: str, since: str | None) -> None:
    start = moment(since)
    for subscriber in subscribers:
        if start is None:
            digest, _ = desk.compose(subscriber, outbox.cursor(desk.store, subscriber.name))
        else:
            digest = desk.replay(subscriber, start)
        if len(subscribers) > 1:
            click.echo(f"===== {subscriber.name}", err=True)
        click.echo(_shown(digest, form) if digest else f"{subscriber.name}: nothing to say")


def _shown(digest: Digest, form: str) -> str:
    rendered = render(digest)
    if form == "html":
        return rendered.html
    return f"{rendered.subject}\n\n{readable(rendered.markdown if form == 'markdown' else rendered.text)}"


def _write(desk: Desk, subscribers: list[Subscriber], *, as_json: bool) -> None:
    written = [desk.write(subscriber) for subscriber in subscribers]
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
