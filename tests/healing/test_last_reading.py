"""The values of the last trusted reading, as the store has them."""

from opendata_spiders.healing.last_reading import last_reading
from opendata_spiders.store.connect import open_store
from tests.families.goldens import loader
from tests.healing.bench import store_reading
from tests.replica import World
from tests.replica.declared.portals import declared_spec, spider_of


def test_every_value_of_the_reading_is_there(store_config):
    world = World([declared_spec(loader().register.get("fujian"), datasets=9)], seed=3)
    spider, records = spider_of("fujian"), world.listed("fujian", 0)
    with open_store(store_config, env={"WATCH_NOW": world.moment(0).isoformat()}) as store:
        assert last_reading(store, spider.target.portal_id) is None
        known = store_reading(store, spider, records, world.moment(0))
        reading = last_reading(store, spider.target.portal_id)
    assert {one.title for one in reading.datasets} == {record.title for record in records}
    assert {name for one in reading.datasets for name in one.values} == {*known}
    one = reading.by_id[records[0].id]
    assert one.whole
    assert (one.values["office"], one.values["rows"]) == (records[0].office, str(records[0].rows))
    assert {"published", "updated", "frequency", "views"} <= one.values.keys()
