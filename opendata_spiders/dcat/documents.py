"""An answer as a document of a catalogue: which syntax it is in, by its content type and its first characters."""

import re
from collections.abc import Mapping
from typing import Any

from opendata_spiders.dcat.catalogue import CataloguePage, catalogue_page
from opendata_spiders.dcat.nodes import Nodes, nodes_of_dcat_us
from opendata_spiders.dcat.rdf import nodes_of_json_ld, nodes_of_rdf_xml, nodes_of_turtle
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import PageBlockedError, PageDriftedError, PageUnreachableError

_TURTLE = re.compile(r"(?:#[^\n]*\n\s*)*(?:@?prefix|@?base|_:|<[a-z][a-z0-9+.-]*:[^<>\s]*>\s)", re.IGNORECASE)
"""How Turtle begins: a directive or the IRI of a node, after comments."""
_XML = re.compile(r"<(?:\?xml|!DOCTYPE|!--|[\w.-]+(?::[\w.-]+)?[\s>/])", re.IGNORECASE)


def read_document(text: str, content_type: str, url: str, language: str) -> CataloguePage:
    """Read the answer of `url`, with texts in `language` where there are any; raises PageError.

    JSON is DCAT-US where it holds a list of datasets and no context of its own (it may name one), else JSON-LD.
    """
    return catalogue_page(_nodes(text.strip(), content_type.partition(";")[0].strip().lower(), url), url, language)


def _nodes(text: str, content_type: str, url: str) -> Nodes:
    is_turtle = "turtle" in content_type or "n-triples" in content_type
    if text[:1] in ("{", "[") and not is_turtle:
        found = bodies.json_value(text)
        return _nodes_of_json(found, url)
    if _XML.match(text) and not (is_turtle and _TURTLE.match(text)):
        if "<html" in text[:2000].lower():
            raise PageBlockedError("HTML where a catalogue in DCAT is due")
        return nodes_of_rdf_xml(text, url)
    if is_turtle or _TURTLE.match(text):
        return nodes_of_turtle(text, url)
    if not text:
        raise PageUnreachableError("an empty body")
    kind, begins = bodies.plain(content_type) or "of no type", bodies.plain(text[:40])
    raise PageDriftedError(f"no syntax of DCAT: the answer is {kind}, and begins with {begins!r}")


def _nodes_of_json(found: Any, url: str) -> Nodes:
    if isinstance(found, Mapping):
        datasets, context = found.get("dataset"), found.get("@context")
        if isinstance(datasets, list) and not isinstance(context, dict | list):
            return nodes_of_dcat_us(datasets)
        if not {"@context", "@graph", "@id", "@type"} & found.keys():
            bodies.check_envelope(found)
            raise PageDriftedError("the JSON is neither DCAT-US, which has a list 'dataset', nor JSON-LD")
    return nodes_of_json_ld(found, url)
