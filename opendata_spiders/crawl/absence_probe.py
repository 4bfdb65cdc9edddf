"""The check of missing datasets: whose detail pages are requested before a run is closed."""

import hashlib
import heapq
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from opendata_spiders.policy import CrawlPolicy
from opendata_spiders.store.models import LookResult

LOOKS = 3
"""Requests of a page that does not answer, one a run; the third complete run decides without an answer."""


def to_look_at(
    seen: AbstractSet[str],
    trusted_ids: AbstractSet[str],
    looked_before: AbstractSet[str],
    policy: CrawlPolicy,
    *,
    salt: str,
) -> list[str]:
    """Ids to probe: datasets not in the list now that the last trusted run listed, or missed and probed itself.

    Up to `look_all` all of them; above that a sample of `look_sample`, drawn by hash, a different one each night.
    """
    missing = sorted((trusted_ids | looked_before) - seen)
    if len(missing) <= policy.look_all:
        return missing
    return drawn(missing, policy.look_sample, salt=salt)


def drawn(ids: Iterable[str], count: int, *, salt: str) -> list[str]:
    """Draw up to `count` ids by hash: the same for the same salt, others for another."""
    return heapq.nsmallest(count, ids, key=lambda id_: _draw(id_, salt))


def unanswered(looks: Sequence[Mapping[str, LookResult]]) -> set[str]:
    """Ids whose page did not answer in the last run and that are probed again, until LOOKS runs in a row failed.

    `looks` are the results of earlier runs, newest first. An id that a run did not probe does not count as unanswered.
    """
    silent = [{id_ for id_, said in look.items() if said is LookResult.UNKNOWN} for look in looks[:LOOKS]]
    given_up = set.intersection(*silent) if len(silent) == LOOKS else set()
    return (silent[0] - given_up) if silent else set()


def sweep_due(id_: str, day: int, policy: CrawlPolicy) -> bool:
    """Whether an unchanged dataset's detail is due on this day (days since 1970): one in `sweep_days`, by hash."""
    return int(_draw(id_, ""), 16) % policy.sweep_days == day % policy.sweep_days


def _draw(id_: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}\n{id_}".encode()).hexdigest()[:16]
