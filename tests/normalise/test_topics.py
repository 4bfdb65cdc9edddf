import csv
from importlib.resources import files

import pytest

from opendata_spiders.normalise import THEMES, content_theme, key_data, key_range, range_kinds, themes

CAC = [
    "信用服务",
    "医疗卫生",
    "社保就业",
    "公共安全",
    "城建住房",
    "交通运输",
    "教育文化",
    "科技创新",
    "资源能源",
    "生态环境",
    "工业农业",
    "商贸流通",
    "财税金融",
    "安全生产",
    "市场监管",
    "社会救助",
    "法律服务",
    "生活服务",
    "气象服务",
    "地理空间",
    "机构团体",
]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("交通运输", "交通出行"),
        ("医疗卫生", "卫生健康"),
        ("市场监管", "经贸工商"),
        ("商业、贸易", "经贸工商"),
        ("气象、水文、测绘、地震", "资源环境"),
        ("气象 水文 测绘 地震", "资源环境"),
        ("综合党团", "机构团体"),
        ("政法、监察", "公共安全"),
        ("农业、水利", "农业农村"),
        ("劳动、人事", "社保就业"),
        ("财政", "财税金融"),
        ("城市建设", "城建住房"),
        ("道路交通", "交通出行"),
        *((word, word) for word in THEMES),
    ],
)
def test_labels_of_one_category(raw, expected):
    reading = themes(raw, title="某某信息", office=None)
    assert reading.themes == (expected,)
    assert reading.rule.startswith("label:")
    assert reading.finding is None


@pytest.mark.parametrize(
    ("raw", "title", "office", "expected", "rule"),
    [
        ("文化、卫生、体育", "定点医院名单", "市体育局", "卫生健康", "title:文化卫生体育>医院"),
        ("文化、卫生、体育", "执法人员", "市卫健委", "卫生健康", "office:文化卫生体育>卫健"),
        ("文化、卫生、体育", "健身场地", None, "文化休闲", "title:文化卫生体育>健身"),
        ("教育文化", "小学名单", None, "教育科技", "title:教育文化>小学"),
        ("教育文化", "博物馆名单", "教育局", "文化休闲", "title:教育文化>博物馆"),
        ("工业农业", "生猪养殖场", None, "农业农村", "title:工业农业>养殖"),
        ("工业农业", "规模以上工业总产值", None, "经贸工商", "title:工业农业>总产值"),
        ("工业、交通", "公路里程", None, "交通出行", "title:工业交通>公路"),
        ("城乡建设、环境保护", "空气质量", None, "资源环境", "title:城乡建设环境保护>空气"),
        ("综合政务", "低保名单", None, "社会民生", "title:综合政务>低保"),
        ("综合政务", "未名", None, "机构团体", "default:综合政务"),
    ],
)
def test_labels_of_several_categories_are_split_by_title_then_office(raw, title, office, expected, rule):
    reading = themes(raw, title=title, office=office)
    assert (reading.themes, reading.rule) == ((expected,), rule)


def test_what_nothing_decides_stays_unmapped():
    reading = themes("文化、卫生、体育", title="残疾人证", office="残联")
    assert (reading.themes, reading.rule) == ((), "undecided:文化卫生体育")


def test_several_categories_only_where_the_portal_gives_several_words():
    assert themes("经济管理，财政", title="预算", office=None).themes == ("经贸工商", "财税金融")
    assert themes(["交通运输", "公共安全", "交通运输"], title="x", office=None).themes == ("交通出行", "公共安全")
    assert themes([{"name": "交通运输"}], title="x", office=None).themes == ("交通出行",)
    assert themes("综合政务", title="医院 公交 学校", office=None).themes == ("教育科技",)


@pytest.mark.parametrize("raw", [None, "", [], "其他", "空", "默认主题"])
def test_no_topic_is_no_finding(raw):
    reading = themes(raw, title="公交线路", office=None)
    assert (reading.themes, reading.finding) == ((), None)


def test_an_unknown_word_is_stated():
    assert themes("量子美食", title="公交", office=None).finding == "field.theme_unknown"


def test_the_whole_national_list_is_understood():
    found = {theme for word in CAC for theme in themes(word, title="农业小学", office=None).themes}
    assert len(CAC) == 21
    assert {themes(word, title="农业小学", office=None).finding for word in CAC} == {None}
    assert found == set(THEMES) - {"文化休闲"}


def test_codes_of_topics():
    assert themes("1,3", title="x", office=None, family="zhoushan_catalog").themes == ("信用服务", "社保就业")
    assert themes("99", title="x", office=None, family="zhoushan_catalog").themes == ()


def test_every_category_can_be_reached_by_content():
    text = files("opendata_spiders.normalise").joinpath("theme_title_rules.csv").read_text("utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["field"] == "title"]
    assert {row["theme"] for row in rows} == set(THEMES)
    for row in rows:
        word = row["words"].split("|")[0]
        assert content_theme(f"全市{word}", None).themes == (row["theme"],)
    assert content_theme("", None).themes == ()


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("公交线路信息", {"交通"}),
        ("停车场信息", {"交通"}),
        ("市场主体登记信息", {"企业登记"}),
        ("个体工商户名录", {"企业登记"}),
        ("历年降雨量", {"气象"}),
        ("医疗机构信息", {"卫生"}),
        ("新冠疫苗接种点", {"卫生"}),
        ("公交站点天气预报", {"交通", "气象"}),
        ("市卫生健康委员会部门预算", set()),
        ("医院行政处罚信息", set()),
        ("环境卫生责任单位", set()),
        ("社会组织设立登记", set()),
        ("小学名单", set()),
    ],
)
def test_key_data_by_title(title, kinds):
    assert key_data(title) == kinds


def test_key_data_by_category_and_columns():
    assert key_data("农村桥梁基本信息", themes=["交通出行"]) == {"交通"}
    assert key_data("农村桥梁基本信息", themes=["资源环境"]) == frozenset()


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("社保服务网点", {"社会保障"}),
        ("城市低保人数", {"社会保障"}),
        ("进出口总额", {"商贸"}),
        ("农贸市场名录", {"商贸"}),
        ("普通高中名录", {"教育"}),
        ("驾校教育培训机构", {"交通"}),
        ("公租房分配结果", {"住房"}),
        ("就业登记人数", {"就业"}),
        ("失业保险参保人数", {"社会保障"}),
        ("新冠疫苗接种点", {"疫情", "卫生"}),
        ("动物疫情报告", set()),
        ("教育局部门预算", set()),
        ("法治宣传教育活动", set()),
        ("义务教育阶段在校生人数", {"教育"}),
        ("历年降雨量", {"气象"}),
    ],
)
def test_the_full_range_has_the_four_kinds_and_its_own(title, kinds):
    assert key_range(title) == kinds
    assert key_data(title) == kinds - set(range_kinds().values())
