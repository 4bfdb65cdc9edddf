"""What a page shows, read by its labels: cards, tables, and what only looks like them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from opendata_spiders.pages.contract import PageDriftedError
from opendata_spiders.rendered.blocks import Blocks, recognise_blocks
from opendata_spiders.rendered.recognition import Weak
from opendata_spiders.rendered.totals import total_in_words

NOW, TZ, URL = datetime(2026, 11, 30, tzinfo=UTC), ZoneInfo("Asia/Shanghai"), "http://d.example/portal#/list"
ASIDE = (
    "<nav>" + "".join(f'<a href="/m{n}">栏目{n}</a>' for n in range(7)) + "</nav>"
    "<ol>" + "".join(f'<li><a href="#/detail/{n}">热门数据{n}</a><i>{n}次浏览</i></li>' for n in range(10)) + "</ol>"
    "<ul>" + "".join(f'<li><a href="/n/{n}">第{n}次通报</a><span>发布时间：2026-10-1{n}</span></li>' for n in range(6)) + "</ul>"
)  # fmt: skip


def page(cards: str, aside: str = ASIDE) -> str:
    return f"<html><body>{aside}<main>{cards}</main><p>共 <b>1,234</b> 条</p></body></html>"


def card(number: int, *, link: str = "#/detail?id=d{}", extra: str = "") -> str:
    title, office = f"道路运输企业信息第{number}批", ("市交通运输局", "市公安局")[number % 2]
    return (
        f'<div class="card"><h3><a href="{link.format(number)}" title="{title}">{title[:6]}…</a></h3>'
        f"<p><span>来源部门：</span><b>{office[:3]}<em>{office[3:]}</em></b></p>"
        f"<div><div>更新频率</div><div>{('每日', '每年')[number % 2]}</div></div>"
        f"<p>更新时间：2026-01-{number + 1:02d} 开放类型：有条件开放</p>"
        f"<ul><li>数据格式：</li><li>xls</li><li>json</li></ul>{extra}<button>查看详情</button></div>"
    )


def found(html: str) -> Blocks:
    one = recognise_blocks(html, URL, now=NOW, tz=TZ)
    assert isinstance(one, Blocks), one
    return one


def test_cards_are_read_by_their_labels() -> None:
    html = page("".join(map(card, range(8))) + '<div class="pager">上一页 下一页</div>')
    read = found(html).read(html, URL)
    assert (read.declared, read.without_id, len(read.rows)) == (1234, 0, 8)
    assert read.rows[3].id == "/portal#/detail?id=d3"
    assert read.rows[3].values == {
        "title": "道路运输企业信息第3批", "office": "市公安局", "frequency": "每年", "updated": "2026-01-04",
        "open_type": "有条件开放", "formats": ["xls", "json"],
    }  # fmt: skip


def test_the_rule_reads_later_pages_however_few_entries_they_have() -> None:
    rule = found(page("".join(map(card, range(8)))))
    read = rule.read(page(card(40)), URL)
    assert [row.id for row in read.rows] == ["/portal#/detail?id=d40"]
    assert rule.read(page('<p class="none">暂无数据</p>'), URL).rows == ()
    with pytest.raises(PageDriftedError, match="no longer shows its list"):
        rule.read("<html><body><div>维护中</div></body></html>", URL)


@pytest.mark.parametrize("link", ["/d;jsessionid=A{0}?id={0}", "/d?t=17{0}&id={0}", "/d?id={0}&token=a{0}"])
def test_what_passes_in_an_address_is_no_part_of_the_id(link: str) -> None:
    html = page("".join(card(n, link=link) for n in range(8)))
    assert [row.id for row in found(html).read(html, URL).rows] == [f"/d?id={n}" for n in range(8)]


def test_an_entry_without_an_id_is_counted() -> None:
    html = page("".join(map(card, range(8))))
    read = found(html).read(html.replace('href="#/detail?id=d5"', ""), URL)
    assert (len(read.rows), read.without_id) == (7, 1)


def test_rows_of_a_table_are_read_under_their_headings() -> None:
    heads = "".join(f"<th>{one}</th>" for one in ("序号", "数据集名称", "来源部门", "更新时间", "更新频率"))
    rows = "".join(
        f'<tr data-id="k{n:05d}"><td>{n}</td><td>桥梁信息第{n}批</td><td>市交通局</td><td>2026-02-{n + 1:02d}</td><td>每月</td></tr>'
        for n in range(6)
    )
    html = page(f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")
    rule = found(html)
    assert rule.rule["id"] == "data-id"
    assert rule.read(html, URL).rows[2].values == {
        "title": "桥梁信息第2批", "office": "市交通局", "updated": "2026-02-03", "frequency": "每月"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cards", "why"),
    [
        ("", "none of"),
        ("".join(card(n, link="javascript:void(0)") for n in range(8)), "id"),
        ("".join(card(1) for _ in range(8)), "title"),
    ],
    ids=["menus, a ranking and news alone", "no ids", "the same entry again and again"],
)
def test_what_is_no_catalogue_is_not_taken_for_one(cards: str, why: str) -> None:
    weak = recognise_blocks(page(cards), URL, now=NOW, tz=TZ)
    assert isinstance(weak, Weak)
    assert why in weak.reason


def test_a_value_does_not_take_what_stands_behind_its_element() -> None:
    html = page("".join(card(n, extra="<i>收藏</i>") for n in range(8)))
    assert found(html).read(html, URL).rows[0].values["formats"] == ["xls", "json"]


@pytest.mark.parametrize(
    ("shown", "total"),
    [("共 1,234 条", 1234), ("为您找到相关结果，共找到1234个数据集", 1234), ("1,234 results", 1234), ("总数：56", 56), ("1-10 of 56", 56),
     ("共 5 页", None), ("共 12 条 共 13 条", None), ("共 3 条", None), ("共计约1.2万条", None), ("", None)],
)  # fmt: skip
def test_a_total_in_words(shown: str, total: int | None) -> None:
    assert total_in_words(shown, 10) == total
