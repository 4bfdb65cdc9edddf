"""`python -m alerts doctor`: whether the hosts can be reached. Calls the crawler's own command."""

import json
import subprocess
import sys

import click

from alerts.cli import options
from alerts.cli.output import Output, answers_rows
from alerts.cli.session import loaded, selected


@click.command("doctor")
@options.portals
@click.option("--base-url", default="", help="Ask at this address instead of the register's.")
@answers_rows
def doctor(words: tuple[str, ...], base_url: str, *, out: Output) -> None:
    """Make one request per host and say: answers, blocked or unreachable, with the next step."""
    with loaded() as register:
        chosen = [portal for word in words for portal in selected(register, word)]
    slugs = [portal.slug for portal in chosen if portal.crawlable] or [portal.slug for portal in chosen]
    asked = ["--base-url", base_url] if base_url else []
    command = [sys.executable, "-m", "opendata_spiders", "doctor", "--json", *asked, *slugs]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if done.stdout:
        rows = json.loads(done.stdout)
        columns = ("host", "slug", "says", "detail", "next_step")
        out.table("Hosts", columns, [[row[name] for name in columns] for row in rows], rows)
    raise SystemExit(done.returncode)
