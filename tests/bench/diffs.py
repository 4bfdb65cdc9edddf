"""What the diff of a night costs, each figure beside its baseline: `python -m tests.bench --diffs`.

A night on which a hundredth of the catalogue has another description and date is folded and held against decoding both
lists once, against a `$lookup` aggregation over the same rows as plain documents, and against the `csv-diff` package on
the same rows as csv files. CPU seconds are those of the process that compares and, beside `$lookup` and csv-diff, those
of the database's process meanwhile; the start of Python and imports are left out on all sides.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import click

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.embedded.server import embedded_server
from tests.bench.commands import ROOT
from tests.bench.figures import Figure

SIZES = (100_000,)
"""Datasets of the catalogues whose diffs are measured; 1,000,000 take minutes, 3,000,000 a quarter of an hour."""
MOST_MB = 600
LOST = 40_000
"""Datasets that a migration of the portal has left behind."""
GROWING, NIGHTS = 20_000, range(50, 80)
"""Datasets of the catalogue whose growth is measured, and nights on which a hundredth of it is redated."""
REKEYED, REKEY_SECONDS = 10_000, 10
"""Datasets of one office that are all listed under other ids one night, each with another title, and CPU seconds."""
LISTS = ("chunks", "manifests")
"""Collections that hold what was listed."""
MOST_GROWTH, MOST_FOLD = 200_000, 0.3
"""Bytes and CPU seconds of such a night."""
_CSV_DIFF = """
import json, sys, time
from csv_diff import compare, load_csv
began = time.process_time()
found = compare(*(load_csv(open(name, encoding="utf-8"), key="id") for name in sys.argv[1:]))
print(json.dumps({"cpu": time.process_time() - began, "changed": len(found["changed"])}))
"""
Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bench:
    """One database in which steps are run."""

    uri: str
    database: str

    def step(self, *words: object) -> Found:
        """Run a step of `diff_steps` in a process of its own and return what it found."""
        env = {**os.environ, "MONGODB_URI": self.uri, "MONGODB_DATABASE": self.database}
        return _json_of(["-m", "tests.bench.diff_steps", *map(str, words)], env)


def _json_of(words: Sequence[str], env: Mapping[str, str]) -> Found:
    """Return the JSON that Python with these words prints; raises click.ClickException if it fails."""
    done = subprocess.run([sys.executable, *words], cwd=ROOT, env=dict(env), capture_output=True, check=False)
    if done.returncode:
        raise click.ClickException(f"{' '.join(words[:4])} failed: {done.stderr.decode()[-2000:]}")
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


def measure_diffs(sizes: Sequence[int] = SIZES) -> Iterator[Figure]:
    """Measure everything; `sizes`: datasets of the catalogues."""
    with TemporaryDirectory() as folder, embedded_server(StoreConfig(data_dir=Path(folder))) as server:
        unchanged = {}
        for count in sizes:
            bench = Bench(server.uri, f"diffs{count}")
            unchanged[count], figures = _catalogue(bench, count, Path(folder))
            yield from figures
            _dropped(bench)
        if len(sizes) > 1:
            yield _unchanged(unchanged)
        yield _rekeyed(Bench(server.uri, "rekeyed"))
        yield from _growth(Bench(server.uri, "growing"))


def _dropped(bench: Bench) -> None:
    with open_store(StoreConfig(uri=bench.uri, database=bench.database), env={}) as store:
        store.db.client.drop_database(bench.database)


def _catalogue(bench: Bench, count: int, folder: Path) -> tuple[float, list[Figure]]:
    """The CPU seconds of an unchanged night, and the figures of a catalogue of that size."""
    before = bench.step("commit", count, 0)["manifest"]
    first = bench.step("fold")
    after = bench.step("commit", count, 1)["manifest"]
    churn = bench.step("fold")
    bench.step("commit", count, 2, "--unchanged")
    unchanged = bench.step("fold")
    bench.step("lose", LOST)
    for night in (3, 4):  # in the first of the two datasets come due
        bench.step("commit", count, night, "--unchanged")
        lost = bench.step("fold")
    decoding = bench.step("decode", before, after)
    bench.step("plain", count, 1)
    lookup = bench.step("lookup")
    bench.step("sheets", count, 1, folder)
    files = [str(folder / name) for name in ("before.csv", "after.csv")]
    sheets = _json_of(["-c", _CSV_DIFF, *files], {**os.environ, "PYTHONPATH": str(_csv_diff())})
    night, whole = f"diff of 1 % of {count:,}", churn["cpu"] + churn["mongod"]
    said, beside = f"{churn['cpu']:.2f} s", lookup["cpu"] + lookup["mongod"]
    _agree(count // 100, lookup["changed"], sheets["changed"])
    return unchanged["cpu"], [
        Figure(f"{night} ÷ decoding both", said, f"{decoding['cpu']:.2f} s", churn["cpu"] / decoding["cpu"], 1),
        Figure(f"{night} ÷ $lookup, with mongod", f"{whole:.2f} s", f"{beside:.2f} s", whole / beside, 0.3),
        Figure(f"{night} ÷ csv-diff, with mongod", f"{whole:.2f} s", f"{sheets['cpu']:.2f} s", whole / sheets["cpu"], 0.3),
        Figure(
            f"unchanged, {count:,} datasets, {LOST:,} missing ÷ none",
            f"{lost['cpu']:.3f} s, {lost['peak']:,.0f} MB",
            f"{unchanged['cpu']:.3f} s, {unchanged['peak']:,.0f} MB",
            lost["cpu"] / unchanged["cpu"],
            1.5,
        ),
        *(
            Figure(f"memory of {name}", f"{one['peak']:,.0f} MB", f"{MOST_MB} MB", one["peak"] / MOST_MB, 1)
            for name, one in ((night, churn), (f"the first diff of {count:,}", first))
        ),
    ]  # fmt: skip


def _csv_diff() -> Path:
    """Return the folder that holds the csv-diff package, installed if it is not there.

    It lies apart: the package also installs a package `tests`, which would hide this one.
    """
    folder = ROOT / ".cache" / "csv-diff"
    if not folder.exists():
        words = ["-m", "pip", "install", "--quiet", "--target", str(folder), "csv-diff==1.2"]
        subprocess.run([sys.executable, *words], check=True)
    return folder


def _agree(*changed: int) -> None:
    """Raise click.ClickException unless all have found as many changed rows."""
    if len(set(changed)) > 1:
        raise click.ClickException(f"the baselines found different numbers of changed rows: {changed}")


def _unchanged(cpu: Mapping[int, float]) -> Figure:
    small, large = min(cpu), max(cpu)
    name = f"unchanged, {large:,} ÷ {small:,} datasets"
    return Figure(name, f"{cpu[large]:.3f} s", f"{cpu[small]:.3f} s", cpu[large] / cpu[small], 1.5)


def _rekeyed(bench: Bench) -> Figure:
    """The diffs until a catalogue that is listed under other ids is stated as such: on the third night."""
    bench.step("titled", REKEYED, 0)
    bench.step("fold")
    folds = []
    for night in (1, 2, 3):
        bench.step("titled", REKEYED, night, "--again")
        folds.append(bench.step("fold"))
    cpu, events = sum(one["cpu"] for one in folds), sum(one["events"] for one in folds)
    name = f"{REKEYED:,} datasets of one office under other ids and titles: three diffs, {events:,} events"
    said = f"{cpu:.1f} s, {max(one['peak'] for one in folds):,.0f} MB"
    return Figure(name, said, f"{REKEY_SECONDS} s", cpu / REKEY_SECONDS, 1)


def _growth(bench: Bench) -> Iterator[Figure]:
    """What a night adds on which a hundredth of a catalogue is redated, and what its diff takes."""
    bench.step("commit", GROWING, 0)
    bench.step("fold")
    bench.step("versions", GROWING, *NIGHTS)
    began = bench.step("size")
    folds = []
    for night in NIGHTS:
        bench.step("commit", GROWING, night)
        folds.append(bench.step("fold")["cpu"])
    ended = bench.step("size")
    night = f"{GROWING:,} datasets, 1 % redated"
    for what, measure, names in (
        ("lists", "bytes", LISTS),
        ("everything, its events too", "bytes", ended["bytes"]),
        ("everything, on disk", "disk", ended["disk"]),
    ):
        size = sum(ended[measure][name] - began[measure].get(name, 0) for name in names) / len(NIGHTS)
        said, most = f"{size / 1e6:.2f} MB", f"{MOST_GROWTH / 1e6} MB"
        yield Figure(f"{night}: growth of {what}", said, most, size / MOST_GROWTH, 1)
    yield Figure(f"{night}: diff", f"{median(folds):.2f} s", f"{MOST_FOLD} s", median(folds) / MOST_FOLD, 1)
