"""Catalogues as DCAT-AP: valid by its shapes, the same in both notations, whole in their text."""

import gzip
from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import RDF, XSD, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic

from alerts.exports.dcat import catalogue as catalogues
from alerts.exports.dcat.catalogue import dataset_iri, eu_codes, write_catalogues
from alerts.exports.formats import stamp
from alerts.exports.policy import policy
from alerts.exports.source import Source
from alerts.exports.tables import datasets
from alerts.publish.folder import Folder
from opendata_spiders import normalise
from tests.alerts.exports.conftest import LONG, Night

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
"""rdflib's own reader of JSON-LD uses it."""
DCAT, DCT, ADMS = (
    Namespace(one) for one in ("http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/", "http://www.w3.org/ns/adms#")
)
EU = "http://publications.europa.eu/resource/authority"
SHAPES = Path(__file__).with_name("shapes.ttl")
GUIYANG = "520100.1"


@pytest.fixture
def written(source: Source, tmp_path: Path) -> Path:
    write_catalogues(source, Folder(tmp_path))
    return tmp_path / "dcat"


def graph(path: Path) -> Graph:
    with gzip.open(path) as text:
        return Graph().parse(text, format="turtle" if ".ttl" in path.name else "json-ld")


def faults(checked: Graph) -> str:
    conforms, _, text = validate(checked, shacl_graph=Graph().parse(SHAPES))
    return "" if conforms else text


def test_every_catalogue_keeps_to_the_shapes_in_both_notations(written: Path) -> None:
    files = sorted(written.iterdir())
    assert [one.name for one in files] == [
        f"{name}-0001.{end}.gz" for name in ("guiyang", "yangquan") for end in ("jsonld", "ttl")
    ]
    for path in files:
        assert faults(graph(path)) == ""
    for path in written.glob("*.ttl.gz"):
        assert isomorphic(graph(path), graph(path.with_name(path.name.replace("ttl", "jsonld"))))


@pytest.mark.parametrize("missing", [DCT.title, DCT.description, DCT.publisher, DCT.identifier, DCAT.accessURL])
def test_the_shapes_refuse_what_lacks_something(written: Path, missing: URIRef) -> None:
    cut = graph(written / "guiyang-0001.ttl.gz")
    cut.remove((None, missing, None))
    assert faults(cut)


def test_a_catalogue_says_what_the_table_of_datasets_says(source: Source, written: Path) -> None:
    found = graph(written / "guiyang-0001.ttl.gz")
    rows = {row["id"]: row for row in datasets.rows(source) if row["portal"] == GUIYANG}
    assert {str(one) for one in found.subjects(RDF.type, DCAT.Dataset)} == {dataset_iri(GUIYANG, name) for name in rows}
    for name, row in rows.items():
        one = URIRef(dataset_iri(GUIYANG, name))
        assert found.value(one, DCT.title) == Literal(row["title"], "zh")
        assert found.value(one, DCT.description) == Literal(row["description"], "zh")
        assert found.value(one, DCT.modified) == Literal(stamp(row["updated"]), datatype=XSD.dateTime)
        assert str(found.value(one, DCAT.landingPage)) == row["page_url"]
        assert bool(found.value(one, DCT.accrualPeriodicity)) == (row["frequency_code"] != "UNKNOWN")
        status = found.value(one, ADMS.status)
        assert (str(status) if status else None) == (f"{EU}/dataset-status/WITHDRAWN" if name == "a5" else None)
    assert len(found.value(URIRef(dataset_iri(GUIYANG, "a4")), DCT.description)) == len(LONG)
    bus = URIRef(dataset_iri(GUIYANG, "a1"))
    assert {str(one) for one in found.objects(bus, DCAT.theme)} == {f"{EU}/data-theme/TRAN", f"{EU}/data-theme/REGI"}
    assert str(found.value(bus, DCT.accrualPeriodicity)) == f"{EU}/frequency/ANNUAL"
    [file] = found.objects(bus, DCAT.distribution)
    assert (found.value(file, DCT.title), str(found.value(file, DCT["format"]))) == (
        Literal("站点表", "zh"),
        f"{EU}/file-type/CSV",
    )


def test_a_large_catalogue_is_cut_into_files_of_one_graph(
    source: Source, tmp_path: Path, written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = type("Small", (), {"dcat_datasets": 2})
    monkeypatch.setattr(catalogues, "policy", lambda: small)
    write_catalogues(source, Folder(tmp_path / "cut"))
    parts = sorted((tmp_path / "cut" / "dcat").glob("guiyang-*.ttl.gz"))
    assert [one.name for one in parts] == [f"guiyang-000{number}.ttl.gz" for number in (1, 2, 3)]
    whole, together = graph(written / "guiyang-0001.ttl.gz"), Graph()
    for part in parts:
        assert faults(graph(part)) == ""
        together += graph(part)
    links = (None, DCAT.dataset, None)
    assert set(together.triples(links)) == set(whole.triples(links))
    assert len(set(together.subjects(RDF.type, DCAT.Catalog))) == 1


def test_hostile_ids_and_addresses_stay_inside_their_quotes(source: Source, night: Night, tmp_path: Path) -> None:
    name = 'x> <y>; a "b" \\ 中\u202e'
    night("jinan", {name: {"title": 'a"""\\\n<b> . @prefix', "tags": ['"', "\\"], "theme": None}}, 5)
    source.store.db["datasets"].update_one({"id": name}, {"$set": {"page_url": 'http://h.cn/<a>"{b}`\\^?x=中'}})
    write_catalogues(source, Folder(tmp_path))
    for suffix in ("ttl", "jsonld"):
        found = graph(tmp_path / "dcat" / f"jinan-0001.{suffix}.gz")
        assert faults(found) == ""
        [one] = found.subjects(RDF.type, DCAT.Dataset)
        assert str(found.value(one, DCT.identifier)) == name
        assert str(found.value(one, DCAT.landingPage)) == "http://h.cn/%3Ca%3E%22%7Bb%7D%60%5C%5E?x=中"
        assert "\u202e" not in gzip.decompress((tmp_path / "dcat" / f"jinan-0001.{suffix}.gz").read_bytes()).decode()


def test_every_category_and_every_open_type_has_its_term() -> None:
    assert all(eu_codes("data-theme", theme) for theme in normalise.THEMES)
    assert all(eu_codes("access-right", one) for one in ("open", "conditional", "closed"))
    assert eu_codes("access-right", "unknown") == ()
    assert policy().dcat_datasets > 0
