"""What terms of use stood on a portal, and when, by our own readings."""

from dataclasses import dataclass
from datetime import datetime

from opendata_spiders.store.store import Store
from opendata_spiders.store.terms import TermsText, terms_texts

TERMS_CHANGED = "platform.terms_changed"
"""The one kind of event that rests on readings of terms, not on a run or a round of file checks."""


@dataclass(frozen=True, slots=True)
class TermsPeriod:
    """A time in which our readings found one text, on two nights at least."""

    text: TermsText
    since: datetime
    """First reading of it (UTC)."""
    confirmed_at: datetime
    """First reading on another night."""
    last_read: datetime
    """Last reading that found it."""


def terms_history(store: Store, portal: str) -> tuple[TermsPeriod, ...]:
    """The periods of a portal's terms of use, oldest first; the last one is that in force.

    A text that was read on one night only is left out. Two periods that follow each other may be of two documents
    (`text.document`) or hold the same text; only a change within one document is a change.
    """
    return periods_of(terms_texts(store.db, portal))


def periods_of(texts: list[TermsText]) -> tuple[TermsPeriod, ...]:
    """The confirmed periods of these texts, oldest first."""
    found = [
        TermsPeriod(text, one.at, one.confirmed_at, one.checked_at)
        for text in texts
        for one in text.stretches
        if one.confirmed_at is not None
    ]
    return tuple(sorted(found, key=lambda one: one.since))
