"""A store of two portals over some nights, with text that breaks careless tables, and where one dataset was removed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.engine.repository import prepare
from alerts.engine.runner import PortalRef, fold_new
from alerts.exports.source import Source
from alerts.model.policy import policy
from opendata_spiders.items import SHOWN
from opendata_spiders.normalise import normalise
from opendata_spiders.register import Register, load
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.models import LookResult
from opendata_spiders.store.store import Store
from opendata_spiders.store.views import PackedViews
from tests.alerts.audit.making import entry_of, run_of, values

SITE = "https://watch.example.cn"
FIRST = datetime(2026, 9, 29, 18, 15, tzinfo=UTC)
"""30 September in China."""
LONG = "很长" * 20_000
ODD: Mapping[str, Mapping[str, Any]] = {
    "a1": {"title": "公交站点", "theme": ["交通出行", "城建住房"], "tags": ["公交", "站"], "rows": "1024", "formats": "csv,xls",
           "resources": [{"name": "站点表", "format": "csv", "id": "f1"}]},
    "a2": {"title": '他说"好"，\n第二行 👩‍👩‍👧 𠮷', "description": "a,b;\t「引号」' \r\n尾"},
    "a3": {"title": '=HYPERLINK("http://x")', "description": "+1", "office": "-局"},
    "a4": {"title": "雨\u202e量\x07", "description": LONG, "frequency": None, "open_type": "依申请开放"},
    "a5": {"title": "医院名录", "office": "卫健委", "theme": "卫生健康"},
}  # fmt: skip
Night = Callable[..., None]


@pytest.fixture(scope="session")
def register() -> Register:
    return load()


@pytest.fixture
def night(store: Store, register: Register) -> Night:
    """One complete reading of a portal of the register, compared by the diff."""

    def read(slug: str, rows: Mapping[str, Mapping[str, Any]], day: int, gone: tuple[str, ...] = ()) -> None:
        portal, at = register.get(slug), FIRST + timedelta(days=day)
        before = {one.id for one in store.known(portal.id).values()}
        parts = {name: entry_of(portal.id, name, row) for name, row in rows.items()}
        views = []
        for name, row in rows.items():
            read_ = normalise(values(name, row), family="test", tz=SHANGHAI, now=at)
            _, version = parts[name]
            shown = {field: getattr(read_, field) for field in SHOWN if hasattr(read_, field)}
            views.append({
                **shown, "id": name, "page_url": f"{portal.base_url}/d?id={name}", "detailed": True, "version": version.id,
                "owner": portal.government, "owner_rule": "portal", "raw": {}, "findings": [],
            })  # fmt: skip
        pages = {one["id"]: one["page_url"] for one in views}
        store.put_versions(replace(version, page_url=pages[name]) for name, (_, version) in parts.items())
        run = run_of(portal.id, slug, at, declared=len(rows), seen=len(rows), detailed=len(rows),
                     look=dict.fromkeys(gone, LookResult.GONE))  # fmt: skip
        store.commit(
            run,
            [entry for entry, _ in parts.values()],
            views=PackedViews(portal.id, slug, views),
            missing=sorted(before - rows.keys()),
        )
        prepare(store)
        fold_new(store, PortalRef(portal.id, slug), policy())

    return read


@pytest.fixture
def source(store: Store, register: Register, night: Night) -> Source:
    """Guiyang lists five datasets, then four: one is removed. Yangquan lists one."""
    night("guiyang", ODD, 0)
    night("yangquan", {"y1": {"title": "气象站"}}, 0)
    left = {name: row for name, row in ODD.items() if name != "a5"}
    for day in (1, 2, 3):
        night("guiyang", left, day, gone=("a5",))
    return Source(store, register, FIRST + timedelta(days=40), SITE)
