"""Portals whose datasets reappear under the portal of the level above: `platform.merged_into`.

Reported (probable) when most of the titles and offices that a portal lost (`merged_share`, `merged_floor`) are listed
there. Searched when the portal is stated as down, gone or deleted in bulk, and every `merged_every` nights after that.
Not reported: datasets that the parent already listed when the portal was last read (or `merged_overlap_days` before, if
the loss is permanent), or a parent that was first read after the loss.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from alerts.comparison.context import RunContext
from alerts.comparison.event_builder import Draft, label
from alerts.comparison.run_view import Parent
from alerts.model.events import Confidence
from alerts.model.states import PortalState, Streak
from opendata_spiders import normalise
from opendata_spiders.store.models import Verdict

_ABSORBED = "absorbed"
_CAUSES = ("platform.down", "platform.gone")


def draft_merged_into(state: PortalState, drafts: list[Draft], step: RunContext) -> tuple[PortalState, list[Draft]]:
    """Search the lost datasets under the portals of the level above.

    `step` holds the memory before the run, `state` is the state after it, `drafts` are the events of the run.
    """
    if _ABSORBED in state.streaks:
        # A complete run shows that the portal is alive: a later loss is a new case.
        kept = {name: one for name, one in state.streaks.items() if name != _ABSORBED}
        return (replace(state, streaks=kept) if step.run.verdict is Verdict.COMPLETE else state), []
    lost = _lost(state, drafts, step)
    if len(lost) < step.policy.merged_floor:
        return state, []
    # The last time at which nothing was lost: the last complete run that listed what is missing now.
    missing = (one.last_seen for one in step.memory.datasets.waiting().values())
    since = min([*missing, step.state.last_complete_at or step.run.at])
    # Only for a permanent loss: both portals may list the datasets for a while before one is closed. A portal that is
    # merely unreachable may answer again, so what its parent listed before is no sign of a merger.
    gone = state.streaks.get("gone")
    for_good = (gone and gone.stated) or any(draft.kind == "bulk.deletion" for draft in drafts)
    overlap = timedelta(days=step.policy.merged_overlap_days if for_good else 0)
    parents = step.view.neighbours.parents(step.run, since, overlap)
    draft = next((draft for parent in parents if (draft := _found_under(parent, lost, since, step))), None)
    if draft is None:
        return state, []
    mark = Streak(step.run.id, step.run.at, stated=True)
    return replace(state, streaks={**state.streaks, _ABSORBED: mark}), [draft]


def _lost(state: PortalState, drafts: list[Draft], step: RunContext) -> frozenset[str]:
    """Second keys of the datasets that can no longer be read, or were deleted in bulk; empty in an ordinary night."""
    streaks = (state.streaks.get(name) for name in ("unreachable", "empty"))
    weekly = any(
        one and one.stated and one.last_at == step.run.at and one.nights % step.policy.merged_every == 0
        for one in streaks
    )
    if weekly or any(draft.kind in _CAUSES for draft in drafts):
        return _keys(step.state.known, step)
    deleted = next((draft for draft in drafts if draft.kind == "bulk.deletion"), None)
    if deleted and deleted.evidence["count"] > step.policy.incident_share * deleted.evidence["catalogue"]:
        gone = step.memory.datasets.waiting().values()
        return frozenset(normalise.second_key(one.title, one.office) for one in gone)
    return frozenset()


def _keys(manifest: str | None, step: RunContext) -> frozenset[str]:
    versions = step.versions_of(step.view.reader.entries(manifest).values())
    named = ((label(one, "title"), label(one, "office")) for one in versions)
    return frozenset(normalise.second_key(title, office) for title, office in named if title)


def _found_under(parent: Parent, lost: frozenset[str], since: datetime, step: RunContext) -> Draft | None:
    """The event if enough lost datasets are listed by the parent and were not listed there before.

    Some provinces always list their cities' datasets. None either for a parent that was first read after the loss.
    """
    here = lost & _keys(parent.manifest, step)
    least = step.policy.merged_share * len(lost)
    if parent.before is None or len(here) < least or len(lost & _keys(parent.before, step)) >= least:
        return None
    evidence = {
        "target": parent.slug,
        "target_run": parent.run,
        "matched": len(here),
        "catalogue": len(lost),
        "share": round(len(here) / len(lost), 3),
        "runs": [step.state.last_complete, step.run.id],
    }
    return Draft("platform.merged_into", since=since, confidence=Confidence.PROBABLE, evidence=evidence)
