"""One document of a catalogue: every syntax says the same, ids and languages are chosen by rule, and hostile ones end."""

import json
import logging
from contextlib import suppress
from pathlib import Path

import pytest
from bson import encode
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import TextResponse

from opendata_spiders.dcat import apart
from opendata_spiders.dcat.apart import outcome, read_bounded
from opendata_spiders.dcat.catalogue import FIELDS, CataloguePage
from opendata_spiders.dcat.documents import read_document
from opendata_spiders.dcat.policy import CataloguePolicy, catalogue_policy
from opendata_spiders.families.dcat import DcatSpider
from opendata_spiders.pages.contract import PageDriftedError, PageError
from tests.families.goldens import FIXTURES, loader
from tests.replica.worldwide.dcat import DcatPortal, Syntax, dcat_entries

URL = "https://data.clearwater.example/catalogue"
TYPES = {"ttl": "text/turtle", "xml": "application/rdf+xml", "json": "application/ld+json"}
GOLDENS = [
    path
    for name in ("list_plain", "list_jsonld", "list_turtle", "list_rdf_xml")
    for path in (FIXTURES / "dcat" / name).glob("body.*")
]
HEAD = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . <c> a dcat:Catalog ; dcat:dataset <d/1> . <d/1> """
PAGE = {
    syntax: DcatPortal(dcat_entries(12), syntax, page_size=0 if syntax is Syntax.US else 10).answer(
        syntax, {}, {"host": "x.example"}
    )
    for syntax in Syntax
}


def read(text: str, kind: str = "", language: str = "en") -> CataloguePage:
    return read_document(text, kind, URL, language)


def values(turtle: str, language: str = "en"):
    (row,) = read(f"{HEAD} {turtle} .", language=language).rows
    return row.values


@pytest.mark.parametrize("syntax", Syntax)
@pytest.mark.parametrize("kind", ["as it is", "text/plain", "application/octet-stream", ""])
def test_every_syntax_says_the_same_whatever_type_is_declared(syntax: Syntax, kind: str):
    reply = PAGE[syntax]
    page = read(reply.body.decode(), reply.content_type if kind == "as it is" else kind)
    entries = dcat_entries(12 if syntax is Syntax.US else 10)
    assert [(row.id, row.values) for row in page.rows] == [
        (
            one.iri.removeprefix("https://"),
            {
                "title": one.title,
                "description": one.description,
                "office": "Parks & Rivers",
                "theme": ["Environment"],
                "tags": ["city", f"word {one.number % 5}"],
                "frequency": "http://publications.europa.eu/resource/authority/frequency/MONTHLY",
                "open_type": "http://publications.europa.eu/resource/authority/access-right/PUBLIC",
                "open_condition": "https://creativecommons.org/licenses/by/4.0/",
                "published": "2020-01-02",
                "updated": one.modified,
                "formats": ["CSV", "application/json"],
                "contact_email": "desk@clearwater.example",
                "contact_phone": "+1-555",
            },
        )
        for one in entries
    ]
    assert page.rows[0].values.keys() == set(FIELDS)
    assert page.pages == {one.iri.removeprefix("https://"): one.page for one in entries}
    assert (page.declared, page.following) == (
        (None, "") if syntax is Syntax.US else (12, f"http://x.example{syntax}?page=2")
    )
    assert (page.without_id, page.oddities) == (0, ())


@pytest.mark.parametrize("name", ["body.ttl", "body.json"])
def test_a_body_of_another_syntax_than_its_type_is_read_by_its_first_characters(name: str):
    (body,) = [path for path in GOLDENS if path.name == name][-1:]
    assert read(body.read_text("utf-8"), "application/rdf+xml").rows


@pytest.mark.parametrize(
    ("language", "title", "tags"),
    [
        ("zh", "公园", ["parks", "公园"]),
        ("zh-Hant", "公园", ["parks", "公园"]),
        ("de", "Parks", ["parks"]),
        ("fr", "Parcs", ["parcs", "parks"]),
        ("", "Parks", ["parks"]),
    ],
)
def test_the_row_s_language_counts_then_none_then_the_first(language, title, tags):
    found = values('dct:title "Parcs"@fr, "公园"@zh, "Parks" ; dcat:keyword "parcs"@fr, "parks", "公园"@zh', language)
    assert (found["title"], found["tags"]) == (title, tags)
    assert values('dct:title "Parcs"@fr, "公园"@zh', "de")["title"] == "Parcs"


@pytest.mark.parametrize(
    ("catalogue", "ids"),
    [
        ("<http://a.example/1>", ["a.example/1"]),
        ("<https://a.example/1>", ["a.example/1"]),
        ("<urn:uuid:7>", ["urn:uuid:7"]),
        ('[ dct:title "x" ; dct:identifier "b", "a" ]', ["a"]),
        ('[ dct:title "x" ; dct:identifier "https://a.example/1" ]', ["a.example/1"]),
    ],
)
def test_the_id_is_the_iri_without_its_scheme_else_the_identifier(catalogue, ids):
    text = HEAD.partition("<c>")[0] + f"<c> a dcat:Catalog ; dcat:dataset {catalogue} . "
    text += f'{catalogue} dct:title "x" .' if catalogue.startswith("<") else ""
    assert [row.id for row in read(text).rows] == ids


def test_a_dataset_without_iri_and_identifier_is_counted():
    page = read(f'{HEAD} dct:title "x" . <c> dcat:dataset [ dct:title "y" ] .')
    assert ([row.id for row in page.rows], page.without_id) == (["data.clearwater.example/d/1"], 1)


def test_the_newest_date_of_a_distribution_stands_in_for_the_dataset_s():
    parts = 'dcat:distribution [ dct:modified "2026-01-02" ], [ dct:modified "2026-03-01" ]'
    assert values(f'dct:title "x" ; {parts}')["updated"] == "2026-03-01"
    assert values(f'dct:title "x" ; dct:modified "2025-01-01" ; {parts}')["updated"] == "2025-01-01"


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("https://www.clearwater.example/parks", "https://www.clearwater.example/parks"),
        ("javascript:alert(1)", "https://data.clearwater.example/d/1"),
        ("https://user@x.example/", "https://data.clearwater.example/d/1"),
        ("https://x.example/" + "a" * 3000, "https://data.clearwater.example/d/1"),
    ],
)
def test_the_page_for_people_is_an_address_of_the_web(address: str, page: str):
    assert read(f'{HEAD} dct:title "x" ; dcat:landingPage <{address}> .').pages == {"data.clearwater.example/d/1": page}


def test_the_language_is_that_of_the_register_s_row(answer):
    portal = loader().register.get("guiyang")
    spider = type("Dcat", (DcatSpider,), {"portal": portal})(base_url="https://data.clearwater.example")
    (row,) = spider.parse_list(answer(f'{HEAD} dct:title "Parks", "公园"@zh .', url=URL)).rows
    assert row.values["title"] == "公园"


def test_literals_are_kept_as_written_whatever_their_datatype():
    found = values('dct:title "x" ; dct:modified "2026-1-5"^^<http://www.w3.org/2001/XMLSchema#date>')
    assert found["updated"] == "2026-1-5"
    assert values('dct:title "007"^^<http://www.w3.org/2001/XMLSchema#integer>')["title"] == "007"


# --- hostile documents ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD} dct:title " + "[ dct:title " * 20_000 + '"x"' + " ]" * 20_000 + " .",
        f"{HEAD} dct:title " + "( " * 20_000 + ")" * 20_000 + " .",
        '{"@context": {}, "@graph": ' + '[{"@graph": ' * 20_000 + "1" + "}]" * 20_000 + "}",
        '{"dataset": [{"identifier": "a", "publisher": ' + '{"publisher": ' * 900 + "1" + "}" * 900 + "}]}",
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>" + "<rdf:Description>" * 5_000,
        f'{HEAD} dct:title """{"x" * 900_000}',
        "#" * 900_000,
        "# \n" * 200_000,
        "@prefix a: <b> . " * 30_000,
    ],
    ids=lambda text: text[-20:],
)
def test_a_document_made_to_cost_time_is_read_or_refused(text: str):
    """Times are not asserted: what grows with the square of these does not end within the tests' time limit."""
    with suppress(PageError):
        read(text)


