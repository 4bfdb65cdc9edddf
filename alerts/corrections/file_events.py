"""What a manual retraction does to the states of files: as if the last round had shown the contrary of the event."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from pymongo.client_session import ClientSession

from alerts.comparison.event_builder import PORTAL
from alerts.corrections.annul import derived_id
from alerts.corrections.event_log import ManualCorrection, load_event_log, retraction
from alerts.engine.checkpoints import FoldOf, copied_files, forget_checkpoints, last_checkpoint
from alerts.engine.file_fold import FilesFolded, fold_round
from alerts.engine.repository import commit_files, load_files, put_events
from alerts.engine.runner import PortalRef, round_view
from alerts.model.events import Event, event_id
from alerts.model.file_states import Bundle, Failing, FileMemory, FileState
from alerts.model.policy import policy
from alerts.rules.schema_changed import fields_change
from opendata_spiders.store.file_checks import FileRound, rounds
from opendata_spiders.store.store import Store


def retract_file_event(store: Store, place: PortalRef, event: Event, word: ManualCorrection) -> list[Event]:
    """Retract an event that rests on file checks, and derive the states of the portal's files anew.

    Raises RaceLostError.
    """
    before = load_files(store, event.portal)
    if not before.last_seq:
        lonely = retraction(event, word.about(event.run))
        return store.transact(lambda session: put_events(store, (lonely,), session))
    taken = retraction(event, word.about(before.last_round))
    words = load_event_log(store, event.portal).without(event, taken).words()
    start = files_known_before(store, before.portal, before.last_seq)
    folded = (one for one in rounds(store.db, before.portal, after_seq=start.last_seq) if one.seq <= before.last_seq)
    memory = replace(derive_files(store, place, start, folded, words), corrections=before.corrections + 1)

    def also(session: ClientSession) -> None:
        forget_checkpoints(store, FoldOf.ROUNDS, before.portal, before.last_seq, session)

    return commit_files(store, before, FilesFolded(memory, (taken,)), also)


def files_known_before(store: Store, portal: str, seq: int, *, made_by: datetime | None = None) -> FileMemory:
    """What is known of a portal's files at the last checkpoint before the round with this number; without one, nothing.

    `made_by`: only of checkpoints copied by then (domain time).
    """
    found = last_checkpoint(store, FoldOf.ROUNDS, portal, seq, made_by=made_by)
    return copied_files(store, found) if found else FileMemory(portal)


def derive_files(
    store: Store, place: PortalRef, start: FileMemory, checked: Iterable[FileRound], words: Mapping[str, list[Event]]
) -> FileMemory:
    """The states of a portal's files after these rounds, derived on top of `start`.

    `words`: the events that persons have retracted, by the round that was the last one folded at that time.
    """
    memory, ours = start, store.our_failures()
    for looked in checked:
        memory = fold_round(memory, round_view(store, place, looked, ours), policy()).memory
        for event in words.get(looked.id, ()):
            memory = annul_file_event(memory, event)
    return memory


def annul_file_event(memory: FileMemory, event: Event) -> FileMemory:
    """The memory after a person has retracted `event`; unchanged where nothing in it depends on the event any more."""
    if event.dataset is None:
        rule = _HOST.get(event.kind)
        return rule(memory, event) if rule else memory
    bundle, change = memory.bundles.get(event.dataset), _BUNDLE.get(event.kind)
    if bundle is None or change is None:
        return memory
    return replace(memory, bundles={**memory.bundles, event.dataset: change(bundle, event, memory)})


def _not_down(memory: FileMemory, event: Event) -> FileMemory:
    down = memory.down
    told = down and event_id(event.kind, event.portal, PORTAL, down.round) == derived_id(event)
    return replace(memory, down=None) if told else memory


def _not_up(memory: FileMemory, event: Event) -> FileMemory:
    return replace(memory, down=memory.down or _still(event, event.evidence["rounds"][0]))


def _still(event: Event, first: str) -> Failing:
    """The failure that the retracted event stated as over, as it was before."""
    evidence = event.evidence
    since, last = evidence["broken_since"], evidence["last_failed"]
    return Failing(evidence["why"], first, since, last, int(evidence.get("checks", 1)), stated=True)


def _not_broken(bundle: Bundle, event: Event, _memory: FileMemory) -> Bundle:
    state = bundle.files.get(event.evidence["file"])
    if state is None or state.failing is None:
        return bundle
    name = event_id(event.kind, event.portal, f"{bundle.dataset}\n{state.file}", state.failing.round)
    return _with_file(bundle, replace(state, failing=None)) if name == derived_id(event) else bundle


def _not_fixed(bundle: Bundle, event: Event, _memory: FileMemory) -> Bundle:
    state = bundle.files.get(event.evidence["file"])
    if state is None or state.failing is not None:
        return bundle
    return _with_file(bundle, replace(state, failing=_still(event, event.evidence["broken"])))


def _with_file(bundle: Bundle, state: FileState) -> Bundle:
    return replace(bundle, files={**bundle.files, state.file: state})


def _same_fields(bundle: Bundle, event: Event, _memory: FileMemory) -> Bundle:
    """The old fields are valid again; only further file checks can change them."""
    old, new = tuple(event.evidence["before"]), tuple(event.evidence["after"])
    for name in event.evidence["file_ids"]:
        state = bundle.files.get(name)
        if state and state.header and not fields_change(state.header.columns, new, policy()):
            header = replace(state.header, columns=old, round=event.evidence["rounds"][0])
            bundle = _with_file(bundle, replace(state, header=header, other=None))
    return bundle


def _same_size(bundle: Bundle, event: Event, _memory: FileMemory) -> Bundle:
    count = bundle.count
    if count is None or set(count.files) != set(event.evidence["file_ids"]):
        return bundle
    return replace(bundle, count=replace(count, rows=event.evidence["before"]), recount=None)


def _true_update(bundle: Bundle, event: Event, memory: FileMemory) -> Bundle:
    """The content counts as new: only dates after the last round count as updates without new content."""
    stretch, at = bundle.stretch, memory.last_at
    if stretch is None or at is None or stretch.round != event.evidence["rounds"][0]:
        return bundle
    before = stretch.advances[-1] if stretch.advances else stretch.before
    begun = replace(stretch, round=memory.last_round, at=at, samples=1, advances=(), before=before)
    return replace(bundle, stretch=begun)


_HOST: Mapping[str, Callable[[FileMemory, Event], FileMemory]] = {
    "platform.files_down": _not_down,
    "platform.files_up": _not_up,
}
_BUNDLE: Mapping[str, Callable[[Bundle, Event, FileMemory], Bundle]] = {
    "resource.broken": _not_broken,
    "resource.fixed": _not_fixed,
    "dataset.schema_changed": _same_fields,
    "dataset.shrunk": _same_size,
    "dataset.grew": _same_size,
    "dataset.fake_update": _true_update,
}
