"""`python -m tests.bench digests`: a night on which 10,000 datasets in 300 cities change, told to 1,000 subscribers."""

import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.audience.subscribers import Subscriber, load
from alerts.delivery.outbox import Cursor
from alerts.digest.write import DigestSession
from alerts.engine.repository import event_document, prepare
from alerts.model.events import Confidence, Event, Severity, event_id
from alerts.model.kinds import kinds
from alerts.model.services import service
from opendata_spiders.register import Level, Portal, PortalStatus, Register
from opendata_spiders.register import load as load_register
from opendata_spiders.store.store import Store
from tests.bench.figures import Figure

MOST_SECONDS = 10
"""Of the digests of such a night."""
NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
_KINDS = ("dataset.removed", "dataset.new", "dataset.overdue", "dataset.changed", "dataset.removed", "dataset.updated")
_LONG = "关于进一步规范和加强全市行政许可与行政处罚等信用信息公示工作的数据目录（含历年修订）"
_TARGETS = (
    "mailto://127.0.0.1:9?mode=insecure&from=watch@example.cn&to=a{n}@example.cn",
    "wecombot://{n:032d}",
    "dingtalk://{n:032d}",
    "feishu://{n:032d}",
    "tgram://123456789:{n:035d}/{n}",
    "json://127.0.0.1:9/{n}",
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a mass event cost and made."""

    subscribers: int
    events: int
    cities: int
    load_s: float
    digest_s: float
    digest_cpu_s: float
    """Of this process alone, whatever else the machine does."""
    digests: int
    deliveries: int
    pieces: int
    over_limit: int
    """Pieces longer than their service takes: must be none."""
    untrue: int
    """Digests that do not name exactly the events their reader follows: must be none."""
    stored_mb: float


def many_cities(register: Register, count: int) -> Register:
    """The register with `count` readable portals, each of another city."""
    pattern = register.crawlable()[0]
    cities = [one for one in register.governments.values() if one.level is not Level.PROVINCE][:count]
    portals = {
        f"city{n}": replace(
            pattern, id=f"city{n}.1", slug=f"city{n}", government=city.adcode, province=city.province,
            name_zh=f"{city.name_zh}数据开放平台", short_zh=city.short_zh, short_en=city.name_en, status=PortalStatus.ACTIVE,
        )
        for n, city in enumerate(cities)
    }  # fmt: skip
    return Register(register.governments, portals)


def mass_event(portals: Sequence[Portal], count: int, at: datetime, seed: int = 5) -> Iterator[Event]:
    """`count` datasets touched in one night, twenty cities stopped beside it."""
    chance = random.Random(seed)
    for number in range(count):
        portal, kind = portals[number % len(portals)], _KINDS[chance.randrange(len(_KINDS))]
        yield _event(kind, portal, f"d{number}", f"{portal.short_zh}{_LONG}第{number}号", at)
    for portal in portals[:20]:
        stop = _event("city.stopped", portal, None, "", at)
        yield replace(stop, page_url=portal.base_url, since=at - timedelta(days=250), evidence={"days_silent": 250})


def _event(kind: str, portal: Portal, dataset: str | None, title: str, at: datetime) -> Event:
    run = f"{portal.slug}-20261123"
    evidence = {
        "runs": [f"{portal.slug}-20261122", run],
        "declared": 900,
        "seen": 899,
        "last_seen": at - timedelta(days=2),
    }
    return Event(
        id=event_id(kind, portal.id, dataset or "", run), kind=kind, portal=portal.id, slug=portal.slug, dataset=dataset,
        run=run, at=at, severity=kinds()[kind].severity, confidence=Confidence.CONFIRMED, title=title,
        office="市场监督管理局", page_url=f"{portal.base_url}/d?id={dataset}", since=at - timedelta(days=2), evidence=evidence,
    )  # fmt: skip


def people(count: int, portals: Sequence[Portal], seed: int = 6) -> str:
    """A subscribers file: every fifth follows all of China, the others up to thirty cities, in all roles and services."""
    chance = random.Random(seed)
    lines = ["subscribers:"]
    for number in range(count):
        cities = [one.slug for one in chance.sample(list(portals), chance.randint(1, min(30, len(portals))))]
        urls = [_TARGETS[(number + k) % len(_TARGETS)].format(n=number) for k in range(1 + number % 2)]
        lines += [
            f"  - name: reader-{number}",
            f"    urls: {urls}",
            f"    language: {('zh', 'en')[number % 7 == 0]}",
            f"    role: {('reader', 'officer', 'operator', 'researcher')[number % 4]}",
            "    rhythm: {every: daily, at: '08:00'}",
        ]
        if number % 5:
            lines.append(f"    filter: {{cities: [{', '.join(cities)}]}}")
    return "\n".join(lines) + "\n"


def fill(store: Store, events: Sequence[Event]) -> None:
    """As the diff leaves it."""
    prepare(store)
    store.db["events"].insert_many([event_document(replace(one, seq=n)) for n, one in enumerate(events, start=1)])


def known_before(store: Store, subscribers: Sequence[Subscriber]) -> None:
    """Everybody had a digest yesterday."""
    yesterday = NOW - timedelta(days=1)
    for one in subscribers:
        document = asdict(Cursor(one.name, 0, yesterday, yesterday))
        store.db["cursors"].insert_one({"_id": document.pop("subscriber"), **document})


def measure_mass_event(store: Store) -> Iterator[Figure]:
    """Measure it. Raises RuntimeError if a piece is too long for its service, or a digest is untrue."""
    found = measure(store)
    if found.over_limit or found.untrue:
        raise RuntimeError(f"{found.over_limit} pieces are too long, {found.untrue} digests untrue: {found}")
    name = f"digests of {found.events:,} events for {found.subscribers:,} readers"
    for what, seconds in (("", found.digest_s), (", CPU", found.digest_cpu_s)):
        yield Figure(name + what, f"{seconds:.1f} s", f"{MOST_SECONDS} s", seconds / MOST_SECONDS, 1)


def measure(store: Store, count: int = 10_000, cities: int = 300, readers: int = 1000) -> Figures:
    """Build and freeze the digests of that night, then look at every piece."""
    register = many_cities(load_register(), cities)
    portals = list(register.portals.values())
    events = list(mass_event(portals, count, NOW - timedelta(hours=4)))
    fill(store, events)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "subscribers.yaml"
        path.write_text(people(readers, portals), "utf-8")
        began = time.perf_counter()
        subscribers = load(path, register)
        loaded = time.perf_counter() - began
    known_before(store, subscribers)
    began, cpu = time.perf_counter(), time.process_time()
    written = list(DigestSession(store, register, NOW).write_all(subscribers))
    took, used = time.perf_counter() - began, time.process_time() - cpu
    digests = {one.subscriber: one.digest for one in written if one.digest}
    untrue = sum(not _true(one, digests, events) for one in subscribers)
    deliveries = list(store.db["deliveries"].find())
    over = sum(_over(one) for one in deliveries)
    pieces = sum(len(one["pieces"]) for one in deliveries)
    size = store.db.command("collStats", "deliveries")["size"] / 1e6
    return Figures(
        len(subscribers), len(events), cities, loaded, took, used, len(digests), len(deliveries), pieces, over, untrue, size
    )  # fmt: skip


def _true(subscriber: Subscriber, digests: dict, events: Sequence[Event]) -> bool:
    """Whether the digest speaks of just what was to be told, and its sections count all of it."""
    taken = [one for one in events if subscriber.scope.takes(one, subscriber.role)]
    told = [one for one in taken if one.severity is not Severity.QUIET]
    digest = digests.get(subscriber.name)
    if digest is None:
        return not told
    counted = sum(section.count for section in digest.sections)
    return set(digest.events) == {one.id for one in taken} and counted == len(told)


def _over(document: dict) -> int:
    """Pieces of a delivery that its service would refuse or cut."""
    schema = {row: service(row) for row in ("mailto", "wecombot", "dingtalk", "feishu", "tgram", "json")}
    one = next(row for row in schema.values() if row.name == document["service"])
    sizes = [one.size(f"{piece['title']}\n{piece['body']}") for piece in document["pieces"]]
    return sum(size > one.limit for size in sizes) if one.limit else 0
