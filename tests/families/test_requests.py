"""What each family asks: method, address, headers and body of its list and detail, for one portal or one tenant each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from scrapy import Request

from opendata_spiders.crawl.spider import PortalSpider
from tests.families.goldens import loader

JSON = {"Content-Type": "application/json;charset=UTF-8"}
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
AJAX = {"X-Requested-With": "XMLHttpRequest"}


@dataclass(frozen=True)
class Asked:
    """One request as it must be: `page` or `id` is what is asked for."""

    slug: str
    url: str
    page: int | None = None
    id: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
    """For a portal that the register does not hold; `slug` is its family then."""

    def __str__(self) -> str:
        return f"{self.slug}-{'detail' if self.page is None else 'list'}"


ASKED = [
    Asked(
        "dcat",
        "https://data.clearwater.example/data.json",
        page=1,
        arguments={"base_url": "https://data.clearwater.example"},
    ),
    Asked(
        "dcat",
        "https://data.clearwater.example/opendata/catalog.ttl",
        page=1,
        query={"profiles": "euro_dcat_ap"},
        arguments={
            "base_url": "https://data.clearwater.example", "context_path": "/opendata/catalog.ttl",
            "tenant": "profiles=euro_dcat_ap",
        },
    ),
    Asked(
        "shaoguan",
        "https://gddata.gd.gov.cn/backOpen/open/data/data/openCatalog/findPageBySearch",
        page=2,
        json={
            "pageSize": 20, "pageNo": 2, "officecCode": "37", "officeCode": "37", "subjectType": "", "sourceType": "",
            "keyword": "", "openType": "", "sourceSuffix": "",
        },
        headers={**JSON, "Origin": "https://gddata.gd.gov.cn", "Referer": "https://gddata.gd.gov.cn/opdata/index"},
    ),
    Asked(
        "guangdong",
        "https://gddata.gd.gov.cn/backOpen/open/data/data/openCatalog/findPageBySearch",
        page=1,
        json={
            "pageSize": 20, "pageNo": 1, "officecCode": "", "officeCode": "", "subjectType": "", "sourceType": "",
            "keyword": "", "openType": "", "sourceSuffix": "",
        },
        headers=JSON,
    ),
    Asked(
        "shaoguan",
        "https://gddata.gd.gov.cn/backOpen/open/data/data/openCatalog/selectDataCatalogByResId",
        id="3070220200043/000089",
        json={"resId": "3070220200043/000089"},
        headers=JSON,
    ),
    Asked(
        "shenzhen",
        "https://opendata.sz.gov.cn/data/dataSet/findPage",
        page=3,
        form={"pageNo": "3", "pageSize": "20", "sortType": "DESC", "sourceTypeArray": ""},
        headers={
            **FORM, **AJAX, "Origin": "https://opendata.sz.gov.cn",
            "Referer": "https://opendata.sz.gov.cn/data/dataSet/toDataSet",
        },
    ),
    Asked(
        "ziyang",
        "http://data.ziyang.gov.cn/data/dataSet/findPage",
        page=1,
        form={
            "pageNo": "1", "pageSize": "20", "sortType": "DESC", "sourceTypeArray": "", "officeType": "0", "cate": "2",
        },
        headers=FORM,
    ),
    Asked(
        "shenzhen",
        "https://opendata.sz.gov.cn/data/catalog/selectDataCatalogByResId",
        id="29200/00900273",
        form={"resId": "29200/00900273"},
        headers={**FORM, **AJAX},
    ),
    Asked(
        "suizhou",
        "http://www.suizhou.gov.cn/data//dataSet/findPage",
        page=2,
        form={"page": "2", "limit": "10", "field": "data_Update_Time", "classifId": "", "catalogId": ""},
        headers={**FORM, **AJAX, "Referer": "http://www.suizhou.gov.cn/data/dataOpen/webmail/setList"},
    ),
    Asked("suizhou", "http://www.suizhou.gov.cn/data//dataSet/toDataDetails/5051", id="5051", headers=AJAX),
    Asked(
        "fuzhou_fj",
        "https://data.fujian.gov.cn/datadevelop/prod-api/open-portal/catalog/list",
        page=2,
        query={
            "pageNum": "2", "pageSize": "10", "format": "", "openType": "", "type": "2", "key": "", "orderByColumn": "",
            "isAsc": "", "currentTab": "city", "cityCode": "350100000000",
        },
        headers={"Referer": "https://data.fujian.gov.cn/"},
    ),
    Asked(
        "fujian",
        "https://data.fujian.gov.cn/datadevelop/prod-api/open-portal/catalog/list",
        page=1,
        query={
            "pageNum": "1", "pageSize": "10", "format": "", "openType": "", "type": "1", "key": "", "orderByColumn": "",
            "isAsc": "", "currentTab": "all",
        },
    ),
    Asked(
        "fujian",
        "https://data.fujian.gov.cn/datadevelop/prod-api/open-portal/catalog/getCataInfo",
        id="202401010001",
        query={"cataId": "202401010001"},
    ),
    Asked(
        "deyang",
        "https://www.dysdsj.cn/exchangeopengateway/v1.0/mh/sjml/getMlxxList",
        page=2,
        json={
            "pageNo": 2, "pageSize": 10, "zylx": ["01", "02"], "ssbmId": ["00"], "mlmc": "", "gxsjPx": 2, "llslPx": "",
            "sqslPx": "", "pfPx": "", "ssztlmId": ["00"], "ssjclmId": ["00"], "ssqtlmId": ["00"], "kflx": ["00"],
            "wjlx": ["00"],
        },
        headers={**JSON, "token": "null", "appCode": "", "Referer": "https://www.dysdsj.cn/"},
    ),
    Asked(
        "exchange_gateway",
        "https://data.qinghe.example/exchangeopengateway/v1.0/mlxx/getSjmlxq",
        id="3066/025626",
        query={"mlbh": "3066/025626", "appCode": "0123456789abcdef"},
        headers={"token": "null", "appCode": "0123456789abcdef", "Referer": "https://data.qinghe.example/data"},
        arguments={"base_url": "https://data.qinghe.example", "tenant": "appCode=0123456789abcdef&front=/data"},
    ),
    Asked(
        "exchange_gateway",
        "https://data.qinghe.example/exchangeopengateway/v1.0/mh/sjml/getMlxxList",
        page=1,
        json={
            "pageNo": 1, "pageSize": 10, "zylx": ["01", "02"], "ssbmId": ["00"], "mlmc": "", "gxsjPx": 2, "llslPx": "",
            "sqslPx": "", "pfPx": "", "ssztlmId": ["0202"], "ssjclmId": ["00"], "ssqtlmId": ["00"], "kflx": ["00"],
            "wjlx": ["00"],
        },
        arguments={"base_url": "https://data.qinghe.example", "tenant": "ssztlmId=0202"},
    ),
    Asked(
        "shaoxing",
        "https://data.sx.gov.cn/athena/catalog/page",
        page=2,
        json={
            "pageNum": 2, "pageSize": 10, "deptId": "", "domainId": "", "orderField": "2", "isDownload": "",
            "uncode": "", "scene": "", "fieldType": "", "searchString": "", "content": "", "orderDefault": "",
            "isCatalog": "", "searchType": "",
        },
        headers={
            **JSON, **AJAX, "Accept": "application/json, text/plain, */*",
            "Referer": "https://data.sx.gov.cn/kf/open/table",
        },
    ),
    Asked(
        "taizhou_zj",
        "https://data.zjtz.gov.cn/athena/catalog/getDetails",
        id="55995",
        query={"dataId": "55995"},
        headers={"Referer": "https://data.zjtz.gov.cn/tz/open/table"},
    ),
    Asked(
        "gx_athena",
        "https://data.qinghe.example:8183/athena/catalog/page",
        page=1,
        json={
            "pageNum": 1, "pageSize": 30, "deptId": "", "domainId": "", "orderField": "2", "isDownload": "",
            "uncode": "", "scene": "", "fieldType": "", "searchString": "", "content": "", "orderDefault": "",
            "isCatalog": "", "searchType": "",
        },
        arguments={"base_url": "https://data.qinghe.example:8183"},
    ),
    Asked(
        "guangzhou",
        "https://data.gz.gov.cn/data-source/dsDataCatalog/findDsDataTableExts",
        page=2,
        json={
            "body": {
                "orgCode": "", "name": None, "subjectId": None, "useType": None, "dataFormat": None, "openStatus": None,
                "display": "1",
            },
            "page": 2, "pageSize": 10, "sortName": "lastUpdateTime", "sortOrder": "desc",
        },
        headers={**JSON, **AJAX, "token": "", "Referer": "https://data.gz.gov.cn/dataSet.html"},
    ),
    Asked(
        "guangzhou",
        "https://data.gz.gov.cn/data-source/dsDataCatalog/findDsDataTableExtDetail/1544582252208472064",
        id="1544582252208472064",
        headers={**AJAX, "token": ""},
    ),
    Asked(
        "hangzhou",
        "https://data.hangzhou.gov.cn/dop/dataOpen/list.action",
        page=2,
        form={
            "postData": '{"source_id": "", "fieldCode": "", "themeCode": "", "serviceCode": "", "industryCode": "", '
            '"score": "", "ability": "", "source_type": "DATA", "openLevel": "", "searchKey": "", "sort": "", '
            '"code": "", "pageSplit": {"pageNumber": 2, "pageSize": 10}, "topicType": ""}'
        },
        headers={**FORM, **AJAX, "Referer": "https://data.hangzhou.gov.cn/dop/tpl/dataOpen/dataList.html"},
    ),
    Asked(
        "hangzhou",
        "https://data.hangzhou.gov.cn/dop/dataOpen/dataDetail.action",
        id="47542",
        form={
            "postData": '{"source_id": "47542", "source_type": "", "pageSplit": {"pageNumber": 1, "pageSize": 10}}'
        },
        headers={**FORM, **AJAX},
    ),
    Asked(
        "wuhan",
        "https://data.wuhan.gov.cn/api/portal/data/catalog/page",
        page=4,
        json={"current": 4, "size": 10},
        headers={**JSON, **AJAX, "Referer": "https://data.wuhan.gov.cn/page/data/data_directory.html"},
    ),
    Asked(
        "wuhan", "https://data.wuhan.gov.cn/api/portal/data/catalog/detail", id="a1b2c3", query={"cataId": "a1b2c3"}
    ),
    Asked(
        "suzhou_js",
        "https://data.suzhou.gov.cn/dii/catalog/cms/open/getResourcePage",
        page=3,
        query={"size": "20", "current": "3"},
        json={
            "resourceCode": "", "openAttribute": "", "resourceName": "", "order": "", "sortColumn": "", "deptId": "",
            "labelIds": [], "subjectTypeId": "", "industryTypeId": "", "deptTypeId": "", "mountType": "", "current": 3,
            "size": 20,
        },
        headers={**JSON, "Referer": "https://data.suzhou.gov.cn/"},
    ),
    Asked(
        "suzhou_js",
        "https://data.suzhou.gov.cn/dii/catalog/cms/open/getResourceInfo",
        id="1110939328643821568",
        query={"id": "1110939328643821568"},
        form={},
    ),
    Asked(
        "maanshan",
        "http://data.ahzwfw.gov.cn:8000/dataopen-web/data/findByPage",
        page=2,
        form={"pageSize": "10", "pageNum": "2", "dycs": "", "gxsj": "", "fwcs": "", "xzcs": "", "xzqh": "3405"},
        headers={
            **FORM, "IFLYTEK_CSRFTOKEN": "null",
            "Referer": "http://data.ahzwfw.gov.cn:8000/dataopen-web/api-data.html",
        },
    ),
    Asked(
        "anhui",
        "http://data.ahzwfw.gov.cn:8000/dataopen-web/data/findByPage",
        page=1,
        form={"pageSize": "10", "pageNum": "1", "dycs": "", "gxsj": "", "fwcs": "", "xzcs": ""},
    ),
    Asked(
        "xuancheng",
        "http://60.173.74.11:5678/dataopen-web/data/findByRid",
        id="0a",
        form={"rid": "0a"},
        headers={**FORM, "IFLYTEK_CSRFTOKEN": "null"},
    ),
    Asked(
        "jiangxi",
        "https://data.jiangxi.gov.cn/opendata-portal/prod-api/openData/page",
        page=2,
        json={
            "current": 2, "pageSize": 10, "dataName": "", "resResourceType": "", "resOrgCode": [], "dataFieldCode": [],
            "resShareType": "", "responsibilityListFlag": "", "orderHotNum": "desc",
        },
        headers={**JSON, "Authorization": "Bearer ", "Referer": "https://data.jiangxi.gov.cn/open-data"},
    ),
    Asked(
        "jian",
        "https://opendata.jian.gov.cn/opendata-portal/prod-api/openData/infoById",
        id="8a8b",
        query={"dataId": "8a8b"},
        headers={"Authorization": "Bearer "},
    ),
    Asked(
        "huaian",
        "https://opendata.huaian.gov.cn:18443/api/catalog",
        page=2,
        query={
            "keyword": "", "resourceType": "", "categoryId": "", "pageNum": "2", "pageSize": "20",
            "orderBy": "publishTime", "dir": "desc",
        },
        headers={**AJAX, "Referer": "https://opendata.huaian.gov.cn:18443/"},
    ),
    Asked(
        "huhehaote",
        "https://data.huhhot.gov.cn/api/catalog",
        page=1,
        query={
            "keyword": "", "resourceType": "", "categoryId": "3", "pageNum": "1", "pageSize": "20",
            "orderBy": "publishTime", "dir": "desc",
        },
    ),
    Asked(
        "bazhong",
        "https://www.bzgongxiang.com/api/rcms/catalog/listCatalog",
        page=2,
        query={"field": "publishTime", "dir": "desc", "page": "2", "pageSize": "20"},
        json={"searchContent": "", "nodeTree": "", "sharingType": ""},
        headers={**JSON, **AJAX, "Referer": "https://www.bzgongxiang.com/"},
    ),
    Asked(
        "bazhong",
        "https://www.bzgongxiang.com/api/rcms/catalog/queryDataCatalogDetail",
        id="8351737148290387106",
        query={"dataCatalogId": "8351737148290387106"},
    ),
    Asked(
        "zhenjiang",
        "https://data.zhenjiang.gov.cn/prod-api/openResource/rest/page",
        page=0,
        query={
            "resourceName": "", "topicClassify": "", "dataRelam": "", "organName": "", "industryType": "", "isOpen": "",
            "updateTimeSort": "", "applyCountSort": "", "browseCountSort": "", "scoreCountSort": "",
            "downCountSort": "", "page": "0", "size": "10",
        },
        headers={
            "Accept": "application/json, text/plain, */*", "Referer": "https://data.zhenjiang.gov.cn/portal/index",
        },
    ),
    Asked(
        "zhenjiang", "https://data.zhenjiang.gov.cn/prod-api/openResource/rest/findView", id="5b", query={"id": "5b"}
    ),
    Asked(
        "shanghai",
        "https://data.sh.gov.cn/zq/api/data_set/search/",
        page=2,
        json={
            "appScenarios": "", "dataDomain": "", "datasetKeyword": "", "fieldListKeyword": "", "openResType": "",
            "openType": "", "orgId": "", "pageNum": 2, "pageSize": 10, "generalScore": "", "resourceKeyword": "",
            "sort": "", "isHighQuality": "",
        },
        headers={
            "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": "null",
            "Referer": "https://data.sh.gov.cn/view/data-resource/index.html",
        },
    ),
    Asked("shanghai", "https://data.sh.gov.cn/zq/api/data_set/AB9002015011/", id="AB9002015011"),
    Asked(
        "ningbo",
        "http://183.134.232.54/api/dataset/dataSetList",
        page=2,
        json={
            "pageNo": "2", "pageSize": "10", "dataUnit": "", "domainClassification": "", "formatClassification": "",
            "order": "desc", "orderName": "UPDATE_TIME", "keywords": "", "createUser": "",
        },
        headers={**JSON, "Origin": "http://data.ningbo.gov.cn", "Referer": "http://data.ningbo.gov.cn/"},
    ),
    Asked("ningbo", "http://183.134.232.54/api/dataset/dataSetInfo", id="8bb0", json={"uuid": "8bb0"}),
    Asked(
        "xiamen",
        "https://data.xm.gov.cn/opendata-server/catalog/list",
        page=2,
        json={
            "data": {},
            "page": {
                "currentPage": 2, "linesPerPage": 10, "totalNum": 0, "totalPage": 0,
                "orderBys": [{"sortField": "dataTotal", "sortType": "desc"}],
            },
        },
        headers={**JSON, "Referer": "https://data.xm.gov.cn/opendata/datas/"},
    ),
    Asked(
        "xiamen",
        "https://data.xm.gov.cn/opendata-server/catalog/detail",
        id="1",
        query={"random": "0", "catalogId": "1"},
    ),
    Asked(
        "quzhou",
        "https://data.qz.gov.cn/jdop_front/channal/datapubliclist.do",
        page=3,
        form={
            "pageNumber": "3", "pageSize": "20", "type": "1", "domainId": "0", "deptId": "", "regionId": "",
            "keyword": "", "content": "", "searchString": "", "orderDefault": "", "isDownload": "1",
            "dimensionId": "0",
        },
        headers={
            **AJAX, "Referer": "https://data.qz.gov.cn/jdop_front/channal/data_public.do",
            "Origin": "https://data.qz.gov.cn",
        },
    ),
    Asked(
        "wenzhou",
        "https://data.wenzhou.gov.cn/jdop_front/channal/datapubliclist.do",
        page=1,
        form={
            "pageNumber": "1", "pageSize": "20", "type": "", "domainId": "0", "deptId": "", "regionId": "",
            "keyword": "", "content": "", "searchString": "", "orderDefault": "", "isDownload": "1",
            "dimensionId": "0", "openState": "",
        },
        headers={**AJAX, "Origin": "https://data.wenzhou.gov.cn"},
    ),
    Asked(
        "beijing",
        "https://data.beijing.gov.cn/cms/web/search",
        page=2,
        form={"orderFiled": "publishDate", "orderMethod": "desc", "pageSize": "10", "curPage": "2"},
        headers={
            **AJAX, "Referer": "https://data.beijing.gov.cn/syzxsj/index.htm",
            "Origin": "https://data.beijing.gov.cn",
        },
    ),
    Asked(
        "yinchuan",
        "http://data.yinchuan.gov.cn/odweb/catalog/catalog.do",
        page=3,
        query={"method": "GetCatalog"},
        form={
            "group_id": "", "org_code": "", "ind_id": "", "start": "12", "length": "6", "pageLength": "6",
            "region_code": "", "cata_type": "", "keywords": "", "_order": "1:b",
        },
        headers={
            **AJAX, "Referer": "http://data.yinchuan.gov.cn/odweb/catalog/index.htm",
            "Origin": "http://data.yinchuan.gov.cn",
        },
    ),
    Asked(
        "wuxi",
        "https://data.wuxi.gov.cn/data/catalog/catalog.do",
        page=3,
        query={"method": "GetCatalog"},
        form={
            "org_code": "", "region_code": "", "conf_use_type": "", "group_id": "", "conf_catalog_format": "",
            "open_type": "", "page": "3", "pageSize": "10", "_order": "cc.data_update_time desc", "keyword": "",
        },
        headers={
            **AJAX, "Referer": "https://data.wuxi.gov.cn/data/catalog/index.htm",
            "Origin": "https://data.wuxi.gov.cn",
        },
    ),
    Asked(
        "datong",
        "http://www.dt.gov.cn/Dataopen/list",
        page=2,
        query={"pageNumber": "2", "null": "null"},
    ),
    Asked(
        "luzhou",
        "https://data.luzhou.cn/portal/dataservice/getPage",
        page=2,
        form={
            "codeId": "031435e690e74555937e3285bfceba88", "searchOrder": "0", "page": "2", "rows": "10",
            "organId": "", "serviceType": "0,3",
        },
        headers={
            **AJAX, "Referer": "https://data.luzhou.cn/portal/opendata?orgId=", "Origin": "https://data.luzhou.cn",
        },
    ),
    Asked(
        "meishan",
        "http://data.ms.gov.cn/portal/dataservice/getPage",
        page=1,
        form={
            "codeId": "29001fffc4854893b4b3035f930624ff", "searchOrder": "0", "page": "1", "rows": "10",
            "organId": "", "serviceType": "0,3", "kjdFile": "0",
        },
        headers={**AJAX, "Origin": "http://data.ms.gov.cn"},
    ),
    Asked(
        "zhongshan",
        "https://zsdata.zs.gov.cn/web/queryDomain",
        page=2,
        form={
            "page": "2", "orgId": "", "orgDirId": "", "domainId": "", "resourceType": "DATA",
            "sortWord": "lastUpdateTime", "direction": "null", "listPageNum": "undefined", "domain.id": "",
        },
        headers={
            **AJAX, "Referer": "https://zsdata.zs.gov.cn/web/dataList?orgId=0&domainId=&resourceType=DATA",
            "Origin": "https://zsdata.zs.gov.cn",
        },
    ),
    Asked(
        "chengde",
        "https://www.chengde.gov.cn/shuju/web/queryDomain",
        page=2,
        form={
            "page": "2", "orgId": "null", "orgDirId": "null", "domainId": "0", "resourceType": "DATAQUERY",
            "sortWord": "modifyDate", "direction": "down", "listPageNum": "2",
        },
        headers={**AJAX, "Origin": "https://www.chengde.gov.cn"},
    ),
    Asked(
        "bengbu",
        "https://www.bengbu.gov.cn/site/label/8888",
        page=0,
        query={
            "siteId": "6795621", "pageSize": "10", "pageIndex": "0", "dataAreaId": "", "isDate": "",
            "dateFormat": "", "length": "", "providerOrgan": "", "sortField": "publishDate", "sortOrder": "desc",
            "result": "", "labelName": "dataOpenResourcePageList", "resourceType": "download",
        },
        headers={**AJAX, "Referer": "https://www.bengbu.gov.cn/sjkf/sjxz/index.html"},
    ),
    Asked(
        "huangshan",
        "https://www.huangshan.gov.cn/site/label/8888",
        page=1,
        query={
            "labelName": "dataOpenResourceCatalogList", "isPage": "1", "pageSize": "8", "pageIndex": "1",
            "dataArea": "", "providerOrgan": "", "dateFormat": "yyyy-MM-dd", "orderBy": "", "sortOrder": "asc",
            "containerId": "resourceCatsDiv",
        },
        headers={**AJAX, "Referer": "https://www.huangshan.gov.cn/site/tpl/4655"},
    ),
    Asked(
        "hainan",
        "https://data.hainan.gov.cn/search/data/list",
        page=0,
        form={
            "curPage": "0", "deptName": "", "openValue": "", "orderProperty": "", "orderType": "", "pageSize": "10",
            "score": "", "subject": "", "title": "", "type": "",
        },
        headers={
            **AJAX, "Referer": "https://data.hainan.gov.cn/sjj/index.htm", "Origin": "https://data.hainan.gov.cn",
        },
    ),
    Asked(
        "hefei",
        "https://www.hefei.gov.cn/open-data-web/kfzy/queryKfZyPage.do",
        page=2,
        query={
            "zylxdm": "1", "currentPageNo": "2", "pageSize": "10", "rtcode": "03", "rcid": "", "flag": "0",
            "sortSign": "",
        },
        headers=AJAX,
    ),
    Asked(
        "bozhou",
        "http://60.174.80.67:8098/open-data-web/kfzy/queryDataCatalog.do",
        page=2,
        query={"currentPageNo": "2", "pageSize": "6"},
        headers=AJAX,
    ),
    Asked(
        "zigong",
        "https://data.zg.cn/catalog_schema/findRightSchema",
        page=3,
        query={
            "offset": "20", "limit": "10", "groupCode": "", "orderBy": "0", "catalogTitle": "", "dateType": "",
            "catalogFormatType": "", "catalogShareWay": "", "syncStatus": "", "shareType": "", "openType": "",
        },
        headers=AJAX,
    ),
    Asked(
        "neijiang",
        "https://www.neijiang.gov.cn/api/openPortal/resourceCatalog/pageList",
        page=0,
        query={"page": "0", "size": "20"},
        json={"sortType": 0, "code": None, "openMode": None, "topic": None, "openType": None, "page": 0, "size": 20},
        headers={
            "Referer": "https://www.neijiang.gov.cn/neiJiangPublicData/resourceCatalog",
            "Origin": "https://www.neijiang.gov.cn",
        },
    ),
    Asked(
        "leshan",
        "https://www.leshan.gov.cn/data/kfmh/api/open/1/getDirectoryList",
        page=2,
        query={"pageIndex": "2", "pageSize": "6", "sortOrder": "desc", "sortName": ""},
        headers={"Referer": "https://www.leshan.gov.cn/data/"},
    ),
    Asked(
        "nanchong",
        "https://www.nanchong.gov.cn/data/resCatalog/find",
        page=2,
        query={
            "code": "", "type": "", "inputtext": "", "RELEASETIME": "desc", "accesscount": "", "downnum": "",
            "callnum": "", "ykfcclnum": "", "update_time": "", "page": "2", "rows": "20", "resourcenum": "",
            "tag_id1": "", "tag_id2": "", "tag_id3": "",
        },
        headers={**AJAX, "Referer": "https://www.nanchong.gov.cn/data/catalog/index.html"},
    ),
    Asked(
        "aba",
        "http://abadata.cn/ABaPrefectureGateway/open/api/getTableList",
        page=2,
        query={
            "page": "2", "count": "10", "orgId": "", "tableTypeId": "", "subjectBaseName": "", "updateDate": "",
            "visitsNum": "", "score": "", "formatType": "", "openType": "", "dataNum": " ", "downloadNum": "",
            "field_id": "", "dataType": "", "startTime": "", "endTIme": "", "requestIp": "127.0.0.1",
        },
        headers={"Authorization": "", "X-Access-Token": ""},
    ),
    Asked(
        "guangyuan",
        "https://data.cngy.gov.cn/open/dataPool/dataPoolPager",
        page=2,
        json={
            "id": "", "pageSize": "5", "currentPage": 2, "type": "", "btntype": "", "fileid": "", "share": "",
            "userid": None, "sorter": "release_time", "order": "desc",
        },
        headers={
            "Referer": "https://data.cngy.gov.cn/open/index.html?id=datapool", "Origin": "https://data.cngy.gov.cn",
        },
    ),
    Asked(
        "wuhu",
        "https://data.wuhu.cn/datagov-ops/data/getDataSetByWhere",
        page=2,
        form={
            "searchContent": "", "dataType": "", "dataOrg": "", "sort": "0", "fileType": "", "pageNo": "2",
            "pageSize": "15", "beginDate": "",
        },
        headers={
            **AJAX, "Referer": "https://data.wuhu.cn/datagov-ops/data/dataIndex", "Origin": "https://data.wuhu.cn",
        },
    ),
    Asked(
        "huainan",
        "https://sjzyj.huainan.gov.cn/odssite/govData/getGovDataList",
        page=2,
        query={"dataType": "1", "fuzzy": "", "page": "2", "size": "10"},
        headers={**AJAX, "Referer": "https://sjzyj.huainan.gov.cn/odssite/view/page/govData"},
    ),
    Asked(
        "chuzhou",
        "https://data.zhihuichuzhou.com:8007/api/OpenDirectory/select",
        page=0,
        query={
            "shareType": "全部", "resourceStatus": "全部", "resourceType": "全部", "updatetimes": "全部", "orderType": "0",
            "sortnum": "1", "page": "0", "size": "10", "star": "",
        },
        headers={**AJAX, "Referer": "https://data.zhihuichuzhou.com:8007/"},
    ),
    Asked(
        "huaibei",
        "http://open.huaibeidata.cn:1123/opendata/oapi/dataset/pagelist",
        page=2,
        query={
            "name": "", "curPageNumber": "2", "pageSize": "10", "total": "0", "fileType": "", "appTypeId": "",
            "companyId": "",
        },
        form={},
        headers={**AJAX, "Referer": "http://open.huaibeidata.cn:1123/", "Origin": "http://open.huaibeidata.cn:1123"},
    ),
    Asked(
        "quzhou",
        "https://data.qz.gov.cn/jdop_front/detail/data.do",
        id="a/b",
        query={"iid": "a/b", "searchString": ""},
    ),
    Asked(
        "yinchuan",
        "http://data.yinchuan.gov.cn/odweb/catalog/catalogDetail.htm",
        id="a/b",
        query={"cata_id": "a/b"},
    ),
    Asked(
        "wuxi",
        "https://data.wuxi.gov.cn/data/catalog/catalogDetail.htm",
        id="a/b",
        query={"cata_id": "a/b"},
    ),
    Asked(
        "luzhou",
        "https://data.luzhou.cn/portal/service_detail",
        id="a/b",
        query={"id": "a/b", "type": "opendata", "orgId": ""},
    ),
    Asked(
        "zhongshan",
        "https://zsdata.zs.gov.cn/web/dataServerView",
        id="a/b",
        query={"id": "a/b", "pageNum": "1"},
    ),
    Asked(
        "bengbu",
        "https://www.bengbu.gov.cn/site/tpl/6621",
        id="a/b",
        query={"resourceId": "a/b"},
    ),
    Asked(
        "huangshan",
        "https://www.huangshan.gov.cn/site/label/8888",
        id="a/b",
        query={
            "labelName": "dataOpenResourceCatDetail", "resourceId": "a/b", "dateFormat": "yyyy-MM-dd",
            "isJson": "true",
        },
    ),
    Asked(
        "hainan",
        "https://data.hainan.gov.cn/sjj/a%2Fb.htm",
        id="a/b",
    ),
    Asked(
        "hefei",
        "https://www.hefei.gov.cn/open-data-web/kfzy/getKfzyDetail.do",
        id="a/b",
        form={"id": "a", "zyId": "b", "zylx": "1", "czlx": "1"},
    ),
    Asked(
        "zigong",
        "https://data.zg.cn/catalog_schema/findView",
        id="a/b",
        query={"id": "a/b"},
    ),
    Asked(
        "neijiang",
        "https://www.neijiang.gov.cn/api/openPortal/resourceCatalog/getById",
        id="a/b",
        json={"id": "a/b"},
    ),
    Asked(
        "leshan",
        "https://www.leshan.gov.cn/data/kfmh/api/open/1/getDirectoryDetails",
        id="a/b",
        query={"resourceId": "a/b"},
    ),
    Asked(
        "nanchong",
        "https://www.nanchong.gov.cn/data/resCatalog/getdetailsbyid",
        id="a/b",
        query={"id": "a/b"},
    ),
    Asked(
        "aba",
        "http://abadata.cn/ABaPrefectureGateway/open/api/getTableDetail",
        id="a/b",
        query={"tableId": "a/b"},
    ),
    Asked(
        "guangyuan",
        "https://data.cngy.gov.cn/open/details/queryDetails",
        id="a/b",
        json={"id": "a/b"},
    ),
    Asked(
        "huainan",
        "https://sjzyj.huainan.gov.cn/odssite/govData/getGovDataById",
        id="a/b",
        query={"dataId": "a/b"},
    ),
    Asked(
        "huaibei",
        "http://open.huaibeidata.cn:1123/opendata/oapi/dataset/detail",
        id="a/b",
        query={"id": "a/b"},
        form={},
    ),
    Asked(
        "beijing",
        "https://data.beijing.gov.cn/a/b",
        id="a/b",
    ),
    Asked(
        "datong",
        "http://www.dt.gov.cn/a/b",
        id="a/b",
    ),
    Asked(
        "nantong",
        "https://data.nantong.gov.cn/api/anony/portalResource/findResourceByPage",
        page=0,
        query={
            "page": "0", "size": "10", "sortType": "", "sortStyle": "", "themeType": "", "industryType": "",
            "applicationType": "", "isOpenToSociety": "", "resType": "6", "companyId": "", "assessmentUser": "",
            "comType": "1",
        },
        headers={"Referer": "https://data.nantong.gov.cn/"},
    ),
    Asked(
        "nantong",
        "https://data.nantong.gov.cn/api/anony/portalResource/getResourceById",
        id="8125344a891e427cbfd877e4ba6f08bb",
        query={"id": "8125344a891e427cbfd877e4ba6f08bb"},
    ),
    Asked(
        "yancheng",
        "https://www.yancheng.gov.cn/opendata/ump_gateway/open/data_service/listPageCatalogVo",
        page=2,
        query={
            "pageNumber": "2", "pageSize": "100", "categoryType": "INDUSTRY_CLASS",
            "searchParam": "%7B%22COND%22%3A%5B%7B%22columnName%22%3A%22catalogState%22%2C%22relOpt%22%3A%22%3D%22%2C"
            "%22value%22%3A25%2C%22valueType%22%3A%22STRING%22%7D%5D%2C%22ORDER%22%3A%5B%7B%22columnName%22%3A"
            "%22PUBLISH_TIME%22%2C%22dir%22%3A%22DESC%22%7D%5D%7D",
        },
        headers={**AJAX, "Referer": "https://www.yancheng.gov.cn/opendata/openHome"},
    ),
    Asked(
        "yancheng",
        "https://www.yancheng.gov.cn/opendata/ump_gateway/open/open_portal/dataSetDetailById",
        id="18952f7780ac44cf82fa4cb460b93860",
        query={"catalogId": "18952f7780ac44cf82fa4cb460b93860"},
        headers=AJAX,
    ),
    Asked(
        "yangzhou",
        "https://www.yangzhou.gov.cn/u/interfacesWebOpenData/loadPage",
        page=3,
        query={
            "currentPage": "3", "pageSize": "10", "channel_id": "ef2256dfc5774e97bbf1a1703d72becc", "sszt": "",
            "lybm": "", "lybmAny": "", "lyqz": "", "px": "",
        },
        headers={"Origin": "https://data.yangzhou.gov.cn", "Referer": "https://data.yangzhou.gov.cn/"},
    ),
    Asked(
        "zhoushan",
        "http://data.zhoushan.gov.cn:9966/catalog/dataOpen/otherPage",
        page=2,
        json={
            "pageNo": 2, "pageSize": 50,
            "param": {
                "resName": "", "datadomain": "", "idPoc": None, "keywords": "", "areaCode": None, "capacity": None,
            },
        },
        headers={**JSON, "Origin": "http://data.zhoushan.gov.cn", "Referer": "http://data.zhoushan.gov.cn/"},
    ),
    Asked(
        "zhoushan",
        "http://data.zhoushan.gov.cn:9966/catalog/dataOpen/selectOne",
        id="30242",
        query={"id": "30242", "isStructuredData": "1"},
        form={},
        headers={"Origin": "http://data.zhoushan.gov.cn"},
    ),
    Asked(
        "huzhou",
        "http://data.huzhou.gov.cn/api/data/Item",
        page=2,
        json={
            "page": 2, "pageSize": 10, "centerCode": None, "areaName": [], "dataFormat": [], "updateCycle": [],
            "openLevel": [], "condition": "", "deptCode": None, "deptName": "", "sortCondition": None, "type": 1,
            "tags": [],
        },
        headers={**JSON, "Referer": "http://data.huzhou.gov.cn/open_data/dataset"},
    ),
    Asked(
        "huangshi",
        "http://data.huangshi.gov.cn/myapi/Datainfo/index",
        page=4,
        query={"departmentid": "", "lyid": "", "bshy": "", "dataifa": "0", "page": "4"},
        headers={"Referer": "http://data.huangshi.gov.cn/html/"},
    ),
    Asked("huangshi", "http://data.huangshi.gov.cn/myapi/Datainfo/view", id="662", query={"infoid": "662"}),
    Asked(
        "guangan",
        "https://www.gadata.net.cn:80/s",
        page=5,
        query={
            "buddle.cludove": "opendoor", "catalog.cludove": "gai.resource.search.view", "exchange": "true",
            "upload": "true", "interface": "true", "recordNumber.cludove": "100", "pageNumber.cludove": "5",
        },
        headers={"Referer": "https://www.gadata.net.cn:80/opendoor/base/zh-cn/code/resource_catalog.html"},
    ),
    Asked(
        "mianyang",
        "http://data.mianyang.cn/dataDirectory/getShowMsg.jspx",
        page=3,
        query={
            "dir_code": "", "dir_name": "", "dir_trade": "", "dir_codetheme": "", "dir_sharetype": "", "isopen": "",
            "startTime": "", "delTime": "", "startNum": "16", "queryNum": "8", "id": "", "type": "2", "mysort": "",
            "totalNum": "10366", "limitNum": "8", "elemId": "pagination",
        },
        headers={**AJAX, "Referer": "http://data.mianyang.cn/ly/index.jhtml"},
    ),
    Asked(
        "mianyang",
        "http://data.mianyang.cn/dataDirectory/showBasicMsg.jspx",
        id="2c92",
        query={"id": "2c92"},
        headers=AJAX,
    ),
    Asked(
        "xinganmeng",
        "http://36.137.79.239:8091/api/v1/manager/resource/public/pageData",
        page=2,
        json={
            "name": "", "subjectCodes": [], "deptCode": "", "pageNum": 2, "length": 10, "orderField": "",
            "orderMethod": "asc",
        },
        headers={
            **JSON, "X-XSRF-TOKEN": "5f0c7e52-0d53-4c39-9a4e-6f5d8f1f2b11",
            "Cookie": "XSRF-TOKEN=5f0c7e52-0d53-4c39-9a4e-6f5d8f1f2b11",
        },
    ),
    Asked(
        "xinganmeng",
        "http://36.137.79.239:8091/api/v1/manager/resource/public/dataResource/a1",
        id="a1",
        headers={"X-XSRF-TOKEN": "5f0c7e52-0d53-4c39-9a4e-6f5d8f1f2b11"},
    ),
    Asked(
        "xianning",
        "http://www.xianning.gov.cn/cysjdy/sjmljson/sjml.json",
        page=1,
        headers={**AJAX, "Referer": "http://www.xianning.gov.cn/data/list/"},
    ),
    Asked(
        "hebei",
        "http://hebdata.hebyun.gov.cn/catalogRest/getData",
        page=2,
        form={
            "pageNo": "2", "pageSize": "10", "metadataIds": "", "type": "", "metadataName": "", "domainId": "",
            "deptId": "", "sort": "", "forward": "", "themeId": "", "themeFlag": "", "openType": "", "updateTime": "",
        },
        headers={**FORM, **AJAX, "Referer": "http://hebdata.hebyun.gov.cn/catalog"},
    ),
    Asked(
        "hebei",
        "http://hebdata.hebyun.gov.cn/catalog/resourceDetails",
        id="130000/55",
        form={
            "rowkey": "130000/55",
            "list_url": "/catalog?pageNo=1&pageSize=10&metadataIds=&type=&metadataName=&domainId=&deptId=",
        },
        headers=FORM,
    ),
    Asked(
        "jincheng",
        "https://data.jcgov.gov.cn/datadirectoryController.action",
        page=2,
        query={"getSearchList": ""},
        form={
            "resourceTy": "1", "categoryDetailId": "3", "optionsValue": "1", "catalogTitle": "", "curPage": "2",
            "pageNum": "6", "checkbox": "全部",
        },
        headers={
            **FORM, **AJAX, "Referer": "https://data.jcgov.gov.cn/datadirectoryController.action?goList&nav=2",
        },
    ),
    Asked(
        "hongkong",
        "https://data.gov.hk/tc-data/api/3/action/package_search",
        page=3,
        query={"rows": "100", "start": "200", "sort": "name asc"},
    ),
    Asked(
        "taiwan",
        "https://data.gov.tw/api/front/dataset/list",
        page=2,
        json={
            "bool": [], "filter": [], "page_num": 2, "page_limit": 50, "tids": [],
            "sort": "metadata_changed.date_desc",
        },
        headers=JSON,
    ),
    Asked(
        "tianjin",
        "https://data.tj.gov.cn/common/sjj.json",
        page=1,
        headers={"Referer": "https://data.tj.gov.cn/sjj/index.htm"},
    ),
    Asked("tianjin", "https://data.tj.gov.cn/sjj/xxx/202305/t20230501_1.htm", id="/sjj/xxx/202305/t20230501_1.htm"),
    Asked(
        "yuncheng",
        "https://sjkf.yczhcs.cn/portal/l-zh_CN/data.htm",
        page=2,
        query={"id": "", "skey": "", "pname": "", "orderType": "", "pageIndex": "2"},
    ),
    Asked("yuncheng", "https://sjkf.yczhcs.cn/portal/l-zh_CN/data/2.htm", id="/portal/l-zh_CN/data/2.htm"),
    Asked(
        "lianyungang",
        "https://www.lyg.gov.cn/data/showDataController/showdata.do",
        page=2,
        query={
            "pageNum1": "2", "pageNum2": "", "pageNum3": "", "xian": "0", "colum": "", "value": "", "dep1seach": "",
        },
        headers={"Referer": "https://www.lyg.gov.cn/data/showDataController/showdata.do"},
    ),
    Asked(
        "lianyungang",
        "https://www.lyg.gov.cn/data/showDataController/showdetail.do",
        id="03a11e5b-5967",
        query={"dmid": "03a11e5b-5967"},
    ),
    Asked("chizhou", "https://www.chizhou.gov.cn/OpenData/sjml", page=3, query={"page": "3"}),
    Asked("ganzhou", "http://zwkf.ganzhou.gov.cn/page_3/Open_directory.shtml", page=3),
    Asked("ganzhou", "http://zwkf.ganzhou.gov.cn/id_138/open_directory_detail.shtml", id="138"),
    Asked(
        "shangrao",
        "http://data.zgsr.gov.cn:2003/orgInfoListByName.jspx",
        page=2,
        form={"nodeId": "2", "page": "2"},
        headers={**FORM, **AJAX, "Referer": "http://data.zgsr.gov.cn:2003/node/2.jspx"},
    ),
    Asked("shangrao", "http://data.zgsr.gov.cn:2003/info/11.jspx", id="/info/11.jspx"),
    Asked("ezhou", "https://www.ezhou.gov.cn/sjkfn/sjj/bmfl/index.html", page=0),
    Asked("ezhou", "https://www.ezhou.gov.cn/sjkfn/sjj/bmfl/index_10.html", page=10),
    Asked("ezhou", "https://www.ezhou.gov.cn/sjkfn/sjj/bmfl/t1.html", id="/sjkfn/sjj/bmfl/t1.html"),
    Asked("xiaogan", "https://www.xiaogan.gov.cn/themeList.jspx", page=2, query={"pageNo": "2"}),
    Asked("xiaogan", "https://www.xiaogan.gov.cn/data/692.jhtml", id="/data/692.jhtml"),
    Asked(
        "guangxi",
        "https://gxsjkf.dsjfzj.gxzf.gov.cn:8183/athena/catalog/getDetails",
        id="3066",
        query={"dataId": "3066"},
        headers=AJAX,
    ),
    Asked("yueyang", "https://www.yueyang.gov.cn/webapp/yydsj/dataList.jsp", page=1, query={"data": "zt"}),
    Asked("yiyang", "https://www.yiyang.gov.cn/webapp/yiyang2019/dataPublic/dataList.jsp", page=1),
    Asked(
        "hunan_jsp",
        "https://data.qinghe.example/webapp/dataListIframe.jsp",
        page=2,
        query={
            "type": "1", "id": "18", "sort": "1", "formId": "", "dataInfo.offset": "0", "dataInfo.desc": "false",
        },
        arguments={"base_url": "https://data.qinghe.example", "context_path": "/webapp", "tenant": "parts=5,18"},
    ),
    Asked(
        "yiyang",
        "https://www.yiyang.gov.cn/webapp/yiyang2019/dataPublic/dataDetail.jsp",
        id="a-7",
        query={"id": "a-7"},
    ),
    Asked("yongzhou", "https://www.yzcity.gov.cn/cnyz/sjmzj/sjkf_list.shtml", page=1),
    Asked("yongzhou", "https://www.yzcity.gov.cn/cnyz/szfgjj/sjkf_list.shtml", page=3),
    Asked("yongzhou", "https://www.yzcity.gov.cn/cnyz/sjmzj/202301/1.shtml", id="/cnyz/sjmzj/202301/1.shtml"),
    Asked(
        "changde",
        "https://www.changde.gov.cn/cdwebsite/dataopen/catalogs",
        page=2,
        query={"csrf": "", "size": "15", "page": "2"},
        headers={**AJAX, "Referer": "https://www.changde.gov.cn/cdwebsite/dataopen/list"},
    ),
    Asked(
        "changde", "https://www.changde.gov.cn/cdwebsite/dataopen/detail", id="c1", query={"cataId": "c1"}
    ),
    Asked(
        "ckan",
        "https://data.qinghe.example/data/api/3/action/package_search",
        page=2,
        query={"rows": "100", "start": "100", "sort": "name asc"},
        arguments={"base_url": "https://data.qinghe.example", "context_path": "/data"},
    ),
    Asked(
        "ckan",
        "https://data.qinghe.example/api/3/action/package_search",
        page=1,
        query={"rows": "100", "start": "0", "sort": "name asc", "fq": "organization:parks"},
        arguments={"base_url": "https://data.qinghe.example", "tenant": "fq=organization:parks"},
    ),
    Asked(
        "udata",
        "https://data.qinghe.example/api/1/datasets/",
        page=1,
        query={"page": "1", "page_size": "100", "sort": "created", "organization": "534fff81a3a7292c64a77e5c"},
        arguments={"base_url": "https://data.qinghe.example", "tenant": "organization=534fff81a3a7292c64a77e5c"},
    ),
    Asked(
        "socrata",
        "https://data.qinghe.example/api/catalog/v1",
        page=100,
        query={
            "domains": "data.qinghe.example", "search_context": "data.qinghe.example", "only": "dataset",
            "order": "dataset_id", "limit": "100", "offset": "9900",
        },
        arguments={"base_url": "https://data.qinghe.example"},
    ),
    Asked(
        "opendatasoft",
        "https://data.qinghe.example/api/explore/v2.1/catalog/datasets",
        page=100,
        query={"limit": "100", "offset": "9900", "order_by": "dataset_id"},
        arguments={"base_url": "https://data.qinghe.example"},
    ),
    Asked(
        "opendatasoft",
        "https://data.qinghe.example/api/explore/v2.1/catalog/exports/json",
        page=101,
        query={"limit": "100", "offset": "10000", "order_by": "dataset_id"},
        arguments={"base_url": "https://data.qinghe.example"},
    ),
    Asked(
        "arcgis_hub",
        "https://data.qinghe.example/api/search/v1/collections/dataset/items",
        page=2,
        query={"limit": "100", "startindex": "101", "sortBy": "properties.created"},
        arguments={"base_url": "https://data.qinghe.example"},
    ),
    Asked(
        "udata",
        "https://data.qinghe.example/api/1/datasets/",
        page=2,
        query={"page": "2", "page_size": "100", "sort": "created"},
        headers={
            "X-Fields": "data{id,title,description,organization{name},frequency,access_type,license,tags,created_at,"
            "last_modified,last_update,resources{format},metrics},total"
        },
        arguments={"base_url": "https://data.qinghe.example"},
    ),
    Asked(
        "ckan", "https://data.qinghe.example/api/3/action/package_show", id="a/b", query={"id": "a/b"},
        arguments={"base_url": "https://data.qinghe.example"},
    ),
    Asked(
        "socrata", "https://data.qinghe.example/api/views/a%2Fb.json", id="a/b", query={},
        arguments={"base_url": "https://data.qinghe.example"},
    ),
    Asked(
        "opendatasoft", "https://data.qinghe.example/api/explore/v2.1/catalog/datasets/a%2Fb", id="a/b", query={},
        arguments={"base_url": "https://data.qinghe.example"},
    ),
    Asked(
        "arcgis_hub", "https://data.qinghe.example/api/search/v1/collections/dataset/items/a%2Fb", id="a/b", query={},
        arguments={"base_url": "https://data.qinghe.example"},
    ),
    Asked(
        "udata", "https://data.qinghe.example/api/1/datasets/a%2Fb/", id="a/b", query={},
        arguments={"base_url": "https://data.qinghe.example"},
    ),
]  # fmt: skip


TESTED_APART = {
    "chongqing_rop": "below", "epoint_extranet": "below",
    "guizhou_api": "test_guizhou_api.py", "inspur_oportal": "test_inspur_oportal.py",
}  # fmt: skip
"""Families whose requests do not fit into ASKED."""


@pytest.mark.parametrize("family", sorted(loader().families.keys() - TESTED_APART.keys()))
def test_what_a_family_asks_is_written_down(family: str):
    """Golden pages hold how answers are read; that the right thing is asked for only this table holds."""
    made = [(spider_of(one.slug, one.arguments), one) for one in ASKED]
    kinds = {"list" if one.page is not None else "detail" for spider, one in made if spider.family == family}
    due = {"list", "detail"} if loader().families[family].detail_fields else {"list"}
    assert kinds >= due, f"write into ASKED, from the recipe of {family} and not from its code: {due - kinds}"


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_request(asked: Asked):
    spider = spider_of(asked.slug, asked.arguments)
    request = spider.detail_request(asked.id) if asked.page is None else spider.list_request(asked.page)
    assert request is not None
    assert request.method == ("GET" if asked.json is None and asked.form is None else "POST")
    assert request.url.partition("?")[0] == asked.url
    assert pairs(urlsplit(request.url).query) == asked.query
    assert {name: (request.headers.get(name) or b"").decode() for name in asked.headers} == asked.headers
    if asked.json is not None:
        assert json.loads(request.body) == asked.json
    elif asked.form is not None:
        assert pairs(request.body.decode()) == asked.form
    else:
        assert request.body == b""


@pytest.mark.parametrize(
    ("slug", "city", "place"),
    [
        ("jiangsu", "", "http://data.jszwfw.gov.cn:8118/extranet/rest/dataOpen"),
        ("zhangjiakou", "", "https://kf.zjkzwfw.gov.cn/extranet/rest/dataOpen"),
        ("yichun", "", "http://data.yichun.gov.cn/extranet/rest/apitextapistore"),
    ],
)
def test_epoint_sends_json_percent_encoded_under_the_content_type_of_a_form(slug, city, place):
    spider = spider_of(slug)
    listed, detail = spider.list_request(0), spider.detail_request("4b5e/7f")
    assert (listed.url, detail.url) == (f"{place}/getResourceList", f"{place}/getResourceDetail")
    for request in (listed, detail):
        assert request.method == "POST"
        assert request.headers["Content-Type"].decode() == FORM["Content-Type"]
        assert b"{" not in request.body
        assert b'"' not in request.body
    assert unquoted(listed) == {
        "token": None, "usertype": None,
        "params": {
            "currentPage": 0, "pageSize": "15", "sortField": "", "sortOrder": "desc", "resourcesName": "",
            "resourceSubject": "", "resourceIndustry": "", "resourceScene": "", "registDepartGuid": "", "city": city,
            "resourcesType": "", "openType": "",
        },
    }  # fmt: skip
    assert unquoted(detail) == {"token": None, "usertype": None, "params": {"rowGuid": "4b5e/7f", "type": "1"}}


@pytest.mark.parametrize("slug", ["wuhu", "chuzhou"])
def test_no_detail_is_asked_for_where_the_list_tells_all(slug):
    assert not spider_of(slug).has_details


def test_epoint_names_city_and_token_of_the_row():
    spider = spider_of("epoint_extranet", {"base_url": "https://data.qinghe.example", "tenant": "city=all&token=abc"})
    body = unquoted(spider.list_request(0))
    assert (body["token"], body["params"]["city"]) == ("abc", "all")


@pytest.mark.parametrize(("page", "offset"), [(1, 0), (2, 100), (57, 5600)])
def test_chongqing_asks_by_offset(page, offset):
    spider = spider_of("chongqing")
    request = spider.list_request(page)
    body = json.loads(request.body)
    assert request.url == "https://data.cq.gov.cn/rop-frontier/graphql"
    assert request.headers["Referer"] == b"https://data.cq.gov.cn/rop/assets"
    assert body["variables"] == {
        "input": {
            "offset": offset, "limit": 100, "keyword": "", "classificationId": None, "shareType": None,
            "ordFiled": None, "ordSort": None, "openAttr": None, "tags": {},
        }
    }  # fmt: skip
    assert "result: resourcesCatalogueList(input: $input)" in body["query"]
    assert not spider.has_details


def spider_of(slug: str, arguments: Mapping[str, str] | None = None) -> PortalSpider:
    """The portal of a register row, read tonight or not; with arguments a portal of the family `slug`."""
    if arguments:
        return loader().load(slug)(slug="trial", **arguments)
    return loader().spider_class(loader().register.get(slug))()


def pairs(query: str) -> dict[str, str]:
    return dict(parse_qsl(query, keep_blank_values=True))


def unquoted(request: Request) -> Any:
    return json.loads(unquote(request.body.decode()))
