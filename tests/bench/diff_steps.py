"""The steps of the bench of diffs, each run in a process of its own so that its CPU and memory are its alone.

Each prints one JSON object: `cpu` (seconds of this process), `mongod` (seconds of the database's process meanwhile) and
`peak` (the most memory of this process, in MB), with what else it found.
"""

import csv
import hashlib
import json
import os
import time
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from alerts.engine.repository import prepare
from alerts.engine.runner import PortalRef, fold_new
from alerts.model.policy import policy
from alerts.model.states import DatasetState, DatasetStatus, bucket_document
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.content import batches
from opendata_spiders.store.fields import fields
from opendata_spiders.store.manifests import SeenAgain, bucket, read_chunks
from opendata_spiders.store.models import Entry, Run, Verdict, Version
from opendata_spiders.store.store import Store

PORTAL, SLUG = "bench.1", "bench"
FIRST = datetime(2026, 3, 1, 18, tzinfo=UTC)
BUCKETS_AT_ONCE = 16
"""Buckets whose entries a build holds in memory together, of 256."""
ROWS_AT_ONCE = 2000
_PROMISES = ("每日", "每月", "每季度", "每年", "不定期", None)
_DAY = timedelta(days=1)


# --- a catalogue made of numbers --------------------------------------------------------------------------------------


