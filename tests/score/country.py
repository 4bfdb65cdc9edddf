"""A country whose truth is settled before anybody reads it: the sentences of the yearly study, about 364 governments.

Nothing here asks the code that is judged. A portal's life is the days on which it is updated; what it shows of them
differs from portal to portal. Its readings are stored as a crawl stores them, and folded by the diff.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import Any

from alerts.engine.repository import prepare
from alerts.engine.runner import fold_new, place_of
from alerts.model.policy import policy
from opendata_spiders.register import Attested, NoPortal, Portal, PortalStatus, Register, packaged
from opendata_spiders.store import runs
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import entry_of, run_of

FIRST = date(2026, 1, 5)
LAST = date(2027, 1, 5)
"""The first night, and the first one after four whole quarters of watching."""
GOVERNMENTS, PORTALS = 364, 142
SILENT, QUARTERLY, ALL_THEMES, KEY_FOUR, FULL_RANGE = 74, 33, 20, 3, 1
"""The sentences, true on both nights: eight months without an update; updated in each of the last four quarters; with
all 14 categories; places with the four kinds of key data; places with the whole range."""
EIGHT_MONTHS = 243

TITLES = {
    "经贸工商": "粮油零售价格监测",
    "交通出行": "公交线路信息",
    "机构团体": "社会组织名录",
    "文化休闲": "公共图书馆名录",
    "卫生健康": "医院名录",
    "教育科技": "小学名录",
    "社会民生": "养老机构名录",
    "资源环境": "饮用水水质监测",
    "城建住房": "公租房房源",
    "公共安全": "消防重点单位名录",
    "农业农村": "农民专业合作社名录",
    "社保就业": "失业保险参保人数",
    "财税金融": "小额贷款公司名录",
    "信用服务": "守信红名单",
}
"""A dataset of each category."""
KEY_TITLES = {"企业登记信息": "经贸工商", "公交站点": "交通出行", "气象预警": "公共安全", "医疗机构名录": "卫生健康"}
RANGE_TITLES = {"社保服务网点": "社保就业", "进出口总额": "经贸工商", "中学名录": "教育科技", "公租房分配": "城建住房",
                "就业登记人数": "社保就业", "疫苗接种点": "卫生健康"}  # fmt: skip
FULL_PLACE, FOUR_PLACES = "110000", ("330000", "520100")

LIVES: Mapping[str, int] = {"silent": 64, "wakes": 10, "stops": 10, "steady": 28, "slips": 5, "improves": 5, "now_and_then": 20}  # fmt: skip
"""How many portals live how: the silent are 64 + 10 on both nights, and the steady 28 + 5."""
SHOWN = ("dates", "dates", "dates", "themes in details", "no dates")
UNREAD_AT_FIRST = 12
DETAILS_READ = FIRST + timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset of a portal."""

    title: str
    theme: str


@dataclass(frozen=True, slots=True)
class Member:
    """One portal of the country."""

    portal: Portal
    life: str
    shows: str
    """What its list shows: dates, no dates, or dates but categories on detail pages only."""
    datasets: tuple[Dataset, ...]
    updates: tuple[date, ...]
    """Days with an update, in order."""
    rotates: bool
    """Whether its updates go round its datasets; else it is always the same one, whose earlier dates nobody sees."""
    late: bool
    """Whether it cannot be read on the first night."""

    def silent(self, on: date) -> bool:
        return (on - max(day for day in self.updates if day < on)).days > EIGHT_MONTHS

    def every_quarter(self, on: date) -> bool:
        updated = {_quarter(day) for day in self.updates if day < on}
        return all(_quarter(on) - back in updated for back in (1, 2, 3, 4))

    def quarters_shown(self, on: date) -> tuple[bool, ...]:
        """Whether a date of each of the last four quarters stands on the pages; each dataset shows its newest alone."""
        shown = {_quarter(date.fromisoformat(row["updated"])) for row in self.rows(on).values() if row["updated"]}
        return tuple(_quarter(on) - back in shown for back in (4, 3, 2, 1))

    def nights(self) -> Iterator[date]:
        """When it is read: three nights of four, where only watching tells; else once a fortnight, and at the end."""
        watched = self.shows == "no dates" or self.life not in ("silent", "steady", "stops")
        start = FIRST + timedelta(days=self.late)
        for number in range((LAST - start).days):
            if number % 4 != 3 if watched else number % 14 == 0:
                yield start + timedelta(days=number)
        yield LAST

    def rows(self, on: date) -> dict[str, dict[str, Any]]:
        """What is read of its datasets on that night."""
        done = [day for day in self.updates if day < on]
        bare = self.shows == "themes in details" and on < DETAILS_READ
        shown: dict[str, dict[str, Any]] = {}
        for number, one in enumerate(self.datasets):
            mine = [
                day for place, day in enumerate(done) if (place % len(self.datasets) if self.rotates else 0) == number
            ]
            row = {"title": one.title, "theme": one.theme, "office": "数据局", "published": "2019-03-01",
                   "updated": f"{mine[-1] if mine else date(2019, 4, 1)}", "description": f"第{len(mine)}次更新的数据说明"}  # fmt: skip
            row |= {"updated": None, "published": None} if self.shows == "no dates" else {}
            shown[f"d{number}"] = row | ({"theme": None, "detailed": False} if bare else {})
        return shown


