"""Finds the dataset of a pasted page address in the store, or says why it is not found."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from alerts.text.sanitising import web_address
from opendata_spiders.register import Portal, Register, RegisterError, Told
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
    if rows := list(store.db["datasets"].find({"page_url": text})) if "://" in text else []:
        return _found(register, pasted, rows)
    portals, names = _places(register, text)
    if isinstance(portals, str):
        return Found(pasted, failure=portals)
    ids = [f"{portal.id}:{name}" for portal in portals for name in names]
    rows = list(store.db["datasets"].find({"_id": {"$in": ids}}))
    if rows:
        order = {name: place for place, name in enumerate(ids)}
        return _found(register, pasted, sorted(rows, key=lambda row: order[row["_id"]]))
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


def _found(register: Register, pasted: str, rows: Iterable[dict[str, Any]]) -> Found:
    """The dataset that is meant, of rows in order of preference: where a province lists it again, the city's own."""
    again = {portal.id for portal in register.portals.values() if portal.relists}
    row = min(rows, key=lambda row: (not row["listed"], row["portal"] in again))
    owner, portal = str(row.get("owner") or ""), register.portals.get(row["slug"])
    if portal and register.told(portal, owner) is Told.ELSEWHERE:
        city = register.place(owner)
        why = f"{portal.slug} lists it again for {city}, whose own portal tells of it; paste the dataset's page there"
        return Found(pasted, failure=why)
    title, office = (str(row.get(name) or "") for name in ("title", "office"))
    return Found(pasted, row["portal"], row["id"], title, office)
