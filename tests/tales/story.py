"""A case's nights as runs of one portal, and rounds of looks at its files, to be folded."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from alerts.comparison.file_context import RoundView
from alerts.comparison.run_view import Owners, RunView
from alerts.engine.file_fold import FilesFolded, fold_round
from alerts.engine.fold import Folded, fold, summary
from alerts.engine.runner import PortalRef, place_of, stored
from alerts.engine.terms_fold import terms_events
from alerts.model.events import Event
from alerts.model.file_states import FileMemory
from alerts.model.memory import Memory
from alerts.model.policy import policy
from alerts.model.states import PortalState, Summary
from alerts.records.terms import periods_of
from opendata_spiders.register import packaged
from opendata_spiders.store.file_checks import FileRound
from opendata_spiders.store.models import Run, Verdict
from tests.tales.beside import Beside, others
from tests.tales.desk import Asked, Desk, Looked, make_round
from tests.tales.notice import Notice
from tests.tales.shelf import Shelf, make_run
from tests.tales.world import World, day_of

UNDIVIDED_PORTAL = PortalRef("", "")


@dataclass
class Story:
    """Runs of one portal and what is expected of them."""

    runs: list[Run]
    shelf: Shelf
    told: Mapping[str, Any] = field(default_factory=dict)
    uplink: frozenset[str] = frozenset()
    beside: Beside = field(default_factory=Beside)
    rounds: list[FileRound] = field(default_factory=list)
    notice: Notice = field(default_factory=Notice)
    place: PortalRef = UNDIVIDED_PORTAL
    """Divides the list as the register does, where the case says of which province's portal it tells."""

    def fold(self, memory: Memory | None = None, upto: int | None = None) -> tuple[Memory, list[Event]]:
        memory = memory or Memory(PortalState(self.runs[0].portal, ""))
        events: list[Event] = []
        for run in self.runs[:upto]:
            folded = self.fold_one(memory, run)
            memory = folded.memory
            events += folded.events
        return memory, events

    def fold_files(self, memory: FileMemory | None = None, upto: int | None = None) -> tuple[FileMemory, list[Event]]:
        memory = memory or FileMemory(self.runs[0].portal)
        events: list[Event] = []
        for looked in self.rounds[:upto]:
            folded = self.fold_round(memory, looked)
            memory = folded.memory
            events += folded.events
        return memory, events

    def fold_terms(self) -> tuple[Event, ...]:
        run, periods = self.runs[0], periods_of(list(self.notice.texts.values()))
        return terms_events(periods, run.portal, run.slug, self.shelf, policy())

    def fold_round(self, memory: FileMemory, looked: FileRound) -> FilesFolded:
        before = [run for run in self.runs if run.at <= looked.at]
        entries = {name: one for run in before for name, one in self.shelf.entries(run.manifest).items()}
        excused = before[-1].id in self.uplink or before[-1].verdict in (Verdict.UNREACHABLE, Verdict.BLOCKED)
        lens = replace(RunView(before[-1], self.shelf).lens, now=looked.at)
        return fold_round(memory, RoundView(looked, self.shelf, lens, entries, excused=excused), policy())

    def fold_one(self, memory: Memory, run: Run) -> Folded:
        divided = self.place.read(self.shelf, run.manifest)
        view = RunView(
            run,
            divided or self.shelf,
            uplink_down=run.id in self.uplink,
            neighbours=self.beside,
            samples=Looked(self.rounds),
            national=Asked(self.told.get("national", {})),
            watched=frozenset(self.told.get("watched", ())),
            owners=divided or Owners(),
            owner=self.place.owner,
            place=self.place.slug if self.place.owner else "",
        )
        return stored(self.shelf, fold(memory, view, policy()))  # type: ignore[arg-type]

    def day(self, event: Event) -> int:
        return day_of(event.at)

    def shown(self, memory: Memory) -> Summary:
        return summary(memory.state, RunView(self.runs[-1], self.shelf).lens, policy())


def story(told: Mapping[str, Any]) -> Story:
    """The runs that a case's nights make, and the rounds of looks at its files where it has any."""
    world, shelf, runs = World(), Shelf(), list[Run]()
    desk, rounds, notice = Desk(), list[FileRound](), Notice()
    day, uplink = -1, set[str]()
    world.change({"set": told["start"]}, 0)
    desk.change(told.get("files", {}))
    for night in [told.get("first", {}), *told["nights"]]:
        for _ in range(night.get("times", 1)):
            day = night["day"] if "day" in night else day if "hour" in night else day + 1
            world.change(night, day)
            desk.change(night.get("files", {}))
            runs.append(make_run(told.get("run", {}) | night, world.seen(night), day, len(runs) + 1, shelf))
            notice.read(night, runs[-1])
            if night.get("uplink_down"):
                uplink.add(runs[-1].id)
            if "files" in told and night.get("look_at_files", True):
                rounds.append(make_round(night, desk, runs[-1], len(rounds) + 1))
    beside = others(told.get("beside_it", {}), shelf)
    return Story(runs, shelf, told, frozenset(uplink), beside, rounds, notice, _place(told))


def _place(told: Mapping[str, Any]) -> PortalRef:
    """`province`: slug of the portal that the case plays; `part`: adcode of the city whose part of it is folded."""
    if "province" not in told:
        return UNDIVIDED_PORTAL
    row = packaged().get(told["province"])
    return place_of(packaged(), row.id, row.slug, str(told.get("part", "")))
