"""Charts: what each form says, and that nothing but our own markup gets into a picture."""

import re
from datetime import date, timedelta

import pytest

from alerts.site.charts.bars import bar, bounds, sparkline
from alerts.site.charts.heat_calendar import UpdateCalendar, heat_calendar
from alerts.site.charts.svg import element
from alerts.site.charts.tile_map import SHAPES, MapSquare, MapTile, tile_map, tiles
from alerts.site.states import states
from alerts.text.labels import Both, labels
from opendata_spiders.register import packaged
from tests.alerts.publish.filling import HOSTILE

LAST = date(2026, 11, 24)


def ago(days: int) -> date:
    return LAST - timedelta(days=days)


def calendar() -> UpdateCalendar:
    """Watched for ten days, two of them without a complete reading; an update before the watch and three since."""
    read = frozenset(ago(days) for days in range(10)) - {ago(3), ago(4)}
    updates = {ago(300): 1, ago(9): 2, ago(4): 40, ago(0): 3}
    return UpdateCalendar(ago(363), LAST, updates, read, ago(9), ago(300))


@pytest.mark.parametrize(
    ("days", "kind"),
    [(363, "before"), (300, "u1"), (10, "before"), (9, "u1"), (8, "none"), (4, "u4"), (3, "unread"), (0, "u2")],
)
def test_a_day_is_an_update_a_night_without_one_or_nobody_looked(days: int, kind: str) -> None:
    assert calendar().kind(ago(days)) == kind


def test_the_year_has_every_day_once_and_marks_the_stop() -> None:
    for language in ("zh", "en"):
        drawn = "".join(half.of(language) for half in heat_calendar(calendar()))
        days = re.findall(r"<title>(\d{4}-\d{2}-\d{2}): ", drawn)
        assert days == [ago(back).isoformat() for back in range(363, -1, -1)]
        assert drawn.count('class="stopmark"') == 1
        assert drawn.count('class="unread"') == 1


def test_bars_never_leave_their_track_and_an_unknown_share_has_none() -> None:
    assert 'width="100.0"' in bar(7)
    assert 'class="fill' not in bar(None)
    assert 'class="fill-maybe" x="0.0" width="100.0"' in bounds(None, None)
    assert 'class="fill-maybe" x="20.0" width="30.0"' in bounds(0.2, 0.5)


def test_a_line_without_any_value_is_no_line() -> None:
    assert sparkline([], None) == ""
    drawn = sparkline([(2017.0, 0.0), (2020.0, 0.0)], (2026.0, 0.0, 0.0))
    assert all(-1 <= float(number) <= 121 for number in re.findall(r"(?<=[\s\",M])-?\d+(?:\.\d+)?(?=[,\s\"V])", drawn))


def test_text_in_a_picture_is_text() -> None:
    drawn = element("g", element("title", HOSTILE), aria_label=HOSTILE, href=None)
    assert "<script" not in drawn
    assert re.fullmatch(r'<g aria-label="[^"<>]*"><title>[^<>]*</title></g>', drawn.replace("\n", ""), re.DOTALL)


def test_the_map_has_a_place_for_every_province_and_shows_every_form() -> None:
    places = [(one.column, one.row) for one in tiles().values()]
    assert len(set(places)) == len(places) == 34
    register = packaged().governments
    assert {adcode for adcode in register if adcode.endswith("0000")} == {
        adcode for adcode, one in tiles().items() if not one.zh
    }
    squares = [MapSquare(Both(HOSTILE, HOSTILE), shape, Both.same(shape), "city/x/index.html") for shape in SHAPES]
    drawn = tile_map({"520000": MapTile(Both("贵州", "Guizhou"), squares, "coverage.html#p520000")}, "../")
    assert "<script" not in drawn.en
    assert drawn.en.count('href="../city/x/index.html"') == len(SHAPES)
    forms = re.findall(r"</title>(.*?)</g></a>", drawn.zh)
    assert len({re.sub(r'class="[^"]*"', "", form) for form in forms}) == len(SHAPES), "told apart without colour"
    assert "贵州" in drawn.zh
    assert "Guizhou" in drawn.en


def test_every_state_has_a_mark_and_marks_tell_tones_apart() -> None:
    named = {key.partition(".")[2] for key in labels() if key.startswith("state.")}
    assert states().keys() == named
    marks = {(one.mark, one.tone) for one in states().values()}
    assert len({mark for mark, _ in marks}) == len(marks)
