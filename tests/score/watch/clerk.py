"""The person who corrects: takes events back and grades runs anew through the real code, and notes what must follow."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from random import Random

from alerts.corrections.correct import Correction, ManualCorrection, regrade_below, regrade_run, retract
from alerts.engine.runner import PortalRef, place_of
from alerts.model.events import Event
from opendata_spiders.register import Register
from opendata_spiders.store.connect import Store
from opendata_spiders.store.models import Verdict
from tests.score.book import Case
from tests.score.nights import at_night
from tests.score.watch.cast import Cast, Member, Role
from tests.score.watch.fates import Fate
from tests.score.watch.plots import Corrected, Episode
from tests.score.watch.readings import Read
from tests.score.watch.troubles import FAMILY, FAULT, FILL, NO_RUN, Troubles

RETRACTED = "event.retracted"
CORRECTED_AFTER: Mapping[str, int] = {"cut": 3, "cut-person": 1, "wall": 0, "line": 3, "down-person": 4}
"""Nights from the beginning of an episode to its correction."""
TAKEN_BACK: Mapping[str, float] = {
    "platform.gone": 0.3,
    "platform.merged_into": 0.3,
    FAMILY: 0.3,
    FILL: 0.05,
    NO_RUN: 0.1,
}
"""How often a person says of such an event, the morning after, that it is wrong."""

MISREAD = 0.4
"""How often the run of the province on which a takeover rests turns out to be worth nothing."""


def about(event: Event) -> str:
    """What an event says of whom and since which night, whatever its id."""
    return f"{event.kind} {event.slug} {event.dataset or ''} night {(event.at - at_night(0, 0)).days}"


class Clerk:
    """Of one country."""

    def __init__(self, store: Store, cast: Cast, troubles: Troubles, fates: Mapping[str, Fate], rng: Random) -> None:
        self.store, self.cast, self.troubles, self.fates, self.rng = store, cast, troubles, fates, rng
        self.cases: list[Case] = []
        self.kept: dict[str, list[tuple[int, str, Read]]] = {}
        """Night, run id and reading of the portals that may be corrected, by slug, in order of time."""
        self.takeovers: list[Event] = []
        """Those that stand."""
        self.corrected: set[str] = set()
        """Portals of which something was corrected."""

    def keep(self, member: Member, night: int, run: str, read: Read) -> None:
        if member.role in (Role.CORRECTED, Role.PROVINCE):
            self.kept.setdefault(member.slug, []).append((night, run, read))

    def work(self, night: int, lives: Mapping[str, object], stated: list[Event], register: Register) -> Iterator[Event]:
        """All corrections of one morning; yields what they write. `stated` is what was stated this night."""
        for member in self.cast.of(Role.CORRECTED):
            life = lives[member.slug]
            if isinstance(life, Corrected):
                for one in life.episodes:
                    if one.night + CORRECTED_AFTER[one.sort] == night:
                        yield from self._correct(member, life, one, night, register)
        self.takeovers += [event for event in stated if event.kind == "platform.merged_into"]
        for event in list(stated):
            if FAULT in {event.kind, event.evidence.get("of")}:
                continue  # a fault of the program is seen in its log, and mended there
            if self.rng.random() < TAKEN_BACK.get(event.kind, 0.0):
                yield from self._take_back(event, night, register)
            elif event in self.takeovers and self.rng.random() < MISREAD:
                yield from self._misread(event, night, register)

    def _place(self, register: Register, portal: str, slug: str) -> PortalRef:
        return place_of(register, portal, slug) if portal else PortalRef("", "")

    # --- what was wrong all along

    def _correct(
        self, member: Member, life: Corrected, one: Episode, night: int, register: Register
    ) -> Iterator[Event]:
        self.corrected.add(member.slug)
        place = self._place(register, member.portal.id, member.slug)
        if one.sort.endswith("-person"):
            yield from self._by_person(member, life, one, night, place)
            return
        run, verdict = {
            "cut": (one.night + 1, Verdict.PARTIAL),
            "wall": (one.night, Verdict.BLOCKED),
            "line": (one.night + 1, Verdict.FAILED),
        }[one.sort]
        name, read = next((name, read) for known, name, read in self.kept[member.slug] if known == run)
        found = self.store.run(name)
        assert found is not None
        word = ManualCorrection("seen in the log", at_night(night, 0) + timedelta(hours=6))
        correction = regrade_run(self.store, place, found, verdict, word)
        assert regrade_run(self.store, place, found, verdict, word) == Correction()
        self.troubles.regraded(member.slug, read, verdict)
        for subject in self._withdrawn(member, life, one):
            self._say(subject, night)
        yield from correction.events

    def _withdrawn(self, member: Member, life: Corrected, one: Episode) -> Iterator[str]:
        """What rested on the run that was graded wrongly."""
        slug, first = member.slug, one.night
        if one.sort == "wall":
            yield f"ops.drifted {slug}  night {first}"
        elif one.sort == "line":
            yield f"platform.down {slug}  night {first + 2}"
            yield f"platform.up {slug}  night {first + 3}"
        else:
            for item in life.cut(one):
                yield f"dataset.removed {slug} {item.id} night {first + 1}"
                yield f"dataset.reappeared {slug} {item.id} night {first + 2}"

    def _by_person(
        self, member: Member, life: Corrected, one: Episode, night: int, place: PortalRef
    ) -> Iterator[Event]:
        """One of several statements of that run is taken back; the others stand."""
        dataset = life.cut(one)[0].id if one.sort == "cut-person" else None
        kind, told = ("dataset.removed", one.night + 1) if dataset else ("platform.down", one.night + 2)
        self._say(f"{kind} {member.slug} {dataset or ''} night {told}", night)
        wanted = {"portal": member.portal.id, "kind": kind, "dataset": dataset}
        found = self.store.db["events"].find_one(wanted, sort=[("seq", -1)])
        if found is not None:
            yield from self._retract(found["_id"], night, place)

    # --- what a person takes back though it was true, as far as the watch could know

    def _take_back(self, event: Event, night: int, register: Register) -> Iterator[Event]:
        self._say(about(event), night)
        self.corrected |= {event.slug} if event.slug else set()
        yield from self._retract(event.id, night, self._place(register, event.portal, event.slug))
        if event.kind == "platform.gone":
            self.fates[event.slug].gone = None
        if event in self.takeovers:
            self.takeovers.remove(event)
        subject = " ".join(event.evidence.get("portals") or (event.slug,))
        family = event.evidence.get("family")
        self.troubles.taken_back(event.kind, f"{family}: {subject}" if family else subject)

    # --- what rested on another portal's run

    def _misread(self, event: Event, night: int, register: Register) -> Iterator[Event]:
        """The run of the province that seemed to list what the city lost is graded anew."""
        run = self.store.run(event.evidence["target_run"])
        assert run is not None
        above = self.cast.get(run.slug)
        kept = self.kept[above.slug]
        newest = next(place for place, (_, name, _) in enumerate(kept) if name == run.id)
        if any(one.verdict is not Verdict.COMPLETE for _, _, one in kept[newest + 1 :]):
            return  # it would lengthen a row of bad readings, of which more is told than is judged here
        read = kept[newest][2]
        # What stands may rest on another run of the province now: its id is the same, its evidence is not.
        self.corrected |= {above.slug, *(one.slug for one in self.cast.members if one.above == above.slug)}
        self.troubles.regraded(above.slug, read, Verdict.PARTIAL)
        self.fates[above.slug].worthless(run.at)
        for one in [one for one in self.takeovers if self.cast.get(one.slug).above == above.slug]:
            if self.fates[one.slug].is_withdrawn(one.at):
                self.takeovers.remove(one)
                self._say(about(one), night)
        below = [self._place(register, one.portal.id, one.slug) for one in self.cast.members if one.above == above.slug]
        word = ManualCorrection("cut at page two", at_night(night, 0) + timedelta(hours=6))
        place = self._place(register, run.portal, run.slug)
        yield from regrade_run(self.store, place, run, Verdict.PARTIAL, word).events
        yield from regrade_below(self.store, below, run).events
        assert regrade_below(self.store, below, run) == Correction()

    def _retract(self, event: str, night: int, place: PortalRef) -> Iterator[Event]:
        word = ManualCorrection("the city has shown us", at_night(night, 0) + timedelta(hours=6))
        correction = retract(self.store, place, event, word)
        assert retract(self.store, place, event, word) == Correction()
        yield from correction.events

    def _say(self, subject: str, night: int) -> None:
        self.cases.append(Case(RETRACTED, subject, night, night, night))
