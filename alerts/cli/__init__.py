"""The commands of `python -m alerts`: one module a group of commands, each registered here by name.

A command's module is imported only when it is called, so that one command never pays for another's libraries.
"""

from importlib import import_module

import click

COMMANDS: dict[str, str] = {
    "diff": "alerts.cli.diff",
    "events": "alerts.cli.events",
    "states": "alerts.cli.states",
    "runs": "alerts.cli.runs",
    "kinds": "alerts.cli.kinds",
    "audit": "alerts.cli.audit",
    "scoreboard": "alerts.cli.scoreboard",
    "digest": "alerts.cli.digest",
    "send": "alerts.cli.send",
    "subscribe": "alerts.cli.subscribe",
    "note": "alerts.cli.note",
    "ack": "alerts.cli.ack",
    "mute": "alerts.cli.mute",
    "evidence": "alerts.cli.evidence",
    "retract": "alerts.cli.retract",
    "regrade": "alerts.cli.regrade",
    "health": "alerts.cli.health",
    "site": "alerts.cli.site",
    "doctor": "alerts.cli.doctor",
}
"""Name of the command to its module, where it is an attribute `command`."""


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of the table."""
        return [*COMMANDS, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, None if there is none."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        command = import_module(COMMANDS[cmd_name]).command
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name]}.command is no click command: register another module")
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; Ctrl-C ends it as shells expect (130), without a traceback."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("stopped", err=True)
            ctx.exit(INTERRUPTED)


INTERRUPTED = 130
"""Exit status of what Ctrl-C ended: 128 and the number of the signal."""


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Compare what was read, see what was stated, tell the subscribers."""
