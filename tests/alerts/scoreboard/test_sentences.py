"""Each figure as a sentence, and what the studies say beside it."""

from urllib.parse import urlsplit

import pytest

from alerts.scoreboard.definitions import definitions
from alerts.scoreboard.figure import counted_share, median_of, total_of
from alerts.scoreboard.sentences import sentences
from alerts.scoreboard.studies import studies
from alerts.text.wording import LANGUAGES, texts


@pytest.mark.parametrize(
    ("yes", "no", "unknown", "said"),
    [
        (64, 55, 23, "45 to 61 % of the 142 portals have had no update for eight months (64 known, 23 unknown)"),
        (64, 78, 0, "45 % of the 142 portals have had no update for eight months (64)"),
        (2, 139, 1, "1.4 to 2.1 % of the 142 portals have had no update for eight months (2 known, 1 unknown)"),
        (500, 499, 1, "50 % of the 1,000 portals have had no update for eight months (500 known, 1 unknown)"),
        (1, 363, 0, "0.3 % of the 364 portals have had no update for eight months (1)"),
        (0, 5, 0, "0 % of the 5 portals have had no update for eight months (0)"),
        (999, 1, 0, "99.9 % of the 1,000 portals have had no update for eight months (999)"),
        (0, 0, 209, "How many of the 209 portals have had no update for eight months is not known yet"),
        (0, 0, 0, "How many portals have had no update for eight months is not known yet"),
    ],
)
def test_a_share_is_said_with_its_bounds(yes: int, no: int, unknown: int, said: str) -> None:
    assert sentences(counted_share("portals_silent", yes, no, unknown))["en"] == said


def test_a_share_is_said_in_chinese() -> None:
    assert sentences(counted_share("portals_silent", 64, 55, 23))["zh"] == (
        "142 个平台中，45% 至 61% 已八个月没有更新（已知 64 个，23 个情况不明）"
    )


def test_a_sum_is_said_as_what_is_seen_at_least() -> None:
    assert sentences(total_of("datasets_seen", 98_500, 142, 67))["en"] == (
        "At least 98,500 datasets are listed by the portals (142 of 209 portals known, 67 unknown)"
    )
    assert sentences(total_of("datasets_seen", 98_500, 142, 0))["en"] == (
        "98,500 datasets are listed by the portals (142 portals)"
    )
    assert (
        sentences(total_of("datasets_seen", 0, 0, 9))["en"]
        == "How many datasets are listed by the portals is not known yet"
    )


def test_a_median_is_bounded_by_the_least_and_the_most() -> None:
    one = median_of("median_themes_content", [9, 11, None, 10], 14)
    assert (one.low, one.high, one.value) == (9.5, 10.5, None)
    assert sentences(one)["en"] == (
        "The median portal covers 9.5 to 10.5 of the 14 categories by content (3 of 4 portals known, 1 unknown)"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_has_its_sentence_and_no_other(language: str) -> None:
    found = texts(language)["figures"]
    assert set(found["told"]) == set(definitions())
    assert {one.cases for one in definitions().values()} == set(found["cases"])


def test_what_others_counted_is_whole() -> None:
    for code, rows in studies().items():
        assert [one.date for one in rows] == sorted(one.date for one in rows)
        for one in rows:
            assert urlsplit(one.source).hostname
            if definitions()[code].kind == "share":
                assert 0 <= one.value <= 1
            if one.numerator is not None and one.denominator is not None:
                assert one.value == pytest.approx(one.numerator / one.denominator, abs=0.0001)
    platforms = {one.date: one.value for one in studies()["portals_known"]}
    assert (platforms["2020-10"], platforms["2024-07"], platforms["2025-07"]) == (142, 243, 257)
