"""One document of a catalogue as a page of a list: its datasets, its total, and the page after it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

from opendata_spiders.dcat.nodes import BLANK, NodeLink, Nodes, TextValue, Value, properties
from opendata_spiders.dcat.policy import catalogue_policy
from opendata_spiders.fetching.addresses import place_of
from opendata_spiders.items import RawValues
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import ListRow, PageDriftedError, PageUnreachableError
from opendata_spiders.policy import policy
from opendata_spiders.store.fields import fields

FIELDS = (
    *dict.fromkeys(one.field for one in properties().values() if one.field),
    *("formats", "contact_email", "contact_phone"),
)
"""The fields that a dataset may have, of store/fields.csv."""
_NAMES = ("name", "prefLabel", "label", "fn", "title")
"""Properties that hold the name of a node, the first that is filled counts."""
_CONTACT = (("contact_email", "hasEmail", "mailto:"), ("contact_phone", "hasTelephone", "tel:"))
_SCHEMES = ("https://", "http://")
_LONGEST = 2_000
"""Characters of an address above which it is none."""


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """What one document holds."""

    rows: tuple[ListRow, ...]
    pages: dict[str, str] = field(default_factory=dict)
    """The page for people by native id, where the document names one."""
    declared: int | None = None
    without_id: int = 0
    following: str = ""
    """Address of the page after this one; empty for the last, and for a catalogue in one document."""
    oddities: tuple[str, ...] = ()


def catalogue_page(nodes: Nodes, url: str, language: str) -> CataloguePage:
    """Read the nodes of the document at `url`; texts in `language` where there are any.

    1. The datasets are those that a catalogue links to (`dcat:dataset`).
    2. The native id is the IRI, or the identifier of a dataset that has none, without the scheme of an address: a move
       to https renames nothing. A dataset that has neither is counted as one without id.
    3. A catalogue of which most datasets are not described is cut off: Turtle may end between two statements.

    Raises PageDriftedError for a document without a catalogue, PageUnreachableError for one that is cut off.
    """
    linked = dict.fromkeys(
        link.node for node in nodes.values() for link in node.get("dataset", ()) if isinstance(link, NodeLink)
    )
    if not linked and not any(_is_catalogue(node.get("type", ())) for node in nodes.values()):
        raise PageDriftedError("the document holds no dcat:Catalog and names no dataset: this is no catalogue in DCAT")
    described = [key for key in linked if key in nodes]
    if len(described) < policy().complete_share * len(linked):
        said = f"the document describes {len(described)} of the {len(linked)} datasets that its catalogue names"
        raise PageUnreachableError(f"{said}: it is cut off, or lists links alone")
    read = [_Dataset(nodes, key, language) for key in described]
    keyed = [one for one in read if one.id]
    total, oddities = _total(nodes)
    return CataloguePage(
        tuple(ListRow(one.id, one.values, one.body) for one in keyed),
        {one.id: one.page for one in keyed if one.page},
        total,
        len(linked) - len(keyed),
        _following(nodes, url),
        oddities,
    )


def _is_catalogue(types: Iterable[Value]) -> bool:
    return any(str(one[0]).rpartition("#")[2] == "Catalog" for one in types)


def _total(nodes: Nodes) -> tuple[int | None, tuple[str, ...]]:
    """The total that the document prints, if it prints one."""
    printed = {one[0] for node in nodes.values() for one in node.get("totalItems", ())}
    if len(printed) != 1:
        return None, ("the document prints several totals",) if printed else ()
    return bodies.total(printed.pop())


def _following(nodes: Nodes, url: str) -> str:
    """The address of the next page; raises PageDriftedError where the document names several, or none that is one."""
    named = {one[0].strip() for node in nodes.values() for one in node.get("next", ())}
    if not named:
        return ""
    try:
        address = urljoin(url, named.pop())
    except ValueError:
        address = ""
    if named or place_of(address) is None:
        raise PageDriftedError("the document names no single address as its next page")
    return address


def _iri(node: str) -> str:
    return "" if node.startswith(BLANK) else node


@dataclass(frozen=True)
class _Dataset:
    """One dataset of a document.

    A graph has no order: all values are sorted, so that the same graph reads the same every night.
    """

    nodes: Nodes
    key: str
    language: str

    @cached_property
    def id(self) -> str:
        named = _iri(self.key) or min(self._texts(self.key, "identifier"), default="")
        return bodies.native_id(named.removeprefix(next((one for one in _SCHEMES if named.startswith(one)), "")))

    @cached_property
    def page(self) -> str:
        """The page for people: the landing page, else the IRI; empty where neither is an address of the web."""
        named = [self._code(one) for one in self._of(self.key, "landingPage")]
        return next((one for one in (*sorted(named), self.key) if len(one) < _LONGEST and place_of(one)), "")

    @cached_property
    def values(self) -> RawValues:
        """Raw values by field; a property without a value is left out."""
        read: RawValues = {}
        for one in properties().values():
            if one.field and one.field not in read and (found := self._taken(one.name, one.taken)):
                many = fields()[one.field].many
                read[one.field] = [*map(bodies.whole, found)] if many else bodies.whole(found[0])
        parts = self._linked("distribution")
        if "updated" not in read and (dates := [date for one in parts for date in self._texts(one, "modified")]):
            read["updated"] = max(dates)
        if "open_condition" not in read and (terms := self._first_license(parts)):
            read["open_condition"] = terms
        if kinds := sorted({kind for one in parts for kind in self._formats(one)}):
            read["formats"] = kinds
        for name, property_, scheme in _CONTACT:
            if said := self._contact(property_, scheme):
                read[name] = said
        return read

    @cached_property
    def body(self) -> str:
        """The dataset as it was read, as JSON: properties in the order of their names, linked nodes by their names."""
        shown: dict[str, Any] = {"@id": self.key} if _iri(self.key) else {}
        for name, held in sorted(self.nodes[self.key].items()):
            shown[name] = sorted(map(self._name, held))
        if "distribution" in shown:
            shown["distribution"] = [self._part(one) for one in self._linked("distribution")]
        return bodies.json_text(shown)

    def _part(self, node: str) -> dict[str, Any]:
        parts = {name: sorted(map(self._name, self._of(node, name))) for name in ("format", "mediaType", "modified")}
        return {"@id": _iri(node), **{name: held for name, held in parts.items() if held}}

    def _taken(self, name: str, taken: str) -> Sequence[str]:
        held = self._of(self.key, name)
        match taken:
            case "name" | "names":
                return sorted({said for one in held if (said := self._name(one))})
            case "code":
                return sorted({said for one in held if (said := self._code(one))})
            case "texts":
                return self._texts(self.key, name, also_untagged=True)
            case "newest":
                return self._texts(self.key, name)[::-1]
        return self._texts(self.key, name)

    def _formats(self, node: str) -> list[str]:
        found = ([self._name(one) for one in self._of(node, name)] for name in ("format", "mediaType"))
        return next((kinds for kinds in found if any(kinds)), [])

    def _first_license(self, parts: Sequence[str]) -> str:
        return min(
            (said for one in parts for held in self._of(one, "license") if (said := self._name(held))), default=""
        )

    def _contact(self, name: str, scheme: str) -> str:
        """How a contact can be reached: the first of all that are named, without the scheme of its address."""
        held = [value for one in self._linked("contactPoint") for value in self._of(one, name)]
        given = [inner for one in held for inner in (self._of(one[0], "hasValue") or (one,))]
        return min((said for one in given if (said := self._code(one).removeprefix(scheme))), default="")

    def _linked(self, name: str) -> list[str]:
        """The nodes that a property of the dataset links to, sorted."""
        return sorted({one.node for one in self._of(self.key, name) if isinstance(one, NodeLink)})

    def _of(self, node: str, name: str) -> Sequence[Value]:
        return self.nodes.get(node, {}).get(name, ())

    def _name(self, value: Value) -> str:
        """A text, or the name of a node, else its IRI."""
        return value.text.strip() if isinstance(value, TextValue) else self._named(value.node) or _iri(value.node)

    def _code(self, value: Value) -> str:
        """A text, or the IRI of a node; of a node without one its name."""
        return value.text.strip() if isinstance(value, TextValue) else _iri(value.node) or self._named(value.node)

    def _named(self, node: str) -> str:
        found = (texts for name in _NAMES if (texts := self._texts(node, name)))
        return bodies.whole(next(found, [""])[0][: catalogue_policy().shared_chars])

    def _texts(self, node: str, name: str, *, also_untagged: bool = False) -> list[str]:
        """Texts of a property, sorted: those in the language asked for, else without one, else of the first tag."""
        spoken: dict[str, set[str]] = {}
        for one in self._of(node, name):
            if isinstance(one, TextValue) and one.text.strip():
                spoken.setdefault(one.language.casefold(), set()).add(one.text.strip())
        if not spoken:
            return []
        best = min(spoken, key=lambda tag: (*self._distance(tag), tag))
        return sorted(spoken[best] | (spoken.get("", set()) if also_untagged else set()))

    def _distance(self, tag: str) -> tuple[bool, bool, bool]:
        wanted = self.language.casefold()
        return tag != wanted, tag.partition("-")[0] != wanted.partition("-")[0], bool(tag)
