"""Troubles of our own: each told once an episode, to operators alone, and its end told too."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.audience.filters import Filter
from alerts.corrections.correct import ManualCorrection, retract
from alerts.engine.repository import prepare
from alerts.engine.runner import PortalRef
from alerts.health.check import check
from alerts.health.health_data import load_health_data
from alerts.health.report import report
from alerts.health.rules import KINDS
from alerts.model.events import Event
from alerts.model.kinds import EventScope as About
from alerts.model.kinds import kinds
from alerts.model.sections import concerns
from alerts.records.queries import events_after
from opendata_spiders.register import PortalStatus, Register, load
from opendata_spiders.store.connect import Store
from opendata_spiders.store.models import Finding, Run, Verdict
from opendata_spiders.store.regrades import Regrade

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
Read = Callable[..., Run]


@pytest.fixture(scope="session")
def register() -> Register:
    return load()


@pytest.fixture
def read(store: Store, register: Register) -> Read:
    """One run of a portal, so many hours before NOW."""
    prepare(store)

    def one(slug: str, hours: float, verdict: str = "complete", **more: Any) -> Run:
        portal, at = register.get(slug), NOW - timedelta(hours=hours)
        run = Run(f"{slug}-{hours}", portal.id, slug, portal.family, "e", 0, at, at, at, Verdict(verdict), "as told")
        return store.commit(replace(run, **more), [])

    return one


def night(store: Store, hours: float, verdicts: dict[str, str], *, uplink: bool = False) -> None:
    at = NOW - timedelta(hours=hours)
    store.put_night({"_id": f"night-{hours}", "at": at, "started": at, "finished": at + timedelta(minutes=192),
                     "verdicts": verdicts, "uplink_suspect": uplink})  # fmt: skip


def told(events: list[Event]) -> list[tuple[str, str]]:
    return [(one.kind, one.slug) for one in events]


def test_no_run_for_a_day_and_a_half_is_told_once_and_its_end_too(store: Store, register: Register, read: Read) -> None:
    read("guiyang", 37)
    read("jinan", 35)
    (event,) = check(store, register, NOW)
    assert (event.kind, event.slug, event.evidence["portals"], event.evidence["hours"]) == (
        "ops.no_run", "guiyang", ["guiyang"], 36,
    )  # fmt: skip
    assert event.seq == 1
    assert check(store, register, NOW + timedelta(minutes=1)) == []
    read("guiyang", 0.5, "blocked")
    (over,) = check(store, register, NOW)
    assert (over.kind, over.slug, over.evidence["of"], over.evidence["portals"]) == (
        "ops.ended", "guiyang", "ops.no_run", ["guiyang"],
    )  # fmt: skip
    assert check(store, register, NOW) == []
    later = check(store, register, NOW + timedelta(hours=40))
    assert [(one.kind, one.evidence["portals"]) for one in later] == [("ops.no_run", ["guiyang", "jinan"])]
    assert len({one.id for one in events_after(store, 0)}) == 3


def test_a_portal_never_read_is_not_missed(store: Store, register: Register) -> None:
    prepare(store)
    assert check(store, register, NOW) == []


def test_all_portals_missing_make_one_event(store: Store, register: Register, read: Read) -> None:
    slugs = [portal.slug for portal in register.crawlable()[:30]]
    for slug in slugs:
        read(slug, 50)
    (event,) = check(store, register, NOW)
    assert (event.slug, event.evidence["count"], event.evidence["portals"]) == ("", 30, sorted(slugs))
    assert Filter(slugs=frozenset({"jinan"})).takes(event, "operator")


def test_our_own_uplink(store: Store, register: Register, read: Read) -> None:
    for slug in ("guiyang", "jinan"):
        read(slug, 3, "unreachable")
    night(store, 3, {"guiyang": "unreachable", "jinan": "unreachable", "chengdu": "complete"}, uplink=True)
    (event,) = check(store, register, NOW)
    assert (event.kind, event.evidence["failed"], event.evidence["portals"]) == ("ops.uplink", 2, ["guiyang", "jinan"])
    night(store, 2, {"guiyang": "unreachable"}, uplink=True)
    assert check(store, register, NOW) == []
    night(store, 1, {"guiyang": "complete"})
    assert told(check(store, register, NOW)) == [("ops.ended", "")]


def test_fields_that_collapse(store: Store, register: Register, read: Read) -> None:
    read("jinan", 30, fill={"title": 1.0, "office": 0.97, "theme": 0.4, "tags": 0.9})
    read("jinan", 20, "drifted", fill={"title": 0.99, "office": 0.02, "theme": 0.0, "tags": 0.8})
    (event,) = check(store, register, NOW)
    assert (event.kind, event.evidence["fields"]) == ("ops.fill_collapse", ["office 97% -> 2%"])
    read("jinan", 10, "blocked")
    assert check(store, register, NOW) == []
    read("jinan", 5)
    assert told(check(store, register, NOW)) == [("ops.ended", "jinan")]


def test_a_drifted_run_without_a_collapse(store: Store, register: Register, read: Read) -> None:
    read("jinan", 30, fill={"title": 1.0})
    read("jinan", 20, "drifted", fill={"title": 0.95})
    assert check(store, register, NOW) == []


def of_family(register: Register, family: str, count: int) -> list[str]:
    """One portal of each of so many host groups."""
    hosts = {portal.host_group: portal.slug for portal in register.crawlable() if portal.family == family}
    assert len(hosts) >= count, hosts
    return list(hosts.values())[:count]


@pytest.mark.parametrize(
    ("failing", "others", "expected"),
    [(4, "complete", True), (3, "complete", True), (2, "complete", False), (4, "blocked", False)],
)
def test_a_family_that_fails_while_others_answer(
    store: Store, register: Register, failing: int, others: str, *, expected: bool
) -> None:
    prepare(store)
    ours = of_family(register, "inspur_oportal", 5)
    verdicts = dict.fromkeys(ours[:failing], "drifted") | dict.fromkeys(ours[failing:], "complete")
    night(store, 3, verdicts | {"guiyang": others})
    events = check(store, register, NOW)
    assert told(events) == ([("ops.family_failing", "")] if expected else [])
    if expected:
        assert (events[0].evidence["hosts"], events[0].evidence["portals"]) == (failing, sorted(ours[:failing]))


def test_in_a_night_of_our_own_failure_no_family_is_accused(store: Store, register: Register) -> None:
    prepare(store)
    ours = of_family(register, "inspur_oportal", 4)
    night(store, 3, dict.fromkeys(ours, "unreachable") | {"guiyang": "complete"}, uplink=True)
    assert told(check(store, register, NOW)) == [("ops.uplink", "")]


def test_other_software_is_named_until_the_portal_can_be_read(store: Store, register: Register, read: Read) -> None:
    read("guiyang", 60)
    found = (Finding("platform.looks_like", "inspur_oportal"),)
    read("guiyang", 40, "blocked", findings=found)
    assert check(store, register, NOW - timedelta(hours=35)) == []  # a wall may wear anybody's page for a night
    read("guiyang", 30, "blocked", findings=found)
    (event,) = check(store, register, NOW - timedelta(hours=20))
    assert (event.kind, event.evidence["was"], event.evidence["looks_like"]) == (
        "platform.software_changed", "guizhou_api", ["inspur_oportal"],
    )  # fmt: skip
    read("guiyang", 20, "drifted", findings=found)
    assert check(store, register, NOW - timedelta(hours=10)) == []
    read("guiyang", 1)
    assert told(check(store, register, NOW)) == [("ops.ended", "guiyang")]


def test_a_page_of_no_known_shape_does_not_end_a_collapse(store: Store, register: Register, read: Read) -> None:
    read("jinan", 60, fill={"office": 0.97})
    read("jinan", 50, "drifted", fill={"office": 0.02})
    assert told(check(store, register, NOW - timedelta(hours=49))) == [("ops.fill_collapse", "jinan")]
    read("jinan", 30, "drifted")
    assert check(store, register, NOW - timedelta(hours=29)) == []


def test_a_collapse_of_months_is_not_over_because_nobody_looks_back_so_far(
    store: Store, register: Register, read: Read
) -> None:
    read("jinan", 2000, fill={"office": 0.97})
    read("jinan", 1990, "drifted", fill={"office": 0.02})
    assert told(check(store, register, NOW - timedelta(hours=1989))) == [("ops.fill_collapse", "jinan")]
    for hours in range(1980, 0, -24):
        read("jinan", hours, "drifted")
    assert check(store, register, NOW) == []
    read("jinan", 0.5)
    assert told(check(store, register, NOW)) == [("ops.ended", "jinan")]


def test_what_holds_again_after_a_correction_is_told_again(store: Store, register: Register, read: Read) -> None:
    read("jinan", 30, fill={"office": 0.97})
    run = read("jinan", 20, "drifted", fill={"office": 0.02})
    first = check(store, register, NOW)
    for n, verdict in enumerate((Verdict.PARTIAL, Verdict.DRIFTED), 1):
        regrade = Regrade(run.id, run.portal, n, Verdict.DRIFTED, verdict, "x", NOW)
        store.transact(lambda session, one=regrade: store.put_regrade(one, session))
        first += check(store, register, NOW)
    assert told(first) == [("ops.fill_collapse", "jinan"), ("ops.ended", "jinan"), ("ops.fill_collapse", "jinan")]
    assert len({one.id for one in first}) == 3
    assert check(store, register, NOW) == []


def test_a_row_that_comes_back_unread_is_missed_again(store: Store, register: Register, read: Read) -> None:
    read("jinan", 50)
    retired = replace(register.get("jinan"), status=PortalStatus.RETIRED, why="closed for a month")
    without = Register(register.governments, {**register.portals, "jinan": retired})
    stated = [told(check(store, one, NOW)) for one in (register, without, register, register)]
    assert stated == [[("ops.no_run", "jinan")], [("ops.ended", "jinan")], [("ops.no_run", "jinan")], []]


def test_the_end_of_what_was_taken_back_is_no_news(store: Store, register: Register, read: Read) -> None:
    read("guiyang", 37)
    (event,) = check(store, register, NOW)
    retract(store, PortalRef(event.portal, event.slug), event.id, ManualCorrection("it was never meant to run", NOW))
    read("guiyang", 0.5)
    assert check(store, register, NOW) == []


def test_a_night_that_could_not_show_it_ends_nothing(store: Store, register: Register, read: Read) -> None:
    ours = of_family(register, "inspur_oportal", 5)
    for slug in ours:
        read(slug, 30)
    night(store, 50, dict.fromkeys(ours, "drifted") | {"guiyang": "complete"})
    assert told(check(store, register, NOW)) == [("ops.family_failing", "")]
    night(store, 40, {"guiyang": "complete", ours[0]: "complete"})
    assert check(store, register, NOW) == []
    night(store, 30, dict.fromkeys([*ours, "guiyang"], "unreachable"), uplink=True)
    assert told(check(store, register, NOW)) == [("ops.uplink", "")]
    night(store, 20, {"guiyang": "unreachable"})
    assert check(store, register, NOW) == []
    night(store, 10, dict.fromkeys(ours, "drifted") | {"guiyang": "complete"})
    assert [one.evidence["of"] for one in check(store, register, NOW)] == ["ops.uplink"]
    night(store, 5, dict.fromkeys([*ours, "guiyang"], "complete"))
    assert [one.evidence["of"] for one in check(store, register, NOW)] == ["ops.family_failing"]


def test_three_dead_hosts_read_again_by_hand_make_no_family(store: Store, register: Register, read: Read) -> None:
    ours = of_family(register, "inspur_oportal", 8)
    for slug in ours:
        read(slug, 10)
    night(store, 3, dict.fromkeys(ours[:3], "unreachable") | {"guiyang": "complete"})
    assert check(store, register, NOW) == []


def test_the_verdict_that_holds_counts(store: Store, register: Register, read: Read) -> None:
    read("jinan", 30, fill={"office": 0.97})
    run = read("jinan", 20, "complete", fill={"office": 0.02})
    assert check(store, register, NOW) == []
    regrade = Regrade(run.id, run.portal, 1, Verdict.COMPLETE, Verdict.DRIFTED, "x", NOW)
    store.transact(lambda session: store.put_regrade(regrade, session))
    assert told(check(store, register, NOW)) == [("ops.fill_collapse", "jinan")]


def test_what_is_ours_reaches_operators_alone() -> None:
    for name in KINDS:
        assert kinds()[name].scope is About.OPS
        assert concerns("operator", name)
        assert not any(concerns(role, name) for role in ("reader", "researcher", "officer"))


def test_the_report(store: Store, register: Register, read: Read) -> None:
    read("guiyang", 300)
    read("guiyang", 5, "partial")
    read("jinan", 4)
    night(store, 5, {"guiyang": "partial", "jinan": "complete"})
    store.db["deliveries"].insert_many([{"state": "waiting"}, {"state": "waiting"}, {"state": "dead"}])
    found = report(store, load_health_data(store, register, NOW))
    assert found.oldest_trusted
    assert (found.oldest_trusted.slug, found.oldest_trusted.days, found.waiting, found.dead) == ("guiyang", 12, 2, 1)
    assert found.portals["partial"] == ["guiyang"]
    assert "1 complete, 1 partial" in found.line
    assert "oldest trusted run 12 d (guiyang); outbox 2 waiting, 1 given up; last night 3 h 12 min" in found.line
    assert "\n" not in found.line
    assert found.line.startswith("night 2026-11-24: "), "the day on which it began in China"


def test_the_command_and_the_diff_notice(store: Store, read: Read, alerts: Any) -> None:
    at = datetime.now(UTC) - timedelta(hours=40)
    read("jinan", 1, at=at)
    diff = json.loads(alerts("diff", "--json").stdout)
    assert [one["kind"] for one in diff] == ["ops.no_run"]
    done = alerts("health", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [one.split()[0] for one in found["open"]] == ["ops.no_run"]
    assert found["portals"]["complete"] == ["jinan"]
    shown = alerts("health").stdout
    assert shown.splitlines()[0] == found["line"]
    assert len(events_after(store, 0)) == 1
