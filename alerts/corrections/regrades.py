"""Verdicts that a person has corrected: run documents stay as they are, the diff reads them with the later verdict."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession

from opendata_spiders.store.models import Run, Verdict
from opendata_spiders.store.store import Store


@dataclass(frozen=True, slots=True)
class Regrade:
    """One correction of one run's verdict; the one with the largest `n` holds."""

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


def regrades(store: Store, portal: str | None = None) -> dict[str, Regrade]:
    """The regrade that holds, by run id, of one portal or of all."""
    query = {} if portal is None else {"portal": portal}
    found = store.db["regrades"].find(query).sort([("run", 1), ("n", 1)])
    return {document["run"]: _regrade(document) for document in found}


def _regrade(document: Mapping[str, Any]) -> Regrade:
    values = {name: document[name] for name in ("run", "portal", "n", "why", "at")}
    return Regrade(**values, was=Verdict(document["was"]), verdict=Verdict(document["verdict"]))


def put(store: Store, regrade: Regrade, session: ClientSession) -> None:
    """Record a regrade; raises DuplicateKeyError when somebody else gave the same run its n-th at the same time."""
    values = asdict(regrade) | {"was": regrade.was.value, "verdict": regrade.verdict.value}
    store.db["regrades"].insert_one({"_id": f"{regrade.run}#{regrade.n}", **values}, session=session)


def graded(run: Run, known: Mapping[str, Regrade]) -> Run:
    """The run with the verdict that holds, and with whose word in the reason."""
    regrade = known.get(run.id)
    if regrade is None or regrade.verdict is run.verdict:
        return run
    return replace(run, verdict=regrade.verdict, reason=f"regraded from {run.verdict} by a person: {regrade.why}")


def graded_runs(
    store: Store, portal: str | None, *, after_seq: int = 0, since: datetime | None = None
) -> Iterator[Run]:
    """The runs as the store yields them, each with the verdict that holds."""
    known = regrades(store, portal)
    return (graded(run, known) for run in store.runs(portal, after_seq=after_seq, since=since))
