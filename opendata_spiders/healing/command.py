"""`scrapy heal`: drafts a new version of a drifted portal's family, proven by the values of its last reading."""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from opendata_spiders.command import process_of
from opendata_spiders.command_run import check_access, loader_of, portal_spider, store_trouble
from opendata_spiders.declared import DeclaredFamily
from opendata_spiders.exits import Exit
from opendata_spiders.healing.last_reading import LastReading, last_reading
from opendata_spiders.healing.spider import Healed, HealingOrder, HealingResult, HealSpider, StillReads
from opendata_spiders.pages.bodies import plain
from opendata_spiders.pages.contract import PageError
from opendata_spiders.safe_json import safe_json
from opendata_spiders.store.clock import domain_now
from opendata_spiders.store.connect import open_store

_LONGEST = 400


def run(command: ScrapyCommand, args: list[str], opts: argparse.Namespace) -> None:
    """Attempt to mend one portal."""
    check_access(command)
    if len(args) != 1:
        raise UsageError("name one portal: `scrapy list` prints them", print_help=False)
    portal = portal_spider(command, args[0], opts.base_url)
    if not isinstance(portal, DeclaredFamily):
        raise UsageError(f"{args[0]} is of no declared family: it can only be mended by hand", print_help=False)
    if opts.url and not portal.host_group.holds(opts.url):
        raise UsageError(f"{opts.url} is not on the portal's own hosts, where alone it is read", print_help=False)
    out = opts.out or Path(f"heal-{portal.target.slug}")
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out} is not empty: move it away, or name another folder with --out", print_help=False)
    reading: LastReading | None = None
    with store_trouble(command), open_store() as store:
        reading = last_reading(store, portal.target.portal_id)
        if reading is None:
            print(f"{args[0]} has no trusted reading to prove anything by: crawl it first", file=sys.stderr)
            command.exitcode = Exit.FAILED
    if reading is not None:
        _attempt(command, portal, reading, out, opts)


def _attempt(
    command: ScrapyCommand, portal: DeclaredFamily, reading: LastReading, out: Path, opts: argparse.Namespace
) -> None:
    found = list[HealingResult]()
    process_of(command).crawl(
        HealSpider,
        order=HealingOrder(portal, reading, loader_of(command), opts.url, out, domain_now(os.environ)),
        found=found.append,
    )
    process_of(command).start()
    result = found[0] if found else PageError("the attempt was stopped, see the log above")
    command.exitcode = _status(result)
    said = document(portal.target.slug, reading, result)
    print(safe_json(said, indent=1) if opts.json else _text(said))


def _status(result: HealingResult) -> int:
    if isinstance(result, Healed | StillReads):
        return Exit.DONE
    return result.verdict.exit_status if isinstance(result, PageError) else Exit.DRIFTED


def document(slug: str, reading: LastReading, result: HealingResult) -> Mapping[str, Any]:
    """The result as plain data."""
    said: dict[str, Any] = {"portal": slug, "reading": reading.run.id, "datasets": len(reading.datasets)}
    if isinstance(result, StillReads):
        return {**said, "result": "reads", "said": f"{slug} reads as its family declares: there is nothing to mend"}
    if not isinstance(result, Healed):
        return {**said, "result": "refused", "said": f"no draft for {slug}: {plain(result, _LONGEST)}"}
    draft, trial = result.draft, result.trial
    return {
        **said,
        "result": "drafted",
        "said": f"{draft.family} reads {slug}: {trial.found:,} of {trial.rows:,} rows are datasets of the last reading",
        "folder": str(result.folder),
        "family": draft.family,
        "ids_survive": draft.list.id.survives,
        "rows": trial.rows,
        "found_again": trial.found,
        "declared": trial.declared,
        "keeps_details": draft.keeps_details,
        "proven": dict(draft.proven),
        "not_proven": dict(draft.unproven),
        "requests": result.requests,
    }


def _text(said: Mapping[str, Any]) -> str:
    lines = [str(said["said"])]
    if said["result"] == "drafted":
        lines += [f"  proven      {', '.join(said['proven'])}"]
        lines += [f"  not proven  {plain(name)}: {plain(why, _LONGEST)}" for name, why in said["not_proven"].items()]
        lines += ["" if said["ids_survive"] else "  ids are new: no dataset can be compared by id with before"]
        lines += [f"  next        read {said['folder']}/report.md: a draft changes nothing until a person has moved it"]
    return "\n".join(filter(None, lines))
