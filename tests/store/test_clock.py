from datetime import UTC, datetime, timedelta, timezone

import pytest

from opendata_spiders.store.clock import domain_now, real_now, to_stored, watch_now
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store, open_store
from opendata_spiders.store.errors import ClockError, ConfigError

NIGHT = {"WATCH_NOW": "2026-11-23T10:15:00+08:00"}
LATER = {"WATCH_NOW": "2026-11-24T10:15:00+08:00"}


@pytest.mark.parametrize("text", ["2026-11-23T10:15:00+08:00", "2026-11-23T02:15:00Z", " 20261123T021500Z "])
def test_watch_now(text: str) -> None:
    assert domain_now({"WATCH_NOW": text}) == datetime(2026, 11, 23, 2, 15, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-11-23", "2026-11-23T10:15:00"])
def test_watch_now_without_a_zone_is_refused_with_the_right_form(text: str) -> None:
    with pytest.raises(ConfigError, match=r"names no time zone.*2026-11-23T02:15:00\+08:00"):
        domain_now({"WATCH_NOW": text})


@pytest.mark.parametrize(
    "text", ["9999-12-31T00:00:00Z", "2100-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "0001-01-01T00:00:00+08:00"]
)
def test_watch_now_far_from_any_night_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="outside the years 2000 to 2099"):
        domain_now({"WATCH_NOW": text})


@pytest.mark.parametrize("text", ["tomorrow", "2026-13-01T00:00:00Z"])
def test_watch_now_is_no_time(text: str) -> None:
    with pytest.raises(ConfigError, match="is no time"):
        domain_now({"WATCH_NOW": text})


def test_real_time_without_watch_now() -> None:
    assert watch_now({"WATCH_NOW": " "}) is None
    assert abs(domain_now({}) - datetime.now(UTC)) < timedelta(seconds=5)
    assert real_now().microsecond % 1000 == 0


def test_stored_times_are_utc_milliseconds() -> None:
    shanghai = timezone(timedelta(hours=8))
    assert to_stored(datetime(2026, 1, 1, 8, 0, 0, 1999, shanghai)) == datetime(2026, 1, 1, 0, 0, 0, 1000, UTC)
    with pytest.raises(ValueError, match="without a zone"):
        to_stored(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_database_in_which_something_was_read_live_is_not_replayed(
    store: Store, store_config: StoreConfig, sample
) -> None:
    store.commit(sample.run(), sample.entries(1))
    with pytest.raises(ClockError, match="lives in real time"), open_store(store_config, env=NIGHT):
        pass
    assert store.db.meta.find_one()["mode"] == "live"


def test_a_new_database_is_marked_and_goes_only_forward(store: Store, store_config: StoreConfig, sample) -> None:
    with open_store(store_config, env=NIGHT) as replay:
        at = domain_now(NIGHT)
        with replay.begin(sample.portal, sample.slug, at=at) as lease:
            replay.commit(sample.run(id=lease.run_id, at=at), sample.entries(1))
        with pytest.raises(ClockError, match="nights only go forward"):
            replay.begin(sample.portal, sample.slug, at=at)
        assert replay.db.leases.count_documents({}) == 0
        replay.begin("another portal", "another", at=at).release()
    with open_store(store_config, env=LATER) as replay:
        replay.begin(sample.portal, sample.slug, at=domain_now(LATER)).release()


def test_a_replayed_database_is_read_live_and_written_only_forward(
    store_config: StoreConfig, store: Store, sample
) -> None:
    future = {"WATCH_NOW": "2099-01-01T00:00:00Z"}
    with open_store(store_config, env=future) as replay:
        replay.commit(sample.run(at=domain_now(future)), sample.entries(1))
    with open_store(store_config, env={}) as live:
        assert live.last_run(sample.portal) is not None
        with pytest.raises(ClockError, match="nights only go forward"):
            live.begin(sample.portal, sample.slug, at=domain_now({}))
        live.begin("new portal", "new", at=domain_now({})).release()


def test_watch_now_in_dotenv_is_not_used_and_said_so(store: Store, store_config, tmp_path, monkeypatch, caplog) -> None:
    (tmp_path / ".env").write_text("WATCH_NOW=2026-11-23T02:15:00Z\n")
    monkeypatch.chdir(tmp_path)
    with open_store(store_config, env={}) as opened:
        assert opened.mode == "live"
    assert "WATCH_NOW in .env is not used" in caplog.text
