"""Finds the dataset of a pasted page address in the store, or says why it is not found."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from alerts.text.sanitising import web_address
from opendata_spiders.register import Portal, Register, RegisterError
from opendata_spiders.store.store import Store


@dataclass(frozen=True, slots=True)
class Found:
    """The result for one pasted address."""

    pasted: str
    portal: str = ""
    dataset: str = ""
    title: str = ""
    office: str = ""
    failure: str = ""
    """Why there is no dataset: one sentence."""


def find(store: Store, register: Register, pasted: str) -> Found:
    """The dataset behind an address of a portal's page or interface, or behind `PORTAL:ID`."""
    text = pasted.strip()
    if (row := store.db["datasets"].find_one({"page_url": text}) if "://" in text else None) is not None:
        return _found(pasted, row)
    portals, names = _places(register, text)
    if isinstance(portals, str):
        return Found(pasted, failure=portals)
    ids = [f"{portal.id}:{name}" for portal in portals for name in names]
    rows = list(store.db["datasets"].find({"_id": {"$in": ids}}))
    if rows:
        # A province's portal may list its cities' datasets again: the city's own portal takes precedence.
        again = {portal.id for portal in portals if portal.relists}
        order = {name: place for place, name in enumerate(ids)}
        return _found(pasted, min(rows, key=lambda row: (not row["listed"], row["portal"] in again, order[row["_id"]])))

    read = [one.slug for one in portals if store.db["datasets"].find_one({"portal": one.id}, {"_id": 1})]
    if read:
        why = f"no dataset with an id of this address is known of {', '.join(read)}; paste the dataset's own page"
    else:
        slugs = ", ".join(one.slug for one in portals)
        why = f"{slugs} has not been read yet; read it first (scrapy crawl), then add the watch"
    return Found(pasted, failure=why)


def _places(register: Register, text: str) -> tuple[list[Portal] | str, list[str]]:
    word, colon, name = text.partition(":")
    if colon and not name.startswith("//"):
        with suppress(RegisterError):
            return register.select(word), [name]
    parts = web_address(text)
    if parts is None:
        return "it is no address; paste one that begins with http:// or https://, or write PORTAL:ID", []
    portals = [one for one in register.portals.values() if urlsplit(one.base_url).hostname == parts.hostname]
    if not portals:
        return f"no portal of the register is at {parts.hostname}; docs/portals.md lists every portal", []
    return portals, list(dict.fromkeys(_names(text)))


def _names(text: str) -> Iterator[str]:
    """All parts of the address that may be a native id: of the path, the query, and both within the fragment."""
    parts = urlsplit(text)
    for path, query in (
        (parts.path, parts.query),
        (parts.fragment.partition("?")[0], parts.fragment.partition("?")[2]),
    ):
        segments = [unquote(one) for one in path.split("/") if one]
        yield from (value for _, value in parse_qsl(query))
        yield from reversed(segments)
        yield from ("/".join(segments[start:]) for start in range(1, len(segments)))


def _found(pasted: str, row: dict[str, Any]) -> Found:
    title, office = (str(row.get(name) or "") for name in ("title", "office"))
    return Found(pasted, row["portal"], row["id"], title, office)
