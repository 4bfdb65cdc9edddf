"""One event as a sentence: its evidence, flattened to the named values that the phrasings use."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from alerts.model.events import Event
from alerts.model.sections import policy
from alerts.text.labels import kind_name
from alerts.text.parts import Words
from alerts.text.wording import Wording

AGES = frozenset({"days", "days_left"})
"""Values that hold as of one reading: where it is not today's, a line has to say which."""


def sentence(event: Event, wording: Wording, now: datetime, read: datetime) -> tuple[Words, frozenset[str]]:
    """What happened, as of the reading `read`, and the names of the values that the phrasing tells."""
    known = facts(event, wording, now, read)
    own = f"lines/{event.kind}"
    key = own if wording.fits(own, **known) else "lines/other"
    return wording.say(key, **known), wording.used(key, **known)


def facts(event: Event, wording: Wording, now: datetime, read: datetime) -> dict[str, Any]:
    """Values by the names the phrasings use, ages as of the reading `read`; None is what the event does not know."""
    known: dict[str, Any] = {name: _scalar(value, wording, now) for name, value in event.evidence.items()}
    since = moment(event.evidence.get("evidence")) or moment(event.evidence.get("claimed")) or event.since
    # Whole days of silence: as the diff counted them, and what has been read of it since.
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
        # The table's own words, for a kind that has no phrasing.
        "label": kind_name(event.kind).of(wording.language),
    }
    # That a page is gone is said only where the page was looked at.
    known["seen_before_page_went"] = known.get("last_seen") if event.evidence.get("look") == "gone" else None
    special = _SPECIAL.get(event.kind)
    return known | (special(event.evidence) if special else {})


def moment(value: Any) -> datetime | None:
    """A date of the evidence as an aware moment, whichever way it was kept; None if it is none.

    Texts are ISO 8601 with a full date (a bare year or month is not a day); a date alone stands for noon in UTC.
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
    """Before and after of one field: our word for each where we have one, else the portal's."""
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
    """The one new name where it is a new name indeed, and the names under which its datasets are listed."""
    names = [str(name) for name, _ in evidence.get("after") or ()]
    renamed = len(names) == 1 and not evidence.get("joined")
    return {"now": names[0] if renamed else None, "under": names or None}


def _reused(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """What an id means now, or meant before."""
    named = {"reused_as": evidence.get("reused"), "instead_of": evidence.get("replaced")}
    return {name: one.get("title") or None for name, one in named.items() if isinstance(one, Mapping)}


def _bulk(evidence: Mapping[str, Any]) -> dict[str, Any]:
    count, catalogue = evidence.get("count"), evidence.get("catalogue")
    return {"share": count / catalogue if count and catalogue else None}


def _size(evidence: Mapping[str, Any]) -> dict[str, Any]:
    known = evidence if evidence.get("counted") else {}
    return {"counted_before": known.get("before"), "counted_after": known.get("after")}


def _file(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """The file's name, else its id; neither is known of the list of files itself."""
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
