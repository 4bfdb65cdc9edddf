"""The DSP portals of Inspur: HTML below a context path, ten datasets a page."""

import json as jsonlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from urllib.parse import quote, unquote

from tests.replica.downloads import files_of
from tests.replica.listing import Listing
from tests.replica.records import Record
from tests.replica.sheets import PortalSpec
from tests.replica.wire import Ask, Reply, Request, html, json, not_found

PAGE_SIZE = 10
FILE_FORMATS = {"1": "xls", "2": "xml", "3": "json", "4": "csv", "5": "rdf", "6": "接口", "7": "链接", "8": "其他"}
FILTERS = frozenset({"fileFormat", "openType", "filterParam", "filterParamCode"})
_PREVIEW = "/getData"
OPEN_WORDS = {False: "无条件开放", True: "有条件开放"}


def understand(request: Request, path: str, spec: PortalSpec) -> Ask | Reply:
    """Parse a request; an unknown address gets a 404."""
    context = spec.context_path
    if request.method == "POST" and path.startswith(f"{context}/catalog/") and path.endswith(_PREVIEW):
        return Ask(spec.slug, "preview", id=unquote(path.removesuffix(_PREVIEW).rpartition("/")[2]))
    if request.method != "GET":
        return not_found()
    if path in ("", "/", context, f"{context}/", f"{context}/index"):
        return Ask(spec.slug, "home")
    if not path.startswith(f"{context}/"):
        return not_found()
    return _inside(request.query, path.removeprefix(f"{context}/"), spec.slug)


def _inside(query: Mapping[str, str], path: str, slug: str) -> Ask | Reply:
    if path in ("catalog/index", "catalog/", "api/index"):
        filters = {name: value for name, value in query.items() if name in FILTERS and value}
        kind = {"kind": "api"} if path.startswith("api") else {}
        return Ask(slug, "list", _page(query), PAGE_SIZE, filters={**filters, **kind})
    if path == "catalog/getResourceWithFormat" and query.get("cataId"):
        return Ask(slug, "files", id=query["cataId"], filters={"fileFormat": query.get("fileFormat", "")})
    if path == "catalog/download" and query.get("cataId") and query.get("idInRc"):
        return Ask(slug, "file", id=query["cataId"], file=query["idInRc"])
    head, _, name = path.rpartition("/")
    return Ask(slug, "detail", id=unquote(name)) if head == "catalog" and name else not_found()


def _page(query: Mapping[str, str]) -> int:
    number = query.get("page", "1")
    return max(1, int(number)) if number.isdecimal() else 1


def keep(records: Sequence[Record], filters: Mapping[str, str], spec: PortalSpec) -> Sequence[Record]:
    """Apply the list's own filters; empty for a portal that is part of a host if the whole host is requested."""
    if spec.division and "filterParam" not in filters:
        return ()
    return [record for record in records if _fits(record, filters, spec)] if filters else records


def _fits(record: Record, filters: Mapping[str, str], spec: PortalSpec) -> bool:
    region = filters.get("filterParam") == "region_code" and not f"{spec.adcode}000000".startswith(
        filters.get("filterParamCode", "?")
    )
    wanted_format = FILE_FORMATS.get(filters.get("fileFormat", ""))
    wanted_open = {"1": False, "2": True}.get(filters.get("openType", ""), record.conditional)
    return (
        not region
        and wanted_format in (None, *record.formats, *(("接口",) if record.apis else ()))
        and wanted_open == record.conditional
        and ("kind" not in filters or record.apis > 0)
    )


def home(spec: PortalSpec) -> Reply:
    context = spec.context_path
    page = f"""<!DOCTYPE html>
<html lang="zh-CN" data-login-index >
<input id="loginroot_path" value="{context}" style="display:none;"/>
<head><meta http-equiv=Content-Type content="text/html; charset=utf-8"><meta name="author" content="dsp">
<title>{spec.short_zh}公共数据开放网-首页</title>
<link rel="stylesheet" type="text/css" href="{context}/css/main-9b6889c4e9c471167a32de5b48f701a5.css" />
<script>System.config({{baseURL: "{context}/202604091658"}});</script></head>
<body class="index_new"><div id="app"><a href="{context}/catalog/index">数据目录</a></div></body></html>"""
    return html(page)


def list_page(page: Listing, spec: PortalSpec, prefix: str, *, redesigned: bool) -> Reply:
    if page.missing:
        return not_found()
    if redesigned:
        cards = "".join(
            f'<article class="card" data-key="{escape(record.id)}"><h3>{escape(record.title)}</h3></article>'
            for record in page.rows
        )
        return html(f'<!DOCTYPE html><html lang="zh-CN"><body><main class="resource-list">{cards}</main></body></html>')
    total = "" if page.total is None else f"{page.total:,}"
    counts = (
        f'<div class="top-title">共找到 <span>{total}</span> 个数据目录</div><div id="record_count"><span>{total}</span></div>'
        if total
        else ""
    )
    rows = "\n".join(_row(record, spec, prefix + spec.context_path) for record in page.rows)
    return html(
        '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"/><title>数据目录</title></head><body><div id="app">\n'
        f'<div class="right-content-catalog">{counts}\n<div class="bottom-content"><ul>\n{rows}\n</ul></div></div></div></body></html>'
    )


