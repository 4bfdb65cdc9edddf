"""`scrapy crawlall`: the night. Every crawlable portal, hosts side by side, portals of one host one after the other."""

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from opendata_spiders.commands.checks import check_proxies
from opendata_spiders.night import logs as night_logs
from opendata_spiders.night.schedule import Night, NightPlan, Result, make_plan
from opendata_spiders.policy import policy
from opendata_spiders.register import Portal, Register, RegisterError, load
from opendata_spiders.store.clock import domain_now
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store, open_store
from opendata_spiders.store.errors import StoreError
from opendata_spiders.store.models import Verdict

INTERRUPTED_STATUS = 130
"""Exit status after Ctrl-C, as shells expect it: 128 and the number of the signal."""
_COLOURS = {
    Verdict.COMPLETE: "green",
    Verdict.PARTIAL: "yellow",
    Verdict.EMPTY: "cyan",
    Verdict.BLOCKED: "red",
    Verdict.DRIFTED: "magenta",
    Verdict.UNREACHABLE: "bright_black",
    Verdict.FAILED: "bold red",
}
UPLINK_STATUS = 8
"""Exit status when most hosts failed at once: then it is our own line, not the portals."""


class CrawlAllCommand(ScrapyCommand):
    """Exit status: 0 done (whatever the single verdicts), 8 most hosts failed (our uplink), 1 no store, 2 wrong use.

    130 after Ctrl-C: portals being read end with what they have, the others are left out.
    """

    requires_project = True

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Read every crawlable portal, politely; ends in a table of verdicts"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of a night."""
        super().add_options(parser)
        parser.add_argument("--only", default="", help="a subset: guiyang,province:山东,family:guizhou_api,host:…")
        parser.add_argument("--dry-run", action="store_true", help="print hosts, requests and minutes; send nothing")
        parser.add_argument("--hosts", type=int, default=4, help="how many hosts are read side by side (default 4)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Plan the night, and read it unless it is a dry run."""
        check_proxies(self.settings)
        try:
            portals = _portals(load(), opts.only)
        except RegisterError as error:
            raise UsageError(str(error), print_help=False) from error
        try:
            with open_store() as store:
                self._night(store, portals, opts)
        except StoreError as error:
            print(error, file=sys.stderr)
            self.exitcode = 1

    def _night(self, store: Store, portals: list[Portal], opts: argparse.Namespace) -> None:
        settings = self.settings
        if settings is None:
            raise RuntimeError("scrapy sets the settings before it runs a command")
        plan = make_plan(
            portals,
            lambda portal: store.last_fair_run(portal.id),
            delay=settings.getfloat("DOWNLOAD_DELAY"),
            budget=settings.getint("DETAIL_BUDGET"),
        )
        console = Console()
        console.print(_plan_table(plan, opts.hosts))
        if opts.dry_run:
            return
        self._read(store, plan, opts.hosts, console)

    def _read(self, store: Store, plan: NightPlan, hosts: int, console: Console) -> None:
        logs, now = Path(StoreConfig.from_env().data_dir) / "logs", datetime.now(UTC)
        night_logs.prune(logs, now, policy().log_days)
        night = Night(plan, night_logs.folder(logs, now), at=domain_now(os.environ))
        results = night.read(hosts=hosts, report=lambda result: console.print(_line(result)))
        store.put_night(night.record(results))
        console.print(_verdict_table(results))
        if night.stopped:
            console.print("stopped: what was read is kept, the other portals are read the next time")
            self.exitcode = INTERRUPTED_STATUS
            return
        if night.uplink_suspect(results):
            console.print("[bold red]most hosts failed at once: look at our own line first; no portal is accused[/]")
            self.exitcode = UPLINK_STATUS


def _portals(register: Register, only: str) -> list[Portal]:
    chosen = register.select(only) if only else register.crawlable()
    portals = [portal for portal in chosen if portal.crawlable]
    if not portals:
        raise RegisterError(f"--only {only!r} names no portal that can be crawled: `scrapy list` prints them")
    return portals


def _plan_table(plan: NightPlan, hosts: int) -> Table:
    table = Table(title=f"{len(plan.portals)} portals on {len(plan.groups)} hosts", caption=plan.caption(hosts))
    for column in ("host", "portals", "requests", "minutes"):
        table.add_column(column, justify="left" if column in {"host", "portals"} else "right")
    for group in plan.groups:
        names = ", ".join(portal.slug for portal in group.portals[:4])
        more = f" +{len(group.portals) - 4}" if len(group.portals) > 4 else ""
        table.add_row(group.host, names + more, f"{group.requests:,}", f"{group.minutes:.0f}")
    return table


def _line(result: Result) -> str:
    return f"[{_COLOURS[result.verdict]}]{result.verdict:<12}[/] {result.slug} ({result.seconds:.0f} s)"


def _verdict_table(results: list[Result]) -> Table:
    table = Table(title="the night's verdicts", caption="logs of single portals: see the last column")
    for column in ("portal", "verdict", "seconds", "log"):
        table.add_column(column, justify="right" if column == "seconds" else "left", overflow="fold")
    for result in sorted(results, key=lambda one: (one.verdict.exit_status, one.slug)):
        verdict = f"[{_COLOURS[result.verdict]}]{result.verdict}[/]"
        table.add_row(result.slug, verdict, f"{result.seconds:.0f}", str(result.log))
    return table