def numbered(text: str) -> str:
    """Return a hash as ids are made of: 32 hex digits."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def row(number: int, night: int) -> dict[str, str | None]:
    """Return the raw values of a dataset as listed on a night: dates over six years, two hundred offices.

    Of a hundredth of the datasets the date is that of the night before, from the night on that has its number; of
    nights up to 49 the description is another too.
    """
    turn = number % 100 if 0 < number % 100 <= night else 0
    dated = f"{2020 + number % 6}-{1 + number % 12:02}-{1 + number % 28:02} {number % 24:02}:{number % 60:02}:00"
    return {
        "id": numbered(str(number)),
        "title": f"第{number}号行政许可信息",
        "office": f"第{number % 200}局",
        "description": "行政许可事项的登记信息" * 5 + (f"第{turn}夜" if 0 < turn < 50 else ""),
        "frequency": _PROMISES[number % len(_PROMISES)],
        "updated": f"{FIRST + (turn - 1) * _DAY:%Y-%m-%d}" if turn else dated,
        "rows": str(number),
    }


def entry(number: int, night: int) -> Entry:
    """Return the entry of that row."""
    values = row(number, night)
    clocks, measures = {"updated": str(values["updated"])}, {"rows": str(values["rows"])}
    fingerprint = numbered(f"{values['description']}{clocks}{number}")
    return Entry(
        str(values["id"]), fingerprint, version_of(values), clocks, measures, values["frequency"], detailed=True
    )  # fmt: skip


def version_of(values: Mapping[str, str | None]) -> str:
    """Return the id of the version with these values."""
    return numbered(f"{values['description']}{values['title']}")


def version(number: int, night: int) -> Version:
    """Return the version of that row."""
    values = row(number, night)
    content = {name: value for name, value in values.items() if name not in ("id", "updated", "rows")}
    name, page = str(values["id"]), f"https://p.example/{values['id']}"
    return Version(version_of(values), PORTAL, name, "bench", content, "<li>" * 200, "<td>" * 500, page)


# --- steps ------------------------------------------------------------------------------------------------------------


@click.group()
def main() -> None:
    """Run one step of the bench of diffs on the database of MONGODB_URI and MONGODB_DATABASE."""


@main.command()
@click.argument("count", type=int)
@click.argument("night", type=int)
@click.option("--unchanged", is_flag=True, help="Nothing differs from the run before.")
def commit(count: int, night: int, *, unchanged: bool) -> None:
    """Commit a complete run: on night 0 of the whole catalogue, later of what changed, over the run before."""
    with _measured() as (store, found):
        last = store.last_run(PORTAL)
        changed = range(night, count, 100) if last and not unchanged else range(0)
        _put_versions(store, changed, night)
        at = FIRST + night * _DAY
        again = SeenAgain(str(last.manifest) if last else _whole(store, count), ())
        anew = [entry(number, night) for number in changed]
        found["manifest"] = store.commit(_run(night, at, count), anew, again=again).manifest


def _run(night: int, at: datetime, count: int) -> Run:
    return Run(
        f"{SLUG}-{night}", PORTAL, SLUG, "bench", "e", 0, at, at, at, Verdict.COMPLETE, "", declared=count, seen=count,
        rows=count, detailed=count, details_read=count, fields=tuple(fields()),
    )  # fmt: skip


def _put_versions(store: Store, changed: Sequence[int], night: int) -> None:
    """Store the versions of these datasets before and on that night; those of all others are never asked for."""
    for batch in batches(changed, ROWS_AT_ONCE):
        store.put_versions(version(number, at) for number in batch for at in (night - 1, night))


@main.command()
@click.argument("count", type=int)
@click.argument("nights", nargs=-1, type=int)
def versions(count: int, nights: Sequence[int]) -> None:
    """Store the versions of the datasets that change on these nights."""
    with _measured() as (store, _):
        for night in nights:
            _put_versions(store, range(night, count, 100), night)


def _whole(store: Store, count: int) -> str:
    """Store the catalogue of night 0, a part of the buckets at a time."""
    prepare(store)
    numbers = [array("I") for _ in range(256)]
    for number in range(count):
        numbers[int(bucket(numbered(str(number))), 16)].append(number)
    manifest = None
    for part in batches(numbers, BUCKETS_AT_ONCE):
        manifest = store.put_entries((entry(number, 0) for some in part for number in some), over=manifest)
    return str(manifest)


@main.command()
def fold() -> None:
    """Fold what was committed: the diff."""
    with _measured() as (store, found):
        found["events"] = len(fold_new(store, PortalRef(PORTAL, SLUG), policy()).events)


@main.command()
@click.argument("count", type=int)
def lose(count: int) -> None:
    """Keep the states of datasets that a migration left behind, as many, beside what the portal lists."""
    with _measured() as (store, _):
        buckets = defaultdict[str, list[DatasetState]](list)
        for number in range(count):
            one = entry(-1 - number, 0)
            buckets[bucket(one.id)].append(
                DatasetState(one.id, DatasetStatus.LEFT, one, FIRST, 0, title=f"第{number}号")
            )
        store.db["missing_datasets"].insert_many(bucket_document(PORTAL, *held) for held in buckets.items())


@main.command()
@click.argument("count", type=int)
@click.argument("night", type=int)
@click.option(
    "--again", is_flag=True, help="Every one of them under another id, and with one letter of its title changed."
)
def titled(count: int, night: int, *, again: bool) -> None:
    """Commit a complete run of datasets of one office whose titles are twenty letters each."""
    with _measured() as (store, _):
        at = FIRST + night * _DAY
        versions = [_titled(number, again=again) for number in range(count)]
        for batch in batches(versions, ROWS_AT_ONCE):
            store.put_versions(batch)
        listed = [
            Entry(one.dataset, one.id, one.id, {"updated": "2026-01-01"}, {}, None, detailed=True) for one in versions
        ]
        gone = [_titled(number, again=False).dataset for number in range(count)] if again else ()
        store.commit(_run(night, at, count), listed, missing=gone)


def _titled(number: int, *, again: bool) -> Version:
    letters = [chr(0x4E00 + int(numbered(f"{number} {place}")[:8], 16) % 2000) for place in range(20)]
    if again:
        letters[number % 20] = "新"
    content = {"title": "".join(letters), "office": "市数据局", "description": f"第{number}个数据集的说明"}
    name = numbered(f"{number} {again}")
    return Version(numbered(f"{content} {name}"), PORTAL, name, "bench", content)


@main.command()
@click.argument("manifests", nargs=-1)
def decode(manifests: Sequence[str]) -> None:
    """Decode every entry of these manifests once."""
    with _measured() as (store, found):
        found["entries"] = 0
        for manifest in manifests:
            for _, entries in read_chunks(store.db, store.manifest(manifest).chunks.values()):
                found["entries"] += len(entries)


@main.command()
@click.argument("count", type=int)
@click.argument("night", type=int)
def plain(count: int, night: int) -> None:
    """Store the rows of the night before and of that night as plain documents."""
    with _measured() as (store, _):
        for name, at in (("plain_before", night - 1), ("plain_after", night)):
            for batch in batches(range(count), ROWS_AT_ONCE):
                store.db[name].insert_many([_plain(number, at) for number in batch])


def _plain(number: int, night: int) -> dict[str, Any]:
    values = row(number, night)
    return {"_id": values.pop("id"), "row": values}


@main.command()
def lookup() -> None:
    """Compare the plain documents in the database: what is new or differs, and what is gone."""
    with _measured() as (store, found):
        differs = {"$match": {"$expr": {"$ne": [{"$first": "$o.row"}, "$row"]}}}
        for name, after, before, match in (
            ("changed", "plain_after", "plain_before", differs),
            ("gone", "plain_before", "plain_after", {"$match": {"o": []}}),
        ):
            joined = {"$lookup": {"from": before, "localField": "_id", "foreignField": "_id", "as": "o"}}
            found[name] = sum(1 for _ in store.db[after].aggregate([joined, match], allowDiskUse=True))


@main.command()
@click.argument("count", type=int)
@click.argument("night", type=int)
@click.argument("folder", type=click.Path(path_type=Path))
def sheets(count: int, night: int, folder: Path) -> None:
    """Write the same rows into before.csv and after.csv."""
    for name, at in (("before.csv", night - 1), ("after.csv", night)):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, row(0, 0).keys())
            writer.writeheader()
            writer.writerows(row(number, at) for number in range(count))
    click.echo("{}")


@main.command()
def size() -> None:
    """Say how large data and indexes are after a checkpoint, by collection: uncompressed, and on disk."""
    with _measured() as (store, found):
        store.db.client.admin.command("fsync")
        names = sorted(store.db.list_collection_names())
        sizes = {name: store.db.command("collStats", name, indexDetails=True) for name in names}
        found["bytes"] = {name: one["size"] + one["totalIndexSize"] for name, one in sizes.items()}
        found["disk"] = {name: _on_disk(one) for name, one in sizes.items()}


def _on_disk(stats: Mapping[str, Any]) -> int:
    """What a collection and its indexes take on disk, without what their files hold for reuse."""
    indexes = (one["block-manager"] for one in stats["indexDetails"].values())
    used = sum(one["file size in bytes"] - one["file bytes available for reuse"] for one in indexes)
    return int(stats["storageSize"] - stats["freeStorageSize"] + used)


@contextmanager
def _measured() -> Iterator[tuple[Store, dict[str, Any]]]:
    """Print what the block took, and what it noted."""
    config = StoreConfig(uri=os.environ["MONGODB_URI"], database=os.environ["MONGODB_DATABASE"])
    with open_store(config, env={}) as store:
        found: dict[str, Any] = {}
        pid = store.db.client.admin.command("serverStatus")["pid"]
        mongod, own = _cpu_of(pid), time.process_time()
        yield store, found
        click.echo(json.dumps({"cpu": time.process_time() - own, "mongod": _cpu_of(pid) - mongod, "peak": _peak(), **found}))  # fmt: skip


def _cpu_of(pid: int) -> float:
    """Seconds of CPU that a process of this machine has taken."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _peak() -> float:
    """The most memory that this process has had, in MB; `ru_maxrss` would count its parent's."""
    (line,) = (one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
