"""RDF by rdflib, within limits: no request is sent, no entity is expanded, only the properties we know are kept."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import feature_namespaces
from xml.sax.xmlreader import InputSource

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser
from rdflib import BNode, Graph, Literal, term
from rdflib.plugins.parsers.jsonld import to_rdf
from rdflib.plugins.parsers.rdfxml import RDFXMLHandler
from rdflib.store import Store

from opendata_spiders.dcat.nodes import BLANK, NodeLink, Nodes, TextValue, add, properties
from opendata_spiders.pages.bodies import plain
from opendata_spiders.pages.contract import PageDriftedError, PageError, PageUnreachableError

logging.getLogger("rdflib").setLevel(
    logging.ERROR
)  # it warns of each odd IRI and date, of which portals have thousands


def nodes_of_turtle(text: str, url: str) -> Nodes:
    """Nodes of a Turtle document; relative IRIs count from `url`. Raises PageError."""
    with _reading("Turtle", text, ends=".") as graph:
        graph.parse(data=text, format="turtle", publicID=url)
    return graph.store.nodes


def nodes_of_rdf_xml(text: str, url: str) -> Nodes:
    """Nodes of an RDF/XML document, which declares no entities. Raises PageError."""
    with _reading("RDF/XML", text, ends="RDF>") as graph:
        source = InputSource(url)
        source.setByteStream(io.BytesIO(text.encode("utf-8", "replace")))
        source.setEncoding("utf-8")  # whatever the document says of the bytes that it came in
        handler: Any = RDFXMLHandler(graph)
        handler.setDocumentLocator(source)
        reader = make_parser()
        reader.setFeature(feature_namespaces, True)
        reader.setContentHandler(handler)
        reader.parse(source)
    return graph.store.nodes


def nodes_of_json_ld(found: Any, url: str) -> Nodes:
    """Nodes of a JSON-LD document whose contexts are all in it; raises PageError, also for one that names another."""
    if named := next(_named_contexts(found), ""):
        raise PageDriftedError(
            f"the JSON-LD has its context elsewhere, at {plain(named)}, and nothing is fetched but from the portal: "
            "give the address of its Turtle or RDF/XML as context_path"
        )
    with _reading("JSON-LD") as graph:
        to_rdf(found, graph, base=url)
    return graph.store.nodes


class _KnownProperties(Store):
    """Takes the triples of a parser and keeps the values of known properties: a quarter of what a graph needs."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: Nodes = {}

    def add(self, triple: Any, context: Any = None, quoted: bool = False) -> None:  # noqa: FBT001, FBT002 -- rdflib's
        """Keep a triple of a known property."""
        subject, predicate, value = triple
        if known := properties().get(str(predicate)):
            said = TextValue(str(value), value.language or "") if isinstance(value, Literal) else NodeLink(_key(value))
            add(self.nodes, _key(subject), known.name, said)

    def __len__(self, context: Any = None) -> int:
        return len(self.nodes)


class _Sink(Graph):
    """A graph that is only written to; it needs no names for namespaces."""

    def __init__(self) -> None:
        self.store: _KnownProperties
        super().__init__(store=_KnownProperties(), bind_namespaces="none")

    def bind(self, *arguments: Any, **named: Any) -> None:
        """Forget a prefix."""


def _key(node: Any) -> str:
    return f"{BLANK}{node}" if isinstance(node, BNode) else str(node)


@contextmanager
def _reading(syntax: str, text: str = "", *, ends: str = "") -> Iterator[_Sink]:
    """Yield a graph to parse into; whatever a parser raises becomes a PageError.

    A text that cannot be parsed and does not end as the syntax does was cut off.
    """
    try:
        with _literals_as_written():
            yield _Sink()
    except PageError:
        raise
    except DefusedXmlException as error:
        raise PageDriftedError(
            f"the XML declares entities, which nobody expands here: {type(error).__name__}"
        ) from None
    except RecursionError:
        raise PageDriftedError(f"the {syntax} is nested deeper than can be read") from None
    except Exception as error:  # noqa: BLE001 -- the parsers' own errors have no common class
        said = error.getMessage() if isinstance(error, SAXException) else str(error)
        if not text.rstrip().endswith(ends):
            raise PageUnreachableError(f"the body is cut off after {len(text)} characters of {syntax}") from None
        raise PageDriftedError(f"no {syntax}: {plain(said) or type(error).__name__}") from None


@contextmanager
def _literals_as_written() -> Iterator[None]:
    """Have rdflib keep the text of literals, whatever their datatype.

    It would write dates and numbers in its own way, and parse a literal of rdf:XMLLiteral as XML, entities included.
    """
    conversions = term._toPythonMapping  # noqa: SLF001 -- rdflib has no switch for this
    kept = dict(conversions)
    conversions.clear()
    try:
        yield
    finally:
        conversions.update(kept)


def _named_contexts(found: Any) -> Iterator[str]:
    """Addresses of contexts that are not in the document, at any depth."""
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            for key in ("@context", "@import"):
                held = one.get(key)
                yield from (word for word in (held if isinstance(held, list) else [held]) if isinstance(word, str))
            waiting += one.values()
