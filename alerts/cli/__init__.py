"""The commands of `python -m alerts`, each registered here by name.

A command's module is imported only when it is called, so that one command never pays for another's libraries. All
commands share one grammar: portals are named by `Session.places`, options are defined in `options`, answers are
printed by `output.Output`, and exit statuses are those of `opendata_spiders.exits`.
"""

import ast
from importlib import import_module
from pathlib import Path

import click

from opendata_spiders.exits import Exit
from opendata_spiders.interrupts import say_stopped

COMMANDS: dict[str, str] = {
    "diff": "diff:diff",
    "events": "events:events",
    "states": "states:states",
    "runs": "states:runs",
    "kinds": "kinds:kinds_command",
    "audit": "audit:audit_command",
    "scoreboard": "scoreboard:scoreboard",
    "import": "imports:import_command",
    "digest": "digest:digest",
    "send": "send:send",
    "subscribe": "subscribe:subscribe",
    "note": "remarks:note",
    "ack": "remarks:ack",
    "mute": "remarks:mute",
    "evidence": "evidence:evidence",
    "retract": "corrections:retract_command",
    "regrade": "corrections:regrade",
    "health": "health:health",
    "site": "site:site",
    "export": "export:export",
    "doctor": "doctor:doctor",
}
"""Name of each command to its module in this package and the name of its function there."""
_IF_STOPPED: dict[str, str] = {
    "diff": "the portals compared so far are kept, the next diff goes on with the others",
    "import": "what was taken in is kept, the same command goes on with the rest",
    "digest": "the digests written so far are in the outbox, the next call writes the others",
    "send": "what was delivered is recorded, the rest waits in the outbox",
    "site": "the pages written so far stay, the next call writes the others",
    "export": "the files written so far stay, the next call writes the others",
}
"""What became of the work of a command that writes piece by piece, if it was stopped; the others do all or nothing."""
_WIDEST = 120
"""Most columns of a help page."""
_SENTENCE = 1000
"""Most characters of a command's first sentence."""


class SummaryGroup(click.Group):
    """A group that lists each command with its whole first sentence, which click would cut at the terminal width."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands into a help page."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.first_sentence(ctx, name)) for name in self.list_commands(ctx)])

    def first_sentence(self, ctx: click.Context, name: str) -> str:
        """The first sentence of a command's help."""
        command = self.get_command(ctx, name)
        return command.get_short_help_str(limit=_SENTENCE) if command else ""


class LazyGroup(SummaryGroup):
    """A group that imports a command on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of the table."""
        return [*COMMANDS, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command with this name; None if there is none."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(f"{__name__}.{module}"), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"alerts.cli.{module}.{name} is no click command: correct the table of commands")
        return command

    def first_sentence(self, ctx: click.Context, name: str) -> str:
        """As for any group, but the sentence is read from the command's source: a list of commands imports none."""
        module, _, function = COMMANDS.get(name, "").partition(":")
        if not module:
            return super().first_sentence(ctx, name)
        source = ast.parse(Path(__file__).with_name(f"{module}.py").read_text("utf-8"))
        for node in source.body:
            if isinstance(node, ast.FunctionDef) and node.name == function:
                return click.Command(name, help=ast.get_docstring(node)).get_short_help_str(limit=_SENTENCE)
        return ""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; Ctrl-C ends it without a traceback."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            say_stopped(
                _IF_STOPPED.get(ctx.invoked_subcommand or "", "nothing was changed, unless the command had said so")
            )
            ctx.exit(Exit.INTERRUPTED)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": _WIDEST})
def main() -> None:
    """Compare what was read, see what was stated, tell the subscribers."""
