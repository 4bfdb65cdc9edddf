"""`scrapy checknational`: totals of the national register once a month, and its entries for missing datasets."""

import argparse
import os
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from scrapy.commands import ScrapyCommand

from opendata_spiders.command import process_of
from opendata_spiders.command_run import check_access, chosen_portals, store_trouble
from opendata_spiders.exits import Exit
from opendata_spiders.national.interface import NationalInterface
from opendata_spiders.national.plan import plan_questions
from opendata_spiders.national.spider import NationalNight, NationalSpider
from opendata_spiders.pages.bodies import plain
from opendata_spiders.store.clock import domain_now
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.national import NationalLook, NationalTotals, RegisteredAs
from opendata_spiders.store.schema import Mode


def run(command: ScrapyCommand, args: list[str], opts: argparse.Namespace) -> None:
    """Ask what is due, and print the answers."""
    check_access(command)
    register, chosen = chosen_portals(args)
    console = Console()
    with store_trouble(command), open_store() as store:
        if store.mode is Mode.REPLAY and not opts.base_url:
            console.print("replayed nights: the national register speaks of today and is not asked")
            return
        now = domain_now(os.environ)
        plan = plan_questions(store, register, chosen, now=now, force=opts.totals)
        if not (plan.totals or plan.missing):
            console.print("nothing is missing, and the totals are new: nothing to ask")
            return
        night = NationalNight(store, now)
        interface = NationalInterface(opts.base_url)
        process_of(command).crawl(NationalSpider, interface=interface, plan=plan, night=night)
        process_of(command).start()
        _show(console, night, plan.left_out)
        command.exitcode = Exit.FAILED if night.faults else Exit.DONE


def _show(console: Console, night: NationalNight, left_out: int) -> None:
    if night.totals:
        console.print(_totals_table(night.totals))
    if night.looks:
        console.print(_looks_table(night.looks))
    if left_out:
        console.print(f"{left_out} more are missing: those never looked for come first tomorrow")
    if night.trouble:
        console.print(f"not everything was answered; last: {escape(plain(night.trouble))}", highlight=False)


def _totals_table(read: NationalTotals) -> Table:
    table = Table("province", "platform", *(kind.name.lower() for kind in RegisteredAs), title="the national register")
    for (province, platform), of_it in groupby(read.totals, key=lambda one: (one.province, one.platform)):
        numbers = [one.why if one.total is None else f"{one.total:,}" for one in of_it]
        table.add_row(escape(plain(province)), escape(platform), *numbers)
    return table


def _looks_table(looks: list[NationalLook]) -> Table:
    columns = ("portal", "dataset", "open data", "codes", "products", "codes")
    table = Table(*columns, title="missing datasets in the national register")
    for look in looks:
        answers = ((look.entries, look.codes), (look.products, look.product_codes))
        cells = (
            text
            for count, codes in answers
            for text in (look.why if count is None else str(count), escape(plain(", ".join(codes))))
        )
        table.add_row(look.portal, escape(plain(look.title)), *cells)
    return table