@pytest.mark.parametrize("datatype", ["rdf:XMLLiteral", "rdf:HTML"])
def test_markup_in_a_literal_is_not_parsed(datatype: str):
    inner = '<!DOCTYPE a [<!ENTITY b \\"ha\\"><!ENTITY c \\"&b;&b;\\">]><a>&c;</a>'
    assert values(f'dct:title "{inner}"^^{datatype}')["title"] == inner.replace("\\", "")


@pytest.mark.parametrize(
    "context",
    [
        '"http://x.example/c"',
        '["http://x.example/c"]',
        '{"@import": "http://x.example/c"}',
        '{"a": {"@id": "b:c", "@context": "d"}}',
    ],
)
def test_a_context_elsewhere_is_refused_wherever_it_is_named(context: str):
    with pytest.raises(PageDriftedError, match="context elsewhere"):
        read(f'{{"@graph": [{{"@id": "http://x.example/1", "@context": {context}}}]}}')


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: path.parent.name)
@settings(max_examples=60)
@given(st.data())
def test_any_torn_document_is_read_or_refused(path: Path, data):
    text = path.read_text("utf-8")
    at, gone = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 40))
    put = data.draw(st.text(st.characters(exclude_categories=()), max_size=8) | st.sampled_from(list("<>{}[]\"'.;&")))
    check(text[:at] + put + text[at + gone :], TYPES[path.suffix[1:]])


