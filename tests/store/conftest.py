"""Sample data for the store's tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from opendata_spiders.store.content import version_id
from opendata_spiders.store.models import Entry, Run, Verdict, Version

FIRST_NIGHT = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)


class Sample:
    """Entries, versions and runs of an invented portal."""

    portal = "p-1"
    slug = "guiyang"
    first_night = FIRST_NIGHT

    def version(self, number: int, title: str = "道路名录", **more: Any) -> Version:
        content = {"title": f"{title}{number}", "tags": ["交通", "城市"], "office": "大数据局"}
        dataset = f"d{number}"
        return Version(
            id=version_id(self.portal, dataset, content),
            portal=self.portal,
            dataset=dataset,
            family="guizhou_api",
            content=content,
            list_body='{"name": "道路"}',
            **more,
        )

    def entry(self, number: int, title: str = "道路名录", **more: Any) -> Entry:
        version = self.version(number, title).id
        return Entry(f"d{number}", f"fp-{title}-{number}", version, clocks={"updated": "2026-11-20"}, **more)

    def entries(self, count: int, title: str = "道路名录") -> list[Entry]:
        return [self.entry(number, title) for number in range(count)]

    def run(self, night: int = 0, verdict: Verdict = Verdict.COMPLETE, **more: Any) -> Run:
        at = self.first_night + timedelta(days=night)
        values: dict[str, Any] = {
            "id": f"{self.slug}-{at:%Y%m%dT%H%M%SZ}-x{verdict}",
            "portal": self.portal,
            "slug": self.slug,
            "family": "guizhou_api",
            "epoch": "e1",
            "seq": 0,
            "at": at,
            "started": at,
            "finished": at + timedelta(minutes=3),
            "verdict": verdict,
            "reason": "all 3 of 3 pages read",
        }
        return Run(**(values | more))


@pytest.fixture
def sample() -> Sample:
    return Sample()
