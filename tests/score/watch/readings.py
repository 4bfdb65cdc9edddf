"""One reading as a crawl would have recorded it, and the invented datasets that some portals list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from opendata_spiders.store.content import version_id
from opendata_spiders.store.fields import fields
from opendata_spiders.store.models import Entry, Finding, LookResult, Run, Verdict, Version
from opendata_spiders.store.runs import run_id
from tests.score import words
from tests.score.watch.cast import Member

FILL: Mapping[str, float] = {"title": 1.0, "office": 0.97, "tags": 0.9, "updated": 0.88, "theme": 0.4}
"""How far a trusted run fills the fields of every portal here."""
ALL_FIELDS = tuple(fields())


@dataclass(frozen=True, slots=True)
class Item:
    """One dataset, as its portal lists it."""

    id: str
    title: str
    office: str

    @property
    def key(self) -> tuple[str, str]:
        return self.title, self.office


@dataclass(frozen=True, slots=True)
class Read:
    """What a crawl makes of a portal."""

    verdict: Verdict
    listed: tuple[Item, ...] | None = None
    look: Mapping[str, LookResult] = field(default_factory=dict)
    fill: Mapping[str, float] = field(default_factory=dict)
    collapsed: bool = False
    """A field stands empty that was filled in the last trusted run."""
    names: str = ""
    """The family whose fingerprint fits the first page."""
    ours: bool = False
    """Not reached for our own line."""


COMPLETE = Read(Verdict.COMPLETE, fill=FILL)


def complete(items: Iterable[Item], look: Mapping[str, LookResult] | None = None) -> Read:
    return Read(Verdict.COMPLETE, tuple(items), look or {}, FILL)


def collection(slug: str, count: int) -> tuple[Item, ...]:
    """Datasets that no other portal has: the slug is part of their titles."""
    return tuple(
        Item(f"{slug}-{n}", f"{slug}{words.TOPICS[n % 30]}{words.NOUNS[n % 15]}", words.OFFICES[n % 12])
        for n in range(count)
    )


def copied(items: Iterable[Item], *, offices: bool = True) -> tuple[Item, ...]:
    """The same datasets as another portal lists them: under ids of its own, perhaps of other offices."""
    return tuple(replace(one, id=f"p-{one.id}", office=one.office if offices else "省档案局") for one in items)


def run_of(member: Member, read: Read, at: datetime, seq: int, epoch: str = "e1") -> Run:
    """The run document of a reading."""
    portal, seen = member.portal, len(read.listed or ())
    return Run(
        id=run_id(portal.slug, at, seq),
        portal=portal.id,
        slug=portal.slug,
        family=portal.family,
        epoch=epoch,
        seq=seq,
        at=at,
        started=at,
        finished=at + timedelta(minutes=4),
        verdict=read.verdict,
        reason="as invented",
        base_url=portal.base_url,
        declared=seen or None,
        seen=seen,
        rows=seen,
        passes=1,
        pages=1,
        look=read.look,
        fill=read.fill,
        fields=ALL_FIELDS,
        findings=(Finding("platform.looks_like", read.names),) if read.names else (),
    )


def entries_of(member: Member, items: Iterable[Item]) -> tuple[list[Entry], list[Version]]:
    """What the items come to in the store; their dates never move."""
    portal, versions = member.portal, []
    for one in items:
        content = {"title": one.title, "office": one.office}
        versions.append(Version(version_id(portal.id, one.id, content), portal.id, one.id, portal.family, content))
    clocks = {"updated": "2025-12-01"}
    return [Entry(one.dataset, one.id[:16], one.id, clocks=clocks) for one in versions], versions
