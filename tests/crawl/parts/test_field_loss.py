"""Fields that a portal has lost: how often it is said, and when the portal is believed to be so."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from opendata_spiders.crawl.field_loss import Fill, shape_of
from opendata_spiders.crawl.tally import Tally
from opendata_spiders.crawl.target import target_from_arguments
from opendata_spiders.crawl.verdict import judge
from opendata_spiders.families.inspur_oportal import InspurOportalSpider
from opendata_spiders.items import Dataset
from opendata_spiders.normalise import NORMALISER_VERSION
from opendata_spiders.policy import policy
from opendata_spiders.store.models import Verdict
from tests.crawl.parts.test_verdict import NOW, TRUSTED, facts

DATED = replace(
    TRUSTED,
    fill={**TRUSTED.fill, "updated": 1.0, "data_updated": 0.5},
    readable={"updated": 1.0, "data_updated": 0.9},
    normaliser_version=NORMALISER_VERSION,
)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def fill(office=100, *, printed=100, readable=100, details=0, frequency=0):
    return Fill(
        rows=100,
        details=details,
        filled={"title": 100, "office": office, "theme": 90, "updated": printed, "frequency": frequency},
        readable={"updated": readable},
        unread={"updated": "4/12/20 23:18"} if readable < printed else {},
        detail_only=frozenset({"frequency"}),
    )


def drifted(night, lost=("office",), hour=0, **more):
    return replace(DATED, at=NOW + timedelta(days=night, hours=hour), verdict=Verdict.DRIFTED, lost=lost, **more)


def shape(found, later=(), trusted=DATED):
    return shape_of(found, trusted, later, policy(), SHANGHAI)


@pytest.mark.parametrize(
    ("found", "lost"),
    [
        (fill(), []),
        (fill(office=79), ["office"]),
        (fill(readable=81), []),
        (fill(readable=79), ["updated"]),
        (fill(readable=0), ["updated"]),
        (fill(printed=79, readable=79), ["updated"]),
        (fill(printed=90, readable=90), []),
        (fill(printed=0, readable=0), ["updated"]),
        (fill(office=0, readable=0), ["updated", "office"]),
    ],
)
def test_what_is_lost(found, lost):
    assert list(shape(found).lost) == lost
    assert shape(found).accepted is (lost == [])


def test_a_date_that_cannot_be_read_is_shown():
    judged = judge(facts(100, 100), fill(readable=10), DATED, policy())
    assert judged.verdict is Verdict.DRIFTED
    assert judged.lost == ("updated",)
    assert judged.reason == "updated prints '4/12/20 23:18': 10% of its dates can be read, was 100%"


def test_dates_that_an_older_normaliser_could_read_are_no_loss_of_the_portals():
    assert not shape(fill(readable=0), trusted=replace(DATED, normaliser_version=NORMALISER_VERSION - 1)).lost


def test_a_few_dates_are_no_measure():
    few = Fill(rows=9, filled={"updated": 9}, readable={"updated": 0})
    assert not shape(few).lost
    assert not shape(Fill(rows=9), trusted=None).lost


NIGHTS = policy().shape_nights
ALIKE = tuple(map(drifted, range(NIGHTS)))


@pytest.mark.parametrize(
    ("later", "accepted"),
    [
        (ALIKE, True),
        (ALIKE[1:], False),
        ((*ALIKE[1:], *(drifted(NIGHTS - 1, hour=hour) for hour in (1, 2))), False),
        ((*ALIKE[1:3], drifted(3, ("theme",)), *ALIKE[3:]), False),
        ((*ALIKE[1:3], replace(DATED, verdict=Verdict.PARTIAL), *ALIKE[3:]), False),
        ((*ALIKE[:3], replace(DATED, verdict=Verdict.BLOCKED), *ALIKE[3:]), True),
        ((*ALIKE[:3], drifted(3, ()), *ALIKE[3:]), True),
        ((*ALIKE, drifted(NIGHTS, ("office", "theme"))), False),
    ],
)
def test_a_loss_is_believed_after_as_many_nights_alike(later, accepted):
    assert shape(fill(office=0), later).accepted is accepted


def test_a_believed_loss_stays_so_and_a_new_one_does_not():
    trusted = replace(DATED, lost=("office",))
    assert shape(fill(office=0), trusted=trusted).accepted
    assert not shape(fill(office=0, readable=0), trusted=trusted).accepted
    assert shape(fill(), trusted=trusted).lost == {}


def test_a_list_without_titles_is_never_believed():
    found = Fill(rows=100, filled={"title": 10, "office": 100})
    assert not shape(found, tuple(drifted(night, ("title",)) for night in range(60))).accepted


def test_a_run_is_judged_without_what_is_lost_for_good():
    judged = judge(facts(100, 100), fill(office=0), DATED, policy(), later=ALIKE, tz=SHANGHAI)
    assert (judged.verdict, judged.lost) == (Verdict.COMPLETE, ("office",))
    assert [one.code for one in judged.findings] == ["field.lost"]
    assert judge(facts(60, 100, passes=2), fill(office=0), DATED, policy(), later=ALIKE).verdict is Verdict.PARTIAL


def test_details_that_were_not_read_do_not_show_that_a_field_is_back():
    trusted = replace(DATED, fill={**DATED.fill, "frequency": 1.0})
    nights = tuple(drifted(night, ("frequency",)) for night in range(NIGHTS))
    assert list(shape(fill(details=3), trusted=trusted).lost) == ["frequency"]
    assert list(shape(fill(details=2), nights[:1], trusted).lost) == ["frequency"]
    assert shape(fill(details=1), nights, trusted).accepted
    assert shape(fill(details=0), trusted=replace(trusted, lost=("frequency",))).lost
    assert not shape(fill(details=1, frequency=1), nights[:1], trusted).lost
    unread = Fill(
        rows=100, details=2, filled={"updated": 2}, readable={"updated": 0}, detail_only=frozenset({"updated"})
    )
    assert list(shape(unread, (drifted(1, ("updated",)),)).lost) == ["updated"]
    assert not shape(replace(unread, readable={"updated": 1}), (drifted(1, ("updated",)),)).lost


def test_the_tally_tells_dates_that_are_printed_from_dates_that_can_be_read():
    arguments = {"slug": "atlantis", "base_url": "http://127.0.0.1:1"}
    tally = Tally(target_from_arguments(None, "inspur_oportal", dict(arguments)), "inspur_oportal", NOW, {})
    for number, date in enumerate(("2025-11-18", "4/12/20 23:18", "", "暂无", "2099-01-01")):
        row = {"title": "目录", "updated": date}
        tally.take(Dataset(portal="x.1", slug="atlantis", id=f"d{number}", raw=row, row=row, list_fp="f"))
    found = tally.fill(InspurOportalSpider(**arguments))
    assert (found.filled["updated"], found.readable["updated"]) == (3, 1)
    assert found.unread == {"updated": "4/12/20 23:18"}
