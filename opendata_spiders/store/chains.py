"""Documents stored as what differs from another document of their collection, their `base`, down to one stored whole.

A document that has no `base` is whole. One that has been written is never written otherwise, and its base was there
before it, so that a chain has an end.
"""

from collections.abc import Collection, Mapping, Sequence

from opendata_spiders.store.content import batches
from opendata_spiders.store.writing import Document, StoreCollection

MOST_STEPS = 16
"""Differences between a document and a whole one, at most: each is one more query for who reads a catalogue whole."""
READ_AT_ONCE = 256
"""Documents to a query: as many as a manifest has chunks."""


def extend(
    held: dict[str, Document], collection: StoreCollection, addresses: Collection[str], enough: Collection[str] = ()
) -> set[str]:
    """Load the documents with these addresses and all that they stand on into `held`; return what is missing.

    What is in `enough` is not loaded, nor what it stands on.
    """
    missing, wanted = set[str](), set(addresses).difference(enough)
    while wanted:
        for some in batches(sorted(wanted.difference(held)), READ_AT_ONCE):
            held.update((one["_id"], one) for one in collection.find({"_id": {"$in": some}}))
        missing |= wanted.difference(held)
        wanted = {held[one]["base"] for one in wanted - missing if "base" in held[one]}.difference(enough)
    return missing


def way(held: Mapping[str, Document], address: str | None) -> list[str]:
    """Return an address and those that its document stands on, up to the first that is not held; none for None."""
    found = [address] if address else []
    while found and (base := held.get(found[-1], {}).get("base")):
        found.append(base)
    return found


def chain(held: Mapping[str, Document], address: str) -> list[Document]:
    """Return a document and those that it stands on, the whole one last; all of them are held."""
    return [held[one] for one in way(held, address)]


def may_stand_on(known: Sequence[Document], blob: bytes) -> bool:
    """Whether this packed difference from the first document of a chain is worth more than a whole document.

    It is not after MOST_STEPS, nor where all differences of the chain together are larger than the whole document: then
    a reader would load more than twice what a whole one takes.
    """
    *differences, whole = known
    size = sum(len(one["blob"]) for one in differences) + len(blob)
    return len(differences) < MOST_STEPS and size <= len(whole.get("blob", b""))
