"""`scrapy crawlall`: crawls every crawlable portal, hosts in parallel, the portals of one host one after the other."""

import argparse
import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from opendata_spiders.command import process_of, settings_of, wrong_use
from opendata_spiders.command_run import check_access, portal_spider, store_trouble
from opendata_spiders.exits import Exit
from opendata_spiders.night import logs as night_logs
from opendata_spiders.night import report
from opendata_spiders.night.crawl_plan import NightPlan, by_host, night_portals, plan_crawls
from opendata_spiders.night.crawl_run import Night
from opendata_spiders.policy import policy
from opendata_spiders.probing import trial
from opendata_spiders.probing.looks import PortalLook
from opendata_spiders.probing.trial import TrialSpider, Tried
from opendata_spiders.register import Portal, RegisterError, load
from opendata_spiders.safe_json import safe_json
from opendata_spiders.store.clock import domain_now
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store, open_store


def run(command: ScrapyCommand, _args: list[str], opts: argparse.Namespace) -> None:
    """Plan the night, and read it unless it is a dry run."""
    check_access(command)
    with wrong_use(RegisterError):
        portals = night_portals(load(), opts.only)
    if opts.trial and opts.dry_run:
        raise UsageError("a trial asks each portal for three pages at most: leave out --dry-run", print_help=False)
    if opts.trial:
        _try(command, portals, opts)
        return
    with store_trouble(command), open_store() as store:
        _night(command, store, portals, opts)


def _night(command: ScrapyCommand, store: Store, portals: list[Portal], opts: argparse.Namespace) -> None:
    settings = settings_of(command)
    plan = plan_crawls(
        portals,
        lambda portal: store.last_fair_run(portal.id),
        delay=settings.getfloat("DOWNLOAD_DELAY"),
        budget=settings.getint("DETAIL_BUDGET"),
    )
    console = Console(stderr=opts.json)
    console.print(report.plan_table(plan, opts.hosts))
    rows = report.plan_rows(plan) if opts.dry_run else _read(command, store, plan, opts.hosts, console)
    if opts.json:
        print(safe_json(rows))


def _read(command: ScrapyCommand, store: Store, plan: NightPlan, hosts: int, console: Console) -> list[dict[str, Any]]:
    """Read the night; return the rows of its table."""
    logs, now = Path(StoreConfig.from_env().data_dir) / "logs", datetime.now(UTC)
    night_logs.prune(logs, now, policy().log_days)
    night = Night(plan, night_logs.folder(logs, now), at=domain_now(os.environ))
    results = night.read(hosts=hosts, report=lambda result: console.print(report.result_line(result)))
    store.put_night(night.record(results))
    console.print(report.verdict_table(results))
    if night.stopped:
        console.print("stopped: what was read is kept, the other portals are read the next time")
        command.exitcode = Exit.INTERRUPTED
    elif night.uplink_suspect(results):
        console.print("[bold red]most hosts failed at once: check our own connection; no portal is blamed[/]")
        command.exitcode = Exit.UPLINK
    return [asdict(result) for result in results]


def _try(command: ScrapyCommand, portals: list[Portal], opts: argparse.Namespace) -> None:
    """Read page one and one detail of each portal, and print what was found; the store is not opened."""
    console, found = Console(stderr=opts.json), list[Tried]()

    def take(look: PortalLook) -> None:
        found.append(trial.tried(look))
        console.print(trial.line(found[-1]), highlight=False)

    made = [[portal_spider(command, one.slug, "") for one in group] for group in by_host(portals)]
    groups = [[spider for spider in group if spider] for group in made]
    process_of(command).crawl(TrialSpider, groups=groups, found=take, hosts=opts.hosts)
    process_of(command).start()
    report = trial.document(found, [one.slug for one in portals])
    if opts.json:
        print(safe_json(report))
    else:
        console.print(trial.family_table(found))
        console.print(trial.portal_table(found))
    if report["not_tried"]:
        console.print(f"not tried: {', '.join(report['not_tried'])}")
        command.exitcode = Exit.INTERRUPTED
    elif report["uplink_suspect"]:
        console.print("[bold red]most hosts gave no answer: check our own connection; no portal is blamed[/]")
        command.exitcode = Exit.UPLINK
