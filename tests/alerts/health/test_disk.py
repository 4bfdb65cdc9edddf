"""How long the disk lasts, by what the database grew."""

from datetime import timedelta

import pytest

from alerts.engine.repository import prepare
from alerts.health.disk import disk_outlook, outlook_of
from alerts.health.policy import policy
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.space import DiskSpace
from opendata_spiders.store.store import Store

NOW = real_now()
MB = 1_000_000


@pytest.mark.parametrize(
    ("free", "grown", "days", "left", "warns"),
    [
        (10_500, 140, 14, 1000, False),
        (700, 140, 14, 20, True),
        (400, 140, 14, 0, True),
        (700, 0, 14, None, False),
        (700, -50, 14, None, False),
        (700, 500, 2, None, False),  # a first night is no growth
        (499, 0, 2, 0, True),
    ],
)
def test_the_room_that_is_left(free: int, grown: int, days: int, left: int | None, *, warns: bool) -> None:
    sizes = [(NOW - timedelta(days=days), 1000 * MB), (NOW, (1000 + grown) * MB)]
    found = outlook_of(DiskSpace(free * MB, sizes[-1][1]), sizes, policy(), 500)
    assert (found.days, found.warns) == (left, warns)
    assert ("DISK FULL IN" in str(found)) is warns


def test_sizes_are_kept_a_day_each_and_no_longer_than_needed(store: Store) -> None:
    prepare(store)
    for day in range(60):
        now = NOW + timedelta(days=day)
        for _ in range(2):
            found = disk_outlook(store, DiskSpace(10_000 * MB, (100 + 10 * day) * MB), now)
    assert found is not None
    assert found.mb_a_day == pytest.approx(10)
    assert found.days == 950
    assert store.db.sizes.count_documents({}) == policy().disk_back_days + 2
    assert disk_outlook(store, None, NOW) is None
