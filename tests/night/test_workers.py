"""Worker processes that are killed, hang or grow: only what they were reading is read again, and who kills them fails."""

import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from opendata_spiders.night.policy import night_policy
from opendata_spiders.night.scheduler import NightScheduler
from opendata_spiders.night.units import NightUnit, read_unit
from opendata_spiders.policy import policy
from opendata_spiders.store.models import Verdict
from tests.replica import PortalSpec, World
from tests.replica.incidents import Incident, Kind

pytestmark = pytest.mark.slow

GUIYANG = PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=30)
ZUNYI = PortalSpec("zunyi", "guizhou_api", "遵义", "520300", division="520300", datasets=30)
JINAN = PortalSpec("jinan", "inspur_oportal", "济南", "370100", context_path="/jinan", datasets=30)
UNITS = [NightUnit("guizhou", ("guiyang", "zunyi"), 10), NightUnit("jinan", ("jinan",), 10)]
WHOLE = dict.fromkeys(("guiyang", "zunyi", "jinan"), Verdict.COMPLETE)


@pytest.fixture
def world():
    return World([GUIYANG, ZUNYI, JINAN], seed=11)


@pytest.fixture
def logs(desk, tmp_path, monkeypatch) -> Path:
    """Where the logs go; worker processes read the replica into the desk's database."""
    desk.stand_at({slug: desk.replica.url(slug) for slug in WHOLE})
    for name, value in desk.env(0).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "logs").mkdir()
    return tmp_path / "logs"


class Watched(NightScheduler):
    """A scheduler whose workers are looked at; `read_all` calls `look` with it again and again."""

    def read_all(self, look=lambda _: None, stopped=lambda: False):
        results = self.read(UNITS, report=lambda _: None, stopped=stopped, show=lambda _: look(self))
        assert [one.slug for one in results if one.host == "guizhou"] in (["guiyang", "zunyi"], ["guiyang"])
        return {one.slug: one.verdict for one in results}

    def reading(self, slug):
        """The process that has sent a request for a portal; None while there is none."""
        for desk in self._desks.values():
            for one in desk.process.alive.readings:
                if one.slug == slug and slug in desk.groups and one.requests:
                    return desk.process
        return None


def slow(desk, slug="*"):
    desk.replica.script(slug, Incident(Kind.SLOW, 0, seconds=0.5))


def test_portals_of_one_host_ask_for_its_robots_txt_once(desk, logs):
    assert Watched(logs, hosts=2, processes=1).read_all() == WHOLE
    assert desk.replica.log.by_path()["/robots.txt"] == 2, "one a host"


def test_what_a_killed_worker_was_reading_is_read_again_and_nothing_is_lost(desk, logs):
    slow(desk)
    killed = []

    def kill(night):
        if not killed and night.reading("guiyang") and night.reading("jinan"):
            killed.append(night.reading("guiyang"))
            os.kill(killed[0]._process.pid, signal.SIGKILL)

    assert Watched(logs, hosts=2, processes=1).read_all(kill) == WHOLE
    assert killed
    said = "the process that read it was killed by signal 9: it is read again in a process of its own"
    assert said in (logs / "guiyang.log").read_text("utf-8")
    assert said in (logs / "jinan.log").read_text("utf-8")
    assert said not in (logs / "zunyi.log").read_text("utf-8")
    with desk.store() as store:
        runs = sorted((run.slug, run.verdict) for run in store.runs(None))
        assert runs == [
            ("guiyang", "complete"), ("guiyang", "failed"), ("jinan", "complete"), ("jinan", "failed"), ("zunyi", "complete"),
        ]  # fmt: skip
        assert store.db.leases.count_documents({}) == 0


def test_a_worker_that_is_asked_to_end_spoils_no_other_portal(desk, logs):
    slow(desk)
    asked = []

    def ask(night):
        if not asked and (process := night.reading("guiyang")):
            asked.append(process)
            os.kill(process._process.pid, signal.SIGTERM)

    assert Watched(logs, hosts=1, processes=1).read_all(ask) == {**WHOLE, "guiyang": Verdict.PARTIAL}


def test_the_portal_that_kills_its_workers_has_failed_and_the_others_are_read(desk, logs):
    slow(desk)
    killed = set()

    def kill(night):
        if (process := night.reading("guiyang")) and process not in killed:
            killed.add(process)
            process.kill()

    assert Watched(logs, hosts=2, processes=1).read_all(kill) == {**WHOLE, "guiyang": Verdict.FAILED}
    assert len(killed) == 2
    assert "was killed by signal 9: it has failed" in (logs / "guiyang.log").read_text("utf-8")


def test_a_worker_that_hangs_is_ended(desk, logs):
    slow(desk)
    stopped = []

    def stop(night):
        if not stopped and (process := night.reading("jinan")):
            stopped.append(process)
            os.kill(process._process.pid, signal.SIGSTOP)

    rules = replace(night_policy(), silent_minutes=0.5)
    assert Watched(logs, hosts=2, processes=1, policy=rules).read_all(stop) == WHOLE
    assert "gave no sign of life for 0.5 minutes" in (logs / "jinan.log").read_text("utf-8")


