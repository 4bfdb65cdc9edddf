"""What a night shows of itself: a table on a terminal, else a line now and then."""

import io

import pytest
from rich.console import Console

from opendata_spiders.night import progress
from opendata_spiders.night.crawl_plan import plan_crawls
from opendata_spiders.night.messages import ReadingNow
from opendata_spiders.night.progress import NightProgress
from opendata_spiders.night.scheduler import NightState
from opendata_spiders.register import packaged

PLAN = plan_crawls(
    [one for one in packaged().crawlable() if one.slug in {"guiyang", "zunyi", "jinan"}],
    lambda _: None,
    delay=1.0,
    budget=100,
)
STATE = NightState(
    {"guiyang": ReadingNow("guiyang", 1200, 3985, 121, 125.0)}, {"guiyang": "data.guizhou.gov.cn"}, ("zunyi",)
)


class Clock:
    """Seconds as a test sets them."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(progress, "time", made)
    return made


def test_in_a_log_a_line_says_every_ten_minutes_that_the_night_lives(clock):
    out = io.StringIO()
    with NightProgress(Console(file=out, width=40), PLAN, 20) as shown:
        for clock.now in range(0, 1500, 10):
            shown.show(STATE)
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    assert set(lines) == {lines[0]}
    assert lines[0].startswith("1 of 3 portals read, 1 wait, by the plan at most ")
    assert lines[0].endswith(" minutes left; 1 are being read: guiyang")


def test_on_a_terminal_a_table_is_kept_up_to_date_and_leaves_nothing(clock):
    out = io.StringIO()
    with NightProgress(Console(file=out, width=80, force_terminal=True, color_system=None), PLAN, 20) as shown:
        clock.now = 0.5
        shown.show(STATE)
        assert "guiyang" not in out.getvalue()
        clock.now = 2.0
        shown.show(STATE)
        (row,) = [line for line in out.getvalue().splitlines() if "guiyang" in line]
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        "data.guizhou.gov.cn",
        "guiyang",
        "1,200",
        "3,985",
        "121",
        "2",
    ]
    assert out.getvalue().endswith("\x1b[2K")
