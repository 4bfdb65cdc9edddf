"""`python -m alerts subscribe add, watches, remove`: the datasets a subscriber watches."""

import os
import sys

import click

from alerts.audience.watches import Watch, add, remove, watches
from alerts.cli.output import cell, print_json, print_table
from alerts.cli.session import Session, json_option, session
from alerts.cli.subscribers import named, read
from alerts.cli.watching import Found, find
from alerts.engine.file_repository import load
from alerts.records.file_status import NOT_OBSERVED, said, summary
from opendata_spiders.normalise import promise_names
from opendata_spiders.store.clock import domain_now

_one = click.option("--subscriber", "name", required=True, metavar="NAME", help="Whose watches.")
_watch = click.option(
    "--watch", "pasted", multiple=True, required=True, metavar="URL", help="A dataset's page, or SLUG:ID (repeatable)."
)


@click.command("add")
@_one
@_watch
@json_option
def add_command(name: str, pasted: tuple[str, ...], *, as_json: bool) -> None:
    """Watch datasets by the address of their page; exit status 1 if one of them could not be found."""
    with session() as opened:
        _known(opened, name)
        found = [find(opened.store, opened.register, text) for text in pasted]
        now = domain_now(os.environ)
        rows = []
        for one in found:
            new = not one.failure and add(
                opened.store, Watch(name, one.portal, one.dataset, one.title, one.office, now)
            )
            rows.append((one, "cannot be watched" if one.failure else "added" if new else "was there already"))
        told = [_told(opened, one, result) for one, result in rows]
    _print(told, as_json=as_json)
    sys.exit(int(any(one.failure for one in found)))


@click.command("watches")
@click.option("--subscriber", "name", metavar="NAME", help="Only of this subscriber.")
@json_option
def watches_command(name: str | None, *, as_json: bool) -> None:
    """Show what is watched, how each dataset stands, and what its files said last."""
    with session() as opened:
        watched = watches(opened.store, name)
        rows = [_row(opened, one) for one in watched]
        looks = [said(load(opened.store, one.portal), one.dataset) for one in watched]
        if name and not rows:
            _known(opened, name)
    if as_json:
        print_json([{**row, "looks": files} for row, files in zip(rows, looks, strict=True)])
    elif rows:
        print_table("Watched datasets", tuple(rows[0]), [tuple(row.values()) for row in rows])
    else:
        click.echo("Nothing is watched: python -m alerts subscribe add --subscriber NAME --watch URL")


@click.command("remove")
@_one
@_watch
@json_option
def remove_command(name: str, pasted: tuple[str, ...], *, as_json: bool) -> None:
    """Watch these datasets no longer; exit status 1 if one of them was not watched."""
    with session() as opened:
        _known(opened, name)
        mine = {one.key: one for one in watches(opened.store, name)}
        by_name = {f"{_slug(opened, one)}:{one.dataset}": one.key for one in mine.values()}
        gone = []
        for text in pasted:
            found = find(opened.store, opened.register, text)
            key = by_name.get(text, (found.portal, found.dataset))
            gone.append(remove(opened.store, name, key))
    results = [(text, "removed" if one else "was not watched") for text, one in zip(pasted, gone, strict=True)]
    if as_json:
        print_json([{"pasted": text, "result": result} for text, result in results])
    else:
        for text, result in results:
            click.echo(f"{result}  {cell(text)}")
    sys.exit(int(not all(gone)))


def _known(opened: Session, name: str) -> None:
    """Raises click.UsageError for a subscriber that the file does not name."""
    named(read(opened.register) or [], [name])


def _slug(opened: Session, one: Watch) -> str:
    return next((slug for slug, portal in opened.register.portals.items() if portal.id == one.portal), one.portal)


def _row(opened: Session, one: Watch) -> dict[str, object]:
    view = opened.store.db["datasets"].find_one({"_id": f"{one.portal}:{one.dataset}"}) or {}
    state = opened.store.db["dataset_states"].find_one({"portal": one.portal, "dataset": one.dataset}) or {}
    return {
        "subscriber": one.subscriber,
        "dataset": f"{_slug(opened, one)}:{one.dataset}",
        "title": view.get("title") or one.title,
        "office": view.get("office") or one.office,
        "state": _state(view, state),
        "updated": view.get("data_updated") or view.get("updated") or view.get("published"),
        "promise": _promise(view),
        "files": summary(said(load(opened.store, one.portal), one.dataset)),
    }


def _promise(view: dict[str, object]) -> str | None:
    """The promise in words, also where the portal sends a code."""
    raw = view.get("frequency_raw")
    code = view.get("frequency_code")
    if not isinstance(code, str) or code == "UNKNOWN":
        return str(raw) if raw else None
    return " / ".join(promise_names(code))


def _state(view: dict[str, object], state: dict[str, object]) -> str:
    """listed, pending (missing, not yet stated), held, removed, unlisted or left (behind by a move); else unknown."""
    status = state.get("status")
    return str(status) if status else "listed" if view.get("listed") else "missing" if view else "unknown"


def _told(opened: Session, one: Found, result: str) -> dict[str, object]:
    known = (
        {}
        if one.failure
        else _row(opened, Watch("", one.portal, one.dataset, one.title, one.office, domain_now(os.environ)))
    )
    return {
        "pasted": one.pasted,
        "result": result,
        "why": one.failure,
        **{k: v for k, v in known.items() if k != "subscriber"},
    }


def _print(told: list[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        print_json(told)
        return
    for one in told:
        if one["why"]:
            click.echo(f"{one['result']}  {cell(one['pasted'])}: {one['why']}")
            continue
        updated = f", updated {cell(one['updated'])}" if one["updated"] else ""
        promise = f", promised {cell(one['promise'])}" if one["promise"] else ""
        known = str(one["files"])
        files = f", files: {'not looked at yet' if known == NOT_OBSERVED else cell(known)}"
        click.echo(f"{one['result']}  {one['dataset']} {cell(one['title'])} ({one['state']}{updated}{promise}{files})")
