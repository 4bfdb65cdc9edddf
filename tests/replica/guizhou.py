"""The portals of Guizhou: one host, JSON by POST, selected by divisionId."""

import json as jsonlib
from collections.abc import Mapping
from typing import Any

from tests.replica import words
from tests.replica.listing import Listing
from tests.replica.records import Record
from tests.replica.wire import HTML, Ask, Reply, Request, html, json, not_found

BASE = "/api/search/data/"
LISTS = frozenset({"getDataListByParams", "getDataDirectoryListByParams"})
LARGEST_PAGE = 12
"""The only size ever seen in use; larger ones are cut to it."""
LIST_KEYS = frozenset({
    "orderBy", "topicId", "orgId", "pageSize", "scenarioId", "resourceType", "resourceFormats", "openAttribute",
    "searchText", "pageIndex", "thematicId",
})  # fmt: skip
"""Keys that the portal's own page always sends; without divisionId the request is for the whole province."""


def understand(request: Request, path: str, divisions: Mapping[str, str]) -> Ask | Reply:
    """Parse a request; `divisions` maps divisionId ("" the province) to slug. An unknown one gets an error answer."""
    if path.startswith(BASE):
        return _api(request, path.removeprefix(BASE), divisions)
    if request.method == "GET" and (path in ("", "/", "/index") or "/open-data/" in path):
        return Ask("", "home")
    return not_found()


def _api(request: Request, call: str, divisions: Mapping[str, str]) -> Ask | Reply:
    if call not in LISTS and call != "getDataDetailByDataId":
        return json('{"code":404,"message":"Not Found","data":null}', 404)
    if request.method != "POST":
        return json('{"code":405,"message":"Request method not supported","data":null}', 405)
    if request.headers.get("role") != "0":
        return json('{"code":403,"message":"没有访问权限","data":null}', 403)
    body = _body(request)
    if body is None:
        return json('{"code":415,"message":"Content type not supported","data":null}', 415)
    return _list(body, divisions) if call in LISTS else _detail(body)


def _body(request: Request) -> dict[str, Any] | None:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return None
    try:
        body = jsonlib.loads(request.body)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _list(body: Mapping[str, Any], divisions: Mapping[str, str]) -> Ask | Reply:
    page, size, division = body.get("pageIndex"), body.get("pageSize"), body.get("divisionId", "")
    if (
        set(body) | {"divisionId"} != LIST_KEYS | {"divisionId"}
        or not isinstance(page, int)
        or not isinstance(size, int)
    ):
        return json('{"code":400,"message":"参数错误","data":null}', 400)
    if page < 1 or size < 1 or division not in divisions:
        return json('{"code":200,"message":"success","total":0,"data":[]}')
    return Ask(divisions[division], "list", page, min(size, LARGEST_PAGE))


def _detail(body: Mapping[str, Any]) -> Ask | Reply:
    if not isinstance(body.get("id"), str) or set(body) != {"id"}:
        return json('{"code":400,"message":"参数错误","data":null}', 400)
    return Ask("", "detail", id=body["id"])


def home() -> Reply:
    return html(
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<meta name="referrer" content="never"><title>贵州省政府数据开放平台</title>'
        '<link href="/css/chunk-1a2b3c4d.0f1e2d3c.css" rel="prefetch"></head>'
        '<body><noscript>please enable JavaScript</noscript><div id="app"></div><script src="/js/app.5e6f.js"></script></body></html>'
    )


def list_page(page: Listing, *, redesigned: bool) -> Reply:
    if page.missing:
        return json('{"code":404,"message":"Not Found","data":null}', 404)
    if redesigned:
        rows = [{"dataId": record.id, "dataName": record.title} for record in page.rows]
        return _dump({"success": True, "result": {"totalCount": page.total, "records": rows}})
    total = {} if page.total is None else {"total": page.total}
    return _dump({"code": 200, "message": "success", **total, "data": [_row(record) for record in page.rows]})


def detail_page(record: Record | None, *, redesigned: bool) -> Reply:
    if record is None or not record.opens:
        return _closed(record.how if record else "")
    if redesigned:
        return _dump({"success": True, "result": {"dataId": record.id, "dataName": record.title}})
    return _dump({"code": 200, "data": _detail_of(record)})


def _closed(how: str) -> Reply:
    if how == "404":
        return json('{"code":404,"message":"Not Found","data":null}', 404)
    if how == "page":
        return Reply("<html><body>该数据已下线</body></html>".encode(), HTML)
    return json('{"code":200,"message":"success","data":null}')


def _dump(body: Mapping[str, Any]) -> Reply:
    return json(jsonlib.dumps(body, ensure_ascii=False))


def _common(record: Record) -> dict[str, Any]:
    return {
        "id": record.id, "name": record.title, "description": record.description, "topicName": record.theme,
        "orgName": record.office, "createTime": int(record.published.timestamp() * 1000),
        "updateTime": int(record.updated.timestamp() * 1000) if record.updated else None,
        "openAttribute": int(record.conditional),
    }  # fmt: skip


def _row(record: Record) -> dict[str, Any]:
    formats = list(record.formats) or None
    return {**_common(record), "resourceFormats": formats, "views": record.views, "calls": record.downloads}


def _detail_of(record: Record) -> dict[str, Any]:
    frequency = words.GUIZHOU_FREQUENCY.get(record.frequency)
    return {**_common(record), "industryName": record.industry, "frequency": frequency, "dataCapacity": record.rows}
