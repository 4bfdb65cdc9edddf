"""The same replay without processes, HTTP and database: the list reader, the verdict and the fold themselves, in memory.

Details are never read, so of a dataset only what its list row tells is compared.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from alerts.comparison.run_view import RunView
from alerts.engine.fold import fold
from alerts.engine.runner import stored
from alerts.model.events import Event
from alerts.model.memory import Memory
from alerts.model.policy import policy as diff_policy
from alerts.model.states import PortalState
from opendata_spiders.crawl.absence_probe import LOOKS, to_look_at, unanswered
from opendata_spiders.crawl.extractor import RecordedExtractor
from opendata_spiders.crawl.list_reader import ListFacts
from opendata_spiders.crawl.previous import Previous
from opendata_spiders.crawl.recorded_list import RecordedList, RecordedReading, read_recorded
from opendata_spiders.crawl.run_builder import RunFrame
from opendata_spiders.crawl.target import target_from_arguments
from opendata_spiders.pages.contract import ListPage, ListRow
from opendata_spiders.policy import policy
from opendata_spiders.store.content import canonical
from opendata_spiders.store.models import Entry, LookResult, Run, Verdict
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
EXTRACTOR = RecordedExtractor(FAMILY, tuple(_NAMES.values()))


@dataclass
class _Trusted:
    """A complete run, and what is known of its portal since."""

    run: Run
    entries: dict[str, Entry]


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
        reading = self._reading(version)
        self.shelf.known_versions |= {one.id: one for one in reading.versions}
        entries = reading.tally.entries
        manifest = self.shelf.put_entries(entries.values()) if entries else None
        run = replace(reading.run, seq=len(self.runs) + 1, manifest=manifest)
        self._remember(run, entries)
        memory = self.memory or Memory(PortalState(run.portal, run.slug))
        folded = stored(self.shelf, fold(memory, RunView(run, self.shelf), diff_policy()))  # type: ignore[arg-type]
        self.memory = folded.memory
        return list(folded.events)

    def _reading(self, version: Version) -> RecordedReading:
        target = target_from_arguments(None, FAMILY, {"slug": self.slug, "base_url": "http://127.0.0.1"})
        frame = RunFrame(f"{self.slug}-{len(self.runs) + 1}", version.at, version.at, "finished")
        previous = Previous()
        if self.trusted:
            last = self.trusted[-1]
            previous = Previous(last.run, tuple(self.runs[last.run.seq :]), last.entries)

        def look(facts: ListFacts) -> Mapping[str, LookResult]:
            salt, owed = str(version.at.toordinal()), self._looked_before(version.at)
            ids = to_look_at(facts.ids, previous.entries.keys(), owed, policy(), salt=salt)
            return {id_: SAID.get(self.answers.status(id_), LookResult.UNKNOWN) for id_ in ids}

        return read_recorded(RecordedList(self._page, PAGE), EXTRACTOR, target, frame, previous, look=look)

    async def _page(self, number: int) -> ListPage:
        rows = [_row(row) for row in self.answers.page(number, PAGE)]
        return ListPage(tuple(row for row in rows if row.id), declared=self.answers.total)

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
            self.trusted.append(_Trusted(run, dict(entries)))
        elif run.verdict is Verdict.PARTIAL and self.trusted:
            self.trusted[-1].entries |= entries


def _row(row: Mapping[str, Any]) -> ListRow:
    values = {ours: row[theirs] for theirs, ours in _NAMES.items() if row.get(theirs) is not None}
    return ListRow(str(row.get("id") or ""), values, canonical(values).decode())


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