def test_a_worker_that_has_grown_begins_no_further_portal(desk, logs):
    seen = set()
    rules = replace(night_policy(), worker_mb=1)
    night = Watched(logs, hosts=2, processes=1, policy=rules)
    assert night.read_all(lambda one: seen.update(one._desks)) == WHOLE
    assert len(seen) > 1
    assert len(list(logs.glob("worker-*.log"))) == len(seen)


def test_a_portal_that_takes_too_much_memory_alone_fails_with_that_reason(desk, logs):
    slow(desk)
    rules = replace(night_policy(), worker_most_mb=1)
    assert set(Watched(logs, hosts=2, processes=1, policy=rules).read_all().values()) == {Verdict.FAILED}
    with desk.store() as store:
        reasons = {run.reason for run in store.runs(None) if "abandoned" not in run.reason}
    assert reasons == {"the process that read it took more than 1 MB of memory"}


def test_a_night_that_is_stopped_keeps_what_was_read_and_begins_nothing_more(desk, logs):
    slow(desk)
    night = Watched(logs, hosts=1, processes=1)
    assert night.read_all(stopped=lambda: night.reading("guiyang") is not None) == {"guiyang": Verdict.PARTIAL}
    with desk.store() as store:
        assert [run.slug for run in store.runs(None)] == ["guiyang"]


def test_an_error_of_the_night_leaves_no_worker_behind(desk, logs):
    slow(desk)
    begun = []

    def fail(night):
        if process := night.reading("guiyang"):
            begun.append(process)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Watched(logs, hosts=2, processes=2).read_all(fail)
    assert begun[0]._process.returncode == -signal.SIGKILL


def test_one_unit_is_read_from_any_process(desk, logs):
    ended = []
    results = read_unit(UNITS[0], logs, report=ended.append, stopped=lambda: False)
    assert [(one.slug, one.host, one.verdict) for one in results] == [
        ("guiyang", "guizhou", Verdict.COMPLETE), ("zunyi", "guizhou", Verdict.COMPLETE),
    ]  # fmt: skip
    assert results == ended
    assert all(one.log.is_file() and one.seconds > 0 for one in results)
    assert [one.name for one in logs.glob("worker-*.log")] == ["worker-1.log"], "one process reads them all"


def test_one_who_leaves_reads_the_portal_that_has_begun_to_its_end_and_no_other(desk, logs):
    slow(desk)
    leaving = threading.Event()

    def leave_once_it_is_asked():
        while not desk.replica.log.count():
            time.sleep(0.05)
        leaving.set()

    threading.Thread(target=leave_once_it_is_asked, daemon=True).start()
    results = read_unit(UNITS[0], logs, report=lambda _: None, stopped=lambda: False, leaves=leaving.is_set)
    assert [(one.slug, one.verdict) for one in results] == [("guiyang", Verdict.COMPLETE)]


def test_of_one_who_leaves_a_portal_whose_worker_is_killed_is_still_read_again(desk, logs):
    slow(desk)
    night, killed = Watched(logs, hosts=1, processes=1), []

    def kill(_):
        if not killed and (process := night.reading("guiyang")):
            killed.append(process)
            os.kill(process._process.pid, signal.SIGKILL)

    results = night.read(
        UNITS[:1], report=lambda _: None, stopped=lambda: False, leaves=lambda: bool(killed), show=kill
    )
    assert [(one.slug, one.verdict) for one in results] == [("guiyang", Verdict.COMPLETE)]


def test_a_worker_whose_night_was_killed_ends_with_what_it_has_read(desk, logs):
    slow(desk)
    night = Watched(logs, hosts=1, processes=1)
    left = []

    def leave(one):
        if process := one.reading("guiyang"):
            left.append(process)
            process.dismiss()  # as the kernel closes the pipe of a night that was killed
            one._desks.clear()
            one._waiting.clear()

    night.read(UNITS[:1], report=lambda _: None, stopped=lambda: False, show=lambda _: leave(night))
    end = time.monotonic() + 60
    while left[0]._process.poll() is None and time.monotonic() < end:
        time.sleep(0.1)
    left[0].close()
    assert left[0]._process.returncode == 0
    with desk.store() as store:
        assert [(run.slug, run.verdict) for run in store.runs(None)] == [("guiyang", "partial")]


def test_what_a_host_asks_of_one_portal_holds_for_the_next_and_for_no_other_host(desk, logs):
    desk.replica.script("guiyang", Incident(Kind.REFUSES, 0, status=429))  # without Retry-After
    last_of_guiyang, first_of_zunyi = [], []

    def look(_):
        if desk.replica.log.count("guiyang") > len(last_of_guiyang):
            last_of_guiyang.append(time.monotonic())
        if desk.replica.log.count("zunyi") and not first_of_zunyi:
            first_of_zunyi.append(time.monotonic())

    assert Watched(logs, hosts=2, processes=1).read_all(look) == {**WHOLE, "guiyang": Verdict.BLOCKED}
    assert first_of_zunyi[0] - last_of_guiyang[-1] > policy().retry_after_default - 2
    order = [one.slug for one in desk.replica.log.requests if one.slug]
    assert order.index("zunyi") > max(place for place, slug in enumerate(order) if slug == "jinan")
