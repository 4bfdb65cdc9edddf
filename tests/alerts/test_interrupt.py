"""Ctrl-C ends a command of `python -m alerts` with 130 and without a traceback."""

import click
from click.testing import CliRunner

from alerts.cli import LazyGroup
from opendata_spiders.exits import Exit


def test_ctrl_c():
    @click.group(cls=LazyGroup)
    def group():
        pass

    @group.command()
    def work():
        raise KeyboardInterrupt

    done = CliRunner().invoke(group, ["work"])
    said = "stopped: nothing was changed, unless the command had said so\n"
    assert (done.exit_code, done.output) == (Exit.INTERRUPTED, said)
    assert Exit.INTERRUPTED == 130
