"""Views are packed in blocks and written as the BSON they are; what is stored is what was added."""

from opendata_spiders.store.connect import Store
from opendata_spiders.store.content import storable
from opendata_spiders.store.views import PackedViews, key, put


def test_views_of_many_blocks_are_stored_as_they_were_added_also_at_a_second_try(store: Store, sample) -> None:
    run = sample.run()
    views = [
        {
            "portal": "of a pipeline",
            "id": f"d{number}",
            "title": f"道路{number}\ud800",
            "raw": {"a\0b": 1 << 70, "of": "道路名录" * 10_000, "at": run.at},
            "slug": None,
        }
        for number in range(30)
    ]
    packed = PackedViews(sample.portal, sample.slug, views)
    assert len(list(packed.blocks())) > 2
    for _ in range(2):
        put(store.db, run, packed)
    stored = {document["id"]: document for document in store.db.datasets.find()}
    assert len(stored) == len(views)
    for view in views:
        whose = {"portal": sample.portal, "slug": sample.slug, "listed": True, "changed_run": run.id}
        due = {"_id": key(sample.portal, view["id"])} | storable(view | whose)
        assert list(stored[view["id"]].items()) == list(due.items())


def test_no_views_write_nothing(store: Store, sample) -> None:
    put(store.db, sample.run(), PackedViews(sample.portal, sample.slug))
    assert store.db.datasets.count_documents({}) == 0
