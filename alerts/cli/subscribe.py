"""`python -m alerts subscribe`: see that the subscribers file is right and its addresses work."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import uuid4

import click

from alerts.audience.subscribers import Subscriber
from alerts.cli.output import print_json
from alerts.cli.overdue import overdue_command
from alerts.cli.session import json_option
from alerts.cli.subscribers import named, read
from alerts.cli.watch_commands import add_command, remove_command, watches_command
from alerts.delivery.sending import Message, deliver
from alerts.delivery.targets import Target
from alerts.digest.build import footer
from alerts.digest.standings import silent_lines
from alerts.text.masking import install
from alerts.text.parts import as_text
from alerts.text.wording import load
from opendata_spiders.register import RegisterError
from opendata_spiders.register import load as load_register

Tested = Mapping[str, object]
"""What became of one test message."""
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("subscribe", invoke_without_command=True)
@click.option("--check", "path", type=_FILE, metavar="FILE", help="The same as `subscribe check FILE`.")
@click.pass_context
def command(context: click.Context, path: Path | None) -> None:
    """Check who is subscribed to what; watch single datasets."""
    if context.invoked_subcommand is not None:
        return
    if path is None:
        click.echo(context.get_help())
        return
    context.invoke(check, path=path, names=(), send_test=False, as_json=False)


@command.command("check")
@click.argument("path", type=_FILE, required=False, metavar="[FILE]")
@click.option("--subscriber", "names", multiple=True, metavar="NAME", help="Only this subscriber (repeatable).")
@click.option("--send-test", is_flag=True, help="Send a short test message to every address.")
@json_option
def check(path: Path | None, names: tuple[str, ...], *, send_test: bool, as_json: bool) -> None:
    """Read the file (default: SUBSCRIBERS, else ./subscribers.yaml), show what it says; no address is shown whole.

    Exit status 1 if it cannot be used, names nobody, or a test message failed.
    """
    install()
    subscribers = _read(path)
    chosen = named(subscribers, names)
    if not as_json:
        for one in chosen:
            _show(one)
        if chosen:
            click.echo(f"{len(chosen)} subscriber{'' if len(chosen) == 1 else 's'}: all right")
    tested = [_test(one, target, silent=as_json) for one in chosen for target in one.targets] if send_test else []
    if as_json:
        print_json([_row(one, tested) for one in chosen])
    if not chosen or not all(one["confirmed"] for one in tested):
        sys.exit(1)


for _command in (add_command, watches_command, remove_command, overdue_command):
    command.add_command(_command)


def _read(path: Path | None) -> list[Subscriber]:
    try:
        register = load_register()
    except RegisterError as error:
        raise click.ClickException(str(error)) from None
    return read(register, path) or []


def _show(one: Subscriber) -> None:
    wording = load("en", one.rhythm.timezone)
    click.echo(f"{one.name} ({one.language}, {one.role})")
    click.echo(f"  {as_text(footer(one, wording)[0].words)}")
    for line in silent_lines(one.scope.silent, wording):
        click.echo(f"  note: {as_text(line.words)}")
    for target in one.targets:
        doubt = "" if target.confirms else " (sends, but this service confirms nothing)"
        click.echo(f"  #{target.index} {target.service.name}: {target.label}{doubt}")


def _row(one: Subscriber, tested: Sequence[Tested]) -> dict[str, object]:
    wording = load("en", one.rhythm.timezone)
    return {
        "name": one.name,
        "language": one.language,
        "role": one.role,
        "why": as_text(footer(one, wording)[0].words),
        "notes": [as_text(line.words) for line in silent_lines(one.scope.silent, wording)],
        "targets": [{"index": t.index, "service": t.service.name, "address": t.label} for t in one.targets],
        "tests": [test for test in tested if test["subscriber"] == one.name],
    }


def _test(one: Subscriber, target: Target, *, silent: bool) -> Tested:
    wording = load(one.language, one.rhythm.timezone)
    title, body = wording.text("test/title"), wording.plain("test/body", name=one.name)
    outcome = deliver(target, Message(uuid4().hex[:24], title, body, "text", body, one.language))
    result = "failed" if not outcome.confirmed else "confirmed" if outcome.judged else "sent, unconfirmable"
    if not silent:
        click.echo(f"{result}  {one.name} #{target.index} {target.label} {outcome.error}".rstrip())
    return {
        "subscriber": one.name,
        "target": target.index,
        "confirmed": outcome.confirmed,
        "judged": outcome.judged,
        "error": outcome.error,
    }
