"""`scrapy crawlall`: crawls every crawlable portal, many side by side, the portals of one host one after the other."""

import argparse
import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from opendata_spiders.command import night_end, read_by, settings_of, wrong_use
from opendata_spiders.command_run import check_access, portal_spider, store_to_fill, store_trouble
from opendata_spiders.exits import Exit
from opendata_spiders.night import logs as night_logs
from opendata_spiders.night import report
from opendata_spiders.night.crawl_plan import NightPlan, by_host, night_portals, plan_crawls
from opendata_spiders.night.crawl_run import Night, broken_night
from opendata_spiders.night.progress import NightProgress
from opendata_spiders.night.scheduler import NightScheduler
from opendata_spiders.night.stopping import NightStop
from opendata_spiders.night.values import Result
from opendata_spiders.policy import policy
from opendata_spiders.probing import trial
from opendata_spiders.probing.looks import PortalLook
from opendata_spiders.probing.trial import TrialSpider, Tried
from opendata_spiders.register import Portal, RegisterError, load
from opendata_spiders.safe_json import safe_json
from opendata_spiders.store.clock import domain_now
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store
from opendata_spiders.store.night_lease import night_lease


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
    stop = NightStop(night_end(opts))
    with store_trouble(command), store_to_fill() as store:
        _night(command, store, portals, stop, opts)


def _night(
    command: ScrapyCommand, store: Store, portals: list[Portal], stop: NightStop, opts: argparse.Namespace
) -> None:
    settings, now = settings_of(command), domain_now(os.environ)
    plan = plan_crawls(
        portals,
        lambda portal: store.last_fair_run(portal.id),
        delay=settings.getfloat("DOWNLOAD_DELAY"),
        budget=settings.getint("DETAIL_BUDGET"),
    )
    if opts.dry_run:
        Console(stderr=opts.json).print(report.plan_table(plan, opts.hosts))
        rows = report.plan_rows(plan)
    else:
        with night_lease(store.db, "scrapy crawlall", at=now, lost=stop.interrupt):
            rows = _read(command, store, plan, stop, opts)
    if opts.json:
        print(safe_json(rows))


def _read(
    command: ScrapyCommand, store: Store, plan: NightPlan, stop: NightStop, opts: argparse.Namespace
) -> list[dict[str, Any]]:
    """Read the night, or what is left of one that was broken off; return the rows of its table."""
    console, now, real = Console(stderr=opts.json), domain_now(os.environ), datetime.now(UTC)
    logs = Path(StoreConfig.from_env().data_dir) / "logs"
    night_logs.prune(logs, real, policy())
    before = None if opts.again else broken_night(store.last_night(), plan, now=now)
    night = Night(plan, night_logs.folder(logs, real), at=now, before=before)
    if before:
        console.print(report.goes_on(before, plan), highlight=False, soft_wrap=True)
    console.print(report.plan_table(night.left, opts.hosts))
    given = [*_given(settings_of(command)), f"REACTOR_THREADPOOL_MAXSIZE={max(10, opts.hosts)}"]
    scheduler = NightScheduler(night.logs, hosts=opts.hosts, processes=opts.processes, settings=given)

    def say(result: Result) -> None:
        console.print(report.result_line(result))

    with stop.on_signals(), NightProgress(console, night.left, opts.hosts) as progress:
        results = night.read(store, scheduler, report=say, stopped=stop, show=progress.show)
    console.print(report.verdict_table(results))
    _conclude(command, night, results, stop, console)
    return [asdict(result) for result in results]


def _conclude(command: ScrapyCommand, night: Night, results: list[Result], stop: NightStop, console: Console) -> None:
    """Say what was left out and whether our own connection failed; set the exit status."""
    if stop.interrupted:
        console.print("stopped: what was read is kept, the other portals are read the next time")
        command.exitcode = Exit.INTERRUPTED
        return
    if missed := len(night.left.portals) - len(results):
        console.print(f"the night's time was up at {stop.until:%H:%M %Z}: {missed} portals were not begun")
    if night.uplink_suspect(results):
        console.print("[bold red]most hosts failed at once: check our own connection; no portal is blamed[/]")
        command.exitcode = Exit.UPLINK


def _try(command: ScrapyCommand, portals: list[Portal], opts: argparse.Namespace) -> None:
    """Read page one and one detail of each portal, and print what was found; the store is not opened."""
    console, found = Console(stderr=opts.json), list[Tried]()

    def take(look: PortalLook) -> None:
        found.append(trial.tried(look))
        console.print(trial.line(found[-1]), highlight=False)

    made = [[portal_spider(command, one.slug, "") for one in group] for group in by_host(portals)]
    groups = [[spider for spider in group if spider] for group in made]
    read_by(command, TrialSpider, groups=groups, found=take, hosts=opts.hosts)
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


def _given(settings: BaseSettings) -> list[str]:
    """The settings of the command line, NAME=VALUE, for the worker processes."""
    least = SETTINGS_PRIORITIES["cmdline"]
    return [f"{name}={settings[name]}" for name in settings if (settings.getpriority(name) or 0) >= least]
