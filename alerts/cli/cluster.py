"""`python -m alerts cluster`: a night on several machines, and what one of them does."""

import logging
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from threading import Event as Flag
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from alerts.cli import SummaryGroup, options
from alerts.cli.diff import fold
from alerts.cli.output import Output, answers, answers_rows, usage
from alerts.cli.session import Session, session
from alerts.cluster.dispatch import BrokerError, Dispatcher
from alerts.cluster.work import FOLDING
from alerts.engine.portal_fold import PortalFold
from alerts.model.events import Event
from alerts.records.queries import events_after, newest_seq
from opendata_spiders import settings
from opendata_spiders.exits import Exit
from opendata_spiders.night import report, shared_night
from opendata_spiders.night.crawl_plan import NightPlan, night_portals, plan_crawls
from opendata_spiders.night.shared_night import ReadingTask, SharedNight, host_is_free, results_of
from opendata_spiders.register import RegisterError
from opendata_spiders.store import shared_work
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.environment import setting
from opendata_spiders.store.night_lease import night_lease
from opendata_spiders.store.shared_work import WorkItem

if TYPE_CHECKING:
    from alerts.cluster.broker import CeleryBroker

_READING_PATIENCE = timedelta(hours=1)
_FOLDING_PATIENCE = timedelta(minutes=5)
"""How long nothing may be done, nor be in anybody's hands, until a night is left as it is, or is folded here."""


