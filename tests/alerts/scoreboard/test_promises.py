"""One count of promises: on a reading's card, in the states, in the officer's list and on the scoreboard."""

import csv
import io
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.audience.filters import Filter
from alerts.digest.overdue import as_csv, overdue_in, overdue_list
from alerts.records.queries import portal_states
from alerts.records.state_source import StoredStates
from alerts.scoreboard.board import board
from alerts.scoreboard.gather import gather
from alerts.text.labels import label
from alerts.text.spreadsheets import BOM
from opendata_spiders.crawl.summary import card
from opendata_spiders.crawl.tally import Tally
from opendata_spiders.crawl.target import target_from_arguments
from opendata_spiders.items import Dataset
from opendata_spiders.normalise import frequency
from opendata_spiders.register import packaged
from opendata_spiders.store.errors import StoreError
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import AT, put, run_of, values

TZ = ZoneInfo("Asia/Shanghai")
WORDS = ("实时", "每日", "每周", "每两周", "每月", "每季度", "每半年", "每年", "不定期", "按需", None)
AGES = (
    0,
    1,
    2,
    3,
    7,
    13,
    14,
    15,
    21,
    30,
    42,
    43,
    44,
    45,
    60,
    90,
    119,
    120,
    210,
    211,
    212,
    213,
    214,
    365,
    425,
    455,
    900,
    None,
)
"""Days since the update, among them those on which counting in days and counting in months part."""
ROWS = {
    f"d{number}-{age}": {
        "frequency": word,
        "title": f"第{number}类第{age}项",
        "updated": None if age is None else f"{(AT - timedelta(days=age)).astimezone(TZ):%Y-%m-%d}",
        "published": None,
    }
    for number, word in enumerate(WORDS)
    for age in AGES
}  # fmt: skip


def tally() -> Tally:
    """The same catalogue as the crawl counts it."""
    target = target_from_arguments(packaged().get("guiyang"), "test", {})
    found = Tally(target, "test", AT, {})
    for name, row in ROWS.items():
        raw = values(name, row)
        found.take(
            Dataset(portal=target.portal_id, slug=target.slug, id=name, raw=raw, row=raw, list_fp="f", page_url="")
        )
    return found


def test_card_states_list_and_scoreboard_tell_one_number(store: Store) -> None:
    portal = put(store, "guiyang", ROWS)
    stats = tally().changes()
    [state] = portal_states(StoredStates(store))
    rows = overdue_list(overdue_in(store, packaged(), portal, AT), Filter())
    [shown] = board(gather(store, packaged(), AT))["portals"]
    late = state.counts["overdue"] + state.counts["delinquent"]
    assert 0 < late < stats["promised"] < len(ROWS)
    assert stats["overdue"] == late == len(rows) == shown["promises"]["judged"] - shown["promises"]["kept"]
    assert stats["promised"] == shown["promises"]["judged"]
    printed = card(run_of("p", "guiyang", stats=stats, seen=len(ROWS)), name="贵阳", timezone=TZ)
    kept, judged = shown["promises"]["kept"], shown["promises"]["judged"]
    assert f"{kept:,} of {judged:,} kept ({shown['promises']['share']:.0%}), {late:,} overdue" in printed


def test_every_row_of_the_list_is_its_own(store: Store) -> None:
    portal = put(store, "guiyang", ROWS)
    text = as_csv(overdue_list(overdue_in(store, packaged(), portal, AT), Filter())).removeprefix(BOM)
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert rows
    for row in (dict(zip((name.split()[-1] for name in head), one, strict=True)) for one in rows):
        known = ROWS[row["编号"]]
        assert row["承诺频率"] == frequency(known["frequency"]).word == known["frequency"]
        assert row["最后更新"] == known["updated"]
        read = datetime.fromisoformat(row["读取日期"])
        assert row["读取日期"] == f"{AT.astimezone(TZ):%Y-%m-%d}"
        assert int(row["逾期天数"]) == (read - datetime.fromisoformat(row["应更新"])).days > 0
        assert row["状态"] in {str(label("standing.overdue")), str(label("standing.delinquent"))}
        assert not re.search(r"[a-z]{8,}quent|P\d", row["状态"])


def test_the_list_of_a_past_day_is_that_of_the_reading_before_it(store: Store) -> None:
    later = {"a": {"frequency": "每周", "updated": "2026-11-20"}}
    earlier = {"a": {"frequency": "每周", "updated": "2026-01-05"}}
    before = AT - timedelta(days=9)
    put(store, "guiyang", earlier, before)
    portal = put(store, "guiyang", later)
    assert [one.days for one in overdue_in(store, packaged(), portal, AT - timedelta(hours=1))] == [307]
    assert list(overdue_in(store, packaged(), portal, AT)) == []
    assert list(overdue_in(store, packaged(), portal, before - timedelta(seconds=1))) == []


def test_a_past_day_is_refused_not_answered_with_zero(store: Store) -> None:
    put(store, "guiyang", {"a": None})
    for earlier in (timedelta(seconds=1), timedelta(days=400)):
        with pytest.raises(StoreError, match=r"readings up to 2026-11-24.*--history"):
            gather(store, packaged(), AT - earlier)
    assert gather(store, packaged(), AT).portals
    assert not gather(store, packaged(), AT + timedelta(days=32)).portals
