"""Terms of use of the portals: one document for each distinct text, and the last try to read each portal's.

A text that is read again makes no new document: its `checked_at` moves, and a text that comes back after another one
begins a new stretch in its old document.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.codec import from_document, to_document
from opendata_spiders.store.writing import StoreDatabase


@dataclass(frozen=True, slots=True)
class TermsStretch:
    """A time in which every reading found the same text."""

    at: datetime
    """Domain time (UTC) of the first reading."""
    checked_at: datetime
    """Of the last."""
    confirmed_at: datetime | None = None
    """Of the first reading on another night; None until then: such a text counts for nothing."""


@dataclass(frozen=True, slots=True)
class TermsText:
    """One text of one portal's terms of use."""

    id: str
    portal: str
    slug: str
    document: str
    """What the portal calls it (使用条款): only texts of one document are compared."""
    url: str
    found: str
    """How the address was found: `register`, or the words of the link on the home page."""
    title: str
    form: str
    """html; pdf, docx or doc for a file, of which hash and size are known and no text."""
    text: str
    """Lines as shown, without navigation, counters and dates of today; bounded."""
    cut: bool
    size: int
    """Bytes of the answer that was read first."""
    hash: str
    stretches: tuple[TermsStretch, ...] = ()

    @property
    def at(self) -> datetime:
        """When it was read first."""
        return self.stretches[0].at

    @property
    def checked_at(self) -> datetime:
        """When it was read last."""
        return self.stretches[-1].checked_at


@dataclass(frozen=True, slots=True)
class TermsLook:
    """The last try to read a portal's terms, one document a portal."""

    portal: str
    slug: str
    at: datetime
    """Domain time (UTC)."""
    text: str = ""
    """Id of the text that was read; empty for none."""
    why: str = ""
    """Why none was read: `no_link` (the home page links to none), else a verdict and what was odd."""
    url: str = ""
    """Address that was asked last."""


def terms_texts(db: StoreDatabase, portal: str) -> list[TermsText]:
    """Every text kept of a portal, in the order of their first readings."""
    found = [from_document(TermsText, one) for one in db.terms.find({"portal": portal})]
    return sorted(found, key=lambda one: one.at)


def changed_portals(db: StoreDatabase) -> list[str]:
    """Ids of the portals of which more than one text is kept, or one that came back."""
    count = {"_id": "$portal", "stretches": {"$sum": {"$size": "$stretches"}}}
    found = db.terms.aggregate([{"$group": count}, {"$match": {"stretches": {"$gt": 1}}}, {"$sort": {"_id": 1}}])
    return [one["_id"] for one in found]


def last_terms_looks(db: StoreDatabase, portals: Iterable[str]) -> dict[str, TermsLook]:
    """The last try to read each of these portals' terms, by portal id."""
    found = db.terms_looks.find({"_id": {"$in": list(portals)}})
    return {one["_id"]: from_document(TermsLook, one, key="portal") for one in found}


def keep_terms_look(db: StoreDatabase, look: TermsLook) -> None:
    """Store a try, in place of the portal's last one."""
    db.terms_looks.replace_one({"_id": look.portal}, to_document(look, key="portal"), upsert=True)


def keep_terms(db: StoreDatabase, read: TermsText, at: datetime, apart: timedelta) -> TermsText:
    """Store what was read at domain time `at` and return the document as it is now.

    `apart`: how long before a reading the one lies that it confirms. Texts that were never confirmed are deleted when
    another one is read, so that a page which is never the same twice leaves one document.
    """
    kept = [one for one in terms_texts(db, read.portal) if one.document == read.document]
    noted = noted_terms(kept, read, at, apart)
    db.terms.replace_one({"_id": noted.id}, to_document(noted), upsert=True)
    passing = [one.id for one in kept if one.id != noted.id and not any(s.confirmed_at for s in one.stretches)]
    if passing:
        db.terms.delete_many({"_id": {"$in": passing}})
    return noted


def noted_terms(kept: Iterable[TermsText], read: TermsText, at: datetime, apart: timedelta) -> TermsText:
    """The document of a text after it was read at `at`; `kept`: the texts of this document as they were.

    The text in force, or the one that was read last, goes on; any other begins a new stretch, in place of its own last
    one where that was never confirmed.
    """
    last = {one.id: one.stretches[-1] for one in kept}
    known = next((one for one in kept if one.id == read.id), None)
    if known is None:
        return replace(read, stretches=(TermsStretch(at, at),))
    mine = last[read.id]
    latest = max(one.checked_at for one in last.values())
    in_force = max((one.checked_at for one in last.values() if one.confirmed_at), default=None)
    if mine.checked_at == latest or (mine.confirmed_at and mine.checked_at == in_force):
        gone_on = replace(mine, checked_at=at)
        if mine.confirmed_at is None and is_apart(mine.at, at, apart):
            gone_on = replace(gone_on, confirmed_at=at)
        return replace(known, stretches=(*known.stretches[:-1], gone_on))
    before = known.stretches if mine.confirmed_at else known.stretches[:-1]
    return replace(known, stretches=(*before, TermsStretch(at, at)))


def is_apart(first: datetime, second: datetime, apart: timedelta) -> bool:
    """Whether a reading is made long enough after another, and on another day (China's calendar)."""
    return second - first >= apart and second.astimezone(SHANGHAI).date() != first.astimezone(SHANGHAI).date()
