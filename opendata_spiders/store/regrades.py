"""Verdicts corrected by a person. Run documents never change; crawl and diff read them with the corrected verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from opendata_spiders.store.codec import from_document
from opendata_spiders.store.models import Measure, Run, Verdict
from opendata_spiders.store.writing import StoreDatabase


@dataclass(frozen=True, slots=True)
class Regrade:
    """One correction of one run's verdict; the one with the largest `n` is in force."""

    run: str
    portal: str
    n: int
    """1 for the first regrade of a run, 2 for the next."""
    was: Verdict
    """The verdict until then."""
    verdict: Verdict
    why: str
    at: datetime
    """Domain time (UTC) at which it was given."""


def regrades(db: StoreDatabase, portal: str | None = None, *, until: datetime | None = None) -> dict[str, Regrade]:
    """Return the regrades in force, by run id, of one portal or of all; `until`: those that were then."""
    query: dict[str, Any] = {} if portal is None else {"portal": portal}
    if until is not None:
        query["at"] = {"$lte": until}
    found = db.regrades.find(query).sort([("run", 1), ("n", 1)])
    return {document["run"]: from_document(Regrade, document) for document in found}


def graded(run: Run, known: Mapping[str, Regrade]) -> Run:
    """Return the run with the verdict in force, and the correction in its reason."""
    regrade = known.get(run.id)
    if regrade is None or regrade.verdict is run.verdict:
        return run
    run = replace(run, verdict=regrade.verdict, reason=f"regraded from {run.verdict} by a person: {regrade.why}")
    if run.verdict is not Verdict.COMPLETE:
        return run
    # Later lists are compared with the number this run listed, whatever total was printed.
    return replace(run, measure=Measure(run.seen, run.declared), total_trusted=run.declared == run.seen)
