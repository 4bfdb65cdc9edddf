"""`scrapy checkterms`: the terms of use of each portal, read as text once a month."""

import argparse
import os
from dataclasses import asdict, replace

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from opendata_spiders.command import night_end, read_by
from opendata_spiders.command_run import check_access, chosen_portals, portal_spider, store_trouble
from opendata_spiders.exits import Exit
from opendata_spiders.night.stopping import NightStop
from opendata_spiders.pages.bodies import plain
from opendata_spiders.safe_json import safe_json
from opendata_spiders.store.clock import domain_now
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.schema import Mode
from opendata_spiders.store.terms import TermsText
from opendata_spiders.terms.plan import DueTerms, TermsPlan, plan_terms
from opendata_spiders.terms.spider import TermsNight, TermsSpider


def run(command: ScrapyCommand, args: list[str], opts: argparse.Namespace) -> None:
    """Read what is due."""
    check_access(command)
    _, chosen = chosen_portals(args, opts.base_url)
    console, stop = Console(stderr=opts.json), NightStop(night_end(opts))
    with store_trouble(command), open_store() as store:
        looks: list[dict[str, object]] = []
        if store.mode is Mode.REPLAY and not opts.base_url:
            console.print("replayed nights: the portals' terms are those of today and are not asked for")
        else:
            night = TermsNight(store, domain_now(os.environ), stop)
            plan = plan_terms(store, chosen, now=night.at, force=opts.force)
            looks = _read(command, plan, night, opts, console)
            if left := stop.left(night.left_out, "portals"):
                console.print(left)
        if opts.json:
            print(safe_json(looks))


def _read(
    command: ScrapyCommand, plan: TermsPlan, night: TermsNight, opts: argparse.Namespace, console: Console
) -> list[dict[str, object]]:
    """Ask the portals of the plan; return the looks."""
    if not plan.groups:
        console.print("no portal's terms are due: nothing to ask")
        return []
    groups = [[_with_spider(command, due, opts.base_url, night.store.mode) for due in group] for group in plan.groups]
    read_by(command, TermsSpider, groups=groups, night=night, hosts=opts.hosts)
    ours = night.close()
    console.print(_table(night))
    if plan.left_out:
        console.print(f"{plan.left_out} more are due: those never asked come first tomorrow")
    if ours:
        console.print("[bold red]most hosts gave no answer: check our own connection; they are asked again[/]")
    command.exitcode = Exit.FAILED if night.faults else Exit.UPLINK if ours else Exit.DONE
    return [asdict(look) for look in night.looks]


def _with_spider(command: ScrapyCommand, due: DueTerms, base_url: str, mode: Mode) -> DueTerms:
    spider = portal_spider(command, due.portal.slug, base_url)
    if spider is not None and not spider.target.at_home and mode is Mode.LIVE:
        said = "terms read elsewhere would count as the portal's: take another database, with WATCH_NOW"
        raise UsageError(said, print_help=False)
    return replace(due, spider=spider)


def _table(night: TermsNight) -> Table:
    table = Table("portal", "terms of use", "result", title="terms of use")
    for look in sorted(night.looks, key=lambda one: one.slug):
        read = night.read.get(look.portal)
        result = _result(read) if read else look.why
        table.add_row(look.slug, escape(plain(read.title if read else look.url)), escape(plain(result)))
    return table


def _result(read: TermsText) -> str:
    """What this reading makes of the text."""
    size = f"{len(read.text):,} characters" if read.form == "html" else f"{read.form}, {read.size:,} bytes, not opened"
    stretch = read.stretches[-1]
    if stretch.confirmed_at is None:
        return f"{size}; new, to be read again"
    return f"{size}; as on {stretch.at:%Y-%m-%d}"
