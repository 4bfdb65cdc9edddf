"""Copies and series: what holds whatever a catalogue holds."""

import random
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from alerts.audit.facts import DatasetFacts, identity
from alerts.audit.garble import markup, mojibake
from alerts.audit.groups import duplicates, fragments
from alerts.audit.series import series_key
from opendata_spiders.normalise import title_key

TITLES = st.sampled_from(
    [
        "公交线路",
        "2020年公交线路",
        "2021年公交线路",
        "2022年公交线路",
        "2023年公交线路",
        "花溪区公交线路",
        "公交 线路",
        "低保",
    ]
)
OFFICES = st.sampled_from(["交通局", "民政局", ""])
CONTENTS = st.sampled_from(["", "", "x", "y"])


@st.composite
def catalogues(draw: st.DrawFn) -> list[DatasetFacts]:
    numbers = count()
    parts = draw(st.lists(st.tuples(TITLES, OFFICES, CONTENTS), max_size=30))
    return [_card(f"d{next(numbers):02}", *part) for part in parts]


def _card(name: str, title: str, office: str, content: str) -> DatasetFacts:
    common = series_key(title) if office else ""
    return DatasetFacts(name, title, office, identity(title, office), content, f"{office}|{common}" if common else "")


@given(catalogues(), st.randoms(use_true_random=False))
def test_the_order_of_a_catalogue_does_not_matter(cards: list[DatasetFacts], dice: random.Random) -> None:
    shuffled = list(cards)
    dice.shuffle(shuffled)
    assert duplicates(shuffled) == duplicates(cards)
    assert fragments(shuffled) == fragments(cards)


@given(catalogues())
def test_copies_are_those_that_share_a_key(cards: list[DatasetFacts]) -> None:
    groups = duplicates(cards)
    grouped = [one.dataset for group in groups for one in group]
    assert len(grouped) == len(set(grouped))
    for one in cards:
        twins = [o for o in cards if o is not one and (_same(o.key, one.key) or _same(o.content, one.content))]
        assert (one.dataset in grouped) == bool(twins)
        home = next((group for group in groups if one in group), ())
        assert all(twin in home for twin in twins)


def _same(one: str, other: str) -> bool:
    return bool(one) and one == other


@given(catalogues())
def test_a_series_is_of_one_office_and_of_four_titles(cards: list[DatasetFacts]) -> None:
    groups = fragments(cards)
    for group in groups:
        assert len({one.office for one in group}) == len({series_key(one.title) for one in group}) == 1
        assert len({title_key(one.title) for one in group}) >= 4
    assert all(fragments(group) == [group] for group in groups)


@given(catalogues())
def test_copying_a_catalogue_adds_no_series_and_doubles_every_dataset(cards: list[DatasetFacts]) -> None:
    again = [_card(f"e{one.dataset}", one.title, one.office, one.content) for one in cards]
    assert len(fragments(cards + again)) == len(fragments(cards))
    doubled = {one.dataset for group in duplicates(cards + again) for one in group}
    assert {one.dataset for one in cards if one.key or one.content} <= doubled


@given(st.text(max_size=60))
def test_any_title_is_read(title: str) -> None:
    assert series_key(series_key(title)) in ("", series_key(title))
    assert isinstance(mojibake(title) + markup(title), str)


@given(st.text("公交线路站点名录信息行政许可公示企业数据", min_size=4, max_size=40))
def test_chinese_read_as_gbk_is_found_and_chinese_is_not(title: str) -> None:
    assert mojibake(title) == ""
    assert mojibake(title.encode().decode("gb18030", "replace"))
    assert mojibake(title.encode().decode("latin-1"))
