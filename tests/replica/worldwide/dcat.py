"""Catalogues in DCAT, written from the specifications: DCAT-US 1.1 (resources.data.gov), DCAT-AP 3 (SEMICeu), Hydra Core.

Every syntax is written here by hand and says the same of the same datasets; nothing of the reader is used.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from xml.sax.saxutils import escape

from tests.replica.wire import Reply
from tests.replica.worldwide.playing import Query, WorldPortal

FREQUENCY = "http://publications.europa.eu/resource/authority/frequency/MONTHLY"
ACCESS = "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
PREFIXES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
}


class Syntax(StrEnum):
    """Where a catalogue lies in each syntax."""

    US = "/data.json"
    JSON_LD = "/catalog.jsonld"
    TURTLE = "/catalog.ttl"
    RDF_XML = "/catalog.rdf"


@dataclass(frozen=True)
class DcatEntry:
    """One dataset with every property that is read."""

    number: int
    title: str
    padding: str = ""

    @property
    def iri(self) -> str:
        return f"https://data.clearwater.example/dataset/{self.number}"

    @property
    def description(self) -> str:
        return f'All of number {self.number}, with "quotes" & <marks>.{self.padding}'

    @property
    def modified(self) -> str:
        return f"2026-{self.number % 12 + 1:02}-15T08:30:00+00:00"

    @property
    def page(self) -> str:
        return f"https://data.clearwater.example/pages/{self.number}"


def dcat_entries(count: int, padding: str = "") -> list[DcatEntry]:
    """The first datasets of the catalogue."""
    return [DcatEntry(number, f"Dataset {number} – 数据", padding) for number in range(count)]


@dataclass(frozen=True)
class View:
    """One page of a catalogue, as Hydra describes it."""

    address: str
    following: str = ""
    total: int | None = None


@dataclass
class DcatPortal(WorldPortal):
    """A portal that publishes its catalogue in one syntax, whole or in pages."""

    held: Sequence[DcatEntry]
    syntax: Syntax = Syntax.US
    page_size: int = 0
    """Datasets a page; 0 for a catalogue in one document."""
    prints_total: bool = True
    first_draft: bool = False
    """Whether Hydra is written as its first drafts have it (`nextPage`, as a text)."""
    following: dict[int, str] = field(default_factory=dict)
    """Address that a page names as the next one, in place of the right one."""
    replies: dict[int, Callable[[Reply], Reply]] = field(default_factory=dict)
    """What is sent in place of a page."""
    asked: list[str] = field(default_factory=list)
    """Paths that were asked for."""
    home: str = ""

    def answer(self, path: str, query: Query, headers: Mapping[str, str]) -> Reply | None:
        """Answer a request; None for an address that there is not."""
        self.asked.append(path)
        if path != self.syntax:
            return None
        base_url = f"http://{headers['host']}"
        number, size = int(query.get("page", 1)), self.page_size or len(self.held) or 1
        rows = self.held[(number - 1) * size : number * size]
        following = f"{base_url}{path}?page={number + 1}" if number * size < len(self.held) else ""
        view = View(
            f"{base_url}{path}?page={number}",
            self.following.get(number, following),
            len(self.held) if self.prints_total else None,
        )
        text, kind = _WRITERS[self.syntax]
        body = text(rows, view if self.page_size else None, "nextPage" if self.first_draft else "next")
        return self.replies.get(number, lambda reply: reply)(Reply(body.encode(), f"{kind}; charset=utf-8"))


# --- the syntaxes -----------------------------------------------------------------------------------------------------


def _us(rows: Sequence[DcatEntry], _view: View | None, _next: str) -> str:
    return json.dumps({
        "@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld", "@type": "dcat:Catalog",
        "conformsTo": "https://project-open-data.cio.gov/v1.1/schema",
        "dataset": [{
            "@type": "dcat:Dataset", "identifier": one.iri, "title": one.title, "description": one.description,
            "keyword": ["city", f"word {one.number % 5}"], "theme": ["Environment"], "issued": "2020-01-02",
            "modified": one.modified, "accrualPeriodicity": FREQUENCY, "accessLevel": ACCESS, "license": LICENCE,
            "publisher": {"@type": "org:Organization", "name": "Parks & Rivers"}, "landingPage": one.page,
            "contactPoint": {"fn": "Desk", "hasEmail": "mailto:desk@clearwater.example", "hasTelephone": "tel:+1-555"},
            "distribution": [{"@type": "dcat:Distribution", "format": "CSV"}, {"mediaType": "application/json"}],
        } for one in rows],
    }, ensure_ascii=False)  # fmt: skip


def _json_ld(rows: Sequence[DcatEntry], view: View | None, next_: str) -> str:
    graph: list[dict[str, object]] = [
        {
            "@id": "https://data.clearwater.example/", "@type": "dcat:Catalog",
            "dcat:dataset": [{"@id": one.iri} for one in rows],
        },
        *({
            "@id": one.iri, "@type": "dcat:Dataset", "dct:title": {"@language": "en", "@value": one.title},
            "dct:description": one.description, "dcat:keyword": ["city", f"word {one.number % 5}"],
            "dcat:theme": {"foaf:name": "Environment"}, "dct:issued": "2020-01-02",
            "dct:modified": {"@type": "http://www.w3.org/2001/XMLSchema#dateTime", "@value": one.modified},
            "dct:accrualPeriodicity": {"@id": FREQUENCY}, "dct:accessRights": {"@id": ACCESS}, "dct:license": {"@id": LICENCE},
            "dct:publisher": {"@id": "https://data.clearwater.example/o/1"}, "dcat:landingPage": {"@id": one.page},
            "dcat:contactPoint": {
                "vcard:fn": "Desk", "vcard:hasEmail": {"@id": "mailto:desk@clearwater.example"},
                "vcard:hasTelephone": {"vcard:hasValue": {"@id": "tel:+1-555"}},
            },
            "dcat:distribution": [{"dct:format": "CSV"}, {"dcat:mediaType": "application/json"}],
        } for one in rows),
        {"@id": "https://data.clearwater.example/o/1", "foaf:name": "Parks & Rivers"},
    ]  # fmt: skip
    if view:
        page: dict[str, object] = {"@id": view.address, "@type": "hydra:PartialCollectionView"}
        page |= {f"hydra:{next_}": view.following} if view.following else {}
        graph.append(page | ({"hydra:totalItems": view.total} if view.total is not None else {}))
    return json.dumps({"@context": PREFIXES, "@graph": graph}, ensure_ascii=False)


def _turtle(rows: Sequence[DcatEntry], view: View | None, next_: str) -> str:
    lines = [f"@prefix {name}: <{iri}> ." for name, iri in PREFIXES.items()]
    if view:
        lines.append(f"<{view.address}> a hydra:PagedCollection .")
        shown = f'"{view.following}"' if next_ == "nextPage" else f"<{view.following}>"
        lines += [f"<{view.address}> hydra:{next_} {shown} ."] if view.following else []
        lines += [f"<{view.address}> hydra:totalItems {view.total} ."] if view.total is not None else []
    lines.append("<https://data.clearwater.example/> a dcat:Catalog .")
    for one in rows:
        lines.append(f"<https://data.clearwater.example/> dcat:dataset <{one.iri}> .")
        lines.append(
            f"<{one.iri}> a dcat:Dataset ; dct:title {json.dumps(one.title, ensure_ascii=False)}@en ;"
            f' dct:description {json.dumps(one.description)} ; dcat:keyword "city", "word {one.number % 5}" ;'
            f' dcat:theme [ foaf:name "Environment" ] ; dct:issued "2020-01-02" ; dct:modified "{one.modified}" ;'
            f" dct:accrualPeriodicity <{FREQUENCY}> ; dct:accessRights <{ACCESS}> ; dct:license <{LICENCE}> ;"
            f' dct:publisher [ foaf:name "Parks & Rivers" ] ; dcat:landingPage <{one.page}> ;'
            " dcat:contactPoint [ vcard:hasEmail <mailto:desk@clearwater.example> ; vcard:hasTelephone <tel:+1-555> ] ;"
            ' dcat:distribution [ dct:format "CSV" ], [ dcat:mediaType "application/json" ] .'
        )
    return "\n".join(lines) + "\n"


def _rdf_xml(rows: Sequence[DcatEntry], view: View | None, next_: str) -> str:
    spaces = " ".join(f'xmlns:{name}="{iri}"' for name, iri in PREFIXES.items())
    parts = [f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF {spaces}>']
    if view:
        parts.append(f'<hydra:PagedCollection rdf:about="{escape(view.address)}">')
        parts += [f'<hydra:{next_} rdf:resource="{escape(view.following)}"/>'] if view.following else []
        parts += [f"<hydra:totalItems>{view.total}</hydra:totalItems>"] if view.total is not None else []
        parts.append("</hydra:PagedCollection>")
    parts.append('<dcat:Catalog rdf:about="https://data.clearwater.example/">')
    parts += [
        f'<dcat:dataset><dcat:Dataset rdf:about="{one.iri}"><dct:title xml:lang="en">{escape(one.title)}</dct:title>'
        f"<dct:description>{escape(one.description)}</dct:description><dcat:keyword>city</dcat:keyword>"
        f"<dcat:keyword>word {one.number % 5}</dcat:keyword><dcat:theme>Environment</dcat:theme>"
        f"<dct:issued>2020-01-02</dct:issued><dct:modified>{one.modified}</dct:modified>"
        f'<dct:accrualPeriodicity rdf:resource="{FREQUENCY}"/><dct:accessRights rdf:resource="{ACCESS}"/>'
        f'<dct:license rdf:resource="{LICENCE}"/><dcat:landingPage rdf:resource="{one.page}"/>'
        "<dct:publisher><foaf:Organization><foaf:name>Parks &amp; Rivers</foaf:name></foaf:Organization></dct:publisher>"
        '<dcat:contactPoint><vcard:Organization><vcard:hasEmail rdf:resource="mailto:desk@clearwater.example"/>'
        '<vcard:hasTelephone rdf:resource="tel:+1-555"/></vcard:Organization></dcat:contactPoint>'
        "<dcat:distribution><dcat:Distribution><dct:format>CSV</dct:format></dcat:Distribution></dcat:distribution>"
        "<dcat:distribution><dcat:Distribution><dcat:mediaType>application/json</dcat:mediaType></dcat:Distribution>"
        "</dcat:distribution></dcat:Dataset></dcat:dataset>"
        for one in rows
    ]
    return "\n".join([*parts, "</dcat:Catalog></rdf:RDF>"])


_WRITERS: Mapping[Syntax, tuple[Callable[[Sequence[DcatEntry], View | None, str], str], str]] = {
    Syntax.US: (_us, "application/json"),
    Syntax.JSON_LD: (_json_ld, "application/ld+json"),
    Syntax.TURTLE: (_turtle, "text/turtle"),
    Syntax.RDF_XML: (_rdf_xml, "application/rdf+xml"),
}
