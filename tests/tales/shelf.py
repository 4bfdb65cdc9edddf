"""Manifests and versions in memory, and the runs and entries that stand in them."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from typing import Any

from alerts.model.catalogue_dates import mark
from opendata_spiders.store.fields import Role, fields, split
from opendata_spiders.store.models import Entry, Finding, LookResult, Run, Verdict, Version
from tests.tales.world import DAY_ZERO, names

ALL_FIELDS = tuple(fields())
RUN_KEYS = {
    "verdict",
    "declared",
    "epoch",
    "base_url",
    "family",
    "fields",
    "findings",
    "lost",
    "dates_in_details",
    "details_read",
    "reason",
}


@dataclass
class Shelf:
    """Manifests and versions in memory, content-addressed as in the database."""

    manifests: dict[str, dict[str, Entry]] = field(default_factory=dict)
    known_versions: dict[str, Version] = field(default_factory=dict)

    def entries(self, manifest: str | None) -> dict[str, Entry]:
        return {} if manifest is None else self.manifests[manifest]

    def marked(self, manifest: str | None, marks: Collection[bytes]) -> list[Entry]:
        return [entry for name, entry in self.entries(manifest).items() if mark(name) in marks]

    def changed_entries(self, before: str | None, after: str | None) -> tuple[dict[str, Entry], dict[str, Entry]]:
        old, new = self.entries(before), self.entries(after)
        differing = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        return ({n: e for n, e in old.items() if n in differing}, {n: e for n, e in new.items() if n in differing})

    def versions(self, ids: Iterable[str], *, evidence: bool = True) -> dict[str, Version]:
        found = {name: self.known_versions[name] for name in ids if name in self.known_versions}
        return found if evidence else {name: replace(one, page_url="") for name, one in found.items()}

    def put_entries(self, entries: Iterable[Entry], over: str | None = None) -> str:
        listed = {**self.entries(over), **{entry.id: entry for entry in entries}}
        name = digest(sorted(map(repr, listed.values())))
        self.manifests[name] = listed
        return name


def digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


def make_run(night: Mapping[str, Any], seen: Mapping[str, Any], day: int, seq: int, shelf: Shelf) -> Run:
    at = (DAY_ZERO + timedelta(days=day)).replace(hour=night.get("hour", 2)).astimezone(UTC)
    verdict, slug = Verdict(night.get("verdict", "complete")), night.get("slug", "testcity")
    reads = verdict in (Verdict.COMPLETE, Verdict.PARTIAL, Verdict.DRIFTED)
    entries = [make_entry(name, row, night, shelf) for name, row in seen.items()] if reads else []
    run = Run(
        id=f"{slug}-{at:%Y%m%dT%H}", portal=f"id-of-{slug}", slug=slug, family="test", epoch="e1", seq=seq,
        at=at, started=at, finished=at, verdict=verdict, reason=f"{verdict} as told",
        seen=len(entries), rows=len(entries), fields=ALL_FIELDS, declared=len(entries) if reads else None,
        manifest=shelf.put_entries(entries) if entries else None,
        detailed=sum(entry.detailed for entry in entries),
        look={name: LookResult(result) for key, result in night.get("look", {}).items() for name in names([key])},
    )  # fmt: skip
    changes = {key: night[key] for key in RUN_KEYS & night.keys() if key != "verdict"}
    lost = tuple(changes.pop("lost", ()))
    fields_read = tuple(name for name in changes.pop("fields", ALL_FIELDS) if name not in lost)
    changes["findings"] = tuple(map(Finding, changes.get("findings", ())))
    return replace(run, lost=lost, fields=fields_read, **changes)


def make_entry(name: str, row: Mapping[str, Any], night: Mapping[str, Any], shelf: Shelf) -> Entry:
    read = set(night.get("fields", ALL_FIELDS))
    detailed, slug = row.get("detailed", True), night.get("slug", "testcity")
    parts = split({key: value for key, value in row.items() if key in read and value is not None})
    content = parts[Role.CONTENT]
    version = digest([slug, name, content])
    shelf.known_versions[version] = Version(
        version, f"id-of-{slug}", name, "test", content, page_url=f"https://p.example/{name}"
    )
    owner = str(row.get("owner") or "")
    return Entry(
        name, digest(row), version, parts[Role.CLOCK], parts[Role.MEASURE], content.get("frequency"), detailed, owner
    )
