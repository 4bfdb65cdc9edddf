"""Resources with their properties, and how they are written as Turtle and as JSON-LD (all contexts inline)."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Union
from urllib.parse import quote

from opendata_spiders.safe_json import safe_json

PREFIXES: Mapping[str, str] = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_NO_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\\x7f-\xa0\u2000-\u200f\u2028-\u202f\u2066-\u2069\ufeff]')
"""Characters that no IRI holds, and those that act on a screen."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Another resource, by its IRI."""

    iri: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, in a language or of a datatype (prefixed) or neither."""

    text: str
    language: str = ""
    datatype: str = ""


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A resource with its properties: pairs of a prefixed name and a value; without an IRI it is a blank node."""

    type: str
    values: tuple[tuple[str, "Value"], ...]
    iri: str = ""


Value = Union[Ref, Literal, GraphNode]  # noqa: UP007 -- refers to a class that refers to it


def iri(text: str) -> str:
    """An address with every character percent-encoded that an IRI may not hold."""
    return _NO_IRI.sub(lambda found: quote(found[0]), text)


def turtle(resources: Iterable[GraphNode]) -> Iterator[str]:
    """The document in pieces: its prefixes, then one resource after the other."""
    for name, address in PREFIXES.items():
        yield f"@prefix {name}: <{address}> .\n"
    for one in resources:
        yield f"\n<{one.iri}> {_properties(one, '    ')} .\n"


def _properties(one: GraphNode, indent: str) -> str:
    lines = [f"a {one.type}", *(f"{name} {_term(value, indent)}" for name, value in one.values)]
    return f" ;\n{indent}".join(lines)


def _term(value: Value, indent: str) -> str:
    if isinstance(value, Ref):
        return f"<{value.iri}>"
    if isinstance(value, GraphNode):
        return f"[ {_properties(value, indent + '    ')} ]"
    text = json.dumps(value.text, ensure_ascii=False)
    text = text if text.isprintable() else "".join(map(_shown, text))
    if value.language:
        return f"{text}@{value.language}"
    return f"{text}^^{value.datatype}" if value.datatype else text


def _shown(char: str) -> str:
    """A character of a quoted text, escaped where it is invisible."""
    if char.isprintable():
        return char
    return f"\\u{ord(char):04X}" if ord(char) < 0x10000 else f"\\U{ord(char):08X}"


def json_ld(resources: Iterable[GraphNode]) -> Iterator[str]:
    """The document in pieces, one resource a line."""
    yield f'{{"@context": {json.dumps(PREFIXES)},\n"@graph": ['
    for before, one in zip(chain(["\n"], iter(lambda: ",\n", None)), resources, strict=False):
        yield before + safe_json(_object(one))
    yield "\n]}\n"


def _object(one: GraphNode) -> dict[str, Any]:
    found: dict[str, Any] = {"@id": one.iri} if one.iri else {}
    found["@type"] = one.type
    for name, value in one.values:
        found.setdefault(name, []).append(_node(value))
    return found


def _node(value: Value) -> dict[str, Any]:
    if isinstance(value, Ref):
        return {"@id": value.iri}
    if isinstance(value, GraphNode):
        return _object(value)
    marks = {"@language": value.language, "@type": value.datatype}
    return {"@value": value.text, **{name: mark for name, mark in marks.items() if mark}}
