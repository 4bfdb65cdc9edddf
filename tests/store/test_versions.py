from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opendata_spiders.store.connect import Store
from opendata_spiders.store.content import digest
from opendata_spiders.store.models import Version
from opendata_spiders.store.versions import BODY_LIMIT, versions_of

hostile = st.text(st.characters(exclude_categories=()))


def test_versions_come_back_and_are_stored_once(store: Store, sample) -> None:
    some = [sample.version(number) for number in range(2500)]
    assert store.put_versions(iter(some)) == 2500
    assert store.put_versions([*some[:10], sample.version(9999)]) == 1
    loaded = store.versions([version.id for version in some] + ["unknown"])
    assert len(loaded) == 2500
    first = loaded[some[0].id]
    assert first == replace(some[0], content=some[0].content | {"tags": ["交通", "城市"]})
    assert first.list_body == '{"name": "道路"}'


def test_without_evidence(store: Store, sample) -> None:
    version = sample.version(1, page_url="http://portal/1", first_run="r1")
    store.put_versions([version])
    loaded = store.versions([version.id], evidence=False)[version.id]
    assert (loaded.list_body, loaded.page_url, loaded.first_run) == ("", "", "r1")
    assert loaded.content["title"] == "道路名录1"


def test_all_versions_of_a_dataset(store: Store, sample) -> None:
    first, other = sample.version(1), sample.version(2)
    second = replace(first, id="0" * 32, content={"title": "改名"})
    store.put_versions([first, other, second, replace(first, id="1" * 32, portal="elsewhere")])
    found = versions_of(store.db, first.portal, [first.dataset, "unknown", "half a pair \ud800"])
    assert {name: {one.id for one in versions} for name, versions in found.items()} == {
        first.dataset: {first.id, second.id}
    }


def test_what_was_first_written_stays(store: Store, sample) -> None:
    version = sample.version(1, first_run="r1")
    store.put_versions([version])
    store.put_versions([replace(version, first_run="r2", list_body="other")])
    assert store.versions([version.id])[version.id] == version


def test_huge_bodies_are_cut_the_content_is_not(store: Store, sample) -> None:
    version = replace(sample.version(1), detail_body="数" * (BODY_LIMIT + 1), content={"title": "x" * BODY_LIMIT * 2})
    store.put_versions([version])
    loaded = store.versions([version.id])[version.id]
    assert len(loaded.detail_body) == BODY_LIMIT
    assert loaded.content == version.content


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(hostile, hostile, hostile, st.lists(hostile))
def test_hostile_text_comes_back(store: Store, dataset: str, title: str, body: str, tags: list[str]) -> None:
    content = {"title": title, "tags": sorted(tags, key=lambda tag: tag.encode("utf-8", "surrogatepass"))}
    name = digest(repr((dataset, content, body)).encode())
    version = Version(name, "p", dataset, "f", content, list_body=body, page_url=body)
    store.put_versions([version])
    loaded = store.versions([name])[name]
    assert sorted(loaded.content.pop("tags")) == sorted(tags)
    assert loaded == replace(version, content={"title": title})
