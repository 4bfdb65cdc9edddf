"""`python -m tests.sequences PATH`: replay recorded versions of a catalogue, print what the watch made of them."""

import re
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from alerts.cli.output import print_json, print_table, timed
from opendata_spiders.store.errors import StoreError
from tests.sequences.quick import replay_quickly
from tests.sequences.replay import ReplayError, database, replay
from tests.sequences.score import Line, Score, judge
from tests.sequences.server import Answers
from tests.sequences.versions import FolderError, Recording, read_folder, read_histories


class Refused(click.ClickException):
    """What cannot be replayed at all; a goal that is missed has exit status 1."""

    exit_code = 2


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--portal", metavar="NAME", help="Name of the portal; default: the folder's, or every one of the file.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Replay the first N versions only.")
@click.option("--hours", default=12.0, show_default=True, type=click.FloatRange(min=0.01),
              help="Time between versions whose names tell none.")  # fmt: skip
@click.option("--total", type=click.Choice(["rows", "distinct", "honest"]), default="rows", show_default=True,
              help="What the portal prints: the largest number so far of rows, doubled ones included, or of datasets; "
                   "honest: as many datasets as it lists.")  # fmt: skip
@click.option("--look", type=click.Choice(["404", "200", "503"]), default="503", show_default=True,
              help="What the page of a dataset answers that the version does not list.")  # fmt: skip
@click.option("--quick", is_flag=True, help="In memory, without crawl, HTTP and database; details are not read.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def main(
    path: Path, portal: str | None, limit: int | None, hours: float, total: str, look: str, *, quick: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Replay recorded catalogues through the crawl and the diff.

    PATH is a folder of versions, one JSON-lines file each, or a file of histories, one snapshot of one portal a line.

    Exit status: 0 all goals met, 1 a goal missed, 2 PATH could not be replayed.
    """
    try:
        scores = [
            _scored(recording, _slug(name), total, int(look), quick=quick)
            for name, recording in _recordings(path, portal, limit, hours).items()
        ]
    except (FolderError, ReplayError, StoreError, OSError) as error:
        raise Refused(str(error)) from None
    if as_json:
        documents = [as_document(score) for score in scores]
        print_json(documents[0] if path.is_dir() else documents)
    else:
        for score in scores:
            show(score)
    sys.exit(0 if all(score.met for score in scores) else 1)


def _recordings(path: Path, portal: str | None, limit: int | None, hours: float) -> dict[str, Recording]:
    if path.is_dir():
        return {portal or path.resolve().name: read_folder(path, limit=limit, hours=hours)}
    found = read_histories(path, limit=limit)
    if portal is None:
        return found
    if portal not in found:
        raise FolderError(f"{path.name} knows no portal {portal!r}; it holds {', '.join(sorted(found))}")
    return {portal: found[portal]}


def _scored(recording: Recording, slug: str, total: str, look: int, *, quick: bool) -> Score:
    began, answers = time.monotonic(), Answers(total=total, look=look)
    if quick:
        replayed = replay_quickly(recording, slug, answers)
    else:
        with database() as config:
            replayed = replay(recording, slug, config, answers, _progress)
    return judge(recording, replayed, slug, time.monotonic() - began, honest=total == "honest")


def _slug(name: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return slug if slug[:1].isalpha() else f"p_{slug}".rstrip("_")


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{text:<70}", err=True, nl=False)
    else:
        click.echo(text, err=True)


def as_document(score: Score) -> dict[str, Any]:
    """The score as one JSON document."""
    counts = {
        "versions": len(score.lines),
        "verdicts": verdicts(score),
        "short": [line.version for line in score.lines if line.short],
        "changed_share": score.changed / score.pairs if score.pairs else 0.0,
        "removals_of_returning": sum(one.back_in is not None for one in score.removals),
        "met": score.met,
    }
    return {**counts, **asdict(score)}


def verdicts(score: Score) -> dict[str, int]:
    """Runs by verdict."""
    found = [line.verdict for line in score.lines]
    return {name: found.count(name) for name in sorted(set(found))}


def show(score: Score) -> None:
    """The tables for people."""
    print_table(
        f"{score.portal}: {len(score.lines)} versions in {score.seconds:.0f} s",
        ("version", timed("at"), "rows", "datasets", "printed", "short", "verdict"),
        [_line(line) for line in score.lines],
    )
    print_table("Events", ("kind", "count"), list(score.events.items()))
    if score.removals:
        columns = ("dataset", "event", "stated by", "back in", "title")
        rows = [(x.dataset, x.kind, Path(x.version).stem, x.back_in or "", x.title) for x in score.removals]
        print_table("Claimed to be gone", columns, rows)
    print_table("Figures", ("", ""), _figures(score))
    print_table("Goals", ("goal", ""), [(goal, "met" if met else "MISSED") for goal, met in score.goals.items()])


def _line(line: Line) -> tuple[Any, ...]:
    at = line.at[:16].replace("T", " ")
    return (
        Path(line.version).stem,
        at,
        line.rows,
        line.distinct,
        line.printed,
        "short" if line.short else "",
        line.verdict,
    )


def _figures(score: Score) -> list[tuple[str, str]]:
    share = score.changed / score.pairs if score.pairs else 0.0
    figures = [
        ("runs by verdict", ", ".join(f"{count} {name}" for name, count in verdicts(score).items())),
        ("short versions", str(sum(line.short for line in score.lines))),
        ("removals claimed", str(len(score.removals))),
        ("… of a dataset that comes back", str(sum(one.back_in is not None for one in score.removals))),
        ("a plain set difference would claim", f"{score.naive:,}, of which {score.naive_false:,} come back"),
        ("pairs (neighbouring versions × dataset)", f"{score.pairs:,}"),
        ("… read as changed", f"{score.changed:,} ({share:.3%})"),
        ("… stored as another content", f"{score.stored:,}"),
        ("… that do differ", f"{score.differing:,}"),
        ("changes stated of what did not differ", str(score.false_changes)),
        ("changes that were not stated", str(score.unstated_changes)),
    ]
    missed = [("true removals missed", ", ".join(score.missed_removals))] if score.missed_removals else []
    untrue = [("removals that are not true", ", ".join(score.untrue_removals))] if score.untrue_removals else []
    return figures + missed + untrue


if __name__ == "__main__":
    main()
