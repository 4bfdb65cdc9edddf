"""`python -m tests.chaos [PART]…`: attack the product, print every figure beside its goal; exit status 1 if one is missed."""

import sys
import time
from importlib import import_module

import click

from alerts.cli.output import print_table
from tests.chaos.figures import Figure, Options, Part

PARTS = ("mutations", "kills", "hostile", "payloads", "secrets")
"""Modules of this folder; each has `attack(options)`, which yields figures."""


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS), metavar="[PART]…")
@click.option("--seed", default=1, show_default=True, help="What the attempts are drawn from.")
@click.option("--scale", default=1.0, show_default=True, type=click.FloatRange(min=0.001, max=1.0),
              help="Share of the full number of attempts.")  # fmt: skip
def main(parts: tuple[str, ...], seed: int, scale: float) -> None:
    """Attack the product in every PART (default: all); what is printed was measured in this run."""
    options, missed = Options(seed, scale), False
    for name in parts or PARTS:
        began = time.monotonic()
        click.echo(f"{name} …", err=True)
        figures = list(part(name)(options))
        click.echo(f"{name}: {time.monotonic() - began:.0f} s", err=True)
        print_table(name, ("figure", "measured", "goal", "attempts", ""), [row(one) for one in figures])
        for figure in figures:
            for example in figure.examples:
                click.echo(f"  {figure.name}: {example}")
        missed = missed or not all(one.met for one in figures)
    sys.exit(1 if missed else 0)


def part(name: str) -> Part:
    """The attack of that module."""
    attack: Part = import_module(f"tests.chaos.{name}").attack
    return attack


def row(figure: Figure) -> tuple[str, ...]:
    """A figure as a line of the table."""
    verdict = "met" if figure.met else "MISSED"
    return (figure.name, f"{figure.measured:g}", f"≤ {figure.at_most:g}", f"{figure.of:,}", verdict)


if __name__ == "__main__":
    main()
