"""A request that a page sent, as a declared call, and the places in it where page, size and id lie."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from opendata_spiders.browser.portal_page import Exchange
from opendata_spiders.declared import AsJson, AsText, Call, Slot, Tenant

_CREDENTIAL: Final = re.compile(r"token|auth|sign|nonce|session|csrf|xsrf|ticket|secret|cookie|captcha", re.IGNORECASE)
"""Names of what a page makes anew for each visitor: neither sent again nor written down."""
_OF_EVERY_BROWSER: Final = re.compile(
    r"(accept.*|sec-.*|user-agent|origin|referer|host|connection|content-.*|cache-control|pragma|priority|dnt|te|"
    r"upgrade.*|if-.*|:.*)"
)
_NUMBER_IN_PATH: Final = re.compile(r"\d+")
_PAGE_WORDS: Final = re.compile(r"page|current|index|pn$|^p$|start|offset|skip|from|ye", re.IGNORECASE)
"""Names that are tried first; any other that fits is tried after them."""

Place = tuple[str | int, ...]
"""Where a value lies in a call: `query`, `form`, `json` and the keys below, or `path` and the place in its text."""


@dataclass(frozen=True, slots=True)
class CallParts:
    """The parts of a call, without what is sent anew by whoever makes it."""

    path: str
    query: Mapping[str, Any]
    form: Mapping[str, Any] | None
    json: Any
    headers: Mapping[str, str]
    referer: str

    def call(self) -> Call:
        """The declared call."""
        return Call(
            self.path, query=self.query, form=self.form, json=self.json, headers=self.headers, referer=self.referer
        )


class NotReplayableError(Exception):
    """Raised for a request that no declared call can repeat; the message says why in one sentence."""


def call_parts(exchange: Exchange, base_url: str) -> CallParts:
    """Take a watched request apart; raises NotReplayableError."""
    parts = urlsplit(exchange.url)
    if not exchange.url.startswith(f"{base_url}/"):
        origin = f"{parts.scheme}://{parts.netloc}"
        raise NotReplayableError(f"it is asked for at {origin}, not at {base_url}: name that with --base-url")
    if exchange.method not in ("GET", "POST"):
        raise NotReplayableError(f"it is asked for with {exchange.method}, which no declared call can send")
    path = exchange.url.removeprefix(base_url).partition("?")[0].partition("#")[0]
    kind = exchange.headers.get("content-type", "")
    form = body = None
    if exchange.method == "POST":
        form, body = _body(exchange.body, kind)
    headers = {
        name: value
        for name, value in exchange.headers.items()
        if not (_OF_EVERY_BROWSER.fullmatch(name) or _CREDENTIAL.search(name))
    }
    referer = urlsplit(exchange.headers.get("referer", ""))
    return CallParts(
        path=path.replace("{", "{{").replace("}", "}}"),
        query=_without_credentials(_pairs(parts.query)),
        form=_without_credentials(form),
        json=_without_credentials(body),
        headers=headers,
        referer=referer.path.replace("{", "{{").replace("}", "}}") if referer.netloc == parts.netloc else "",
    )


def _body(text: str, kind: str) -> tuple[dict[str, Any] | None, Any]:
    """Form and JSON of a POST: one of them, an empty form where it has no body."""
    if "json" in kind or text[:1] in ("{", "["):
        try:
            return None, json.loads(text or "{}")
        except ValueError:
            raise NotReplayableError("the body of the request is said to be JSON and is none") from None
    if text and "urlencoded" not in kind:
        raise NotReplayableError(f"the body of the request is neither JSON nor a form ({kind[:60] or 'no type'})")
    return _pairs(text), None


def _pairs(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        read = _opened(value)
        if name in found:
            before = found[name]
            read = [*before, read] if isinstance(before, list) else [before, read]
        found[name] = read
    return found


def _opened(value: str) -> Any:
    """A value of a query or a form; JSON sent as text is opened."""
    if value[:1] == "{":
        try:
            return AsJson(json.loads(value))
        except ValueError:
            return value
    return value


def _without_credentials(value: Any) -> Any:
    if isinstance(value, AsJson):
        return AsJson(_without_credentials(value.value))
    if isinstance(value, Mapping):
        return {name: _without_credentials(one) for name, one in value.items() if not _CREDENTIAL.search(name)}
    return [_without_credentials(one) for one in value] if isinstance(value, list) else value


# --- places -----------------------------------------------------------------------------------------------------------


def places(parts: CallParts) -> Iterator[tuple[Place, Any]]:
    """Every value of a call with its place; numbers within the path one by one."""
    for found in _NUMBER_IN_PATH.finditer(parts.path):
        yield ("path", found.start(), found.end()), found[0]
    for name in ("query", "form", "json"):
        yield from _below((name,), getattr(parts, name))


def _below(at: Place, value: Any) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, AsJson):
        value = value.value
    if isinstance(value, Mapping | list):
        steps = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, one in steps:
            yield from _below((*at, key), one)
    elif len(at) > 1:
        yield at, value


def with_slot(parts: CallParts, place: Place, slot: Slot | Tenant) -> CallParts:
    """The same call with a slot where a value was; a text in JSON stays a text."""
    name = cast("str", place[0])
    if name == "path":
        start, end = cast("tuple[int, int]", place[1:])
        if not isinstance(slot, Slot):
            return parts
        return replace(parts, path=f"{parts.path[:start]}{{{slot.value}}}{parts.path[end:]}")
    return replace(parts, **{name: _put(getattr(parts, name), place[1:], slot, in_json=name == "json")})


def _put(tree: Any, place: Place, slot: Slot | Tenant, *, in_json: bool) -> Any:
    if isinstance(tree, AsJson):
        return AsJson(_put(tree.value, place, slot, in_json=True))
    if not place:
        return AsText(slot) if in_json and isinstance(tree, str) and isinstance(slot, Slot) else slot
    key, *rest = place
    if isinstance(tree, list):
        return [_put(one, tuple(rest), slot, in_json=in_json) if at == key else one for at, one in enumerate(tree)]
    return {name: _put(one, tuple(rest), slot, in_json=in_json) if name == key else one for name, one in tree.items()}


def whole_number(value: Any) -> int | None:
    """The number that a value of a call is, also as text."""
    if isinstance(value, bool):
        return None
    text = str(value) if isinstance(value, int | str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def page_places(parts: CallParts) -> list[tuple[Place, int]]:
    """Where the number of a first page (1 or 0, or rows before it) may lie, the likeliest first, with that number."""
    found = [(place, number) for place, value in places(parts) if (number := whole_number(value)) in (0, 1)]
    return sorted(found, key=lambda one: not is_called_page(one[0]))


def is_called_page(place: Place) -> bool:
    """Whether a value is called a page or an offset."""
    return place[0] != "path" and bool(_PAGE_WORDS.search(str(place[-1])))


def size_place(parts: CallParts, size: int) -> Place | None:
    """Where the number of rows a page lies, if one value alone can be it."""
    found = [place for place, value in places(parts) if place[0] != "path" and whole_number(value) == size]
    return found[0] if len(found) == 1 else None


def with_id(parts: CallParts, id_: str) -> CallParts | None:
    """The call with the slot of the id wherever the id stands; None where it stands nowhere."""
    found = [place for place, value in places(parts) if place[0] != "path" and str(value) == id_]
    for place in found:
        parts = with_slot(parts, place, Slot.ID)
    steps = parts.path.split("/")
    if any(unquote(one) == id_ for one in steps):
        found.append(("path",))
        parts = replace(parts, path="/".join("{id}" if unquote(one) == id_ else one for one in steps))
    return parts if found else None


def with_tenant(parts: CallParts, tenant: Mapping[str, str]) -> tuple[CallParts, frozenset[str]]:
    """The call with the register row's tenant where its values stand, and the keys of the tenant that it names."""
    named: set[str] = set()
    for key, value in tenant.items():
        for place in [place for place, said in places(parts) if place[0] != "path" and str(said) == value and value]:
            parts = with_slot(parts, place, Tenant(key))
            named.add(key)
    return parts, frozenset(named)
