"""A small country with all that pages show: a stop, removals, nights without a reading, overdue data, hostile text."""

from datetime import date, timedelta
from typing import Any

from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.models import LookResult, Verdict
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import AT, put
from tests.alerts.publish.filling import HOSTILE
from tests.score.country import TITLES

NOW = AT + timedelta(hours=6)
NIGHTS = 12
OFFICES = ("市交通运输局", "市生态环境局", HOSTILE)
_LOST = {3: Verdict.BLOCKED, 7: Verdict.PARTIAL}

Rows = dict[str, dict[str, Any]]


def catalogue(name: str, last: date, count: int = 28, frequency: str = "每年") -> Rows:
    """Datasets of all categories and three offices, updated every ten days up to the last one."""
    titles = list(TITLES.items())
    return {
        f"{name}{n}": {
            "title": f"{titles[n % len(titles)][1]}（{n + 1}）",
            "theme": titles[n % len(titles)][0],
            "office": OFFICES[n % len(OFFICES)],
            "updated": (last - timedelta(days=10 * n)).isoformat(),
            "frequency": frequency,
        }
        for n in range(count)
    }


def live(store: Store) -> None:
    """Twelve nights of five portals, and one that was read last three weeks ago."""
    put(store, "shenyang", catalogue("s", date(2026, 10, 20)), AT - timedelta(days=21))
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
    guiyang = catalogue("g", date(2026, 11, 1))
    for n in range(night % 5 + 1):
        guiyang[f"g{n}"]["updated"] = day
    removed = _removed("qingdao", night)
    qingdao = {name: row for name, row in catalogue("q", date(2026, 11, 5)).items() if name not in removed}
    return {
        "guiyang": guiyang,
        "jinan": catalogue("j", date(2026, 3, 20)),
        "qingdao": qingdao,
        "chengdu": catalogue("c", date(2026, 9, 1), frequency="每日") | {"evil": {"title": HOSTILE, "office": HOSTILE}},
        "guizhou": catalogue("p", date(2026, 11, 10), count=6),
    }


def _removed(slug: str, night: int) -> list[str]:
    return ["q1", "q2", "q5"] if slug == "qingdao" and night >= 5 else []
