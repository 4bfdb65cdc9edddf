"""Every family after a rewriting: what `scrapy heal` drafts for it, compared with the truth field by field."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from opendata_spiders.crawl.extractor import epoch_of
from opendata_spiders.crawl.spider import merged
from opendata_spiders.crawl.tally import Tally
from opendata_spiders.declared import DeclaredFamily, HtmlDetail, JsonDetail, PartedFamily
from opendata_spiders.declared.answers import Answer
from opendata_spiders.declared.keyed_entries import KeyedHtmlList
from opendata_spiders.items import Dataset, RawValues
from opendata_spiders.normalise import sense, senses
from opendata_spiders.pages.bodies import evidence
from opendata_spiders.register import Portal
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store, open_store
from opendata_spiders.store.content import list_fingerprint
from opendata_spiders.store.models import Run, Verdict
from tests.commands import run_module
from tests.families.goldens import loader
from tests.replica import World
from tests.replica.declared.fields import STAMP, values_of
from tests.replica.declared.pages import detail_text, list_text
from tests.replica.declared.portals import declared_spec, spider_of
from tests.replica.moved import MovedPortal, Rewriting, Scheme
from tests.replica.records import Record

DATASETS = 64
"""Of each portal: at least three pages of all but the longest lists."""
NIGHTS = 3
"""Nights between the last trusted reading and the rewriting, in which some datasets are updated."""


@dataclass(frozen=True)
class Mended:
    """What came of one family."""

    family: str
    scheme: Scheme
    result: str
    """drafted, refused or reads; failed where the command broke."""
    said: str
    proven: Sequence[str] = ()
    kept: Sequence[str] = ()
    """Fields that the old calls still read of details."""
    known: Sequence[str] = ()
    """Fields of the last reading."""
    not_proven: Mapping[str, str] = field(default_factory=dict)
    found: int = 0
    rows: int = 0
    requests: int = 0
    ids_survive: bool = False
    seconds: float = 0.0
    wrong: Sequence[str] = ()
    """Fields of the draft that do not say what the portal says of them: there must be none."""

    @property
    def read(self) -> frozenset[str]:
        """The fields that the draft reads."""
        return frozenset({*self.proven, *self.kept}).intersection(self.known)


def played_families() -> dict[str, Portal]:
    """One portal of each declared family, one without a tenant where there is any.

    Left out are lists that are cut into parts, and those whose markup cannot be made from their declaration.
    """
    found: dict[str, Portal] = {}
    for portal in loader().register.portals.values():
        made = loader().families.get(portal.family)
        if made is None or not issubclass(made, DeclaredFamily) or issubclass(made, PartedFamily):
            continue
        if isinstance(made.list_page, KeyedHtmlList) or portal.slug in loader().overrides or not portal.crawlable:
            continue
        if portal.family not in found or (found[portal.family].tenant and not portal.tenant):
            found[portal.family] = portal
    return dict(sorted(found.items()))


def mend(portal: Portal, scheme: Scheme, config: StoreConfig, folder: Path, seed: int = 1) -> Mended:
    """Store an honest reading of a portal, rewrite it, run `scrapy heal`, and judge the draft."""
    spider = spider_of(portal.slug)
    world = World([declared_spec(portal, datasets=DATASETS)], seed=seed)
    records = world.listed(portal.slug, 0)
    now = world.moment(NIGHTS)
    with open_store(config, env={"WATCH_NOW": now.isoformat()}) as store:
        known = store_reading(store, spider, records, world.moment(0))
    with MovedPortal(
        spider, world.listed(portal.slug, NIGHTS), Rewriting(portal.family, scheme, seed), partial(_shown, spider)
    ) as moved:
        begun = time.monotonic()
        done = run_module(
            "scrapy", "heal", portal.slug, "--base-url", moved.url, "--out", str(folder), "--json",
            "-s", "DOWNLOAD_DELAY=0", env=env_of(config, folder.parent, now), timeout=170,
        )  # fmt: skip
        seconds = time.monotonic() - begun
        if not done.stdout.startswith("{"):
            return Mended(portal.family, scheme, "failed", f"{done.returncode}: {done.stdout}{done.stderr}"[-2000:])
        said = json.loads(done.stdout)
        drafted = said["result"] == "drafted"
        return Mended(
            family=portal.family,
            scheme=scheme,
            result=said["result"],
            said=said["said"],
            proven=tuple(said.get("proven", ())),
            kept=tuple(spider.detail_fields) if said.get("keeps_details") else (),
            known=known,
            not_proven=said.get("not_proven", {}),
            found=said.get("found_again", 0),
            rows=said.get("rows", 0),
            requests=said.get("requests", 0),
            ids_survive=said.get("ids_survive", False),
            seconds=seconds,
            wrong=tuple(wrong_fields(moved, folder, said)) if drafted else (),
        )


def env_of(config: StoreConfig, folder: Path, now: datetime) -> dict[str, str]:
    """Environment of a command on a night; `folder` takes what it writes beside the store."""
    return {
        "MONGODB_URI": config.uri, "MONGODB_DATABASE": config.database, "DATA_DIR": str(folder / "data"),
        "WATCH_NOW": now.isoformat(), "PYTHONUTF8": "1", "PATH": "/usr/bin:/bin", "HOME": str(folder),
    }  # fmt: skip


def store_reading(store: Store, spider: DeclaredFamily, records: Sequence[Record], now: datetime) -> tuple[str, ...]:
    """Commit a complete reading of these datasets, read by the spider's own declaration; the fields that it fills."""
    target = spider.target
    tally = Tally(target, spider.family, now, {}, attributor=spider.attributor)
    datasets = [_dataset(spider, record) for record in records]
    versions = [version for one in datasets if (version := tally.take(one))]
    store.put_versions(versions)
    run = Run(
        id=f"{target.slug}-honest", portal=target.portal_id, slug=target.slug, family=spider.family, epoch=epoch_of(spider, target),
        seq=0, at=now, started=datetime.now(UTC), finished=datetime.now(UTC), verdict=Verdict.COMPLETE, reason="all",
        declared=len(records), seen=len(records), rows=len(records), detailed=len(records) * spider.has_details,
    )  # fmt: skip
    store.commit(run, tally.entries.values(), counters=tally.counters)
    filled = {name for one in datasets for name, value in one.raw.items() if value not in (None, "", [])}
    return tuple(sorted(filled))


