"""Finds how details are asked for now, and proves what their paths mean by asking for known datasets."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from opendata_spiders.browser.portal_page import Exchange, open_page
from opendata_spiders.declared import Call, JsonDetail, Slot
from opendata_spiders.fetching.ask import ask_page
from opendata_spiders.healing.attempt import Attempt
from opendata_spiders.healing.dataset_links import DatasetLinks
from opendata_spiders.healing.declaration import ProvenDetails
from opendata_spiders.healing.json_places import leaves, objects
from opendata_spiders.healing.matching import Match
from opendata_spiders.healing.proof import names_dataset, prove
from opendata_spiders.healing.watched_calls import NotReplayableError, call_parts, with_id
from opendata_spiders.normalise import sense, title_key
from opendata_spiders.pages import bodies, walls
from opendata_spiders.pages.contract import PageError
from opendata_spiders.pages.json_values import search
from opendata_spiders.store.fields import fields

_PAUSE = 0.25
_KEPT_LOOKS = 3
"""Details that the old declaration must read rightly to be kept."""


async def old_details_hold(attempt: Attempt, matches: Sequence[Match]) -> bool:
    """Whether the old declaration still reads details: those of a few known datasets, with their titles and offices."""
    spider = attempt.portal
    if not spider.has_details:
        return False
    for match in matches[:_KEPT_LOOKS]:
        try:
            response = await ask_page(attempt.crawler, spider.bound(spider.detail_request(match.known.id)))
            walls.check_detail(response, spider.detail_kind or spider.body_kind)
            values = spider.parsed(lambda: spider.parse_detail(response, match.known.id), response).values  # noqa: B023
        except PageError:
            return False
        shared = [name for name in ("title", "office") if values.get(name) and match.known.values.get(name)]
        if not shared or any(sense(values[name]) != sense(match.known.values[name]) for name in shared):
            return False
    return bool(matches)


async def proven_details(
    attempt: Attempt, matches: Sequence[Match], ids: Mapping[str, str], links: DatasetLinks
) -> ProvenDetails | None:
    """Watch the page of a dataset load its detail, and ask for others by the same call; None where none is proven.

    `ids`: the id that each known dataset has now, by the one it had.
    """
    portal = attempt.portal
    linked = ((match, links.of(match.known)) for match in matches)
    match, address = next(((one, at) for one, at in linked if portal.host_group.holds(at)), (None, ""))
    if match is None:
        return None
    id_ = ids[match.known.id]
    for exchange in await _loaded(attempt, address, id_):
        try:
            parts = with_id(call_parts(exchange, portal.base_url), id_)
        except NotReplayableError:
            continue
        if parts is not None:
            for at in _places(exchange, match):
                if found := await _proven(attempt, parts.call(), at, [(one, ids[one.known.id]) for one in matches]):
                    return found
    return None


async def _loaded(attempt: Attempt, address: str, id_: str) -> Sequence[Exchange]:
    """The answers to requests that name an id, which the page of its dataset sends."""
    end = time.monotonic() + attempt.policy.page_seconds
    try:
        async with open_page(attempt.crawler, address, attempt.portal.host_group) as page:
            while time.monotonic() < end:
                await asyncio.sleep(_PAUSE)
                if named := [one for one in page.exchanges if _names(one, id_)]:
                    return named
    except PageError:
        pass
    return ()


def _names(exchange: Exchange, id_: str) -> bool:
    return any(
        names_dataset(text, word) for text in (exchange.url, exchange.body) for word in {id_, quote(id_, safe="")}
    )


def _places(exchange: Exchange, match: Match) -> Iterator[str]:
    """Paths of the objects in an answer that print the title of its dataset."""
    try:
        answer = bodies.json_object(exchange.text)
    except PageError:
        return
    title = title_key(match.known.title)
    for path, one in objects(answer):
        if any(title_key(value) == title for value in one.values() if isinstance(value, str)):
            yield path


async def _proven(attempt: Attempt, call: Call, at: str, asked: Sequence[tuple[Match, str]]) -> ProvenDetails | None:
    """Ask for details of known datasets, each with the id it has now, and prove their paths."""
    read: list[Match] = []
    own: set[str] | None = None
    for match, id_ in asked[: attempt.policy.details_asked]:
        try:
            answer: Any = await attempt.json_answer(call, {Slot.ID: id_})
        except PageError:
            continue
        entry = search(at, answer) if at else answer
        if isinstance(entry, dict):
            read.append(Match(len(read), match.known, leaves(entry)))
            told = {path for path, value in read[-1].leaves.items() if bodies.native_id(value) == id_}
            own = told if own is None else own & told
    proof = prove(read, tuple(fields()), attempt.terms, attempt.policy)
    if "title" not in proof.fits:
        return None
    page = JsonDetail(
        keys=dict(proof.keys), at=at, must=(proof.fits["title"].path,), id=min(own or (), key=len, default="")
    )
    return ProvenDetails(call, page, proof)
