import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from opendata_spiders.store import leases
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.connect import Store
from opendata_spiders.store.errors import HostHeldError, LeaseHeldError, LeaseLostError
from opendata_spiders.store.models import Verdict


def age(store: Store, minutes: int, **more) -> None:
    store.db.leases.update_one({}, {"$set": {"beat": real_now() - timedelta(minutes=minutes)} | more})


@pytest.fixture
def dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_a_second_writer_is_refused_by_name(store: Store, sample) -> None:
    lease = store.begin(sample.portal, sample.slug, at=sample.first_night)
    with pytest.raises(LeaseHeldError, match=rf"guiyang is being read by process {os.getpid()} on .* since 20"):
        store.begin(sample.portal, sample.slug, at=sample.first_night)
    store.begin("another", "another", at=sample.first_night)
    lease.release()
    lease.release()
    assert store.begin(sample.portal, sample.slug, at=sample.first_night).run_id == "guiyang-20261123T021500Z-1"


def test_of_many_at_once_one_gets_it(store: Store, sample) -> None:
    won, refused = [], []
    barrier = threading.Barrier(8)

    def compete() -> None:
        barrier.wait()
        try:
            won.append(store.begin(sample.portal, sample.slug, at=sample.first_night))
        except LeaseHeldError as error:
            refused.append(error)

    threads = [threading.Thread(target=compete) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(refused)) == (1, 7)


def test_a_dead_holder_leaves_a_failed_run(store: Store, sample, dead_pid: int) -> None:
    store.commit(sample.run(0), sample.entries(1))
    lost = store.begin(sample.portal, sample.slug, at=sample.first_night + timedelta(days=1))
    store.db.leases.update_one({}, {"$set": {"pid": dead_pid}})
    lease = store.begin(sample.portal, sample.slug, at=sample.first_night + timedelta(days=1))
    failed = store.run(lost.run_id)
    assert failed is not None
    assert (failed.verdict, failed.seq, failed.family) == (Verdict.FAILED, 2, "guizhou_api")
    assert failed.reason.startswith("abandoned: process")
    assert lease.seq == 3
    with pytest.raises(LeaseLostError, match="declared abandoned"):
        lost.beat()
    with pytest.raises(LeaseLostError, match="already recorded as failed"):
        store.commit(sample.run(1, id=lost.run_id), sample.entries(2))
    lost.release()
    lease.beat()
    assert store.previous(sample.portal).run.seq == 1


def test_another_process_with_the_same_pid_is_not_the_holder(store: Store, sample) -> None:
    store.begin(sample.portal, sample.slug, at=sample.first_night)
    store.db.leases.update_one({}, {"$set": {"born": "1"}})
    assert store.begin(sample.portal, sample.slug, at=sample.first_night).seq == 2


def test_silence_of_ten_minutes_abandons_a_lease_of_another_machine(store: Store, sample, dead_pid: int) -> None:
    store.begin(sample.portal, sample.slug, at=sample.first_night)
    age(store, 9, machine="elsewhere", pid=dead_pid, host="elsewhere")
    with pytest.raises(LeaseHeldError, match="on elsewhere"):
        store.begin(sample.portal, sample.slug, at=sample.first_night)
    age(store, 11)
    lease = store.begin(sample.portal, sample.slug, at=sample.first_night)
    assert "not heard of for 11 minutes" in store.last_run(sample.portal).reason
    assert lease.seq == 2


def test_a_beat_keeps_a_lease(store: Store, sample) -> None:
    lease = store.begin(sample.portal, sample.slug, at=sample.first_night)
    age(store, 11)
    lease.beat()
    with pytest.raises(LeaseHeldError):
        store.begin(sample.portal, sample.slug, at=sample.first_night)


def test_death_between_commit_and_release_is_no_failure(store: Store, sample, dead_pid: int) -> None:
    lease = store.begin(sample.portal, sample.slug, at=sample.first_night)
    store.commit(sample.run(0, id=lease.run_id), sample.entries(1))
    store.db.leases.update_one({}, {"$set": {"pid": dead_pid}})
    store.begin(sample.portal, sample.slug, at=sample.first_night + timedelta(days=1)).release()
    assert [run.verdict for run in store.runs(sample.portal)] == [Verdict.COMPLETE]


def test_a_killed_process_is_noticed_even_before_it_is_collected(store: Store, sample) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as holder:
        store.begin(sample.portal, sample.slug, at=sample.first_night)
        stat = Path(f"/proc/{holder.pid}/stat").read_text().rpartition(")")[2].split()
        store.db.leases.update_one({}, {"$set": {"pid": holder.pid, "born": stat[19]}})
        with pytest.raises(LeaseHeldError):
            store.begin(sample.portal, sample.slug, at=sample.first_night)
        holder.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)
        assert store.begin(sample.portal, sample.slug, at=sample.first_night).seq == 2


HOST = "data.example.gov.cn"


def test_of_the_portals_of_one_host_group_one_is_read_at_a_time(store: Store, sample) -> None:
    lease = store.begin(sample.portal, sample.slug, at=sample.first_night, host_group=HOST)
    with pytest.raises(HostHeldError, match="guiyang is being read by process"):
        store.begin("p-2", "zunyi", at=sample.first_night, host_group=HOST)
    store.begin("p-3", "jinan", at=sample.first_night, host_group="another").release()
    store.begin("p-4", "an import", at=sample.first_night).release()
    assert leases.holder(store.db, ["p-2"], HOST)["slug"] == "guiyang"
    lease.release()
    assert leases.holder(store.db, ["p-2"], HOST) is None
    store.begin("p-2", "zunyi", at=sample.first_night, host_group=HOST).release()


def test_a_dead_holder_of_a_host_group_leaves_a_failed_run_of_its_own_portal(
    store: Store, sample, dead_pid: int
) -> None:
    lost = store.begin(sample.portal, sample.slug, at=sample.first_night, host_group=HOST)
    store.db.leases.update_one({}, {"$set": {"pid": dead_pid}})
    assert leases.holder(store.db, [sample.portal], HOST) is None
    store.begin("p-2", "zunyi", at=sample.first_night, host_group=HOST)
    assert store.run(lost.run_id).reason.startswith("abandoned: process")
    assert [lease["_id"] for lease in store.db.leases.find()] == ["p-2"]