@click.group("cluster", cls=SummaryGroup)
def cluster() -> None:
    """Read a night, and compare what was read, on several machines (docs/cluster.md)."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")


@cluster.command("worker")
@click.option(
    "--hosts", type=click.IntRange(1), default=4, show_default=True, help="How many hosts are asked side by side."
)
@click.option("--name", default="nightwatch", show_default=True, help="Distinguishes workers of one machine.")
def worker(hosts: int, name: str) -> None:
    """Read host groups and compare portals for whoever hands them out, until this process is stopped."""
    broker = _broker()
    with session(may_be_empty=True):
        pass  # a worker without a database is of no use: say so now
    broker.work(f"{name}@{socket.gethostname()}", hosts)


@cluster.command("night")
@click.option("--only", default="", help="A subset: guiyang,province:山东,family:guizhou_api,host:…")
@answers
def night(only: str, *, out: Output) -> None:
    """Have the workers read every crawlable portal; go on with a night of the same portals that was broken off.

    Exit status as of `scrapy crawlall`, 9 while another night runs; 1 also if nobody read anything for an hour.
    """
    broker, console = _broker(), Console(stderr=out.as_json)
    with session(may_be_empty=True) as opened:
        with usage(RegisterError):
            portals = night_portals(opened.register, only)
        plan = plan_crawls(
            portals,
            lambda portal: opened.store.last_fair_run(portal.id),
            delay=settings.DOWNLOAD_DELAY,
            budget=settings.DETAIL_BUDGET,
        )
        lost = Flag()
        with night_lease(opened.store.db, "alerts cluster night", at=opened.now, lost=lost.set):
            shared = shared_night.begin(opened.store, plan, at=opened.now)
            _introduce(broker, plan, console)
            items = _read(opened, shared, broker, lost.is_set, console)
        results = results_of(items)
        console.print(report.verdict_table(results))
        out.say([asdict(result) for result in results])
        if left := sum(item.ended is None for item in items):
            raise click.ClickException(_left(left, len(items), is_lost=lost.is_set()))
        if shared.record(opened.store, items, opened.register).uplink_suspect(results):
            console.print("[bold red]most hosts failed at once: check our own connection; no portal is blamed[/]")
            sys.exit(Exit.UPLINK)


def _left(left: int, planned: int, *, is_lost: bool) -> str:
    """Why a night has not ended, and what to do."""
    if is_lost:
        return f"{left} of {planned} host groups are not read: another night took this one for dead and goes on with it"
    return (
        f"{left} of {planned} host groups are not read, and for {_READING_PATIENCE.seconds // 60} minutes nobody has "
        "read any: start a worker and run this command again, it goes on with this night"
    )


def _introduce(broker: "CeleryBroker", plan: NightPlan, console: Console) -> None:
    """Print the plan and who will read it; that nobody is there yet is no failure."""
    try:
        workers = broker.workers()
    except BrokerError as error:
        console.print(f"{error}; it is tried again and again", markup=False)
        workers = {}
    console.print(report.plan_table(plan, sum(workers.values()) or 1))
    names = ", ".join(f"{name} ({at_once} hosts)" for name, at_once in workers.items())
    console.print(f"workers: {names or 'none answers yet'}", markup=False)


def _read(
    opened: Session, shared: SharedNight, broker: "CeleryBroker", stopped: Callable[[], bool], console: Console
) -> list[WorkItem]:
    """Hand the night out; print a line for each portal that was read."""
    told: set[str] = set()

    def tell(items: Sequence[WorkItem]) -> None:
        for result in results_of(items):
            if result.slug not in told:
                told.add(result.slug)
                console.print(report.result_line(result))

    def is_ready(item: WorkItem) -> bool:
        return host_is_free(opened.store, ReadingTask.of(item))

    def requests(item: WorkItem) -> int:
        return ReadingTask.of(item).requests

    dispatcher = Dispatcher(opened.store, shared.batch, broker, is_ready=is_ready, size=requests)
    return dispatcher.run(patience=_READING_PATIENCE, report=tell, stopped=stopped)


@cluster.command("diff")
@options.portals
@answers_rows
def diff(words: tuple[str, ...], *, out: Output) -> None:
    """Have the workers compare what was read, portal by portal; what they leave is compared here."""
    broker = _broker()
    with session() as opened:
        begun, before = real_now(), newest_seq(opened.store)
        batch = shared_work.batch_name(FOLDING, begun)
        tasks = {place.slug: {"portal": place.id, "slug": place.slug} for place in opened.places(words)}
        shared_work.put_batch(opened.store, batch, tasks, begun=begun)
        items = Dispatcher(opened.store, batch, broker).run(patience=_FOLDING_PATIENCE)
        stated = events_after(opened.store, before)
        fold(opened, words, out, [_folded(item, stated) for item in items])


def _folded(item: WorkItem, stated: Sequence[Event]) -> PortalFold:
    """What a worker folded of a portal; `stated`: the events of this diff."""
    counts = item.results[-1] if item.results else {}
    events = tuple(event for event in stated if event.portal == item.task["portal"])
    return PortalFold(item.task["slug"], counts.get("runs", 0), counts.get("looks", 0), counts.get("terms", 0), events)


@cluster.command("status")
@answers
def status(*, out: Output) -> None:
    """Show which workers answer, and what is being done now."""
    broker = _broker()
    with session(may_be_empty=True) as opened:
        try:
            workers, waiting = dict(broker.workers()), broker.waiting()
        except BrokerError as error:
            raise click.ClickException(str(error)) from None
        batches = shared_work.batches_since(opened.store, real_now() - shared_night.OPEN)
        rows = [_progress(batch, shared_work.batch_of(opened.store, batch)) for batch in batches]
    names = ", ".join(f"{name} ({at_once} at once)" for name, at_once in workers.items())
    document = {"workers": workers, "waiting": waiting, "batches": rows}
    lines = [f"{row['batch']}: {row['done']} of {row['items']} done{_now(row['held'])}" for row in rows]
    out.say(document, f"workers: {names or 'none answers'}; messages waiting: {waiting}", *lines)


def _now(held: Sequence[str]) -> str:
    return f"; now {', '.join(held)}" if held else ""


def _progress(batch: str, items: Sequence[WorkItem]) -> dict[str, Any]:
    held = [f"{item.id.rpartition(' ')[2]} ({item.claim['host']})" for item in items if item.claim and item.is_held]
    return {"batch": batch, "items": len(items), "done": sum(item.ended is not None for item in items), "held": held}


def _broker() -> "CeleryBroker":
    """The broker that CLUSTER_BROKER names. Raises ClickException for want of it or of Celery."""
    address = setting("CLUSTER_BROKER")
    if not address:
        raise click.ClickException(
            "CLUSTER_BROKER is not set: name the broker of your workers, such as redis://:PASSWORD@HOST:6379/0 or "
            "amqps://USER:PASSWORD@HOST/VHOST (docs/cluster.md)"
        )
    if find_spec("celery") is None:
        raise click.ClickException("Celery is not installed here: pip install '.[cluster]'")
    made: CeleryBroker = import_module("alerts.cluster.broker").CeleryBroker(address, StoreConfig.from_env().database)
    return made