@settings(max_examples=150)
@given(st.text(max_size=60), st.sampled_from([*TYPES.values(), "text/plain", "\0"]))
def test_any_text_is_read_or_refused(text: str, kind: str):
    check(text, kind)
    check(f"{HEAD}{text}", kind)


@settings(max_examples=60)
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
        ["@id", "@graph", "@type", "@value", "@list", "@context", "dataset", "title", "identifier", "distribution", "publisher"]
    ), inner, max_size=4),
    max_leaves=12,
))  # fmt: skip
def test_any_json_is_read_or_refused(tree):
    check(json.dumps(tree), "application/json")
    check(json.dumps({"dataset": tree}), "application/json")


def check(text: str, kind: str) -> None:
    with suppress(PageError):
        page = read(text, kind)
        for row in page.rows:
            assert row.id
            assert set(row.values) <= set(FIELDS)
            encode({"id": row.id.replace("\0", ""), "values": row.values, "body": row.body})


def test_nothing_is_logged_of_what_a_portal_wrote(caplog):
    with caplog.at_level(logging.INFO):
        read(
            f'{HEAD} dct:title "x" ; dct:modified "never"^^<http://www.w3.org/2001/XMLSchema#date> ; dct:format <a b> .'
        )
    assert caplog.records == []


# --- in a process of its own ------------------------------------------------------------------------------------------


def small(monkeypatch, **limits: int) -> None:
    """Have every document read apart."""
    wanted = {name: getattr(catalogue_policy(), name) for name in CataloguePolicy.__slots__} | {"apart_kb": 0} | limits
    monkeypatch.setattr(apart, "catalogue_policy", lambda: CataloguePolicy(**wanted))


def test_a_document_read_apart_is_read_alike(monkeypatch):
    small(monkeypatch)
    text = PAGE[Syntax.TURTLE].body.decode()
    assert read_bounded(text, "text/turtle", URL, "en") == read(text, "text/turtle")
    with pytest.raises(PageDriftedError, match="no Turtle"):
        read_bounded("@prefix a: .", "text/turtle", URL, "en")


def test_a_reader_that_hangs_or_ends_costs_the_page_alone(monkeypatch):
    small(monkeypatch, reader_seconds=0)
    with pytest.raises(PageDriftedError, match="not read within 0 seconds"):
        read_bounded(HEAD, "text/turtle", URL, "en")
    small(monkeypatch)
    monkeypatch.setattr(apart, "_ROOT", Path("/nowhere"))
    monkeypatch.chdir("/")
    with pytest.raises(PageDriftedError, match=r"the reader of a document of 0 MB ended: .*opendata_spiders"):
        read_bounded(HEAD, "text/turtle", URL, "en")


def test_an_error_keeps_its_class_on_its_way_between_processes():
    assert outcome("{", "", URL, "") == {
        "error": "PageUnreachableError",
        "said": "the body is cut off after 1 characters of JSON",
    }


# --- the family -------------------------------------------------------------------------------------------------------


def spider(**given: str) -> DcatSpider:
    return DcatSpider(slug="clearwater", base_url="https://data.clearwater.example", **given)


def test_the_usual_paths_are_tried_unless_the_row_names_one():
    assert spider().list_paths[:2] == ("/data.json", "/catalog.jsonld")
    assert spider(context_path="/dcat/catalog.ttl").list_paths == ("",)
    assert (
        spider(context_path="/dcat/catalog.ttl").list_request(1).url
        == "https://data.clearwater.example/dcat/catalog.ttl"
    )


def test_a_page_is_asked_for_once_the_one_before_it_was_read():
    portal, crawled = DcatPortal(dcat_entries(25), Syntax.TURTLE, page_size=10), spider(context_path="/catalog.ttl")
    with pytest.raises(PageError, match="address of page 2"):
        crawled.list_request(2)
    for number in (1, 2, 3, 1, 2, 3):
        request = crawled.list_request(number)
        reply = portal.answer("/catalog.ttl", {"page": str(number)}, {"host": "data.clearwater.example"})
        page = crawled.parse_list(TextResponse(request.url, body=reply.body, request=request))
        assert (len(page.rows), page.declared) == (10 if number < 3 else 5, 25)
    assert crawled.list_request(3).url == "http://data.clearwater.example/catalog.ttl?page=3"
    assert crawled.page_url("data.clearwater.example/dataset/24") == "https://data.clearwater.example/pages/24"
    assert crawled.page_url("unknown") == "https://data.clearwater.example"
    assert crawled.of_whole_host().list_request(1).url == "https://data.clearwater.example/catalog.ttl"
    with pytest.raises(PageError, match="address of page 2"):
        crawled.of_whole_host().list_request(2)


def test_a_catalogue_is_recognised_and_other_pages_are_not(answer):
    assert spider().fingerprint(answer(PAGE[Syntax.RDF_XML].body))
    for body in ("", "{}", "[]", '{"dataset": []}', "<html></html>", "@prefix a: <b> ."):
        assert not spider().fingerprint(answer(body))
