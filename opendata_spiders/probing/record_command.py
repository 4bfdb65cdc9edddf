"""`scrapy record`: keeps page one and one detail of a portal as golden pages, redacted, and marks its row as read."""

import argparse
import os
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.utils.conf import arglist_to_dict

from opendata_spiders.command import process_of, wrong_use
from opendata_spiders.command_run import check_access
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.exits import Exit
from opendata_spiders.pages import bodies
from opendata_spiders.probing.looks import PortalLook, Standing
from opendata_spiders.probing.recording import NotRecordedError, Recorded, folders, record, removal_note
from opendata_spiders.probing.trial import TrialSpider
from opendata_spiders.register import Attested, RegisterError
from opendata_spiders.register.edit import FIXTURES, change_row
from opendata_spiders.store.clock import domain_now

_STATUSES = {
    Standing.READS: Exit.DONE,
    Standing.EMPTY: Exit.EMPTY,
    Standing.MOVED: Exit.DRIFTED,
    Standing.DRIFTED: Exit.DRIFTED,
    Standing.WALLED: Exit.BLOCKED,
    Standing.DEAD: Exit.UNREACHABLE,
    Standing.FAILED: Exit.FAILED,
}


def run(command: ScrapyCommand, args: list[str], opts: argparse.Namespace) -> None:
    """Read page one and one detail of a portal, and keep the answers."""
    check_access(command)
    spider = _spider(command, args, opts.spargs)
    out = opts.out or FIXTURES
    if not out.is_dir():
        raise UsageError(f"there is no folder {out}: create it, or name another with --out", print_help=False)
    if there := [str(one) for one in folders(spider, out) if one.exists() and not opts.force]:
        raise UsageError(f"{there[0]} stands there already: --force writes over it", print_help=False)
    looks = list[PortalLook]()
    process_of(command).crawl(TrialSpider, groups=[[spider]], found=looks.append, hosts=1)
    process_of(command).start()
    command.exitcode = _kept(looks[0], out) if looks else Exit.INTERRUPTED


def _spider(command: ScrapyCommand, args: list[str], spargs: list[str]) -> PortalSpider:
    if len(args) != 1:
        raise UsageError("name one portal: `scrapy list` prints them", print_help=False)
    with wrong_use(KeyError, ValueError, RegisterError):
        made = process_of(command).spider_loader.load(args[0])(**arglist_to_dict(spargs))
    if not isinstance(made, PortalSpider):
        raise UsageError(f"{args[0]} is no portal", print_help=False)
    return made


def _kept(look: PortalLook, fixtures: Path) -> Exit:
    """Write the golden pages; print what was kept and what to do next."""
    now, standing = domain_now(os.environ), look.standing
    if standing in {Standing.MOVED, Standing.WALLED, Standing.DEAD, Standing.FAILED} and look.list.page is None:
        print(f"not recorded: {standing}: {bodies.plain(look.list.error)}", file=sys.stderr)
        return _STATUSES[standing]
    try:
        kept = list(record(look, fixtures, now))
    except NotRecordedError as error:
        print(f"not recorded: {error}", file=sys.stderr)
        return Exit.FAILED
    for one in kept:
        _print_recorded(one)
    row, target = look.spider.portal, look.spider.target
    if row is None or not target.at_home:
        print(f"the register stays as it is: {target.base_url} is not the address of a row")
    elif standing is not Standing.READS:
        print(f"the register stays as it is: what came is {standing}, not what {look.spider.family} declares")
    else:
        attested = "" if row.attested is Attested.COMPLETE_LIVE else str(Attested.READ_ONCE)
        cells = {"verified_on": f"{now:%Y-%m-%d}"} | ({"attested": attested} if attested else {})
        file = change_row(row.id, cells)
        print(f"{row.slug} in {file}: {', '.join(f'{name} {cell}' for name, cell in cells.items())}")
    return _STATUSES[standing]


def _print_recorded(kept: Recorded) -> None:
    print(f"{kept.folder} ({removal_note(kept.removed)}): look through it for names and numbers of people, then run")
    print(f"  python -m tests.families.goldens {kept.case}")
