"""A night on which thousands of datasets change: every piece fits its service, and the digests still tell the truth."""

from alerts.delivery import outbox
from alerts.records.enclosures import events_kept
from opendata_spiders.store.store import Store
from tests.bench.digests import measure


def test_a_mass_event_is_told_whole_within_every_limit(store: Store) -> None:
    found = measure(store, count=3000, cities=300, readers=40)
    assert found.digests == found.subscribers == 40
    assert found.deliveries == 60
    assert found.over_limit == 0
    assert found.untrue == 0


def test_long_lists_of_events_are_kept_once_and_read_back_whole(store: Store) -> None:
    measure(store, count=3000, cities=300, readers=40)
    long = [one for one in store.db["deliveries"].find() if one["told"]]
    assert long
    assert all(one["events"] == [] for one in long)
    assert store.db["told"].count_documents({}) < len(long)
    claimed = []
    while one := outbox.claim(store, now=outbox.real_now()):
        claimed.append(one)
    listed = [events_kept(store, one.told) for one in claimed if one.told]
    everything = max(listed, key=len)
    assert len(everything) == len(set(everything)) > 2900
    assert all(len(one) > 100 for one in listed)