def _shown(spider: DeclaredFamily, record: Record) -> Mapping[str, Any]:
    """What a portal holds about a dataset: data are not updated whenever their entry is, nor called when downloaded."""
    values = values_of(record, f"{spider.family}/{spider.target.slug}")
    data = (record.updated or record.published) - timedelta(days=record.second % 3)
    return {**values, "data_updated": data.strftime(STAMP), "calls": record.downloads // 2 + record.second % 7}


def _dataset(spider: DeclaredFamily, record: Record) -> Dataset:
    values = _shown(spider, record)
    page = Answer(list_text(spider.list_page, [(record.id, values)], 1, 10))
    row = spider.list_page.read(page).rows[0]
    detail: RawValues = {}
    if isinstance(spider.detail_page, JsonDetail | HtmlDetail):
        detail = spider.detail_page.read(Answer(detail_text(spider.detail_page, (record.id, values))), record.id).values
    target = spider.target
    return Dataset(
        portal=target.portal_id, slug=target.slug, id=record.id, raw=merged(row.values, detail), row=row.values,
        list_fp=list_fingerprint(row.values), list_body=evidence(row.body), detailed=bool(detail), detail=detail,
    )  # fmt: skip


# --- the draft beside the truth ---------------------------------------------------------------------------------------


def wrong_fields(moved: MovedPortal, folder: Path, said: Mapping[str, Any]) -> set[str]:
    """Fields that the draft reads from a place where the portal shows something else."""
    family = drafted_family(folder, said["family"])
    wrong = set()
    for record in moved.records:
        true = moved.how.values({**moved.values(record), **_dataset(moved.spider, record).raw})
        row = family.list_page.read(Answer(moved.how.envelope([moved.entry(moved.list_page, record, 0)], 1, 10))).rows[
            0
        ]
        wrong |= {f"list {name}" for name, value in row.values.items() if not _says(value, true[name])}
        if row.id != moved.how.id(record.id):
            wrong.add("list id")
        if moved.detail_page is not None and family.detail_page is not None and not said["keeps_details"]:
            entry = {moved.how.word("result"): moved.entry(moved.detail_page, record, 0)}
            detail = family.detail_page.read(Answer(json.dumps(entry)), moved.how.id(record.id))
            wrong |= {f"detail {name}" for name, value in detail.values.items() if not _says(value, true[name])}
    return wrong


def drafted_family(folder: Path, name: str) -> type[DeclaredFamily]:
    """The class of a draft."""
    spec = spec_from_file_location(f"{name}_judged", folder / "opendata_spiders" / "families" / f"{name}.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return next(one for one in vars(module).values() if getattr(one, "family", "") == name)


def _says(value: Any, true: Any) -> bool:
    if isinstance(value, list) or isinstance(true, list | tuple):
        return senses(value) == senses(true)
    return sense(value) == sense(true)
