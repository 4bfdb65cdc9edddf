"""What is wrong with our own reading: pure functions of what was seen, the thresholds in policy.csv."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from alerts.health.policy import HealthPolicy
from alerts.health.sight import LastNight, Seen, Sight
from opendata_spiders.register import Portal
from opendata_spiders.store.models import Run, Verdict

LOOKS_LIKE = "platform.looks_like"
"""Code of the finding in which the crawl names a family whose fingerprint fits a first page it could not read."""
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
"""What is stated here and not by folding a portal's runs."""
_FAILS = frozenset({Verdict.BLOCKED, Verdict.DRIFTED, Verdict.UNREACHABLE, Verdict.FAILED})


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong now."""

    kind: str
    subject: str
    """Portal id, family, or `watch`: with the kind it tells two troubles apart."""
    episode: str
    """Run or night with which it began."""
    since: datetime
    portal: str = ""
    """Id, of a trouble with one portal."""
    slug: str = ""
    run: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.kind} {self.subject}"


def troubles(sight: Sight, policy: HealthPolicy) -> list[Trouble]:
    """Everything that is wrong now, told before or not."""
    found = [*_uplink(sight.night), *_families(sight, policy)]
    for one in sight.faults:
        evidence = {"step": one.step, "part": one.part, "error": one.error}
        found.append(Trouble("ops.fault", one.key, one.since.isoformat(), one.since, evidence=evidence))
    for seen in sight.seen:
        found += [*_no_run(seen, sight.now, policy), *_software(seen, policy), *_fill(seen, policy)]
    return found


def unseen(key: str, sight: Sight, policy: HealthPolicy) -> bool:
    """Whether a trouble that was told may hold still: nothing that was read since could have shown it.

    A night of our own failure says nothing of a family, nor does one in which few of its hosts were read; and nobody
    looks further back than `runs_back` runs for what was told of a portal that was never trusted since.
    """
    (kind, _, subject), night = key.partition(" "), sight.night
    if kind == "ops.uplink":
        return night is None or all(verdict in _FAILS for verdict in night.verdicts.values())
    if kind == "ops.family_failing":
        if night is None or night.uplink_suspect:
            return True
        read = len(_hosts(sight, night).get(subject, {}))
        return read < min(_enough(subject, sight, policy), len(_known_hosts(subject, sight)))
    if kind in ("ops.fill_collapse", "platform.software_changed"):
        mine = (seen for seen in sight.seen if seen.portal.id == subject)
        return any(seen.trusted is None and len(seen.runs) >= policy.runs_back for seen in mine)
    return False


def _no_run(seen: Seen, now: datetime, policy: HealthPolicy) -> Iterator[Trouble]:
    last = seen.last
    if last is not None and now - last.at > timedelta(hours=policy.no_run_hours):
        hours = int(policy.no_run_hours)
        yield _of(seen.portal, "ops.no_run", last, last, {"hours": hours, "last_at": last.at})


def _software(seen: Seen, policy: HealthPolicy) -> Iterator[Trouble]:
    """The newest run that named another family, unless one since could be read.

    A wall may wear anybody's page for a night: where all were blocked, several have to name one.
    """
    named = [run for run in seen.since_trusted if _families_named(run)]
    only_walls = all(run.verdict is Verdict.BLOCKED for run in named)
    if len(named) >= (policy.software_walls if only_walls else 1):
        evidence = {"was": named[0].family, "looks_like": _families_named(named[0]), "reason": named[0].reason}
        yield _of(seen.portal, "platform.software_changed", named[-1], named[0], evidence)


def _families_named(run: Run) -> list[str]:
    return sorted({finding.detail for finding in run.findings if finding.code == LOOKS_LIKE})


def _fill(seen: Seen, policy: HealthPolicy) -> Iterator[Trouble]:
    """Fields that stood empty in a drifted run since the last trusted one; a later page of no known shape is silent."""
    trusted = seen.trusted
    if trusted is None:
        return
    drifted = (run for run in seen.since_trusted if run.verdict is Verdict.DRIFTED)
    collapsed = [(run, lost) for run in drifted if (lost := _lost(trusted.fill, run.fill, policy))]
    if collapsed:
        (last, lost), (first, _) = collapsed[0], collapsed[-1]
        evidence = {"fields": lost, "reason": last.reason, "runs": [trusted.id, last.id]}
        yield _of(seen.portal, "ops.fill_collapse", first, last, evidence)


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


def _families(sight: Sight, policy: HealthPolicy) -> Iterator[Trouble]:
    """Families that fail on many hosts while others answer; in a night of our own failure nobody is accused."""
    night = sight.night
    if night is None or night.uplink_suspect:
        return
    hosts = _hosts(sight, night)
    for family, by_host in sorted(hosts.items()):
        others = [failed for name, one in hosts.items() if name != family for failed in one.values()]
        if sum(by_host.values()) >= _enough(family, sight, policy) and not all(others):
            there = (seen.portal for seen in sight.seen if seen.portal.family == family)
            portals = sorted(one.slug for one in there if by_host.get(one.host_group) and one.slug in night.verdicts)
            counts = {"hosts": sum(by_host.values()), "family_hosts": len(by_host)}
            evidence = {"family": family, **counts, "night": night.id, "portals": portals}
            yield Trouble("ops.family_failing", family, night.id, night.at, run=night.id, evidence=evidence)


def _enough(family: str, sight: Sight, policy: HealthPolicy) -> float:
    """Host groups that make a family: half of all that are read at all, not only of those read in one night."""
    return max(policy.family_hosts, policy.family_share * len(_known_hosts(family, sight)))


def _known_hosts(family: str, sight: Sight) -> set[str]:
    tonight = sight.night.verdicts if sight.night else {}
    there = (seen for seen in sight.seen if seen.portal.family == family)
    return {seen.portal.host_group for seen in there if seen.runs or seen.portal.slug in tonight}


def _hosts(sight: Sight, night: LastNight) -> Mapping[str, dict[str, bool]]:
    """Family to host group to whether every portal of it that was read that night failed."""
    hosts: dict[str, dict[str, bool]] = defaultdict(dict)
    for seen in sight.seen:
        verdict = night.verdicts.get(seen.portal.slug)
        if verdict is not None:
            by_host = hosts[seen.portal.family]
            by_host[seen.portal.host_group] = by_host.get(seen.portal.host_group, True) and verdict in _FAILS
    return hosts
