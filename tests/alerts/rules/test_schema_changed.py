"""Header rows: what is none, and what differs."""

from hypothesis import given
from hypothesis import strategies as st

from alerts.model.policy import policy
from alerts.rules.schema_changed import fields_change, is_header, is_same_table

NO_HEADERS = [
    [],
    ["名称", ""],
    ["名称", " 名称 "],
    ["名称", "1,200.50"],
    ["名称", "-3%"],
    ["名称", "13800000000"],
    ["名称", "2026-11-02"],
    ["名称", "2026年11月2日"],
    ["名称", "https://p.example/1"],
    ["名称", "a@p.example"],
    ["名称", "贵阳市观山湖区某某路" * 5],
]
names = st.text("名称地址电话站点经纬度ABab12（） ", min_size=1, max_size=6)
headers = st.lists(names, min_size=1, max_size=8).map(tuple).filter(lambda row: is_header(row, policy()))


def test_what_is_no_header() -> None:
    assert [row for row in NO_HEADERS if is_header(row, policy())] == []
    assert is_header(["地区", "2019", "2020", "Pm2.5"], policy())


def test_digits_tell_fields_apart() -> None:
    change = fields_change(["名称", "第1季度"], ["名称", "第2季度"], policy())
    assert (change.added, change.removed, change.renamed) == (("第2季度",), ("第1季度",), ())


def test_the_likest_names_are_a_pair() -> None:
    change = fields_change(["站点名称", "站点地址", "备注"], ["站点名", "站点详细地址", "票价"], policy())
    assert change.renamed == (("站点名称", "站点名"), ("站点地址", "站点详细地址"))
    assert (change.added, change.removed, change.breaking) == (("票价",), ("备注",), True)


@given(headers, headers)
def test_every_field_is_accounted_for(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    change = fields_change(before, after, policy())
    kept = len(after) - len(change.added) - len(change.renamed)
    assert kept + len(change.removed) + len(change.renamed) == len(before)
    assert {*change.removed, *(old for old, _ in change.renamed)} <= set(before)
    assert {*change.added, *(new for _, new in change.renamed)} <= set(after)
    assert change.breaking == bool(change.removed or change.renamed)
    back = fields_change(after, before, policy())
    assert (set(back.added), set(back.removed)) == (set(change.removed), set(change.added))


@given(headers, st.randoms(use_true_random=False))
def test_order_is_no_change(header: tuple[str, ...], dice: object) -> None:
    other = list(header)
    dice.shuffle(other)  # type: ignore[attr-defined]
    change = fields_change(header, other, policy())
    assert not change
    assert is_same_table(header, other, change, policy())


@given(st.lists(st.text(max_size=60), max_size=6))
def test_whatever_stands_there_is_judged(row: list[str]) -> None:
    assert is_header(row, policy()) in (True, False)
    fields_change(row, row[::-1], policy())
