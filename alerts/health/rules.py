"""Rules about problems of this service itself: pure functions of its data and the thresholds in policy.csv."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from alerts.health.health_data import HealthData, LastNight, RunHistory
from alerts.health.policy import HealthPolicy
from opendata_spiders.register import Portal
from opendata_spiders.store.models import Run, Verdict

LOOKS_LIKE = "platform.looks_like"
"""Code of the finding in which a crawl names a family whose fingerprint matches a first page it could not read."""
KINDS = frozenset(
    {
        "ops.no_run",
        "ops.uplink",
        "ops.fill_collapse",
        "ops.family_failing",
        "ops.fault",
        "ops.ended",
        "platform.software_changed",
    }
)
"""Kinds that are stated here and not by folding a portal's runs."""
_FAILS = frozenset({Verdict.BLOCKED, Verdict.DRIFTED, Verdict.UNREACHABLE, Verdict.FAILED})


@dataclass(frozen=True, slots=True)
class Trouble:
    """One present problem."""

    kind: str
    subject: str
    """Portal id, family, or `watch`; kind and subject identify a problem."""
    episode: str
    """Id of the run or night with which it began."""
    since: datetime
    portal: str = ""
    """Portal id, for a problem with one portal."""
    slug: str = ""
    run: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.kind} {self.subject}"


def troubles(data: HealthData, policy: HealthPolicy) -> list[Trouble]:
    """All present problems, stated before or not."""
    found = [*_uplink(data.night), *_families(data, policy)]
    for one in data.faults:
        evidence = {"step": one.step, "part": one.part, "error": one.error}
        found.append(Trouble("ops.fault", one.key, one.since.isoformat(), one.since, evidence=evidence))
    for history in data.histories:
        found += [*_no_run(history, data.now, policy), *_software(history, policy), *_fill(history, policy)]
    return found


def unseen(key: str, data: HealthData, policy: HealthPolicy) -> bool:
    """Whether a stated problem may still hold, because no later run could have shown its end.

    A night in which our own internet connection failed, or few hosts of a family were read, shows nothing about the
    family. A portal without a complete run within `runs_back` runs may still have the problem.
    """
    (kind, _, subject), night = key.partition(" "), data.night
    if kind == "ops.uplink":
        return night is None or all(verdict in _FAILS for verdict in night.verdicts.values())
    if kind == "ops.family_failing":
        if night is None or night.uplink_suspect:
            return True
        read = len(_hosts(data, night).get(subject, {}))
        return read < min(_enough(subject, data, policy), len(_known_hosts(subject, data)))
    if kind in ("ops.fill_collapse", "platform.software_changed"):
        mine = (history for history in data.histories if history.portal.id == subject)
        return any(history.trusted is None and len(history.runs) >= policy.runs_back for history in mine)
    return False


def _no_run(history: RunHistory, now: datetime, policy: HealthPolicy) -> Iterator[Trouble]:
    last = history.last
    if last is not None and now - last.at > timedelta(hours=policy.no_run_hours):
        hours = int(policy.no_run_hours)
        yield _of(history.portal, "ops.no_run", last, last, {"hours": hours, "last_at": last.at})


def _software(history: RunHistory, policy: HealthPolicy) -> Iterator[Trouble]:
    """The newest run that names another family, unless a later run was complete.

    A block page may look like another family for a night: if all these runs were blocked, several have to name one.
    """
    named = [run for run in history.since_trusted if _families_named(run)]
    only_walls = all(run.verdict is Verdict.BLOCKED for run in named)
    if len(named) >= (policy.software_walls if only_walls else 1):
        evidence = {"was": named[0].family, "looks_like": _families_named(named[0]), "reason": named[0].reason}
        yield _of(history.portal, "platform.software_changed", named[-1], named[0], evidence)


def _families_named(run: Run) -> list[str]:
    return sorted({finding.detail for finding in run.findings if finding.code == LOOKS_LIKE})


def _fill(history: RunHistory, policy: HealthPolicy) -> Iterator[Trouble]:
    """Fields that became empty in a drifted run since the last complete one."""
    trusted = history.trusted
    if trusted is None:
        return
    drifted = (run for run in history.since_trusted if run.verdict is Verdict.DRIFTED)
    collapsed = [(run, lost) for run in drifted if (lost := _lost(trusted.fill, run.fill, policy))]
    if collapsed:
        (last, lost), (first, _) = collapsed[0], collapsed[-1]
        evidence = {"fields": lost, "reason": last.reason, "runs": [trusted.id, last.id]}
        yield _of(history.portal, "ops.fill_collapse", first, last, evidence)


def _lost(before: Mapping[str, float], after: Mapping[str, float], policy: HealthPolicy) -> list[str]:
    """`office 97% -> 2%`, for each field that collapsed."""
    return [
        f"{name} {was:.0%} -> {after[name]:.0%}"
        for name, was in sorted(before.items())
        if name in after and was >= policy.fill_was and was - after[name] >= policy.fill_drop
    ]


def _of(portal: Portal, kind: str, first: Run, last: Run, evidence: Mapping[str, Any]) -> Trouble:
    return Trouble(kind, portal.id, first.id, first.at, portal.id, portal.slug, last.id, evidence)


def _uplink(night: LastNight | None) -> Iterator[Trouble]:
    if night is None or not night.uplink_suspect:
        return
    failed = sorted(slug for slug, verdict in night.verdicts.items() if verdict in _FAILS)
    evidence = {"night": night.id, "failed": len(failed), "portals": failed}
    yield Trouble("ops.uplink", "watch", night.id, night.at, run=night.id, evidence=evidence)


def _families(data: HealthData, policy: HealthPolicy) -> Iterator[Trouble]:
    """Families that fail on many hosts while others answer; none in a night in which our own connection failed."""
    night = data.night
    if night is None or night.uplink_suspect:
        return
    hosts = _hosts(data, night)
    for family, by_host in sorted(hosts.items()):
        others = [failed for name, one in hosts.items() if name != family for failed in one.values()]
        if sum(by_host.values()) >= _enough(family, data, policy) and not all(others):
            there = (history.portal for history in data.histories if history.portal.family == family)
            portals = sorted(one.slug for one in there if by_host.get(one.host_group) and one.slug in night.verdicts)
            counts = {"hosts": sum(by_host.values()), "family_hosts": len(by_host)}
            evidence = {"family": family, **counts, "night": night.id, "portals": portals}
            yield Trouble("ops.family_failing", family, night.id, night.at, run=night.id, evidence=evidence)


def _enough(family: str, data: HealthData, policy: HealthPolicy) -> float:
    """Number of failing host groups that counts as a failing family: a share of all that were ever read."""
    return max(policy.family_hosts, policy.family_share * len(_known_hosts(family, data)))


def _known_hosts(family: str, data: HealthData) -> set[str]:
    tonight = data.night.verdicts if data.night else {}
    there = (history for history in data.histories if history.portal.family == family)
    return {history.portal.host_group for history in there if history.runs or history.portal.slug in tonight}


def _hosts(data: HealthData, night: LastNight) -> Mapping[str, dict[str, bool]]:
    """Family to host group to whether all its portals that were read that night failed."""
    hosts: dict[str, dict[str, bool]] = defaultdict(dict)
    for history in data.histories:
        verdict = night.verdicts.get(history.portal.slug)
        if verdict is not None:
            by_host = hosts[history.portal.family]
            by_host[history.portal.host_group] = by_host.get(history.portal.host_group, True) and verdict in _FAILS
    return hosts
