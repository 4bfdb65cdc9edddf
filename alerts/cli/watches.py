"""`python -m alerts subscribe add, watches, remove`: the datasets a subscriber watches."""

import sys
from typing import Any

import click

from alerts.audience.watches import Watch, add, remove, watches
from alerts.cli import options
from alerts.cli.output import Output, answers, answers_rows, cell, when
from alerts.cli.session import Session, session
from alerts.cli.subscribers import one_named
from alerts.cli.watching import Found, find
from alerts.engine.repository import load_files
from alerts.model.events import part_id
from alerts.records.file_status import NOT_OBSERVED, file_statuses, summary
from alerts.records.queries import missing_dataset
from opendata_spiders.exits import Exit
from opendata_spiders.normalise import promise_names

_watch = click.option(
    "--watch",
    "pasted",
    multiple=True,
    required=True,
    metavar="URL",
    help="A dataset's page, or PORTAL:ID (repeatable).",
)


@click.command("add")
@options.subscriber
@_watch
@answers
def add_command(name: str, pasted: tuple[str, ...], *, out: Output) -> None:
    """Watch datasets by the address of their page; exit status 1 if one of them could not be found."""
    with session() as opened:
        one_named(opened.register, name)
        found = [find(opened.store, opened.register, text) for text in pasted]
        rows = [_added(opened, name, one) for one in found]
    out.say(rows, *map(_line, rows))
    sys.exit(Exit.FAILED if any(one.failure for one in found) else Exit.DONE)


@click.command("watches")
@click.option("--subscriber", "name", metavar="NAME", help="Only of this subscriber.")
@answers_rows
def watches_command(name: str | None, *, out: Output) -> None:
    """Show what is watched, how each dataset stands, and what its files last showed."""
    with session() as opened:
        watched = watches(opened.store, name)
        if name and not watched:
            one_named(opened.register, name)
        rows = [{"subscriber": one.subscriber, **_row(opened, one)} for one in watched]
        statuses = [file_statuses(load_files(opened.store, one.portal), one.dataset) for one in watched]
    out.table(
        "Watched datasets",
        tuple(rows[0]) if rows else (),
        [tuple(row.values()) for row in rows],
        [{**row, "looks": files} for row, files in zip(rows, statuses, strict=True)],
        nothing="Nothing is watched: python -m alerts subscribe add --subscriber NAME --watch URL",
    )


@click.command("remove")
@options.subscriber
@_watch
@answers
def remove_command(name: str, pasted: tuple[str, ...], *, out: Output) -> None:
    """Watch these datasets no longer; exit status 1 if one of them was not watched."""
    with session() as opened:
        one_named(opened.register, name)
        mine = {f"{_slug(opened, one)}:{one.dataset}": one.key for one in watches(opened.store, name)}
        gone = []
        for text in pasted:
            found = find(opened.store, opened.register, text)
            gone.append(remove(opened.store, name, mine.get(text, (found.portal, found.dataset))))
    results = [(text, "removed" if one else "was not watched") for text, one in zip(pasted, gone, strict=True)]
    document = [{"pasted": text, "result": result} for text, result in results]
    out.say(document, *(f"{result}  {cell(text)}" for text, result in results))
    sys.exit(Exit.DONE if all(gone) else Exit.FAILED)


def _slug(opened: Session, one: Watch | Found) -> str:
    return next((slug for slug, portal in opened.register.portals.items() if portal.id == one.portal), one.portal)


def _row(opened: Session, one: Watch | Found) -> dict[str, Any]:
    view = opened.store.db["datasets"].find_one({"_id": f"{one.portal}:{one.dataset}"}) or {}
    # Of a city that is read on its province's portal, the states lie in its part.
    places = [one.portal, part_id(one.portal, str(view.get("owner") or ""))]
    states = (missing_dataset(opened.store, place, one.dataset) for place in places)
    state = next((one.status.value for one in states if one), "")
    return {
        "dataset": f"{_slug(opened, one)}:{one.dataset}",
        "title": view.get("title") or one.title,
        "office": view.get("office") or one.office,
        "state": state or ("listed" if view.get("listed") else "missing" if view else "unknown"),
        "updated": view.get("data_updated") or view.get("updated") or view.get("published"),
        "promise": _promise(view),
        "files": summary(file_statuses(load_files(opened.store, one.portal), one.dataset)),
    }


def _promise(view: dict[str, Any]) -> str | None:
    """The promise as text, also if the portal sends a code."""
    code = view.get("frequency_code")
    if not isinstance(code, str) or code == "UNKNOWN":
        return view.get("frequency_raw") or None
    return " / ".join(promise_names(code))


def _added(opened: Session, name: str, one: Found) -> dict[str, Any]:
    """Add the watch if its dataset was found; returns the result and the standing of the dataset."""
    if one.failure:
        return {"pasted": one.pasted, "result": "cannot be watched", "why": one.failure}
    new = add(opened.store, Watch(name, one.portal, one.dataset, one.title, one.office, opened.now))
    return {"pasted": one.pasted, "result": "added" if new else "was there already", "why": "", **_row(opened, one)}


def _line(row: dict[str, Any]) -> str:
    if row["why"]:
        return f"{row['result']}  {cell(row['pasted'])}: {row['why']}"
    updated = f", updated {when(row['updated'])}" if row["updated"] else ""
    promise = f", promised {cell(row['promise'])}" if row["promise"] else ""
    files = f", files: {'not looked at yet' if row['files'] == NOT_OBSERVED else cell(row['files'])}"
    return f"{row['result']}  {row['dataset']} {cell(row['title'])} ({row['state']}{updated}{promise}{files})"
