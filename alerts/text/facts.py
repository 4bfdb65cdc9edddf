"""One event as a sentence: its evidence is flattened to the named values that the phrasings use."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from alerts.model.events import Event
from alerts.model.sections import policy
from alerts.text.labels import kind_name
from alerts.text.parts import Words
from alerts.text.wording import Wording

AGES = frozenset({"days", "days_left"})
"""Values that hold as of one run: if that is not today's, a line has to give its date."""


def sentence(event: Event, wording: Wording, now: datetime, read: datetime) -> tuple[Words, frozenset[str]]:
    """The sentence of an event as of the run at `read`, and the names of the values that it contains."""
    known = facts(event, wording, now, read)
    own = f"lines/{event.kind}"
    key = own if wording.fits(own, **known) else "lines/other"
    return wording.say(key, **known), wording.used(key, **known)


def facts(event: Event, wording: Wording, now: datetime, read: datetime) -> dict[str, Any]:
    """Values by the names in the phrasings, ages as of the run at `read`; None if the event does not have the value."""
    known: dict[str, Any] = {name: _scalar(value, wording, now) for name, value in event.evidence.items()}
    since = moment(event.evidence.get("evidence")) or moment(event.evidence.get("claimed")) or event.since
    # Whole days of silence: as counted in the event, plus the days from the event to `read`.
    silent, days = event.evidence.get("days_silent"), wording.days(since, read) if since else None
    if isinstance(silent, int):
        days = silent + wording.days(event.at, read)
    # Days until a stop, unless they have passed.
    left, passed = event.evidence.get("days_left"), (read - event.at).days
    known |= {
        "title": wording.quote(event.title, policy().title_chars) if event.dataset or event.title else None,
        "office": wording.aside(wording.office(event.office)) if event.office.strip() else (),
        "since": wording.day(since, now) if since else None,
        "days": days or None,
        "days_left": left - passed if isinstance(left, int) and left > passed else None,
        # The kind's name in kinds.csv, for a kind without a phrasing.
        "label": kind_name(event.kind).of(wording.language),
    }
    # A sentence says that the page is gone only if the page was checked.
    known["seen_before_page_went"] = known.get("last_seen") if event.evidence.get("look") == "gone" else None
    special = _SPECIAL.get(event.kind)
    return known | (special(event.evidence) if special else {})


def moment(value: Any) -> datetime | None:
    """A date of the evidence, in any stored form, as aware datetime; None if it is no date.

    Texts are ISO 8601 with a full date (a bare year or month is no date); a date without a time means noon in UTC.
    """
    if isinstance(value, Mapping):
        value = value.get("date")
    if isinstance(value, str):
        try:
            whole = len(value) > len("2026-01-01")
            value = datetime.fromisoformat(value) if whole else datetime.combine(date.fromisoformat(value), time(12))
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _scalar(value: Any, wording: Wording, now: datetime) -> Any:
    day = moment(value)
    if day is not None:
        return wording.day(day, now)
    return list(value) if isinstance(value, Mapping) else value


def _moved(evidence: Mapping[str, Any]) -> dict[str, Any]:
    pairs = [evidence.get("by_id"), evidence.get("by_key")]
    old_only = evidence.get("old_only")
    if pairs == [None, None] or not isinstance(old_only, int):
        return {"known": None}
    return {"known": sum(number or 0 for number in pairs) + old_only}


def _exchanged(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Before and after of one field: normalised if possible, else raw."""
    change, after = evidence.get("before"), evidence.get("after")
    if not isinstance(change, Mapping):
        return {"before": change, "after": after}
    if isinstance(after, Mapping):
        return {
            "before": change.get("iso") or _first(change.get("before_raw")),
            "after": after.get("iso") or _first(change.get("after_raw")),
        }
    return {"before": _first(change.get("before")), "after": _first(after)}


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list | tuple) and value else value


def _fields(evidence: Mapping[str, Any]) -> dict[str, Any]:
    lost = [*(evidence.get("removed") or ()), *(evidence.get("renamed") or ())]
    return {"lost": lost or None, "gained": evidence.get("added") or None}


def _department(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """The new name if the office is simply renamed, and the names under which its datasets are listed now."""
    names = [str(name) for name, _ in evidence.get("after") or ()]
    renamed = len(names) == 1 and not evidence.get("joined")
    return {"now": names[0] if renamed else None, "under": names or None}


def _reused(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """The titles of the dataset that an id refers to now, and of the earlier one."""
    named = {"reused_as": evidence.get("reused"), "instead_of": evidence.get("replaced")}
    return {name: one.get("title") or None for name, one in named.items() if isinstance(one, Mapping)}


def _bulk(evidence: Mapping[str, Any]) -> dict[str, Any]:
    count, catalogue = evidence.get("count"), evidence.get("catalogue")
    return {"share": count / catalogue if count and catalogue else None}


def _size(evidence: Mapping[str, Any]) -> dict[str, Any]:
    known = evidence if evidence.get("counted") else {}
    return {"counted_before": known.get("before"), "counted_after": known.get("after")}


def _file(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """The file's name, else its id; None for the list of files itself."""
    return {"name": evidence.get("name") or evidence.get("file") or None}


_SPECIAL: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "bulk.deletion": _bulk,
    "office.renamed": _department,
    "platform.moved": _moved,
    "platform.rewritten": lambda evidence: {name: evidence.get(name) or None for name in ("gone", "came")},
    "dataset.removed": _reused,
    "dataset.new": _reused,
    "resource.broken": _file,
    "resource.fixed": _file,
    "dataset.schema_changed": _fields,
    "dataset.shrunk": _size,
    "dataset.grew": _size,
    "dataset.promise_weakened": _exchanged,
    "dataset.open_type_changed": _exchanged,
}
