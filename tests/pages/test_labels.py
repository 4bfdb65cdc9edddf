import pytest
from parsel import Selector

from opendata_spiders.pages.labels import cell_pairs, inline_pairs, label_of, shown, split_label, tidy

LABELS = {"来源部门": "office", "更新时间": "updated", "标签": "tags", "描述": "description"}


def block(html: str) -> list[Selector]:
    return list(Selector(text=f"<div id=b>{html}</div>", type="html").css("#b"))


@pytest.mark.parametrize(
    "html",
    [
        "<span>来源部门：</span><span>教育局</span><span>更新时间：</span><span>2026-01-02</span>",
        "<p>来源部门:教育局</p><p>更新时间: 2026-01-02</p>",
        "<b>来源部门</b>：<i>教育局</i><b>更新时间</b> ： <i>2026-01-02</i>",
        "<i>来 源\u3000部 门﹕</i>教育<em>局</em><i>更新时间︰</i>2026-01-02",
        "共二项<script>来源部门：假</script><span>来源部门：</span>教育局<!-- x -->更新时间：<br/>\n2026-01-02 ",
    ],
)
def test_running_text(html):
    assert inline_pairs(block(html), LABELS) == [("office", "教育局"), ("updated", "2026-01-02")]


def test_running_text_keeps_what_only_looks_like_a_label():
    html = "<span>描述：</span><span>注：来源部门见附件，更新时间不定</span><span>标签：</span><span></span>"
    assert inline_pairs(block(html), LABELS) == [("description", "注：来源部门见附件，更新时间不定"), ("tags", "")]


@pytest.mark.parametrize(
    ("rows", "pairs"),
    [
        (
            "<tr><td>来源部门</td><td>教育局</td><td>更新时间</td><td>2026</td></tr>",
            {"office": "教育局", "updated": "2026"},
        ),
        (
            "<tr><th>来源部门：</th><td>教育局</td></tr><tr><th>更新时间:</th><td>2026</td></tr>",
            {"office": "教育局", "updated": "2026"},
        ),
        (
            "<tr><td>代码</td><td>7</td><td>标签</td><td></td><td>描述</td><td>甲</td></tr>",
            {"tags": "", "description": "甲"},
        ),
        ("<tr><td>标签</td><td>描述</td><td>甲</td></tr>", {"tags": "", "description": "甲"}),
        ("<tr><td>描述</td></tr>", {"description": ""}),
        ("<tr><td></td></tr><tr></tr>", {}),
    ],
)
def test_cells(rows, pairs):
    assert dict(cell_pairs(Selector(text=f"<table>{rows}</table>", type="html").css("tr"), LABELS)) == pairs


def test_label_folding():
    assert label_of(" 更 新\u3000时间 ：") == "更新时间"
    assert split_label("更新时间： 2026", LABELS) == ("updated", " 2026")
    assert split_label("未知：更新时间：2026", LABELS) == ("", "")


def test_shown_is_one_line_of_the_words_alone():
    (one,) = block("清河\n <em>市</em>\u3000小学<style>x</style><script>y</script>")
    assert shown(one) == "清河 市 小学"
    assert tidy("\xa0 a\t b ") == "a b"
