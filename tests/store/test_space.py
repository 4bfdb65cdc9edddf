"""Before a reading there must be room on the disk of the database."""

from dataclasses import replace
from pathlib import Path

import pytest

from opendata_spiders.policy import policy
from opendata_spiders.store import space
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store
from opendata_spiders.store.errors import NoRoomError
from opendata_spiders.store.space import disk_space, require_room


def test_the_disk_is_measured_here_and_by_a_server(store: Store, store_config: StoreConfig, tmp_path: Path) -> None:
    for config in (store_config, StoreConfig(data_dir=tmp_path)):
        found = disk_space(store.db, config)
        assert found is not None
        assert found.free > 1_000_000
        assert 0 < found.used < 1_000_000_000
        require_room(store.db, config)


def test_too_little_stops_with_what_to_do(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "policy", lambda: replace(policy(), room_mb=10**9))
    with pytest.raises(
        NoRoomError, match=r"Only [\d,]+ MB are free on the disk of .*asks for 1,000,000,000.*alerts prune"
    ):
        require_room(store.db, StoreConfig(data_dir=tmp_path))
