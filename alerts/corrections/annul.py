"""What a manual retraction does to a portal's state: as if the last folded run had shown the contrary of the event.

What later runs show is counted from zero, as a new episode; nothing counted before the retraction is counted again.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from alerts.comparison.event_builder import PORTAL
from alerts.comparison.reused_ids import native
from alerts.model.events import Event, event_id
from alerts.model.memory import Memory
from alerts.model.states import QUIET, City, DatasetState, DatasetStatus, Evidence, Phase, Streak
from alerts.rules.return_odds import FLAPPING, forget_losses
from opendata_spiders.store.codec import from_document

PERSON = "person"
"""Kind of evidence, and author of a retraction."""
_STREAKS: Mapping[str, str] = {
    "platform.down": "unreachable",
    "platform.blocked": "blocked",
    "ops.drifted": "drifted",
    "ops.partial_streak": "incomplete",
    "claim.mismatch": "mismatch",
    "platform.gone": "gone",
    "platform.incident": "incident",
    "platform.emptied": "emptied",
    "ops.flapping": FLAPPING,
}
"""Kind of event to the name of its streak. Not platform.merged_into: without its mark the next weekly search would
state the retracted event again."""


def derived_id(event: Event) -> str:
    """The id that the rules give the event; an event that was stated again after a retraction has another `id`."""
    return str(event.evidence.get("restates") or event.id)


def annul(memory: Memory, event: Event) -> Memory:
    """The memory after a person has retracted `event`; unchanged where nothing in it depends on the event any more."""
    ended = [one for one in memory.datasets.values() if one.ended_by == derived_id(event)]
    seen = memory.state.last_at
    # The earlier dataset of a reused id is dropped: the contrary is that the id still refers to the same dataset.
    contrary = {
        one.dataset: _waiting(one, seen or one.last_seen) if native(one.dataset) == one.dataset else None
        for one in ended
    }
    memory = replace(memory, state=forget_losses(ended, memory.state), datasets=memory.datasets.changed(contrary))
    rule = _RULES.get(event.kind)
    return rule(memory, event) if rule else _streak(memory, event)


def _waiting(one: DatasetState, seen: datetime) -> DatasetState:
    """The state of a dataset that was listed until now: only further absences count."""
    return replace(
        one,
        status=DatasetStatus.PENDING,
        absences=(),
        nights=0,
        last_seen=seen,
        ended=None,
        ended_by=None,
        twin=None,
        twin_score=0.0,
        twin_back=False,
        namesakes=0,
        transferred=False,
        lost_as=(),
    )


def _silence(memory: Memory, event: Event) -> Memory:
    """The city was live: its silence is counted from the last run on."""
    state, city = memory.state, memory.state.city
    # Evidence is compared by run, because its date changes when all dates of the portal are shifted.
    rested = event.evidence.get("evidence")
    same = city.evidence is not None and isinstance(rested, Mapping) and rested.get("run") == city.evidence.run
    if city.phase not in QUIET or not same or state.last_at is None:
        return memory
    word = Evidence(state.last_at, PERSON, "", state.last_run)
    return replace(memory, state=replace(state, city=City(Phase.LIVE, state.last_at, word, days=city.days)))


def _faking(memory: Memory, _event: Event) -> Memory:
    state = memory.state
    return replace(memory, state=replace(state, city=replace(state.city, faking=False), restamps=()))


def _resumed(memory: Memory, event: Event) -> Memory:
    """The city had not resumed: it is stopped as before, with the evidence it had then."""
    state, before = memory.state, event.evidence.get("evidence_before")
    if state.city.phase is not Phase.RESUMED or not isinstance(before, Mapping) or state.city.since != event.at:
        return memory
    evidence = from_document(Evidence, before)
    city = City(Phase.STOPPED, evidence.date, evidence, days=state.city.days)
    return replace(memory, state=replace(state, city=city))


def _restamp(memory: Memory, event: Event) -> Memory:
    state = memory.state
    kept = tuple(day for day in state.restamps if day != event.evidence.get("date"))
    return replace(memory, state=replace(state, restamps=kept))


def _streak(memory: Memory, event: Event) -> Memory:
    """An event that a streak of verdicts led to: the streak begins anew."""
    state, name = memory.state, _STREAKS.get(event.kind, "")
    streak: Streak | None = state.streaks.get(name)
    if streak is None or event_id(event.kind, event.portal, PORTAL, streak.run) != derived_id(event):
        return memory
    kept = {key: one for key, one in state.streaks.items() if key != name}
    return replace(memory, state=replace(state, streaks=kept))


_RULES: Mapping[str, Callable[[Memory, Event], Memory]] = {
    "city.slowed": _silence,
    "city.stopping": _silence,
    "city.stopped": _silence,
    "city.stopped_faking": _faking,
    "city.resumed": _resumed,
    "platform.restamp": _restamp,
}