def _quarter(day: date) -> int:
    return 4 * day.year + (day.month - 1) // 3


@dataclass(frozen=True, slots=True)
class Country:
    """All of it."""

    members: tuple[Member, ...]
    register: Register = field(repr=False)


@cache
def country() -> Country:
    """The country, always the same one."""
    rng, known = Random("country"), packaged()
    others = [adcode for adcode in known.governments if adcode not in (FULL_PLACE, *FOUR_PLACES)]
    homes = [FULL_PLACE, *FOUR_PLACES, *rng.sample(others, PORTALS - KEY_FOUR)]
    lives = [life for life, count in LIVES.items() for _ in range(count)]
    rng.shuffle(lives)
    whole = set(rng.sample(homes[KEY_FOUR:], ALL_THEMES))
    late = set(rng.sample(homes, UNREAD_AT_FIRST))
    members = []
    for number, (adcode, life) in enumerate(zip(homes, lives, strict=True)):
        members.append(
            Member(
                portal=_portal(known, adcode),
                life=life,
                shows=SHOWN[number % len(SHOWN)],
                datasets=tuple(_datasets(adcode, rng, all_themes=adcode in whole)),
                updates=tuple(_updates(life, rng)),
                rotates=rng.random() < 0.5,
                late=adcode in late,
            )
        )
    none = {
        adcode: NoPortal(adcode, date(2025, 12, 1), "https://study.example/2025")
        for adcode in known.governments
        if adcode not in homes
    }
    return Country(tuple(members), Register(known.governments, {one.portal.slug: one.portal for one in members}, none))


def _portal(known: Register, adcode: str) -> Portal:
    government = known.governments[adcode]
    return replace(
        known.get("guiyang"),
        id=f"{adcode}.1",
        slug=f"p{adcode}",
        name_zh=f"{government.name_zh}开放平台",
        name_en=government.name_en,
        short_zh=government.short_zh,
        short_en=government.name_en,
        government=adcode,
        province=government.province,
        host_group=f"{adcode}.example",
        status=PortalStatus.ACTIVE,
        attested=Attested.BY_CRAWLERS,
        relists=False,
    )


def _datasets(adcode: str, rng: Random, *, all_themes: bool) -> Iterator[Dataset]:
    themes = list(TITLES) if all_themes else rng.sample(sorted(TITLES), 5)
    extra: dict[str, str] = {}
    if adcode in (FULL_PLACE, *FOUR_PLACES):
        extra |= KEY_TITLES
    if adcode == FULL_PLACE:
        extra |= RANGE_TITLES
    yield from (Dataset(TITLES[theme], theme) for theme in themes)
    yield from (Dataset(title, theme) for title, theme in extra.items())


def _updates(life: str, rng: Random) -> Iterator[date]:
    """Days in the middle of quarters, so that what is read a night later is read in the same quarter."""
    quarters = {
        "silent": [],
        "wakes": [(2026, 3), (2026, 4)],
        "stops": [(2025, 4), (2026, 1)],
        "steady": [(year, number) for year in (2025, 2026) for number in (1, 2, 3, 4)],
        "slips": [(2025, 1), (2025, 2), (2025, 3), (2025, 4), (2026, 2), (2026, 4)],
        "improves": [(2025, 1), (2025, 3), (2025, 4), (2026, 1), (2026, 2), (2026, 3), (2026, 4)],
        "now_and_then": [(2025, 3), (2025, 4), (2026, 2), (2026, 4)],
    }[life]
    yield date(2024, 1, 1) + timedelta(days=rng.randrange(400))
    for year, number in quarters:
        for start in range(25, 65, 20):
            yield date(year, 3 * number - 2, 1) + timedelta(days=start + rng.randrange(18))


def moment(night: date) -> datetime:
    """When it is read: a quarter past two, Shanghai time."""
    return datetime.combine(night, time(2, 15), SHANGHAI).astimezone(UTC)


def read(store: Store, until: date) -> None:
    """Store all readings up to that night, and fold them."""
    prepare(store)
    for member in country().members:
        last = store.last_run(member.portal.id)
        after = last.at.astimezone(SHANGHAI).date() if last else FIRST - timedelta(days=1)
        _read(store, member, [night for night in member.nights() if after < night <= until])
        place = place_of(country().register, member.portal.id, member.portal.slug)
        fold_new(store, place, policy())


def _read(store: Store, member: Member, nights: list[date]) -> None:
    seen: dict[str, dict[str, Any]] = {}
    manifest: str | None = None
    for night in nights:
        rows, at = member.rows(night), moment(night)
        counts = {"declared": len(rows), "seen": len(rows)}
        run = run_of(
            member.portal.id,
            member.portal.slug,
            at,
            **counts,
            detailed=sum(row.get("detailed", True) for row in rows.values()),
        )
        if rows == seen:
            # What a commit of the same entries comes to: the same manifest, and the run document.
            runs.insert(store.db, replace(run, manifest=manifest))
            continue
        parts = [entry_of(member.portal.id, name, row) for name, row in rows.items()]
        store.put_versions(version for _, version in parts)
        seen, manifest = rows, store.commit(run, [entry for entry, _ in parts]).manifest
