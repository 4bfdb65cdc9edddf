"""A small register of its own: every test says what it changes about rows that are in order."""

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from opendata_spiders.register import Register, load, packaged

PORTAL = {
    "id": "520100.2",
    "slug": "guiyang_new",
    "name_zh": "贵阳新平台",
    "name_en": "Guiyang, new platform",
    "short_zh": "",
    "short_en": "",
    "government": "520100",
    "scope": "national",
    "family": "guizhou_api",
    "base_url": "https://data.guizhou.gov.cn",
    "context_path": "/api/search/data",
    "tenant": "divisionId=520100",
    "host_group": "",
    "language": "zh",
    "timezone": "Asia/Shanghai",
    "status": "planned",
    "attested": "attested by public crawlers",
    "verified_on": "2026-04",
    "relists": "no",
    "old_tls": "",
    "impersonate": "",
    "charset": "",
    "approx_datasets": "",
    "approx_as_of": "",
    "why": "Not looked at yet.",
    "note": "",
    "source": "",
}
GOVERNMENT = {
    "adcode": "529800",
    "level": "prefecture",
    "province": "贵州省",
    "name_zh": "新设市",
    "name_en": "Xinshe",
    "short_zh": "新设",
    "aliases": "",
    "valid_from": "2026-01-01",
}
NO_PORTAL = {"adcode": "632700", "verified_on": "2026-09-01", "source": "https://study.example/2026"}


def write_table(file: Path, *rows: Mapping[str, str]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, rows[0].keys(), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    return file


class Overlay:
    """A folder of a user's own rows, and a folder of families' modules that the rows may name."""

    def __init__(self, root: Path) -> None:
        self.root = root / "mine"
        self.families = root / "families"
        self.root.mkdir()
        self.families.mkdir()
        for family in {portal.family for portal in packaged().crawlable()}:
            self.family(family)

    def family(self, name: str, stated: str | None = None) -> None:
        text = f'class Spider:\n    family: ClassVar[str] = "{stated or name}"\n'
        (self.families / f"{name}.py").write_text(text, "utf-8")

    def portals(self, *changes: Mapping[str, str]) -> Path:
        return write_table(self.root / "portals.csv", *({**PORTAL, **change} for change in changes))

    def governments(self, *changes: Mapping[str, str]) -> Path:
        return write_table(self.root / "governments.csv", *({**GOVERNMENT, **change} for change in changes))

    def no_portal(self, *changes: Mapping[str, str]) -> Path:
        return write_table(self.root / "no_portal.csv", *({**NO_PORTAL, **change} for change in changes))

    def load(self) -> Register:
        return load(self.root, families=self.families)


@pytest.fixture
def overlay(tmp_path: Path) -> Overlay:
    return Overlay(tmp_path)


@pytest.fixture(scope="session")
def shipped() -> Register:
    return packaged()
