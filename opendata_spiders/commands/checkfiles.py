"""`scrapy checkfiles`: one round of looks at the files of watched datasets."""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.markup import escape
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from opendata_spiders.commands.checks import check_proxies
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.files import report, uplink
from opendata_spiders.files.fetch.spider import FileProgress, FilesSpider, Patient
from opendata_spiders.files.plan import Due, FilePlan, make_plan, title_of
from opendata_spiders.files.policy import file_policy
from opendata_spiders.quiet import quieten
from opendata_spiders.register import Portal, Register, RegisterError, load
from opendata_spiders.store import file_checks
from opendata_spiders.store.clock import domain_now
from opendata_spiders.store.connect import Store, open_store
from opendata_spiders.store.errors import StoreError
from opendata_spiders.store.file_checks import FileRound
from opendata_spiders.store.watched import watched

UPLINK_STATUS = 8
"""Exit status when most hosts gave no answer: then it is our own line."""
_NO_CRAWL: dict[str, Any] = {"EXTENSIONS": {}, "ITEM_PIPELINES": {}}
"""No run is recorded, no item kept. Delays, robots.txt, retries and proxies are those of a crawl."""


@dataclass(slots=True)
class RoundKeeper:
    """Keeps rounds as they come in; silent ones wait until it is clear whose line was dead."""

    store: Store
    console: Console
    kept: list[FileRound] = field(default_factory=list)
    held: list[FileRound] = field(default_factory=list)

    async def keep(self, looked: FileRound) -> None:
        """Store a round, or hold it back."""
        if uplink.is_silent(looked):
            self.held.append(looked)
        else:
            self.kept.append(await asyncio.to_thread(file_checks.insert, self.store.db, looked))
        self.console.print(report.line(looked))

    def close(self) -> bool:
        """Store what was held back; True if our own line is suspected."""
        ours = uplink.is_ours([*self.kept, *self.held])
        for looked in self.held:
            self.kept.append(file_checks.insert(self.store.db, uplink.unseen(looked) if ours else looked))
        self.held.clear()
        return ours


class CheckFilesCommand(ScrapyCommand):
    """Exit status: 0 rounds recorded (whatever the files said), 8 most hosts gave no answer (our uplink).

    1 no store, clock refused, or a round that could not be made; 2 wrong use.
    """

    requires_project = True

    def syntax(self) -> str:
        return "[options] [portal …]"

    def short_desc(self) -> str:
        return "Look at the files of watched datasets; ends in a table"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of a round."""
        super().add_options(parser)
        parser.add_argument("--force", action="store_true", help="also portals that were looked at a few hours ago")
        parser.add_argument("--base-url", default="", help="look there instead of the register's address (one portal)")
        parser.add_argument("--hosts", type=int, default=4, help="how many hosts are asked side by side (default 4)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Make the rounds that are due."""
        quieten(self.settings)
        check_proxies(self.settings)
        try:
            register = load()
            chosen = register.select(",".join(args)) if args else list(register.portals.values())
        except RegisterError as error:
            raise UsageError(str(error), print_help=False) from error
        if opts.base_url and len(chosen) != 1:
            raise UsageError("--base-url needs one portal: name it", print_help=False)
        try:
            with open_store() as store:
                self._look(store, register, chosen, opts)
        except StoreError as error:
            print(error, file=sys.stderr)
            self.exitcode = 1

    def _look(self, store: Store, register: Register, chosen: list[Portal], opts: argparse.Namespace) -> None:
        console = Console()
        known, now = watched(store.db), domain_now(os.environ)
        plan = make_plan(store, chosen, known, now=now, force=opts.force)
        for text in _left_out(plan, register, known):
            console.print(text, highlight=False)
        if not plan.due:
            return
        desk, progress = RoundKeeper(store, console), FileProgress(len(plan.due))
        groups = [[self._patient(due, opts.base_url) for due in group] for group in plan.groups]
        self._crawl(groups=groups, keep=desk.keep, at=now, hosts=opts.hosts, progress=progress)
        ours = desk.close()
        console.print(report.table(desk.kept, _titles(plan)))
        if ours:
            console.print("[bold red]most hosts gave no answer: look at our own line first; no file is accused[/]")
        whole = progress.done == progress.portals and not progress.faults
        self.exitcode = (UPLINK_STATUS if ours else 0) if whole else 1

    def _crawl(self, **arguments: Any) -> None:
        if self.crawler_process is None or self.settings is None:
            raise RuntimeError("scrapy sets the crawler process and the settings before it runs a command")
        self.settings.setdict(_NO_CRAWL, priority="cmdline")
        self.crawler_process.crawl(FilesSpider, **arguments)
        self.crawler_process.start()

    def _patient(self, due: Due, base_url: str) -> Patient:
        if self.crawler_process is None:
            raise RuntimeError("scrapy sets the crawler process before it runs a command")
        if not due.portal.crawlable:
            return Patient(due, None)
        arguments = {"base_url": base_url} if base_url else {}
        try:
            family = self.crawler_process.spider_loader.load(due.portal.slug)(**arguments)
        except (KeyError, ValueError) as error:
            raise UsageError(str(error.args[0]), print_help=False) from error
        return Patient(due, family if isinstance(family, PortalSpider) else None)


def _left_out(plan: FilePlan, register: Register, known: Iterable[str]) -> list[str]:
    """Say which portals are not looked at, and why."""
    ids = {portal.id for portal in register.portals.values()}
    texts = [f"{escape(portal)}: watched, but not in the register; its files cannot be looked at"
             for portal in known if portal not in ids]  # fmt: skip
    texts += [
        f"{portal.slug}: looked at within {file_policy().again_hours} hours (--force looks all the same)"
        for portal in plan.recent
    ]
    return texts if texts or plan.due else ["no dataset of these portals is watched: nothing to look at"]


def _titles(plan: FilePlan) -> dict[tuple[str, str], str]:
    return {(due.portal.id, dataset.id): title_of(dataset) for due in plan.due for dataset in due.datasets}