def _row(record: Record, spec: PortalSpec, root: str) -> str:
    pairs = "".join(f"<div><span>{label}：</span><span>{value}</span></div>" for label, value in _head(record, spec))
    kinds = [*((name, name.upper()) for name in record.formats), *((("api", "接口"),) if record.apis else ())]
    formats = "".join(f'<li class="{css}">{text}</li>' for css, text in kinds)
    return f"""<li>
<div class="cata-title"><input type="hidden" name="catalogidinput" value="{escape(record.id)}"/>\
<a href="{root}/catalog/{quote(record.id, safe="")}" target="_blank">{escape(record.title)}</a></div>
<div class="describe">描述：{escape(record.description)}</div>
<div class="cata-information">
{pairs}</div>
<div class="bottom"><div class="file-type"><ul>{formats}</ul></div><div>{record.views:,}次</div></div>
</li>"""


def _head(record: Record, spec: PortalSpec) -> tuple[tuple[str, str], ...]:
    return (
        ("来源部门", escape(record.office)),
        ("重点领域", escape(record.theme)),
        ("发布时间", _date(record.published, spec)),
        ("更新时间", _date(record.updated or record.published, spec)),
        ("开放类型", OPEN_WORDS[record.conditional]),
    )


def _date(moment: datetime, spec: PortalSpec) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S" if spec.with_time else "%Y-%m-%d")


def detail_page(record: Record | None, spec: PortalSpec, prefix: str, *, redesigned: bool) -> Reply:
    if record is None or not record.opens:
        return _closed(record.how if record else "")
    if redesigned:
        return html(
            f'<!DOCTYPE html><html lang="zh-CN"><body><main class="resource"><h1>{escape(record.title)}</h1></main></body></html>'
        )
    return html(_detail(record, spec, prefix + spec.context_path))


def _closed(how: str) -> Reply:
    if how == "page":
        return html('<!DOCTYPE html><html lang="zh-CN"><body><div class="tip">该目录不存在或已下线</div></body></html>')
    return not_found()


def _detail(record: Record, spec: PortalSpec, root: str) -> str:
    title = escape(record.title)
    heads = "".join(
        f'<li>{label}：<span class="text-primary">{value}</span></li>\n' for label, value in _head(record, spec)
    )
    cells = _basic(record, spec)
    rows = "\n".join(_table_row(cells[at : at + 2]) for at in range(0, len(cells), 2))
    apis = f"<tr><td>{title}接口</td></tr>" * record.apis
    return f"""<!DOCTYPE html><html><body><div id="app"><input type="hidden" id="rootPath" value="{root}"/>\
<input type="hidden" id="cata_id" value="{escape(record.id)}"/><input type="hidden" id="cata_name" value="{title}"/>
<div class="g-main catalog-details"><div class="panel panel-top"><div class="panel-body"><ul class="d-title pull-left"><li><h4>{title}</h4></li></ul>
<div class="list-details"><ul class="list-inline">
{heads}<li class="text-ligth-gray"><img src="{root}/imgs/eye.png"/>{record.views:,}</li>\
<li class="text-ligth-gray"><img src="{root}/imgs/download.png"/>{record.downloads:,}</li></ul></div></div></div>
<div class="panel panel-content"><ul><li name="basicinfo"><table>
{rows}
</table></li>
<li name="file-download"><table><tbody>
{_file_rows(record, spec)}
</tbody></table></li>
<li name="api-service"><table><tbody>{apis}</tbody></table></li></ul></div></div></div></body></html>"""


def _basic(record: Record, spec: PortalSpec) -> Sequence[tuple[str, str]]:
    return (
        ("来源部门", escape(record.office)), ("数据量", f"{record.rows:,}"),
        ("开放状态", OPEN_WORDS[record.conditional]), ("文件数", str(len(record.formats))),
        ("所属行业", record.industry), ("接口数", str(record.apis)),
        ("发布时间", _date(record.published, spec)), ("最后更新时间", _date(record.updated or record.published, spec)),
        ("更新频率", escape(record.frequency)), ("部门电话", record.phone),
        ("部门邮箱", record.email), ("标签", " ".join(record.tags)),
        ("描述", escape(record.description)),
    )  # fmt: skip


def _table_row(cells: Sequence[tuple[str, str]]) -> str:
    return f"<tr>{''.join(f'<td>{label}</td><td>{value}</td>' for label, value in cells)}</tr>"


def _file_rows(record: Record, spec: PortalSpec) -> str:
    return "\n".join(
        f'<tr fileformat="{kind}"><td><input type="checkbox" file-id="{number}" file-name="{escape(name)}.{kind}"/></td>'
        f"<td>{escape(name)}.{kind}</td><td>{record.filed:%Y-%m-%d}</td>"
        f'<td><a class="downloadFileLink" id="{number}" href="javascript:;">下载</a></td></tr>'
        for number, name, kind in files_of(record)
    )


def files(record: Record | None, wanted: str) -> Reply:
    """Answer getResourceWithFormat; `wanted` is the number of a format, or empty for all."""
    found = files_of(record) if record and record.opens else []
    only = FILE_FORMATS.get(wanted)
    records = [
        {"idInRc": number, "fileName": name, "fileFormat": kind} for number, name, kind in found if only in (None, kind)
    ]
    page = {"total": len(records), "pageNum": 1, "pageSize": 100, "records": records}
    return json(jsonlib.dumps({"code": 0, "success": True, "object": page}, ensure_ascii=False))


def preview(record: Record | None) -> Reply:
    """Answer getData: the columns of a dataset's table and its number of rows; the rows themselves are left out."""
    if record is None or not record.opens:
        return not_found()
    columns = [{"name_cn": name, "column_name_en": f"c{place}"} for place, name in enumerate(record.columns)]
    shown = {"draw": 1, "recordsTotal": record.rows, "items": columns, "data": []}
    return json(jsonlib.dumps(shown, ensure_ascii=False))
