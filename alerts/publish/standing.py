"""What a city's state is shown as: one that was not read for long is shown as stale."""

from datetime import datetime, timedelta

from alerts.publish.policy import policy
from alerts.records.queries import CityView

STALE = "stale"
"""Shown in place of a state without a recent complete run."""
_TRIED = frozenset({"down", "empty", "blocked", "drifted"})
"""States that hold as of the last run with any verdict, not the last complete one."""


def is_stale(view: CityView, now: datetime) -> bool:
    """Whether the last complete reading is older than what counts as current (policy.csv)."""
    read = view.last_complete_at
    return read is None or now - read > timedelta(days=policy().current_days)


def shown_state(view: CityView, now: datetime) -> str:
    """The state, or `stale`."""
    return STALE if is_stale(view, now) and view.state not in _TRIED else view.state
