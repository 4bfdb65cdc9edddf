"""One portal's known catalogue: the manifest after the last diff, and the facts of its datasets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from alerts.audit.facts import DatasetFacts
from alerts.audit.kept_facts import KeptFacts
from alerts.audit.record import ReadAs
from alerts.audit.rules import limits
from alerts.model.events import portal_of
from alerts.records.state_source import States, StoredStates
from opendata_spiders.store.models import Run
from opendata_spiders.store.store import Store


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The known datasets of one portal, and which of its fields can be judged."""

    portal: str
    slug: str
    tz: tzinfo
    at: datetime
    """Time (UTC) of the last run: dates are judged as of this time, so that an audit can be repeated."""
    run: Run
    """The last complete run."""
    datasets: Sequence[DatasetFacts] = field(default=(), repr=False)
    """By id."""
    fields: frozenset[str] = frozenset()
    """Fields that the portal's family reads, from lists and detail pages."""
    in_list: frozenset[str] = frozenset()
    """Those of `fields` that the list shows; the others are known only after a dataset's detail page was read."""

    def tells(self, name: str, *, detailed: bool) -> bool:
        """Whether a missing value means that the portal shows none; `detailed`: whether the detail page was read."""
        return name in self.fields and (detailed or name in self.in_list)


def load(
    store: Store, portal: str, tz: tzinfo, states: States | None = None, kept: KeptFacts | None = None
) -> Catalogue | None:
    """The portal's catalogue by these states (after the last diff); None if no complete run was folded by then.

    `kept`: what it was read by before, where several are read. Raises StoreError if the database lacks a document that
    it refers to.
    """
    state = (states or StoredStates(store)).document(portal)
    run = store.run(state["last_complete"]) if state and state.get("last_complete") else None
    if state is None or run is None:
        return None
    how = ReadAs(f"{run.family}/{run.slug}", tz, run.lost, run.at, state["last_at"])
    datasets = (kept or KeptFacts(store)).of(portal_of(portal), state["known"], how)
    return Catalogue(
        portal=portal,
        slug=run.slug,
        tz=tz,
        at=how.at,
        run=run,
        datasets=datasets,
        fields=frozenset(state["read_fields"]),
        in_list=_in_list(run, datasets),
    )


def _in_list(run: Run, datasets: Sequence[DatasetFacts]) -> frozenset[str]:
    """The fields that a family's list shows: those of datasets whose detail page was not read.

    If none was ever read, the fill rates of the run are those of the list.
    """
    bare = [one for one in datasets if not one.detailed]
    shown = {one.entry_fields for one in bare} | {one.content_fields for one in bare[: limits().list_sample]}
    found = {name for names in shown for name in names.split()}
    return frozenset(found | set(run.fill) if run.detailed == 0 else found)
