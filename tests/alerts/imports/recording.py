"""Folders of snapshots made of small tables, and the nights that follow them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from alerts.engine.repository import prepare
from alerts.engine.runner import fold_new, place_of
from alerts.imports.history import HistoryReport, HistorySource, import_history
from alerts.model.events import Event
from alerts.model.policy import policy
from opendata_spiders.crawl.extractor import RecordedExtractor
from opendata_spiders.crawl.previous import load_previous
from opendata_spiders.crawl.recorded_list import RecordedList, read_recorded
from opendata_spiders.crawl.run_builder import RunFrame
from opendata_spiders.crawl.target import target_from_arguments
from opendata_spiders.pages.contract import ListPage, ListRow
from opendata_spiders.register import packaged
from opendata_spiders.store.models import Run
from opendata_spiders.store.store import Store

REGISTER = packaged()
GUIYANG = REGISTER.get("guiyang")
SOURCE = HistorySource(GUIYANG, "an archive")
NOW = datetime.fromisoformat("2026-11-29T20:00:00+00:00")
CATALOGUE = tuple(f"d{number}" for number in range(60))
"""Ids of an ordinary catalogue."""


def package(name: str, **more: Any) -> dict[str, Any]:
    """A dataset as CKAN gives it."""
    return {
        "id": name,
        "name": f"name-{name}",
        "title": f"第{name}号线路时刻表",
        "notes": "各条公交线路的起点、终点和首末班时间",
        "organization": {"title": f"第{hash_of(name) % 5}局"},
        "metadata_created": "2020-01-01T00:00:00.5",
        "metadata_modified": "2022-12-01T08:00:00",
        "resources": [{"format": "CSV"}],
        "tags": [],
        **more,
    }


def hash_of(name: str) -> int:
    return sum(map(ord, name))


def answer(names: Iterable[str], total: int | None = None, **changed: Mapping[str, Any]) -> str:
    """The answer of package_search: by default it prints as many as it lists."""
    results = [package(name, **changed.get(name, {})) for name in names]
    return json.dumps(
        {"success": True, "result": {"count": len(results) if total is None else total, "results": results}}
    )


def lines(names: Iterable[str]) -> str:
    """The same packages as JSON lines, without a total."""
    return "".join(json.dumps(package(name)) + "\n" for name in names)


def put_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files by name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def take_in(store: Store, folder: Path, source: HistorySource = SOURCE) -> HistoryReport:
    """Import a folder as the command does."""
    return import_history(store, REGISTER, folder, source, NOW)


def diff(store: Store) -> list[Event]:
    """Fold what was not folded yet."""
    prepare(store)
    return fold_new(store, place_of(REGISTER, GUIYANG.id, GUIYANG.slug), policy()).events


def night(store: Store, at: str, names: Iterable[str], family: str = "") -> Run:
    """A complete reading of our own: of the portal's family, whose list prints an honest total."""
    rows = tuple(
        ListRow(name, {"title": f"第{name}号线路时刻表", "office": f"第{hash_of(name) % 5}局"}, "{}") for name in names
    )

    async def fetch(number: int) -> ListPage:
        return ListPage(rows if number == 1 else (), len(rows))

    by = RecordedExtractor(family or GUIYANG.family, ("title", "office"))
    target, moment = target_from_arguments(GUIYANG, by.family, {}), datetime.fromisoformat(at)
    with store.begin(GUIYANG.id, GUIYANG.slug, at=moment) as lease:
        previous = load_previous(store, GUIYANG.id, target.epoch(by.family, by.id_rule))
        frame = RunFrame(lease.run_id, moment, moment, "finished")
        reading = read_recorded(RecordedList(fetch, len(rows) + 1), by, target, frame, previous)
        store.put_versions(reading.versions)
        return store.commit(replace(reading.run), reading.tally.entries.values(), **reading.beside)
