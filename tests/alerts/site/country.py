"""A small country with all that pages show: a stop, removals, nights without a reading, overdue data, hostile text."""

from datetime import timedelta
from typing import Any

from opendata_spiders.normalise import THEMES
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.models import LookResult, Verdict
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import AT, put
from tests.alerts.publish.filling import HOSTILE

NOW = AT + timedelta(hours=6)
NIGHTS = 12
OFFICES = ("市交通运输局", "市生态环境局", HOSTILE)
_LOST = {3: Verdict.BLOCKED, 7: Verdict.PARTIAL}

Rows = dict[str, dict[str, Any]]


def catalogue(name: str, updated: str, count: int = 24, frequency: str = "每年") -> Rows:
    """Datasets of all categories and three offices, all updated on one day."""
    return {
        f"{name}{n}": {
            "title": f"第{n}批公交线路与企业登记信息",
            "theme": THEMES[n % len(THEMES)],
            "office": OFFICES[n % len(OFFICES)],
            "updated": updated,
            "frequency": frequency,
        }
        for n in range(count)
    }


def live(store: Store) -> None:
    """Twelve nights of five portals, and one that was read last three weeks ago."""
    put(store, "shenyang", catalogue("s", "2026-10-20"), AT - timedelta(days=21))
    for night in range(NIGHTS):
        at = AT - timedelta(days=NIGHTS - 1 - night)
        day = at.astimezone(SHANGHAI).date().isoformat()
        for slug, rows in _night(night, day).items():
            lost = _LOST.get(night) if slug == "guiyang" else None
            gone = dict.fromkeys(_removed(slug, night), LookResult.GONE)
            put(
                store,
                slug,
                rows if lost is not Verdict.BLOCKED else {},
                at,
                verdict=lost or Verdict.COMPLETE,
                look=gone,
            )


def _night(night: int, day: str) -> dict[str, Rows]:
    guiyang = catalogue("g", "2026-11-01")
    for n in range(night % 5 + 1):
        guiyang[f"g{n}"]["updated"] = day
    removed = _removed("qingdao", night)
    qingdao = {name: row for name, row in catalogue("q", "2026-11-05").items() if name not in removed}
    return {
        "guiyang": guiyang,
        "jinan": catalogue("j", "2026-03-20"),
        "qingdao": qingdao,
        "chengdu": catalogue("c", "2026-09-01", frequency="每日") | {"evil": {"title": HOSTILE, "office": HOSTILE}},
        "guizhou": catalogue("p", "2026-11-10", count=6),
    }


def _removed(slug: str, night: int) -> list[str]:
    return ["q1", "q2", "q5"] if slug == "qingdao" and night >= 5 else []
