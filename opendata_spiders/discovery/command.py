"""`scrapy discover`: looks for portals of governments without a register row; a person adds what it finds."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from scrapy.commands import ScrapyCommand

from opendata_spiders.command import night_end, read_by, wrong_use
from opendata_spiders.command_run import check_access, loader_of
from opendata_spiders.discovery.candidates import Candidate, candidates, host_patterns, known_addresses
from opendata_spiders.discovery.policy import discovery_policy
from opendata_spiders.discovery.progress import add_progress, read_progress
from opendata_spiders.discovery.search import DiscoverySpider, Search, Searched
from opendata_spiders.exits import Exit
from opendata_spiders.night.stopping import NightStop
from opendata_spiders.register import Government, Register, RegisterError, load
from opendata_spiders.register.edit import government_called
from opendata_spiders.safe_json import safe_json
from opendata_spiders.store.clock import domain_now
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.tables import TableError


@dataclass(frozen=True, slots=True)
class DueSearches:
    """What one call searches, and what was searched before of the same governments."""

    due: Sequence[Search]
    before: Sequence[Searched]
    file: Path
    """Where what was searched is kept."""


def run(command: ScrapyCommand, args: list[str], opts: argparse.Namespace) -> None:
    """Search the named governments, or all that have no row."""
    check_access(command)
    with wrong_use(RegisterError, TableError):
        register = load()
        governments = [government_called(register, name) for name in args] or _without_row(register)
        known, patterns = known_addresses(register, opts.addresses), host_patterns(register)
    searches = [(one, candidates(register, one, known, patterns)) for one in governments]
    file = opts.progress or Path(StoreConfig.from_env().data_dir) / "discover.jsonl"
    asked = _what_is_due(searches, file, again=opts.again)
    if opts.dry_run:
        _print_plan(asked, opts)
    else:
        _search(command, asked, register, opts)


def _what_is_due(searches: Sequence[Search], file: Path, *, again: bool) -> DueSearches:
    wanted = {government.adcode for government, _ in searches}
    before = [] if again else [one for one in read_progress(file) if one.adcode in wanted]
    done = {one.adcode for one in before}
    return DueSearches([one for one in searches if one[0].adcode not in done], before, file)


def _print_plan(asked: DueSearches, opts: argparse.Namespace) -> None:
    console, due = Console(stderr=opts.json), asked.due
    if opts.json:
        print(safe_json([_planned(*one) for one in due]))
        return
    table = _table("what would be asked", "government", "address", "why")
    for government, addresses in due:
        for one in addresses:
            table.add_row(f"{government.adcode} {government.short_zh}", one.address, one.why)
    console.print(table)
    count = sum(len(addresses) for _, addresses in due)
    console.print(
        f"{count} addresses of {len(due)} governments; robots.txt and a page each, then one list; "
        f"no government is begun after {opts.budget} requests"
    )
    if asked.before:
        console.print(f"{len(asked.before)} governments were searched before (--again searches them anew)")


def _search(command: ScrapyCommand, asked: DueSearches, register: Register, opts: argparse.Namespace) -> None:
    """Search what is due, add it to the file, and print it with what the file had before."""
    console, stop, new = Console(stderr=opts.json), NightStop(night_end(opts)), list[Searched]()

    def take(one: Searched) -> None:
        new.append(one)
        console.print(f"{one.adcode} {one.name}: {escape(_in_short(one))}", highlight=False)
        try:
            add_progress(asked.file, one)
        except OSError as error:
            console.print(f"{asked.file} cannot be written ({error.strerror}): name another file with --progress")
            command.exitcode = Exit.FAILED

    if asked.due:
        read_by(
            command,
            DiscoverySpider,
            searches=asked.due,
            register=register,
            families=loader_of(command).families,
            found=take,
            now=lambda: domain_now(os.environ),
            budget=opts.budget,
            side_by_side=opts.hosts,
            stopped=stop,
        )
    _report(command, asked, new, stop, opts)


def _report(
    command: ScrapyCommand, asked: DueSearches, new: Sequence[Searched], stop: NightStop, opts: argparse.Namespace
) -> None:
    console, found, left = Console(stderr=opts.json), [*asked.before, *new], len(asked.due) - len(new)
    requests = sum(one.requests for one in new)
    if opts.json:
        print(safe_json({"searched": [asdict(one) for one in found], "requests": requests, "left": left}))
    else:
        _print_found(found, console)
    console.print(f"{len(new)} governments searched now with {requests} requests, {len(found)} in all")
    looks = [look for one in new for look in one.looks]
    if late := stop.left(left, "governments"):
        console.print(late)
    elif left and requests < opts.budget:
        console.print(f"stopped: {left} governments are left for the next call")
        command.exitcode = Exit.INTERRUPTED
    elif left:
        console.print(f"the budget is spent: {left} governments are left for the next call")
    if len(looks) >= discovery_policy().uplink_addresses and not any(look.answers for look in looks):
        console.print("[bold red]no host answered: check our own connection, then search --again[/]")
        command.exitcode = Exit.UPLINK


def _without_row(register: Register) -> list[Government]:
    """The governments of which no portal is known, and not known either that there is none."""
    return [
        one
        for one in register.governments.values()
        if not register.portals_of(one.adcode) and one.adcode not in register.no_portal
    ]


def _planned(government: Government, addresses: Sequence[Candidate]) -> dict[str, object]:
    return {"adcode": government.adcode, "name": government.name_zh, "addresses": [asdict(one) for one in addresses]}


def _in_short(one: Searched) -> str:
    answered = [look for look in one.looks if look.answers]
    best = next((look for look in answered if look.command), answered[0] if answered else None)
    return f"{best.address}: {best.said}" if best else f"nothing answers at {len(one.looks)} addresses"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _print_found(found: Sequence[Searched], console: Console) -> None:
    """Print what answered, best first, and the commands that a person may run."""
    table = _table("what answers", "government", "address", "standing", "what was seen", "why it was asked")
    rows = [(one, look) for one in found for look in one.looks if look.answers]
    for one, look in sorted(rows, key=lambda row: (not row[1].command, row[0].adcode)):
        cells = (f"{one.adcode} {one.name}", look.address, look.standing, look.said, look.why)
        table.add_row(*map(escape, cells))
    console.print(table)
    for command in [look.command for _, look in rows if look.command]:
        console.print(command, markup=False, highlight=False, soft_wrap=True)
