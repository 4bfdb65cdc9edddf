"""What each declared family asks for: method, address, body and the headers that its portals demand."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from opendata_spiders.crawl.spider import PortalSpider
from tests.families.goldens import loader

AJAX = {"X-Requested-With": "XMLHttpRequest"}

# Slug, page, method, address, query, body, headers.
LISTS = [
    (
        "quzhou", 3, "POST", "https://data.qz.gov.cn/jdop_front/channal/datapubliclist.do",
        {},
        {"pageNumber": "3", "pageSize": "20", "type": "1", "domainId": "0", "deptId": "", "regionId": "",
         "keyword": "", "content": "", "searchString": "", "orderDefault": "", "isDownload": "1", "dimensionId": "0"},
        {**AJAX, "Referer": "https://data.qz.gov.cn/jdop_front/channal/data_public.do"},
    ),
    (
        "wenzhou", 1, "POST", "https://data.wenzhou.gov.cn/jdop_front/channal/datapubliclist.do",
        {},
        {"pageNumber": "1", "pageSize": "20", "type": "", "domainId": "0", "deptId": "", "regionId": "",
         "keyword": "", "content": "", "searchString": "", "orderDefault": "", "isDownload": "1", "dimensionId": "0",
         "openState": ""},
        AJAX,
    ),
    (
        "beijing", 2, "POST", "https://data.beijing.gov.cn/cms/web/search",
        {},
        {"orderFiled": "publishDate", "orderMethod": "desc", "pageSize": "10", "curPage": "2"},
        {**AJAX, "Referer": "https://data.beijing.gov.cn/syzxsj/index.htm"},
    ),
    (
        "yinchuan", 3, "POST", "http://data.yinchuan.gov.cn/odweb/catalog/catalog.do",
        {"method": "GetCatalog"},
        {"group_id": "", "org_code": "", "ind_id": "", "start": "12", "length": "6", "pageLength": "6",
         "region_code": "", "cata_type": "", "keywords": "", "_order": "1:b"},
        {**AJAX, "Referer": "http://data.yinchuan.gov.cn/odweb/catalog/index.htm"},
    ),
    (
        "wuxi", 3, "POST", "https://data.wuxi.gov.cn/data/catalog/catalog.do",
        {"method": "GetCatalog"},
        {"org_code": "", "region_code": "", "conf_use_type": "", "group_id": "", "conf_catalog_format": "",
         "open_type": "", "page": "3", "pageSize": "10", "_order": "cc.data_update_time desc", "keyword": ""},
        {**AJAX, "Referer": "https://data.wuxi.gov.cn/data/catalog/index.htm"},
    ),
    (
        "datong", 2, "GET", "http://www.dt.gov.cn/Dataopen/list",
        {"pageNumber": "2", "null": "null"},
        {},
        {},
    ),
    (
        "luzhou", 2, "POST", "https://data.luzhou.cn/portal/dataservice/getPage",
        {},
        {"codeId": "031435e690e74555937e3285bfceba88", "searchOrder": "0", "page": "2", "rows": "10", "organId": "",
         "serviceType": "0,3"},
        {**AJAX, "Referer": "https://data.luzhou.cn/portal/opendata?orgId="},
    ),
    (
        "meishan", 1, "POST", "http://data.ms.gov.cn/portal/dataservice/getPage",
        {},
        {"codeId": "29001fffc4854893b4b3035f930624ff", "searchOrder": "0", "page": "1", "rows": "10", "organId": "",
         "serviceType": "0,3", "kjdFile": "0"},
        AJAX,
    ),
    (
        "zhongshan", 2, "POST", "https://zsdata.zs.gov.cn/web/queryDomain",
        {},
        {"page": "2", "orgId": "", "orgDirId": "", "domainId": "", "resourceType": "DATA",
         "sortWord": "lastUpdateTime", "direction": "null", "listPageNum": "undefined", "domain.id": ""},
        {**AJAX, "Referer": "https://zsdata.zs.gov.cn/web/dataList?orgId=0&domainId=&resourceType=DATA"},
    ),
    (
        "chengde", 2, "POST", "https://www.chengde.gov.cn/shuju/web/queryDomain",
        {},
        {"page": "2", "orgId": "null", "orgDirId": "null", "domainId": "0", "resourceType": "DATAQUERY",
         "sortWord": "modifyDate", "direction": "down", "listPageNum": "2"},
        AJAX,
    ),
    (
        "bengbu", 0, "GET", "https://www.bengbu.gov.cn/site/label/8888",
        {"siteId": "6795621", "pageSize": "10", "pageIndex": "0", "dataAreaId": "", "isDate": "", "dateFormat": "",
         "length": "", "providerOrgan": "", "sortField": "publishDate", "sortOrder": "desc", "result": "",
         "labelName": "dataOpenResourcePageList", "resourceType": "download"},
        {},
        {**AJAX, "Referer": "https://www.bengbu.gov.cn/sjkf/sjxz/index.html"},
    ),
    (
        "huangshan", 1, "GET", "https://www.huangshan.gov.cn/site/label/8888",
        {"labelName": "dataOpenResourceCatalogList", "isPage": "1", "pageSize": "8", "pageIndex": "1",
         "dataArea": "", "providerOrgan": "", "dateFormat": "yyyy-MM-dd", "orderBy": "", "sortOrder": "asc",
         "containerId": "resourceCatsDiv"},
        {},
        {**AJAX, "Referer": "https://www.huangshan.gov.cn/site/tpl/4655"},
    ),
    (
        "hainan", 0, "POST", "https://data.hainan.gov.cn/search/data/list",
        {},
        {"curPage": "0", "deptName": "", "openValue": "", "orderProperty": "", "orderType": "", "pageSize": "10",
         "score": "", "subject": "", "title": "", "type": ""},
        {**AJAX, "Referer": "https://data.hainan.gov.cn/sjj/index.htm"},
    ),
    (
        "hefei", 2, "GET", "https://www.hefei.gov.cn/open-data-web/kfzy/queryKfZyPage.do",
        {"zylxdm": "1", "currentPageNo": "2", "pageSize": "10", "rtcode": "03", "rcid": "", "flag": "0",
         "sortSign": ""},
        {},
        AJAX,
    ),
    (
        "bozhou", 2, "GET", "http://60.174.80.67:8098/open-data-web/kfzy/queryDataCatalog.do",
        {"currentPageNo": "2", "pageSize": "6"},
        {},
        AJAX,
    ),
    (
        "zigong", 3, "GET", "https://data.zg.cn/catalog_schema/findRightSchema",
        {"offset": "20", "limit": "10", "groupCode": "", "orderBy": "0", "catalogTitle": "", "dateType": "",
         "catalogFormatType": "", "catalogShareWay": "", "syncStatus": "", "shareType": "", "openType": ""},
        {},
        AJAX,
    ),
    (
        "neijiang", 0, "POST", "https://www.neijiang.gov.cn/api/openPortal/resourceCatalog/pageList",
        {"page": "0", "size": "20"},
        {"sortType": 0, "code": None, "openMode": None, "topic": None, "openType": None, "page": 0, "size": 20},
        {"Referer": "https://www.neijiang.gov.cn/neiJiangPublicData/resourceCatalog"},
    ),
    (
        "leshan", 2, "GET", "https://www.leshan.gov.cn/data/kfmh/api/open/1/getDirectoryList",
        {"pageIndex": "2", "pageSize": "6", "sortOrder": "desc", "sortName": ""},
        {},
        {"Referer": "https://www.leshan.gov.cn/data/"},
    ),
    (
        "nanchong", 2, "GET", "https://www.nanchong.gov.cn/data/resCatalog/find",
        {"code": "", "type": "", "inputtext": "", "RELEASETIME": "desc", "accesscount": "", "downnum": "",
         "callnum": "", "ykfcclnum": "", "update_time": "", "page": "2", "rows": "20", "resourcenum": "",
         "tag_id1": "", "tag_id2": "", "tag_id3": ""},
        {},
        {**AJAX, "Referer": "https://www.nanchong.gov.cn/data/catalog/index.html"},
    ),
    (
        "aba", 2, "GET", "http://abadata.cn/ABaPrefectureGateway/open/api/getTableList",
        {"page": "2", "count": "10", "orgId": "", "tableTypeId": "", "subjectBaseName": "", "updateDate": "",
         "visitsNum": "", "score": "", "formatType": "", "openType": "", "dataNum": " ", "downloadNum": "",
         "field_id": "", "dataType": "", "startTime": "", "endTIme": "", "requestIp": "127.0.0.1"},
        {},
        {"Authorization": "", "X-Access-Token": ""},
    ),
    (
        "guangyuan", 2, "POST", "https://data.cngy.gov.cn/open/dataPool/dataPoolPager",
        {},
        {"id": "", "pageSize": "5", "currentPage": 2, "type": "", "btntype": "", "fileid": "", "share": "",
         "userid": None, "sorter": "release_time", "order": "desc"},
        {"Referer": "https://data.cngy.gov.cn/open/index.html?id=datapool"},
    ),
    (
        "wuhu", 2, "POST", "https://data.wuhu.cn/datagov-ops/data/getDataSetByWhere",
        {},
        {"searchContent": "", "dataType": "", "dataOrg": "", "sort": "0", "fileType": "", "pageNo": "2",
         "pageSize": "15", "beginDate": ""},
        {**AJAX, "Referer": "https://data.wuhu.cn/datagov-ops/data/dataIndex"},
    ),
    (
        "huainan", 2, "GET", "https://sjzyj.huainan.gov.cn/odssite/govData/getGovDataList",
        {"dataType": "1", "fuzzy": "", "page": "2", "size": "10"},
        {},
        {**AJAX, "Referer": "https://sjzyj.huainan.gov.cn/odssite/view/page/govData"},
    ),
    (
        "chuzhou", 0, "GET", "https://data.zhihuichuzhou.com:8007/api/OpenDirectory/select",
        {"shareType": "全部", "resourceStatus": "全部", "resourceType": "全部", "updatetimes": "全部", "orderType": "0",
         "sortnum": "1", "page": "0", "size": "10", "star": ""},
        {},
        {**AJAX, "Referer": "https://data.zhihuichuzhou.com:8007/"},
    ),
    (
        "huaibei", 2, "POST", "http://open.huaibeidata.cn:1123/opendata/oapi/dataset/pagelist",
        {"name": "", "curPageNumber": "2", "pageSize": "10", "total": "0", "fileType": "", "appTypeId": "",
         "companyId": ""},
        {},
        {**AJAX, "Referer": "http://open.huaibeidata.cn:1123/"},
    ),
]  # fmt: skip

# Of the dataset `a/b`: slug, method, address, query, body.
DETAILS = [
    ("quzhou", "GET", "https://data.qz.gov.cn/jdop_front/detail/data.do", {"iid": "a/b", "searchString": ""}, {}),
    ("yinchuan", "GET", "http://data.yinchuan.gov.cn/odweb/catalog/catalogDetail.htm", {"cata_id": "a/b"}, {}),
    ("wuxi", "GET", "https://data.wuxi.gov.cn/data/catalog/catalogDetail.htm", {"cata_id": "a/b"}, {}),
    (
        "luzhou", "GET", "https://data.luzhou.cn/portal/service_detail",
        {"id": "a/b", "type": "opendata", "orgId": ""}, {},
    ),
    ("zhongshan", "GET", "https://zsdata.zs.gov.cn/web/dataServerView", {"id": "a/b", "pageNum": "1"}, {}),
    ("bengbu", "GET", "https://www.bengbu.gov.cn/site/tpl/6621", {"resourceId": "a/b"}, {}),
    (
        "huangshan", "GET", "https://www.huangshan.gov.cn/site/label/8888",
        {"labelName": "dataOpenResourceCatDetail", "resourceId": "a/b", "dateFormat": "yyyy-MM-dd", "isJson": "true"}, {},
    ),
    ("hainan", "GET", "https://data.hainan.gov.cn/sjj/a%2Fb.htm", {}, {}),
    (
        "hefei", "POST", "https://www.hefei.gov.cn/open-data-web/kfzy/getKfzyDetail.do",
        {}, {"id": "a", "zyId": "b", "zylx": "1", "czlx": "1"},
    ),
    ("zigong", "GET", "https://data.zg.cn/catalog_schema/findView", {"id": "a/b"}, {}),
    ("neijiang", "POST", "https://www.neijiang.gov.cn/api/openPortal/resourceCatalog/getById", {}, {"id": "a/b"}),
    (
        "leshan", "GET", "https://www.leshan.gov.cn/data/kfmh/api/open/1/getDirectoryDetails",
        {"resourceId": "a/b"}, {},
    ),
    ("nanchong", "GET", "https://www.nanchong.gov.cn/data/resCatalog/getdetailsbyid", {"id": "a/b"}, {}),
    ("aba", "GET", "http://abadata.cn/ABaPrefectureGateway/open/api/getTableDetail", {"tableId": "a/b"}, {}),
    ("guangyuan", "POST", "https://data.cngy.gov.cn/open/details/queryDetails", {}, {"id": "a/b"}),
    ("huainan", "GET", "https://sjzyj.huainan.gov.cn/odssite/govData/getGovDataById", {"dataId": "a/b"}, {}),
    ("huaibei", "POST", "http://open.huaibeidata.cn:1123/opendata/oapi/dataset/detail", {"id": "a/b"}, {}),
    ("beijing", "GET", "https://data.beijing.gov.cn/a/b", {}, {}),
    ("datong", "GET", "http://www.dt.gov.cn/a/b", {}, {}),
]  # fmt: skip


def spider(slug: str) -> PortalSpider:
    return loader().spider_class(loader().register.get(slug))()


def asked(request) -> tuple[str, dict]:
    """Address and query."""
    address, _, query = request.url.partition("?")
    return address, dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))


def sent(request) -> dict:
    """The body as the portal reads it: JSON, or a form."""
    is_json = request.headers.get("Content-Type", b"").startswith(b"application/json")
    return json.loads(request.body) if is_json else dict(parse_qsl(request.body.decode(), keep_blank_values=True))


@pytest.mark.parametrize("expected", LISTS, ids=lambda expected: expected[0])
def test_list_request(expected):
    slug, page, method, url, query, body, headers = expected
    request = spider(slug).list_request(page)
    assert (request.method, *asked(request), sent(request)) == (method, url, query, body)
    assert {name: request.headers.get(name, b"missing").decode() for name in headers} == headers
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    assert request.headers.get("Origin", b"").decode() == (origin if method == "POST" else "")


@pytest.mark.parametrize("expected", DETAILS, ids=lambda expected: expected[0])
def test_detail_request(expected):
    slug, method, url, query, body = expected
    request = spider(slug).detail_request("a/b")
    assert (request.method, *asked(request), sent(request)) == (method, url, query, body)


@pytest.mark.parametrize("slug", ["wuhu", "chuzhou"])
def test_no_detail_is_asked_for_where_the_list_tells_all(slug):
    assert spider(slug).detail_request("x") is None
