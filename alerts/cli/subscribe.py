"""`python -m alerts subscribe`: check the subscribers file; list overdue datasets of a scope, and watched datasets."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import uuid4

import click

from alerts.audience.subscribers import Subscriber
from alerts.cli import SummaryGroup, options
from alerts.cli.output import FILE, Output, answers, print_json, writable
from alerts.cli.session import loaded, session
from alerts.cli.subscribers import named, one_named, read
from alerts.cli.watches import add_command, remove_command, watches_command
from alerts.delivery.message import Message
from alerts.delivery.sending import deliver
from alerts.delivery.targets import Target
from alerts.digest.build import footer
from alerts.digest.compose import Composer
from alerts.digest.overdue import as_csv
from alerts.digest.standings import silent_lines
from alerts.text.masking import install
from alerts.text.parts import as_text
from alerts.text.wording import load
from opendata_spiders.exits import Exit

Tested = Mapping[str, object]
"""Result of one test message."""


@click.group("subscribe", cls=SummaryGroup, invoke_without_command=True)
@click.option("--check", "path", type=FILE, metavar="FILE", help="The same as `subscribe check FILE`.")
@click.pass_context
def subscribe(context: click.Context, path: Path | None) -> None:
    """Check who is subscribed to what; watch single datasets."""
    if context.invoked_subcommand and path:
        raise click.UsageError(f"--check is a command of its own: leave out {context.invoked_subcommand!r}")
    if context.invoked_subcommand is None and path is None:
        click.echo(context.get_help())
    elif context.invoked_subcommand is None:
        context.invoke(check, path=path, names=(), send_test=False, as_json=False)


@subscribe.command("check")
@click.argument("path", type=FILE, required=False, metavar="[FILE]")
@options.subscribers
@click.option("--send-test", is_flag=True, help="Send a short test message to every address.")
@answers
def check(path: Path | None, names: tuple[str, ...], *, send_test: bool, out: Output) -> None:
    """Read the file (default: SUBSCRIBERS, else ./subscribers.yaml), show what it says; no address is shown whole.

    Exit status 1 if it cannot be used, names nobody, or a test message failed.
    """
    install()
    with loaded() as register:
        chosen = named(read(register, path) or [], names)
    if out.as_text:
        for one in chosen:
            why, notes = _told(one)
            click.echo(f"{one.name} ({one.language}, {one.role})\n  {why}")
            for note in notes:
                click.echo(f"  note: {note}")
            for target in one.targets:
                doubt = "" if target.confirms else " (sends, but this service confirms nothing)"
                click.echo(f"  #{target.index} {target.service.name}: {target.label}{doubt}")
        if chosen:
            click.echo(f"{len(chosen)} subscriber{'' if len(chosen) == 1 else 's'}: the file is right")
    tested = [_test(one, target, out) for one in chosen for target in one.targets] if send_test else []
    if out.as_json:
        print_json([_row(one, tested) for one in chosen])
    if not chosen or not all(one["confirmed"] for one in tested):
        sys.exit(Exit.FAILED)


def _row(one: Subscriber, tested: Sequence[Tested]) -> dict[str, object]:
    why, notes = _told(one)
    return {
        "name": one.name,
        "language": one.language,
        "role": one.role,
        "why": why,
        "notes": notes,
        "targets": [{"index": t.index, "service": t.service.name, "address": t.label} for t in one.targets],
        "tests": [test for test in tested if test["subscriber"] == one.name],
    }


def _told(one: Subscriber) -> tuple[str, list[str]]:
    """What the subscriber follows and when, and the followed places without a crawled portal, in English."""
    wording = load("en", one.rhythm.timezone)
    notes = [as_text(line.words) for line in silent_lines(one.scope.silent, wording)]
    if one.head_start and not one.hears_first:
        notes.append("head_start has no effect here: it is for an officer who names cities or provinces")
    return as_text(footer(one, wording)[0].words), notes


def _test(one: Subscriber, target: Target, out: Output) -> Tested:
    wording = load(one.language, one.rhythm.timezone)
    title, body = wording.text("test/title"), wording.plain("test/body", name=one.name)
    outcome = deliver(target, Message(uuid4().hex[:24], title, body, "text", body, one.language))
    result = "failed" if not outcome.confirmed else "confirmed" if outcome.judged else "sent, unconfirmable"
    if out.as_text:
        click.echo(f"{result}  {one.name} #{target.index} {target.label} {outcome.error}".rstrip())
    return {
        "subscriber": one.name,
        "target": target.index,
        "confirmed": outcome.confirmed,
        "judged": outcome.judged,
        "error": outcome.error,
    }


@subscribe.command("overdue")
@options.subscriber
@click.option("--csv", "--out", "table", type=FILE, metavar="FILE", help="Where to write it (default: stdout).")
@answers
def overdue(name: str, *, out: Output) -> None:
    """List every dataset past its promise, by department, as CSV for Excel."""
    with session() as opened:
        scope = one_named(opened.register, name).scope
        rows = Composer(opened.store, opened.register, opened.now).cache.overdue(scope, opened.now)
    if out.file is None:
        if out.as_json:
            print_json(rows)
        else:
            click.echo(as_csv(rows), nl=False)
        return
    with writable(out.file):
        out.file.write_bytes(as_csv(rows).encode())
    offices = len(Counter(row.office for row in rows))
    document = {"file": str(out.file), "rows": len(rows), "departments": offices}
    out.say(document, f"{out.file}: {len(rows)} overdue in {offices} department{'' if offices == 1 else 's'}")


for _command in (add_command, watches_command, remove_command):
    subscribe.add_command(_command)
