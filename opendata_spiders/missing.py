"""The look at what is missing: which datasets to look for behind their ids, before a run is closed."""

import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from opendata_spiders.policy import Policy
from opendata_spiders.store.models import LookResult


def to_look_at(
    seen: AbstractSet[str], trusted_ids: AbstractSet[str], looked_before: AbstractSet[str], policy: Policy, *, salt: str
) -> list[str]:
    """Ids to probe: those of the last trusted run that are not in the list now, and those it missed itself.

    Up to `look_all` all of them; above that `look_sample`, drawn by hash so that another night draws others.
    """
    missing = sorted((trusted_ids | looked_before) - seen)
    if len(missing) <= policy.look_all:
        return missing
    return sorted(missing, key=lambda id_: _draw(id_, salt))[: policy.look_sample]


def unanswered(look: Mapping[str, LookResult], before: Mapping[str, LookResult]) -> set[str]:
    """Ids whose page answered in the look before and did not in the last one: worth another try."""
    unknown = LookResult.UNKNOWN
    return {id_ for id_, said in look.items() if said is unknown and before.get(id_, unknown) is not unknown}


def sweep_due(id_: str, day: int, policy: Policy) -> bool:
    """Whether an unchanged dataset's detail is due on this day (days since 1970): one in `sweep_days`, by hash."""
    return int(_draw(id_, ""), 16) % policy.sweep_days == day % policy.sweep_days


def _draw(id_: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}\n{id_}".encode()).hexdigest()[:16]
