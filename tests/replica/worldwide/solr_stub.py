"""A stub of Apache Solr, as much of it as CKAN's dataset search asks for, on loopback.

Solr is no package of PyPI, Debian or npm. The stub keeps what CKAN indexes in memory and answers CKAN's queries from it:
`/update` (JSON documents, XML deletions by id or query, commits), `/select` (q, fq, sort, start, rows, fl) and `/schema`.
What a query hides is decided by CKAN alone, which asks for `state:active` and `capacity:public`; the stub filters by
whatever is asked. A query in a form that it does not read is answered with HTTP 400, as Solr answers a syntax error.
"""

import json
import re
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


class SolrFault(Enum):
    """What is wrong with a Solr."""

    BROKEN = "answers HTTP 500 to everything, as with a core that could not be loaded"
    SILENT = "closes every connection without an answer"


Document = Mapping[str, Any]
Test = Callable[[Document], bool]
KEY = "index_id"
"""The unique key of CKAN's schema."""


class QuerySyntaxError(ValueError):
    """Raised for a query that the stub does not read; the message becomes Solr's."""


class SolrIndex:
    """The documents that CKAN has indexed, by their key."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}

    def select(self, query: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """Answer a search; raises QuerySyntaxError."""
        one = {name: values[-1] for name, values in query.items()}
        tests = [parsed(text) for text in (one.get("q", "*:*"), *query.get("fq", ())) if text.strip()]
        found = [document for document in self.documents.values() if all(test(document) for test in tests)]
        for field, descending in reversed(_order(one.get("sort", "score desc"))):
            found.sort(key=lambda document: _sortable(document.get(field)), reverse=descending)
        start, rows = int(one.get("start", 0)), int(one.get("rows", 10))
        names = re.split(r"[\s,]+", one.get("fl", "*").strip())
        docs = [_shown(document, names) for document in found[start : start + rows]]
        return {
            "responseHeader": {"status": 0, "QTime": 0},
            "response": {"numFound": len(found), "start": start, "docs": docs},
            "facet_counts": {"facet_queries": {}, "facet_fields": {}},
        }

    def update(self, body: str, content_type: str) -> None:
        """Take in documents, deletions or a commit; raises QuerySyntaxError."""
        if "json" in content_type:
            self.documents |= {document[KEY]: document for document in json.loads(body)}
            return
        order = ET.fromstring(body)  # noqa: S314 -- what CKAN sends
        if order.tag not in ("delete", "commit", "optimize"):
            raise QuerySyntaxError(f"Unknown XML command <{order.tag}>")
        for part in order if order.tag == "delete" else ():
            text = part.text or ""
            test = parsed(text) if part.tag == "query" else lambda document, id_=text: document[KEY] == id_
            self.documents = {key: document for key, document in self.documents.items() if not test(document)}


class SolrStub:
    """The server of an index; `url` is what CKAN calls `solr_url`. Use it as a context manager."""

    def __init__(self, schema: str) -> None:
        """`schema` is the name that CKAN expects of the schema, such as `ckan-2.12`."""
        self.schema = schema
        self.index = SolrIndex()
        self.fault: SolrFault | None = None
        self.before_select: Callable[[Mapping[str, Sequence[str]]], None] = lambda query: None
        """Called with the query of each search before it is answered, in the thread that answers."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/solr/ckan"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def parsed(text: str) -> Test:
    """Read a query of Lucene's classic syntax: clauses `field:value`, `"phrases"`, groups, `+`, `AND` and `OR`.

    Clauses side by side must all hold. Raises QuerySyntaxError for anything else, a text without a field among it.
    """
    words = list(_words(text))
    test = _alternatives(words, "")
    if words:
        raise QuerySyntaxError(f"Cannot parse {text!r}: unexpected {words[0]!r}")
    return test


