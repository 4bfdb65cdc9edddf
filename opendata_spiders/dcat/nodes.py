"""What every syntax of DCAT is read into: nodes, each with the values of the properties that we know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from opendata_spiders.tables import Tables

BLANK = "_:"
"""What the key of a node without an IRI begins with; it means the same node within one document only."""


class TextValue(NamedTuple):
    """A literal: its text as written, whatever its datatype, and its language tag."""

    text: str
    language: str = ""


class NodeLink(NamedTuple):
    """A link to a node."""

    node: str


Value = TextValue | NodeLink
Nodes = dict[str, dict[str, list[Value]]]
"""Key of a node (its IRI, or a blank one), name of a property in properties.csv, the values in their order."""


@dataclass(frozen=True, slots=True)
class Property:
    """One row of properties.csv; several may have the same name."""

    iri: str
    name: str
    field: str
    """The field of a dataset that it fills, as in store/fields.csv; empty where it takes more than one row to say."""
    taken: str
    """How: text, texts, name (of the node that it links to), names, code (the node's IRI), newest (of dates)."""


@cache
def properties() -> Mapping[str, Property]:
    """The properties by IRI. Raises TableError."""
    return Tables("opendata_spiders.dcat").records(Property, "properties", "iri")


def add(nodes: Nodes, node: str, name: str, value: Value) -> None:
    """Add a value of a property."""
    nodes.setdefault(node, {}).setdefault(name, []).append(value)


def nodes_of_dcat_us(datasets: Sequence[Any]) -> Nodes:
    """Nodes of the datasets of a catalogue in the JSON of DCAT-US, whose keys are the names of our properties.

    An object within a dataset is a blank node; an entry that is no object is one, too, of which nothing is said.
    """
    nodes: Nodes = {}
    add(nodes, f"{BLANK}catalogue", "type", TextValue("Catalog"))
    for number, entry in enumerate(datasets):
        key = f"{BLANK}{number}"
        add(nodes, f"{BLANK}catalogue", "dataset", NodeLink(key))
        nodes[key] = {}
        if isinstance(entry, dict):
            _add_object(nodes, key, entry)
    return nodes


def _add_object(nodes: Nodes, key: str, entry: Mapping[str, Any]) -> None:
    known = {one.name for one in properties().values()}
    for name, held in entry.items():
        if name not in known:
            continue
        for number, value in enumerate(held if isinstance(held, list) else [held]):
            if isinstance(value, dict):
                inner = f"{key}/{name}/{number}"
                _add_object(nodes, inner, value)
                add(nodes, key, name, NodeLink(inner))
            elif isinstance(value, str | int | float) and not isinstance(value, bool):
                add(nodes, key, name, TextValue(str(value)))
