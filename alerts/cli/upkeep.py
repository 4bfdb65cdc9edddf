"""`python -m alerts prune, verify, backup, restore`: what keeps a database in order for years."""

import sys
from pathlib import Path

import click

from alerts.cli.output import FILE, Output, answers, print_table, when, writable
from alerts.cli.session import session
from alerts.engine.repository import prepare
from alerts.records.isolation import attempts, record, told
from alerts.upkeep.backup import back_up
from alerts.upkeep.prune import PruneReport, is_due, last_pruned, prune, prune_plan
from alerts.upkeep.restore import restore
from alerts.upkeep.verify import verify
from opendata_spiders.exits import Exit
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.errors import StoreError

_SHOWN = 50
"""Most defects that are printed."""


@click.command("prune")
@click.option("--dry-run", is_flag=True, help="Only say what would be thinned out.")
@click.option("--force", is_flag=True, help="Also if it was pruned a few days ago.")
@answers
def prune_command(*, dry_run: bool, force: bool, out: Output) -> None:
    """Delete the lists of old readings but for what events cite of them, and what else is older than it is kept."""
    with session() as opened:
        last = last_pruned(opened.store)
        if not (dry_run or force or is_due(opened.store, opened.now)) and last is not None:
            out.say({"due": False, "last": last}, f"Nothing is due: it was pruned {when(last)} (--force: all the same)")
            return
        with attempts() as made:
            done = prune_plan(opened.store, opened.now) if dry_run else prune(opened.store, opened.now)
        record(opened.store, "prune", made, opened.now)
    _show(done, out)
    if made.failed:
        click.echo(f"Error: {told(made)}", err=True)
        sys.exit(Exit.FAILED)


def _show(done: PruneReport, out: Output) -> None:
    if not out.as_text:
        out.say(done)
        return
    columns = ("portal", "lists thinned out", "lists of that age kept", "manifests", "chunks", "versions")
    if done.portals:
        rows = [
            (one.slug, one.thinned, one.kept, one.swept.manifests, one.swept.chunks, one.swept.versions)
            for one in done.portals
        ]
        print_table("Would be thinned out" if done.dry else "Thinned out", columns, rows)
    else:
        click.echo("No list is old enough to go.")
    verb = "would go" if done.dry else "went"
    aged = ", ".join(f"{number:,} {name}" for name, number in done.aged.items() if number)
    click.echo(f"By age {verb}: {aged or 'nothing'}")
    if done.busy:
        click.echo(f"Being read or compared, so left for the next time: {', '.join(done.busy)}")


def _progress(what: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"checking {what}", err=True)


@click.command("verify")
@answers
def verify_command(*, out: Output) -> None:
    """Check that every reference of the database resolves and every hash fits; exit status 1 if something is wrong."""
    with session() as opened:
        done = verify(opened.store, _progress)
    counted = ", ".join(f"{number:,} {name}" for name, number in sorted(done.counts.items()))
    lines = [*map(str, done.defects[:_SHOWN])]
    if len(done.defects) > _SHOWN:
        lines.append(f"… and {len(done.defects) - _SHOWN} more (--json shows all)")
    lines.append(f"{len(done.defects)} defects; looked at {counted or 'nothing'}")
    out.say({"counts": done.counts, "defects": done.defects}, *lines)
    sys.exit(Exit.FAILED if done.defects else Exit.DONE)


@click.command("backup")
@click.argument("target", metavar="FILE", type=FILE)
@answers
def backup_command(target: Path, *, out: Output) -> None:
    """Write a copy of the whole database into FILE, which only you can read; a night may run meanwhile."""
    with session(may_be_empty=True) as opened, writable(target):
        counts = back_up(opened.store, target, opened.now, _collection)
    size = target.stat().st_size
    out.say(
        {"file": str(target), "bytes": size, "documents": counts},
        f"{target}: {sum(counts.values()):,} documents, {size:,} bytes",
    )


@click.command("restore")
@click.argument("source", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@answers
def restore_command(source: Path, *, out: Output) -> None:
    """Put a backup into an empty database, and check it; exit status 1 if something in it is wrong."""
    try:
        with open_store(half_restored=True) as store:
            counts = restore(store, source, _collection)
        with open_store() as store:  # brought up to this version, where the backup is of an older one
            prepare(store)
            done = verify(store, _progress)
    except StoreError as error:
        raise click.ClickException(str(error)) from None
    said = f"Restored {sum(counts.values()):,} documents; {len(done.defects)} defects"
    out.say({"documents": counts, "defects": done.defects}, *map(str, done.defects[:_SHOWN]), said)
    sys.exit(Exit.FAILED if done.defects else Exit.DONE)


def _collection(name: str, count: int) -> None:
    if count and sys.stderr.isatty():
        click.echo(f"{name}: {count:,} documents", err=True)
