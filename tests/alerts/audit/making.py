"""Catalogues made of small tables: a row says only how a dataset differs from one that nothing is wrong with."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from alerts.audit.catalogue import Catalogue
from alerts.audit.facts import facts_of
from alerts.audit.record import ReadAs
from alerts.engine.repository import prepare
from alerts.engine.runner import PortalRef, fold_new
from alerts.model.policy import policy
from opendata_spiders.register import Portal, packaged
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.content import list_fingerprint, version_id
from opendata_spiders.store.fields import Role, fields, split
from opendata_spiders.store.models import Entry, Run, Verdict, Version
from opendata_spiders.store.store import Store
from opendata_spiders.store.views import PackedViews

AT = datetime(2026, 11, 23, 18, 15, tzinfo=UTC)
SOUND: Mapping[str, Any] = {
    "office": "市交通运输局",
    "description": "各条公交线路的起点、终点和首末班时间",
    "theme": "交通出行",
    "frequency": "每年",
    "open_type": "无条件开放",
    "contact_phone": "0851-12345678",
    "published": "2024-03-01",
    "updated": "2026-09-01",
}
ALL = tuple(fields())
REGISTER = packaged()


def values(name: str, row: Mapping[str, Any] | None) -> dict[str, Any]:
    """A sound dataset, changed by the row; a value None is one that the portal does not show."""
    whole = {"title": f"{name}号线路时刻", **SOUND, **(row or {})}
    return {key: value for key, value in whole.items() if value is not None and key not in ("detailed", "owner")}


def entry_of(portal: str, name: str, row: Mapping[str, Any] | None) -> tuple[Entry, Version]:
    raw = values(name, row)
    parts = split(raw)
    content = parts[Role.CONTENT]
    version = Version(version_id(portal, name, content), portal, name, "test", content)
    detailed = (row or {}).get("detailed", True)
    clocks, measures = ({key: str(value) for key, value in parts[role].items()} for role in (Role.CLOCK, Role.MEASURE))
    entry = Entry(name, list_fingerprint(raw), version.id, clocks, measures, content.get("frequency"), detailed)
    return replace(entry, owner=(row or {}).get("owner", "")), version


def run_of(portal: str, slug: str, at: datetime = AT, **more: Any) -> Run:
    known: dict[str, Any] = {
        "id": f"{slug}-{at:%Y%m%dT%H%M%SZ}", "portal": portal, "slug": slug, "family": "test", "epoch": "e1", "seq": 0,
        "at": at, "started": at, "finished": at, "verdict": Verdict.COMPLETE, "reason": "all read", "fields": ALL,
    }  # fmt: skip
    return Run(**known | more)


@dataclass
class World:
    """A catalogue with the records behind it."""

    rows: Mapping[str, Mapping[str, Any] | None]
    fields: frozenset[str] = frozenset(ALL)
    in_list: frozenset[str] = frozenset()
    parts: dict[str, tuple[Entry, Version]] = field(init=False)

    def __post_init__(self) -> None:
        self.parts = {name: entry_of("p.1", name, row) for name, row in self.rows.items()}

    @property
    def catalogue(self) -> Catalogue:
        how = ReadAs("test/testcity", SHANGHAI, (), AT, AT)
        datasets = [facts_of(entry, version.content, how) for _, (entry, version) in sorted(self.parts.items())]
        return Catalogue(
            "p.1", "testcity", SHANGHAI, AT, run_of("p.1", "testcity"), datasets, self.fields, self.in_list
        )


def put(
    store: Store, slug: str, rows: Mapping[str, Mapping[str, Any] | None], at: datetime = AT, **more: Any
) -> Portal:
    """One run of a portal of the register, folded by the diff."""
    portal = commit(store, slug, rows, at, **more)
    fold_new(store, PortalRef(portal.id, slug), policy())
    return portal


def commit(
    store: Store, slug: str, rows: Mapping[str, Mapping[str, Any] | None], at: datetime = AT, **more: Any
) -> Portal:
    """One run of a portal of the register."""
    portal = REGISTER.get(slug)
    parts = [entry_of(portal.id, name, row) for name, row in rows.items()]
    store.put_versions(version for _, version in parts)
    known = {"declared": len(parts), "seen": len(parts), "detailed": sum(entry.detailed for entry, _ in parts)}
    run = run_of(portal.id, slug, at, **known | more)
    store.commit(
        run,
        [entry for entry, _ in parts],
        views=PackedViews(portal.id, slug, ({"id": name, "page_url": f"https://p.example/{name}"} for name in rows)),
    )
    prepare(store)
    return portal
