"""The same replay without processes, HTTP and database: the list reader, the verdict and the fold themselves, in memory.

Details are never read, so of a dataset only what its list row tells is compared.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from alerts.comparison.run_view import RunView
from alerts.engine.fold import fold
from alerts.engine.runner import stored
from alerts.model.events import Event
from alerts.model.policy import policy as diff_policy
from alerts.model.states import Memory, PortalState
from opendata_spiders.crawl.absence_probe import LOOKS, to_look_at, unanswered
from opendata_spiders.crawl.completeness import measure_after
from opendata_spiders.crawl.list_reader import ListFacts, ListReader
from opendata_spiders.crawl.verdict import Fill, judge
from opendata_spiders.pages.contract import ListPage, ListRow
from opendata_spiders.policy import policy
from opendata_spiders.store.content import canonical, digest, version_id
from opendata_spiders.store.fields import Role, split
from opendata_spiders.store.models import Entry, LookResult, Run, Verdict
from opendata_spiders.store.models import Version as StoredVersion
from tests.sequences.replay import FAMILY, Replayed
from tests.sequences.server import Answers
from tests.sequences.versions import Recording, Version
from tests.tales.shelf import Shelf

PAGE = 100
SAID = {200: LookResult.OPEN, 404: LookResult.GONE}
_NAMES = {
    "name": "title", "description": "description", "orgName": "office", "topicName": "tags",
    "resourceFormats": "formats", "createTime": "published", "updateTime": "updated",
}  # fmt: skip
"""The interface's words for the fields whose values a quick replay reads."""


@dataclass
class _Trusted:
    """A complete run, and what is known of its portal since."""

    run: Run
    entries: dict[str, Entry]
    ids: frozenset[str]
    """What the run itself listed."""


@dataclass
class _Watch:
    """One portal's watch."""

    slug: str
    answers: Answers
    shelf: Shelf = field(default_factory=Shelf)
    trusted: list[_Trusted] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    memory: Memory | None = None

    def read(self, version: Version) -> list[Event]:
        """One crawl and one diff."""
        self.answers.show(version)
        reader = ListReader(
            self._page,
            first_page=1,
            page_size=PAGE,
            window=4,
            policy=policy(),
            trusted=self.trusted[-1].run if self.trusted else None,
            trusted_ids=self.trusted[-1].entries.keys() if self.trusted else set(),
        )
        rows = asyncio.run(_all_rows(reader))
        entries = {row.id: self._entry(row) for row in rows}
        run = self._graded(version, reader.facts, entries)
        self._remember(run, entries)
        memory = self.memory or Memory(PortalState(run.portal, run.slug))
        folded = stored(self.shelf, fold(memory, RunView(run, self.shelf), diff_policy()))  # type: ignore[arg-type]
        self.memory = folded.memory
        return list(folded.events)

    async def _page(self, number: int) -> ListPage:
        rows = [_row(row) for row in self.answers.page(number, PAGE)]
        return ListPage(tuple(row for row in rows if row.id), declared=self.answers.total)

    def _entry(self, row: ListRow) -> Entry:
        parts = split(row.values)
        content = {name: value for name, value in parts[Role.CONTENT].items() if value not in (None, "", [])}
        name = version_id(self.slug, row.id, content)
        self.shelf.known_versions.setdefault(name, StoredVersion(name, self.slug, row.id, FAMILY, content))
        clocks = {key: str(value) for key, value in parts[Role.CLOCK].items() if value}
        return Entry(row.id, digest(row.body.encode()), name, clocks)

    def _graded(self, version: Version, facts: ListFacts, entries: Mapping[str, Entry]) -> Run:
        before = self.trusted[-1].run if self.trusted else None
        fill = _fill(entries, self.shelf)
        judged, look = judge(facts, fill, before, policy()), dict[str, LookResult]()
        if before is not None and (judged.verdict is Verdict.COMPLETE or judged.look_decides):
            look = self._look(facts, version.at)
            judged = judge(facts, fill, before, policy(), look=look)
        return Run(
            id=f"{self.slug}-{len(self.runs) + 1}",
            portal=self.slug,
            slug=self.slug,
            family=FAMILY,
            epoch="quick",
            seq=len(self.runs) + 1,
            at=version.at,
            started=version.at,
            finished=version.at,
            verdict=judged.verdict,
            reason=judged.reason,
            declared=facts.declared,
            seen=len(facts.ids),
            rows=facts.rows,
            passes=len(facts.passes),
            pages=facts.pages,
            total_trusted=judged.total_trusted,
            measure=measure_after(judged.measure, look, before),
            manifest=self.shelf.put_entries(entries.values()) if entries else None,
            look=look,
            fill={**(before.fill if before else {}), **fill.share()},
            fields=tuple(_NAMES.values()),
        )

    def _look(self, facts: ListFacts, at: datetime) -> dict[str, LookResult]:
        salt = str(at.toordinal())
        ids = to_look_at(facts.ids, self.trusted[-1].entries.keys(), self._looked_before(at), policy(), salt=salt)
        return {id_: SAID.get(self.answers.status(id_), LookResult.UNKNOWN) for id_ in ids}

    def _looked_before(self, at: datetime) -> set[str]:
        """As the crawl's recorder does: what a trusted run was the first to miss, and where nobody answered."""
        owed, looks = set[str](), list[Mapping[str, LookResult]]()
        for place in range(len(self.trusted) - 1, -1, -1):
            run, last = self.trusted[place].run, place == len(self.trusted) - 1
            recent = at - run.at <= timedelta(hours=policy().look_again_hours)
            if not run.look or not (last or recent or len(looks) < LOOKS):
                break
            if (last or recent) and place:
                owed |= run.look.keys() & self.trusted[place - 1].entries.keys()
            looks.append(run.look)
        return owed | unanswered(looks)

    def _remember(self, run: Run, entries: dict[str, Entry]) -> None:
        self.runs.append(run)
        if run.verdict is Verdict.COMPLETE:
            self.trusted.append(_Trusted(run, dict(entries), frozenset(entries)))
        elif run.verdict is Verdict.PARTIAL and self.trusted:
            self.trusted[-1].entries |= entries


async def _all_rows(reader: ListReader) -> list[ListRow]:
    return [row async for rows in reader.rows() for row in rows]


def _row(row: Mapping[str, Any]) -> ListRow:
    values = {ours: row[theirs] for theirs, ours in _NAMES.items() if row.get(theirs) is not None}
    return ListRow(str(row.get("id") or ""), values, canonical(values).decode())


def _fill(entries: Mapping[str, Entry], shelf: Shelf) -> Fill:
    filled = dict.fromkeys(("title", "office"), 0)
    for entry in entries.values():
        content = shelf.known_versions[entry.version].content
        for name in filled:
            filled[name] += name in content
    return Fill(rows=len(entries), filled=filled)


def replay_quickly(
    recording: Recording, slug: str, answers: Answers, progress: Callable[[str], None] = lambda _text: None
) -> Replayed:
    """Read every version, fold every run."""
    watch, events, totals = _Watch(slug, answers), list[Event](), list[int]()
    for version in recording.versions:
        events += watch.read(version)
        totals.append(answers.total)
        progress(f"{len(totals)} of {len(recording.versions)}: {version.name}")
    return Replayed(watch.runs, totals, events, [_contents(watch.shelf.entries(run.manifest)) for run in watch.runs])


def _contents(entries: Mapping[str, Entry]) -> dict[str, str]:
    return {id_: entry.version for id_, entry in entries.items()}
