"""Makes a folder of catalogue versions with the pathologies of recorded ones, and the truth beside it.

Fourteen versions, half a day apart: truncated lists, rows that vanish for one or two versions and come back (with the
printed total and without), doubled rows, shuffled columns and tags, dates and counters that move by themselves,
siblings whose titles differ by a year alone, a few true changes and five true removals.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from tests.sequences.versions import SIDECAR

FIRST = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
STEP = timedelta(hours=12)
DOUBLED = 0.07
UPDATED = 0.15
_OFFICES = ("市财政局", "市教育局", "市卫生健康局", "市交通运输局", "市生态环境局", "市市场监督管理局")
_SUBJECTS = ("预算执行情况", "学校名录", "医疗机构名录", "公交站点信息", "空气质量监测数据", "食品抽检结果")
_PLACES = ("东城区", "西城区", "南岸区", "北山区", "高新区", "经开区", "临江县", "青川县", "白云县", "清水县",
           "平阳县", "安宁县", "永安县", "长乐县", "和平县", "新城区", "沙河区", "龙泉区")  # fmt: skip
_YEARS = (2019, 2020, 2021, 2022)
_COLUMNS = (("编号", "Text"), ("名称", "Text"), ("地址", "Text"), ("日期", "Calendar date"), ("数量", "Number"),
            ("金额", "Number"), ("经度", "Number"), ("纬度", "Number"))  # fmt: skip


@dataclass(frozen=True)
class Night:
    """What is the matter with one version; numbers are places in the catalogue of the first version."""

    keep: float = 1.0
    """Share of the rows that the list shows before it breaks off."""
    away: tuple[int, ...] = ()
    """Rows that are not listed though their datasets are there."""
    honest: bool = False
    """Whether the printed total leaves those out, too."""
    gone: tuple[int, ...] = ()
    """True removals of which the portal says 404 from now on."""
    silent: tuple[int, ...] = ()
    """True removals about which the portal says nothing: 503 for ever."""
    new: tuple[int, ...] = ()
    """Datasets that are listed from now on; numbers from 200 are no siblings, others are editions of that year."""
    change: tuple[int, ...] = ()


NIGHTS: Sequence[Night] = (
    Night(),
    Night(keep=0.55),
    Night(gone=(17, 63), away=(30, 31)),
    Night(keep=0.7, away=(30, 31)),
    Night(),
    Night(gone=(108,), new=(2023,), change=(5, 40)),
    Night(away=(77, 78), honest=True),
    Night(away=(77, 78), honest=True),
    Night(keep=0.4),
    Night(silent=(12, 90), new=(200, 201)),
    Night(away=(50, 51)),
    Night(away=(50, 51)),
    Night(change=(66,)),
    Night(keep=0.9),
)
STATED: Mapping[int, int] = {17: 4, 63: 4, 108: 6, 12: 12, 90: 12}
"""Removed dataset to the version whose run may say so: the second complete one without it where the portal says 404;
else the third or a later one, as soon as no more rows are missing from the printed total than before."""


@dataclass
class _Catalogue:
    """The portal as it truly is."""

    draw: random.Random
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)

    def add(self, number: int, at: datetime) -> None:
        self.rows[number] = _dataset(number, at, self.draw)

    def pass_night(self, night: Night, at: datetime) -> None:
        for number in (*night.gone, *night.silent):
            del self.rows[number]
        self.gone += [_id(number) for number in night.gone]
        for number in night.new:
            self.add(number, at)
        for number in night.change:
            self.rows[number]["resource"]["description"] += " 本版增加了数据说明。"
        self._move(at)

    def _move(self, at: datetime) -> None:
        for row in self.rows.values():
            row["resource"]["page_views"]["page_views_total"] += self.draw.randint(0, 9)
            if self.draw.random() < UPDATED:
                row["resource"]["updatedAt"] = _text(at - timedelta(minutes=self.draw.randint(5, 600)))

    def listed(self, night: Night) -> list[dict[str, Any]]:
        rows = [self._shuffled(row) for number, row in self.rows.items() if number not in night.away]
        for row in self.draw.sample(rows, int(DOUBLED * len(rows))):
            rows.insert(rows.index(row) + self.draw.randint(1, 30), self._shuffled(row))
        return rows[: int(night.keep * len(rows))]

    def _shuffled(self, row: Mapping[str, Any]) -> dict[str, Any]:
        resource, tags = row["resource"], row["classification"]["domain_tags"]
        order = self.draw.sample(range(len(resource["columns_name"])), len(resource["columns_name"]))
        arrays = {name: [resource[name][i] for i in order] for name in ("columns_name", "columns_datatype")}
        classification = {**row["classification"], "domain_tags": self.draw.sample(tags, len(tags))}
        return {**row, "resource": {**resource, **arrays}, "classification": classification}


def make(folder: Path, *, seed: int = 1, versions: int = len(NIGHTS)) -> None:
    """Write the first `versions` versions and the sidecar."""
    catalogue = _Catalogue(random.Random(seed))
    for number in range(112):
        catalogue.add(number, FIRST)
    folder.mkdir(parents=True, exist_ok=True)
    totals: dict[str, int] = {}
    gone: dict[str, list[str]] = {}
    for place, night in enumerate(NIGHTS[:versions]):
        at = FIRST + place * STEP
        catalogue.pass_night(night, at)
        totals[name(place)] = len(catalogue.rows) - len(night.away) * night.honest
        gone[name(place)] = list(catalogue.gone)
        lines = [json.dumps(row, ensure_ascii=False) for row in catalogue.listed(night)]
        (folder / name(place)).write_text("\n".join(lines) + "\n", "utf-8")
    removed = {_id(number): name(place) for number, place in STATED.items() if place < versions}
    (folder / SIDECAR).write_text(json.dumps({"totals": totals, "gone": gone, "removed": removed}, indent=1), "utf-8")


def make_storm(folder: Path, *, seed: int = 1, versions: int = 18, hidden: int = 2) -> None:
    """Write versions that hide `hidden` rows each, for one to eight versions; only the first and last show all.

    There is no sidecar: the printed total is the largest so far, and nobody ever learns what became of a hidden row.
    """
    draw = random.Random(seed)
    rows = [_dataset(number, FIRST, draw) for number in range(110)]
    folder.mkdir(parents=True, exist_ok=True)
    away: dict[int, int] = {}
    for place in range(versions):
        away = {number: left - 1 for number, left in away.items() if left > 1}
        while 0 < place < versions - 1 and len(away) < hidden:
            away[draw.randrange(len(rows))] = draw.randint(1, 8)
        seen = [row for number, row in enumerate(rows) if number not in away or place == versions - 1]
        lines = [json.dumps(row, ensure_ascii=False) for row in seen]
        (folder / name(place)).write_text("\n".join(lines) + "\n", "utf-8")


@dataclass(frozen=True)
class Lie:
    """One version of a portal whose total is wrong: what it prints, and how many rows at the end of the list it hides."""

    total: int
    hidden: int = 0
    verdict: str = "complete"
    """What a reading of it must be graded."""


LIES: Sequence[Lie] = (
    Lie(130), Lie(130, 2), *(Lie(130, hidden, "partial") for hidden in (4, 6, 8, 10, 12)),
    Lie(130), Lie(150, verdict="partial"), Lie(130), Lie(130), Lie(130), Lie(90), Lie(90, 10, "partial"), Lie(130),
)  # fmt: skip
"""110 datasets under a total that says 130: a list that dwindles by two rows a version while the total stands still; a
total that leaps; a total below the list, and a list cut short that still reaches it."""
LOST = 17
"""Truly removed with the eleventh version, which the portal says; the total does not move."""


def make_lies(folder: Path, *, seed: int = 1, versions: int = len(LIES)) -> None:
    """Write versions of a catalogue whose printed total is never right, with one true removal, and the sidecar."""
    draw = random.Random(seed)
    rows = {number: _dataset(number, FIRST, draw) for number in range(110)}
    folder.mkdir(parents=True, exist_ok=True)
    totals: dict[str, int] = {}
    sizes: dict[str, int] = {}
    gone: dict[str, list[str]] = {}
    for place, lie in enumerate(LIES[:versions]):
        if place == 10:
            del rows[LOST]
        totals[name(place)], sizes[name(place)] = lie.total, len(rows)
        gone[name(place)] = [] if LOST in rows else [_id(LOST)]
        lines = [json.dumps(row, ensure_ascii=False) for row in list(rows.values())[: len(rows) - lie.hidden]]
        (folder / name(place)).write_text("\n".join(lines) + "\n", "utf-8")
    removed = {_id(LOST): name(12)} if versions > 12 else {}
    told = {"totals": totals, "sizes": sizes, "gone": gone, "removed": removed}
    (folder / SIDECAR).write_text(json.dumps(told, indent=1), "utf-8")


def name(place: int) -> str:
    """File name of a version."""
    return f"{place:02d}-{FIRST + place * STEP:%Y-%m-%dT%H%M}.jsonl"


def _id(number: int) -> str:
    return f"{number:04d}-{number * 7919 % 10000:04d}"


def _dataset(number: int, at: datetime, draw: random.Random) -> dict[str, Any]:
    title, office = _named(number)
    columns = draw.sample(_COLUMNS, draw.randint(4, len(_COLUMNS)))
    created = at - timedelta(days=draw.randint(100, 900))
    return {
        "resource": {
            "id": _id(number), "name": title, "description": f"{title}，由{office}提供。", "type": "dataset",
            "attribution": office, "createdAt": _text(created), "updatedAt": _text(at - timedelta(days=draw.randint(1, 60))),
            "columns_name": [name for name, _ in columns], "columns_datatype": [kind for _, kind in columns],
            "page_views": {"page_views_total": draw.randint(0, 5000)}, "download_count": draw.randint(0, 900),
        },
        "classification": {
            "categories": [], "tags": [], "domain_category": office[1:3], "domain_tags": ["开放数据", office, title[:2]],
            "domain_metadata": [],
        },
        "permalink": f"https://example.org/d/{_id(number)}",
    }  # fmt: skip


def _named(number: int) -> tuple[str, str]:
    """Title and office: 0–107 a subject of a place, then editions of one table that differ by their year alone."""
    if number >= 2000:
        return f"{number}年一般公共预算支出决算表", _OFFICES[0]
    if number >= 200:
        return f"全市{('地震应急避难场所', '养老机构床位')[number - 200]}信息", _OFFICES[2]
    if number >= 108:
        return f"{_YEARS[number - 108]}年一般公共预算支出决算表", _OFFICES[0]
    kind = number % len(_SUBJECTS)
    return f"{_PLACES[number // len(_SUBJECTS)]}{_SUBJECTS[kind]}", _OFFICES[kind]


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--versions",
    type=click.IntRange(min=1),
    help=f"Default: {len(NIGHTS)}, which is also the most; lies {len(LIES)}, a storm 18.",
)
@click.option("--storm", is_flag=True, help="No truth and no total: rows vanish at random and come back.")
@click.option("--lies", is_flag=True, help="The total is never right; the list dwindles slowly under it.")
def main(folder: Path, seed: int, versions: int | None, *, storm: bool, lies: bool) -> None:
    """Write a made-up recording into FOLDER."""
    if storm and lies:
        raise click.UsageError("--storm and --lies are two recordings: make one at a time")
    if storm:
        make_storm(folder, seed=seed, versions=versions or 18)
    elif lies:
        make_lies(folder, seed=seed, versions=versions or len(LIES))
    else:
        make(folder, seed=seed, versions=versions or len(NIGHTS))


if __name__ == "__main__":
    main()
