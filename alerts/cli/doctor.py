"""`python -m alerts doctor`: can the hosts be reached at all? Calls the crawler's own command."""

import subprocess
import sys

import click

from alerts.cli.session import json_option


@click.command("doctor")
@click.argument("slugs", nargs=-1, metavar="[SLUG]…")
@click.option("--base-url", default="", help="Ask at this address instead of the register's.")
@json_option
def command(slugs: tuple[str, ...], base_url: str, *, as_json: bool) -> None:
    """Make one request per host and say: answers, blocked or unreachable, with the next step."""
    options = ["--json"] * as_json + (["--base-url", base_url] if base_url else [])
    done = subprocess.run([sys.executable, "-m", "scrapy", "doctor", *options, *slugs], check=False)
    raise SystemExit(done.returncode)
