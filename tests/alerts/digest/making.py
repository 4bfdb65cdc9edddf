"""Events, standings and readers for the tests of digests: one night in six cities."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from alerts.audience.filters import Filter
from alerts.audience.rhythm import Rhythm
from alerts.digest.model import PortalStanding, Situation, View
from alerts.digest.overdue import OverdueDataset
from alerts.model.events import Confidence, Event, Severity
from alerts.model.kinds import kinds
from alerts.model.places import PortalName, Silent
from alerts.text.wording import Wording, load

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
"""08:00 in Shanghai."""
SHANGHAI = ZoneInfo("Asia/Shanghai")

CITIES = {
    "guiyang": ("贵阳", "Guiyang"),
    "chengdu": ("成都", "Chengdu"),
    "jinan": ("济南", "Jinan"),
    "kunming": ("昆明", "Kunming"),
    "linzhi": ("林芝", "Nyingchi"),
    "dezhou": ("德州", "Dezhou"),
}
PLACES = {slug: PortalName(slug, zh, en, f"data.{slug}.gov.cn") for slug, (zh, en) in CITIES.items()}


@dataclass(frozen=True)
class Reader:
    """The least a digest must know of who reads it."""

    name: str = "desk"
    role: str = "reader"
    scope: Filter = field(
        default_factory=lambda: Filter(
            frozenset(CITIES),
            names_zh=tuple(zh for zh, _ in CITIES.values()),
            names_en=tuple(en for _, en in CITIES.values()),
        )
    )
    rhythm: Rhythm = field(default_factory=Rhythm)
    silent_days: int | None = None


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def event(kind: str, slug: str = "guiyang", dataset: str | None = None, **more: Any) -> Event:
    """An event as the diff states it: severity as in kinds.csv unless given, evidence with both runs."""
    known = kinds().get(kind)
    evidence = {"runs": [f"{slug}-20261122", f"{slug}-20261123"], **more.pop("evidence", {})}
    values: dict[str, Any] = {
        "id": f"{kind}/{slug}/{dataset}",
        "portal": f"{slug}.1",
        "run": f"{slug}-20261123",
        "at": ago(0.2),
        "severity": known.severity if known else Severity.NOTABLE,
        "confidence": Confidence.CONFIRMED,
    }
    return Event(kind=kind, slug=slug, dataset=dataset, evidence=evidence, **(values | more))


def night() -> list[Event]:
    """A night in which everything happened."""
    seen = {"declared": 512, "seen": 510}
    return [
        event(
            "city.stopped", "guiyang", confidence=Confidence.CLAIMED, since=ago(251),
            evidence={**seen, "days_silent": 251, "evidence": {"date": ago(251), "kind": "claimed"}},
        ),
        event("city.resumed", "dezhou", evidence={"silent_days": 120, "evidence_before": ago(121)}),
        event("bulk.deletion", "jinan", since=ago(2), evidence={
                **seen, "count": 312, "catalogue": 2400, "offices": [["市场监管局", 200], ["民政局", 112]],
                "datasets": [{"id": f"b{n}", "title": f"第{n}季度双公示", "office": "市场监管局", "last_seen": ago(3)} for n in range(1, 5)],
            }),
        event(
            "dataset.removed", "jinan", "a1", title="济南市公交站点信息", office="济南市交通运输局", since=ago(2),
            evidence={**seen, "last_seen": ago(3), "look": "gone", "absent": [{"run": "r", "at": ago(2)}]},
            page_url="http://data.jinan.gov.cn/portal/dataset?id=a_1",
        ),
        *(
            event("dataset.removed", "chengdu", f"c{n}", title=f"第{n}批行政许可信息", office="市场监管局", since=ago(2))
            for n in range(9)
        ),
        event(
            "dataset.overdue", "chengdu", "o1", title="空气质量日报", office="生态环境局", since=ago(35),
            confidence=Confidence.CLAIMED, page_url="https://data.chengdu.gov.cn/x?id=9",
            evidence={"claimed": ago(35), "frequency": "P1D", "frequency_raw": "每日", "due_at": ago(34)},
        ),
        *(event("dataset.new", "kunming", f"n{n}", title=f"{n}年度财政预算", office="财政局") for n in (2025, 2026)),
        *(event("dataset.new", "dezhou", f"n{n}", title=f"{n}年度财政预算", office="财政局") for n in range(2019, 2026)),
        event(
            "dataset.promise_weakened", "kunming", "p", title="城市道路停车位", office="住建局",
            evidence={
                "before": {"before": "MONTHLY", "after": "IRREG", "before_raw": "每月", "after_raw": "不定期", "iso": "P1M"},
                "after": {"iso": None, "code": "IRREG"},
            },
        ),
        event(
            "dataset.open_type_changed", "kunming", "q", title="企业登记信息", office="市场监管局",
            evidence={
                "before": {"before": "open", "after": "conditional", "before_raw": "无条件开放", "after_raw": "有条件开放"},
                "after": "conditional", "downgraded": True,
            },
        ),
        *(event("dataset.updated", "kunming", f"u{n}", title="x") for n in range(123)),
        event("ops.drifted", "linzhi", evidence={"reason": "title empty in 80 % of rows"}),
        event("platform.blocked", "kunming", evidence={"reason": "HTTP 412"}),
    ]  # fmt: skip


def files_night() -> list[Event]:
    """What looks at the files of watched datasets say."""
    bus, rain = {"title": "公交站点信息", "office": "交通局"}, {"title": "雨量站数据", "office": "气象局"}
    looked = {"rounds": ["jinan-files-20261120", "jinan-files-20261123"], "runs": ()}
    broken = {**looked, "checks": 3, "hours": 48, "url": "https://data.jinan.gov.cn/f/1"}
    return [
        event("resource.broken", "jinan", "w1", **bus, evidence={**broken, "name": "站点.csv", "why": "not_found", "status": 404}),
        event("resource.broken", "jinan", "w1", **bus, evidence={**broken, "file": "", "name": "", "why": "html"}),
        event("resource.broken", "jinan", "w2", **rain, evidence={**broken, "file": "f7", "name": "", "why": "odd_class"}),
        event("resource.fixed", "jinan", "w1", **bus, evidence={**looked, "name": "站点.csv", "why": "empty", "broken_days": 9}),
        event("resource.fixed", "jinan", "w1", **bus, evidence={**looked, "name": "", "why": "html", "broken_days": 1}),
        event(
            "dataset.schema_changed", "jinan", "w1", **bus,
            evidence={**looked, "added": ["票价"], "removed": ["备注"], "renamed": ["站点名称 → 站点名"], "breaking": True},
        ),
        event("dataset.schema_changed", "jinan", "w2", **rain, evidence={**looked, "added": ["湿度"], "breaking": False}),
        event("dataset.shrunk", "jinan", "w1", **bus, evidence={**looked, "before": 12_400, "after": 310, "counted": True}),
        event("dataset.grew", "jinan", "w2", **rain, evidence={**looked, "before": 200, "after": 1800, "counted": True}),
        event("dataset.fake_update", "jinan", "w2", **rain, evidence={**looked, "advances": 2, "samples": 9, "claimed_after": ago(1)}),
        event(
            "platform.files_down", "chengdu",
            evidence={**looked, "failed": 7, "count": 3, "why": "timeout", "checks": 3, "hours": 49},
        ),
        event("platform.files_up", "dezhou", evidence={**looked, "opened": 6, "looked": 7, "broken_since": ago(12)}),
    ]  # fmt: skip


def situation(**more: Any) -> Situation:
    good = {"verdict": "complete", "reliable": True, "trusted": NOW}
    standings = (
        PortalStanding("guiyang", "stopped", ago(8), ago(251), claimed=True, datasets=1200, overdue=40, **good),
        PortalStanding("linzhi", "stopped", ago(100), ago(400), claimed=False, datasets=90, overdue=3, **good),
        PortalStanding("chengdu", "live", datasets=3000, overdue=120, **good),
        PortalStanding("jinan", "slowed", ago(7), ago(99), datasets=2400, overdue=33, **good),
        PortalStanding("kunming", "live", verdict="blocked", reason="HTTP 412 on page 1", trusted=ago(3)),
        PortalStanding("dezhou", "resumed", ago(1), ago(1), datasets=700, **good),
    )
    silent = (Silent("拉萨", "Lhasa", "no_portal"), Silent("西安", "Xi'an", "planned"))
    return Situation(**({"places": PLACES, "standings": standings, "silent": silent} | more))


def overdue() -> list[OverdueDataset]:
    """An officer's list: two departments of one city."""
    rows = [("市交通运输局", 4, 122), ("市民政局", 2, 31)]
    return [
        OverdueDataset(office, f"第{n}批公共服务事项", f"{office}{n}", "每月", "2026-06-01", "2026-07-01", days - n, "overdue", "贵阳", "", "guiyang",
             "2026-11-24", NOW)
        for office, count, days in rows
        for n in range(count)
    ]  # fmt: skip


def wording(language: str = "zh") -> Wording:
    return load(language, SHANGHAI)


def view(language: str = "zh", **more: Any) -> View:
    """That night seen by a reader of this language; `more` changes the situation."""
    return View(situation(**more), wording(language), NOW)