_WORD = re.compile(r'\s*(?:([()])|\+|(AND|OR)(?=[\s(])|(\w[\w.-]*|\*):(?!\s)|"([^"]*)"|([^\s()":+!\[{-][^\s()":+]*))')


def _words(text: str) -> Iterator[tuple[str, str]]:
    """The words of a query as pairs of kind and text; a leading `+` says nothing, since all clauses must hold."""
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _WORD.match(text, at)
        if not found:
            raise QuerySyntaxError(f"Cannot parse {text!r} at {at}")
        at = found.end()
        for kind, word in zip(("bracket", "operator", "field", "value", "value"), found.groups(), strict=True):
            if word is not None:
                yield kind, word


def _alternatives(words: list[tuple[str, str]], field: str) -> Test:
    tests = [_conjunction(words, field)]
    while words and words[0] == ("operator", "OR"):
        words.pop(0)
        tests.append(_conjunction(words, field))
    return lambda document: any(test(document) for test in tests)


def _conjunction(words: list[tuple[str, str]], field: str) -> Test:
    tests = []
    while words and words[0] not in (("operator", "OR"), ("bracket", ")")):
        if words[0] == ("operator", "AND"):
            words.pop(0)
        tests.append(_clause(words, field))
    if not tests:
        raise QuerySyntaxError("Cannot parse an empty clause")
    return lambda document: all(test(document) for test in tests)


def _clause(words: list[tuple[str, str]], field: str) -> Test:
    kind, word = words.pop(0) if words else ("end", "the end of the query")
    if kind == "field":
        return _clause(words, word)
    if (kind, word) == ("bracket", "("):
        test = _alternatives(words, field)
        if not words or words.pop(0) != ("bracket", ")"):
            raise QuerySyntaxError("Cannot parse: a bracket is not closed")
        return test
    if kind != "value" or not field:
        raise QuerySyntaxError(f"Cannot parse: {word!r} without a field, which the stub does not search for")
    if word == "*":
        return lambda document: field == "*" or field in document
    return lambda document: word in _texts(document.get(field))


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in values]


def _order(text: str) -> list[tuple[str, bool]]:
    """Fields to sort by, each with whether it is descending; all documents have one score."""
    order = []
    for part in filter(str.strip, text.split(",")):
        field, _, direction = part.strip().partition(" ")
        if direction.strip() not in ("asc", "desc"):
            raise QuerySyntaxError(f"Can't determine a Sort Order (asc or desc) in sort spec {text!r}")
        if field != "score":
            order.append((field, direction.strip() == "desc"))
    return order


def _sortable(value: Any) -> tuple[bool, str]:
    return value is None, str(value)


def _shown(document: Document, names: Sequence[str]) -> Document:
    return document if "*" in names else {name: document[name] for name in names if name in document}


def _handler(stub: SolrStub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._answer("")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

        def _answer(self, body: str) -> None:
            if stub.fault is SolrFault.SILENT:
                self.close_connection = True
                return
            if stub.fault is SolrFault.BROKEN:
                self._send(500, {"error": {"code": 500, "msg": "SolrCore 'ckan' is not available"}})
                return
            asked = urlsplit(self.path)
            what = asked.path.removeprefix("/solr/ckan").strip("/")
            try:
                if what == "select":
                    query = parse_qs(asked.query or body)
                    stub.before_select(query)
                    self._send(200, stub.index.select(query))
                elif what == "update":
                    stub.index.update(body, self.headers.get("Content-Type", ""))
                    self._send(200, {"responseHeader": {"status": 0}})
                elif what == "schema":
                    self._send(200, f'<schema name="{stub.schema}"/>', "application/xml")
                else:
                    self._send(404, {"error": {"code": 404, "msg": f"no handler for /{what}"}})
            except QuerySyntaxError as error:
                self._send(400, {"error": {"code": 400, "msg": str(error)}})

        def _send(self, status: int, said: Any, content_type: str = "application/json") -> None:
            body = (said if isinstance(said, str) else json.dumps(said)).encode()
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
