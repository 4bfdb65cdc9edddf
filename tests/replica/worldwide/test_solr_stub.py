"""The stub of Solr answers what CKAN asks, and nothing that it did not understand."""

import pytest

from tests.replica.worldwide.solr_stub import QuerySyntaxError, SolrIndex

PUBLIC = {"index_id": "1", "id": "a", "name": "bus", "state": "active", "capacity": "public", "tags": ["x", "y z"]}
PRIVATE = {**PUBLIC, "index_id": "2", "id": "b", "name": "air", "capacity": "private"}
DRAFT = {**PUBLIC, "index_id": "3", "id": "c", "name": "sea", "state": "draft"}


@pytest.fixture
def index() -> SolrIndex:
    index = SolrIndex()
    index.documents = {one["index_id"]: one for one in (PUBLIC, PRIVATE, DRAFT)}
    return index


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("*:*", "abc"),
        ("", "abc"),
        ("+capacity:public  +state:(active)", "a"),
        ("state:(active OR draft) AND capacity:public", "ac"),
        ('+permission_labels:("public" OR "user-1")', ""),
        ('tags:"y z"', "abc"),
        ("tags:y", ""),
        ('+(id:"b" OR name:"bus") AND +state:"active"', "ab"),
        ("capacity:*", "abc"),
        ("groups:*", ""),
    ],
)
def test_a_query_finds(index: SolrIndex, query: str, ids: str):
    found = index.select({"q": [query], "sort": ["id asc"]})["response"]
    assert ("".join(one["id"] for one in found["docs"]), found["numFound"]) == (ids, len(ids))


@pytest.mark.parametrize("query", ["bus", "name:", "(name:bus", "name:bus)", 'name:"bus', "name:[a TO b]", "-name:bus"])
def test_a_query_that_is_not_understood_is_refused(index: SolrIndex, query: str):
    with pytest.raises(QuerySyntaxError):
        index.select({"q": [query]})


def test_pages_are_cut_from_the_sorted_whole(index: SolrIndex):
    found = index.select({"sort": ["score desc, name desc"], "start": ["1"], "rows": ["1"], "fl": ["id name"]})[
        "response"
    ]
    assert (found["numFound"], found["docs"]) == (3, [{"id": "a", "name": "bus"}])


def test_documents_are_replaced_by_their_key_and_deleted_by_query(index: SolrIndex):
    index.update('[{"index_id": "1", "id": "a", "name": "tram"}]', "application/json; charset=utf-8")
    index.update('<delete><query>+capacity:"private" AND +(id:"b")</query></delete>', "text/xml; charset=utf-8")
    index.update("<commit />", "text/xml")
    assert {one["name"] for one in index.documents.values()} == {"tram", "sea"}
