"""Twins among thousands: who is paired, and that finding them takes near-linear work."""

from collections.abc import Callable, Iterable
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.model.policy import policy
from alerts.rules.title_matching import TitledDataset, candidates, find_twins

OFFICE = "大数据局"
SYLLABLES = "公交医院学校企业气象环境水利住房就业养老图书旅游林业粮食烟草消防户籍婚姻"


def titles(count: int) -> list[str]:
    """So many different titles of one pattern, no digit among them."""
    letters = product(SYLLABLES, repeat=4)
    return [f"{''.join(four)}登记信息统计表" for _, four in zip(range(count), letters, strict=False)]


def spread(count: int) -> list[str]:
    """So many different titles that share few letters in a row."""
    size = len(SYLLABLES)
    return [
        "".join(SYLLABLES[(number * step + number // size**place) % size] for place, step in enumerate((1, 7, 3, 11, 5, 13, 2, 17)))
        for number in range(count)
    ]  # fmt: skip


def named(prefix: str, many: Iterable[str], office: str = OFFICE) -> list[TitledDataset]:
    return [TitledDataset(f"{prefix}{number}", title, office) for number, title in enumerate(many)]


def matched(old: list[TitledDataset], new: list[TitledDataset], kept: Iterable[TitledDataset] = ()) -> dict[str, str]:
    return {twin.old: twin.new for twin in find_twins(old, new, policy(), lambda: kept)}


def test_ten_thousand_of_one_office_are_found_under_another_name() -> None:
    many = titles(10_000)
    found = matched(named("a", many), named("b", many, "数据局"))
    assert found == {f"a{number}": f"b{number}" for number in range(10_000)}


def test_edited_titles_are_found() -> None:
    many = titles(2_000)
    found = matched(named("a", many), named("b", (f"{one[:6]}的{one[6:]}" for one in many)))
    assert found == {f"a{number}": f"b{number}" for number in range(2_000)}


@pytest.mark.parametrize("make", [titles, spread])
def test_comparisons_grow_with_the_titles_not_with_their_square(make: Callable[[int], list[str]]) -> None:
    """Every title edited, so that none is found by its key."""

    def compared(count: int) -> int:
        old = named("a", make(count))
        new = named("b", (f"{one.title}表" for one in old))
        return sum(1 for _ in candidates(old, new, policy()))

    for count in (1_000, 8_000):
        assert compared(count) <= count * policy().rekey_candidates
    assert compared(8_000) < 8_000**2 / 40


letters = st.text("公交线路站点信息登记表", min_size=6, max_size=14)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(letters, st.integers(0, 14), st.sampled_from(["", "汇", "汇总"]), st.lists(letters, max_size=12))
def test_no_pair_that_is_alike_enough_is_overlooked(title: str, place: int, more: str, others: list[str]) -> None:
    edited = title[:place] + more + title[place:]
    new = named("b", [*others, edited])
    met = {other.dataset for _, other in candidates([TitledDataset("a", title, OFFICE)], new, policy())}
    assert (
        f"b{len(others)}" in met
        or not any(
            twin.new == f"b{len(others)}"
            for twin in find_twins([TitledDataset("a", title, OFFICE)], new[-1:], policy())
        )
        or title == edited
    )


rows = st.lists(st.tuples(st.sampled_from(["甲", "公交线路", "公交线路表", "学校名录"]), st.sampled_from(["", "交通局", "教育局"])), max_size=9)  # fmt: skip


@settings(derandomize=True, max_examples=300, deadline=None)
@given(rows, rows, rows)
def test_each_has_one_twin_at_most_whatever_the_order(
    old: list[tuple[str, str]], new: list[tuple[str, str]], kept: list[tuple[str, str]]
) -> None:
    sides = [[TitledDataset(f"{name}{n}", *row) for n, row in enumerate(many)] for name, many in zip("abk", (old, new, kept), strict=True)]  # fmt: skip
    found = matched(sides[0], sides[1], sides[2])
    assert len(set(found.values())) == len(found)
    assert found == matched(sides[0][::-1], sides[1][::-1], sides[2])
    for title, office in set(old) & set(new):
        least = min(old.count((title, office)), new.count((title, office)))
        named_so = {one.dataset for one in sides[0] if (one.title, one.office) == (title, office)}
        assert len(named_so & found.keys()) >= least


def test_an_office_is_known_by_edited_titles_when_its_name_is_new_too() -> None:
    before = ["公共租赁住房小区基本情况统计表", "商品房预售许可证发放情况统计表", "物业服务企业信用等级评定结果表"]
    old, new = named("a", before, "住房和城乡建设局"), named("b", (f"{one}单" for one in before), "住建局")
    assert matched(old, new) == {"a0": "b0", "a1": "b1", "a2": "b2"}
    assert matched(old, new, [TitledDataset("k", "供热企业名录", "住房和城乡建设局")]) == {}
    assert matched(old[:2], new[:2]) == {}


def test_titles_that_all_got_the_same_words_at_one_end() -> None:
    plain = ["医院名录", "学校名录", "公园名录", "养老机构", "供水企业", "供热企业", "加油站点"]
    longer = [f"滨海新区{one}" for one in plain]
    for old, new in ((plain, longer), (longer, plain)):
        assert matched(named("a", old), named("b", new)) == {f"a{n}": f"b{n}" for n in range(7)}
    few = matched(named("a", plain[:5]), named("b", longer[:5]))
    dated = matched(named("a", plain), named("b", (f"2025年{one}" for one in plain)))
    assert few == dated == {}


def test_a_side_without_offices_is_matched_by_titles_alone() -> None:
    old = [
        TitledDataset("a1", "年报", "统计局"),
        TitledDataset("a2", "年报", "审计局"),
        TitledDataset("a3", "年报", "财政局"),
    ]
    new = [TitledDataset("b1", "年报", ""), TitledDataset("b2", "年报", "")]
    assert len(matched(old, new)) == len(matched(new, old)) == 2


def test_namesakes_are_told_apart_by_what_is_known_of_them() -> None:
    old = [
        TitledDataset("a1", "公示", OFFICE, ("甲", "2024-01-01")),
        TitledDataset("a2", "公示", OFFICE, ("乙", "2024-02-01")),
    ]
    new = [TitledDataset("b1", "公示", OFFICE, ("丙", "2024-02-01")), TitledDataset("b2", "公示", OFFICE, ("甲", ""))]
    assert matched(old, new) == {"a1": "b2", "a2": "b1"}
