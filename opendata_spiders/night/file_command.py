"""`scrapy checkfiles`: one round of checks of the files of watched datasets."""

import argparse
import os
from collections.abc import Iterable
from dataclasses import asdict, replace

from rich.console import Console
from rich.markup import escape
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from opendata_spiders.command import night_end, read_by
from opendata_spiders.command_run import check_access, chosen_portals, portal_spider, store_to_fill, store_trouble
from opendata_spiders.exits import Exit
from opendata_spiders.files.policy import file_policy
from opendata_spiders.night import file_report
from opendata_spiders.night.file_plan import DueRound, FilePlan, plan_rounds
from opendata_spiders.night.file_rounds import FileNight, FilesSpider
from opendata_spiders.night.stopping import NightStop
from opendata_spiders.register import Register
from opendata_spiders.safe_json import safe_json
from opendata_spiders.store.clock import domain_now
from opendata_spiders.store.file_checks import FileRound
from opendata_spiders.store.night_lease import night_lease
from opendata_spiders.store.schema import Mode
from opendata_spiders.store.watched import watched
from opendata_spiders.terminal import clear_progress


def run(command: ScrapyCommand, args: list[str], opts: argparse.Namespace) -> None:
    """Make the rounds that are due."""
    check_access(command)
    register, chosen = chosen_portals(args, opts.base_url)
    console, stop, now = Console(stderr=opts.json), NightStop(night_end(opts)), domain_now(os.environ)
    with store_trouble(command), store_to_fill() as store:
        looked: list[file_report.LookedDataset] = []
        with night_lease(store.db, "scrapy checkfiles", at=now, lost=stop.interrupt):
            known = watched(store.db)
            plan = plan_rounds(store, chosen, known, now=now, force=opts.force)
            for text in _left_out(plan, register, known):
                console.print(text, highlight=False)
            if plan.due:
                night = FileNight(store, len(plan.due), lambda one: _say(console, one), stop)
                looked = _look(command, plan, night, opts, console)
                if left := stop.left(night.left_out, "rounds"):
                    console.print(left)
        if opts.json:
            print(safe_json([asdict(one) for one in looked]))


def _say(console: Console, looked: FileRound) -> None:
    clear_progress()
    console.print(file_report.round_line(looked))


def _look(
    command: ScrapyCommand, plan: FilePlan, night: FileNight, opts: argparse.Namespace, console: Console
) -> list[file_report.LookedDataset]:
    """Make the rounds; return the rows of their table."""
    now, mode = domain_now(os.environ), night.store.mode
    groups = [[_with_spider(command, due, opts.base_url, mode) for due in group] for group in plan.groups]
    read_by(command, FilesSpider, groups=groups, night=night, at=now, hosts=opts.hosts)
    ours = night.close()
    looked = file_report.looked_datasets(night.kept, plan)
    console.print(file_report.file_table(looked))
    if ours:
        console.print("[bold red]most hosts gave no answer: check our own connection; no file counts as failed[/]")
    command.exitcode = Exit.FAILED if not night.is_whole else Exit.UPLINK if ours else Exit.DONE
    return looked


def _with_spider(command: ScrapyCommand, due: DueRound, base_url: str, mode: Mode) -> DueRound:
    if not due.portal.crawlable:
        return due
    spider = portal_spider(command, due.portal.slug, base_url)
    if spider is not None and not spider.target.at_home and mode is Mode.LIVE:
        said = "files looked at elsewhere would count as the portal's: take another database, with WATCH_NOW"
        raise UsageError(said, print_help=False)
    return replace(due, spider=spider)


def _left_out(plan: FilePlan, register: Register, known: Iterable[str]) -> list[str]:
    """Say which portals are not looked at, and why."""
    ids = {portal.id for portal in register.portals.values()}
    unknown = [portal for portal in known if portal not in ids]
    texts = [f"{escape(portal)}: watched, but not in the register; its files cannot be looked at" for portal in unknown]
    hours = file_policy().again_hours
    texts += [f"{one.slug}: looked at within {hours} hours (--force looks all the same)" for one in plan.recent]
    return texts if texts or plan.due else ["no dataset of these portals is watched: nothing to look at"]
