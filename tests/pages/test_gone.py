"""A dataset is gone where a page says so of a dataset, plainly; whatever else stands on an error page proves nothing."""

import pytest
from parsel import Selector

from opendata_spiders.pages.gone import _pattern, _words, said
from opendata_spiders.pages.labels import lines


@pytest.mark.parametrize("text", [
    "该目录不存在或已下线", "目录不存在", "数据不存在", "该数据集已被删除。", "对不起，您访问的数据目录已被删除！", "抱歉, 您要查看的数据资源已下架",
    "该数据已于2026年3月1日下线", "提示：该数据目录“停车场信息”已被撤销", "该资源已删除", "公共数据目录已停止开放", "该数据已下线，3秒后返回首页",
    "The requested dataset does not exist.", "This dataset has been removed", "The dataset you requested no longer exists.", "Sorry, the data set has been deleted",
])  # fmt: skip
def test_a_plain_sentence(text):
    assert said([text])
    assert said(["首页", "数据目录", text, "联系我们", "登录"]), "what the rest of the site says is no doubt"


@pytest.mark.parametrize("text", [
    # databases and frameworks
    "ORA-00942: 表或视图不存在", "java.sql.SQLSyntaxErrorException: ORA-00942: 表或视图不存在", "Table 'portal.catalog' doesn't exist", "数据表不存在",
    "数据库不存在", "数据源不存在", '关系 "t_catalog" 不存在', "系统错误，数据不存在", "数据不存在！ at org.springframework.web.Servlet", "Whitelabel Error Page 数据不存在",
    # servers
    "您要查找的资源可能已被删除，已更改名称或者暂时不可用。", "您要找的资源已被删除、已更名或暂时不可用。", "请求的资源不存在", "您访问的资源不存在", "404 Not Found",
    "The resource you are looking for might have been removed, had its name changed, or is temporarily unavailable.", "页面不存在", "您访问的页面不存在",
    "文件不存在", "The requested URL was not found on this server.", "this page has been removed", "file has been removed", "该网站已被删除", "站点不存在",
    # sessions and people
    "会话不存在或已超时，请刷新页面重试", "用户不存在", "账号不存在", "用户数据不存在", "缓存数据不存在", "您访问的数据不存在或您没有权限", "该数据不存在，请登录后查看",
    # doubt
    "该数据可能已被删除", "该目录也许已下线", "数据暂时不存在", "该目录正在维护，已下线", "dataset may have been deleted or is unavailable", "该数据不存在？", "如该数据已下线，请联系我们",
    "The dataset might no longer exist", "若目录不存在请重试", "该数据未下线", "No dataset has been removed", "数据不存在的问题已解决", "",
])  # fmt: skip
def test_no_proof(text):
    assert not said([text])


@pytest.mark.parametrize(
    "other",
    [
        "会话已超时，请重新登录",
        "系统繁忙",
        "页面可能已被删除",
        "请稍后再试",
        "java.lang.NullPointerException",
        "Session expired",
    ],
)
def test_a_page_that_gives_another_reason_beside_it_proves_nothing(other):
    assert not said(["该目录不存在", other])
    assert not said([other, "The requested dataset does not exist."])


def test_a_page_that_shows_much_else_says_nothing():
    assert said(["该目录不存在"] + ["x"] * 300)
    assert not said(["x"] * 500 + ["该目录不存在"] + ["x"] * 500)


def test_the_table_is_whole():
    assert all(pattern.groups == 0 for pattern in map(_pattern, _words()))
    assert all(_words().values())


def test_lines_are_those_a_reader_sees():
    page = Selector(text="""<html><head><title>数据不存在</title></head><body><nav><a>首页</a><a>目录</a></nav><!-- 目录不存在 -->
        <div style="display: none">该目录不存在</div><template>该数据已下线</template><script>alert("数据不存在")</script><p hidden>目录已删除</p>
        <div>抱歉，<b>该目录</b><span>已下线</span><br>返回</div><noscript>数据不存在</noscript>末</body></html>""", type="html")  # fmt: skip
    assert list(lines(page)) == ["首页目录", "抱歉，该目录已下线", "返回", "末"]
