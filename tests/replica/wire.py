"""Requests and answers, and the incidents of transport that replace or change an answer."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from tests.replica.incidents import Incident, Kind

HTML = "text/html;charset=UTF-8"
JSON = "application/json;charset=UTF-8"
XML = "application/xml;charset=UTF-8"
LONGEST = 30.0
"""Seconds: no incident keeps a connection longer."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came, header names in lower case, path undecoded."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Ask:
    """A recognised request: what it asks for."""

    slug: str
    what: str
    """home, list, detail, files (the list of a dataset's files), file or preview (of its table)."""
    page: int = 0
    """Of a list, from 1; of a preview that takes several calls, which of them, from 0."""
    size: int = 0
    id: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    file: str = ""

    @property
    def file_key(self) -> str:
        return f"{self.id}/{self.file}"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, or its absence."""

    body: bytes = b""
    content_type: str = HTML
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    silent: bool = False
    """Nothing is sent after the delay: the connection is closed."""
    reset: bool = False
    announced: int | None = None
    """Content-Length, if it differs from the length of the body; the connection is then closed after the body."""
    chunked: bool = False
    """Sent in chunks, without a Content-Length."""


def html(text: str, status: int = 200) -> Reply:
    return Reply(text.encode(errors="surrogatepass"), HTML, status)


def json(text: str, status: int = 200) -> Reply:
    return Reply(text.encode(), JSON, status)


def xml(text: str) -> Reply:
    return Reply(text.encode(), XML)


def not_found() -> Reply:
    return html("<!DOCTYPE html><html><head><title>404</title></head><body>您访问的页面不存在</body></html>", 404)


def disturb(reply: Reply, incidents: Iterable[Incident]) -> Reply:
    """Return what is sent instead of `reply` while these incidents hold."""
    for incident in incidents:
        if change := _DISTURBANCES.get(incident.kind):
            reply = change(reply, incident)
    return reply


_JSL = (
    "<script>document.cookie=('_')+('_')+('j')+('s')+('l')+('_clearance_s=')+(+!+[])+';path=/';"
    "location.href=location.pathname+location.search</script>"
)
_WALLS = {
    403: "<html><head><title>403 Forbidden</title></head><body><h1>访问被拦截</h1>您的请求可能存在威胁，已被拦截。</body></html>",
    412: '<!DOCTYPE html><html><head><meta content="q1w2" r="m"><script>$_ts=window[\'$_ts\'];$_ts.nsd=27156;</script></head></html>',
    521: _JSL,
}


def _refuses(_reply: Reply, incident: Incident) -> Reply:
    page = f"<html><head><title>{incident.status}</title></head><body>服务暂不可用</body></html>"
    cookies = (("Set-Cookie", "__jsluid_s=5c1; path=/; HttpOnly"),) if incident.status == 521 else ()
    return replace(html(_WALLS.get(incident.status, page), incident.status), headers=cookies)


def _challenges(_reply: Reply, _incident: Incident) -> Reply:
    return html(f"<html><head><meta charset='utf-8'><title>安全验证</title></head><body>{_JSL}</body></html>")


def _html(_reply: Reply, _incident: Incident) -> Reply:
    return html(
        "<!DOCTYPE html><html lang='zh-CN'><head><title>系统维护</title></head><body>系统升级维护中，请稍后访问。</body></html>"
    )


def _cuts(reply: Reply, _incident: Incident) -> Reply:
    return replace(reply, body=reply.body[: len(reply.body) * 3 // 5])


def _errs(reply: Reply, _incident: Incident) -> Reply:
    if reply.content_type == JSON:
        return json('{"code":500,"success":false,"message":"系统繁忙，请稍后再试","data":null}')
    return html(
        "<!DOCTYPE html><html><head><title>错误</title></head><body><div class='error'>系统异常</div></body></html>"
    )


def _gbk(reply: Reply, _incident: Incident) -> Reply:
    return replace(reply, body=reply.body.decode().encode("gb18030"))


def _hangs(reply: Reply, incident: Incident) -> Reply:
    return replace(reply, silent=True, delay=min(incident.seconds, LONGEST))


def _slow(reply: Reply, incident: Incident) -> Reply:
    return replace(reply, delay=min(reply.delay + incident.seconds, LONGEST))


def _resets(reply: Reply, _incident: Incident) -> Reply:
    return replace(reply, reset=True)


def _empties(reply: Reply, _incident: Incident) -> Reply:
    return replace(reply, body=b"")


def _login(_reply: Reply, _incident: Incident) -> Reply:
    return html(
        "<!DOCTYPE html><html lang='zh-CN'><head><title>统一身份认证</title></head><body><form>账号<input name='u'/>"
        "密码<input type='password' name='p'/><button>登录</button></form></body></html>"
    )


def _swells(reply: Reply, incident: Incident) -> Reply:
    filling = "9999,填充,填充,2020-01-01\n".encode()
    missing = max(0, incident.count - len(reply.body))
    body = reply.body + filling * (missing // len(filling) + 1)
    return replace(reply, body=body[: incident.count], chunked=incident.how != "announced")


def _redirects(_reply: Reply, incident: Incident) -> Reply:
    return Reply(status=incident.status, headers=(("Location", incident.value),))


def _notifies(_reply: Reply, incident: Incident) -> Reply:
    return html(
        f'<!DOCTYPE html><html><head><meta http-equiv="refresh" content="{incident.seconds:g};url={incident.value}"></head>'
        "<body>本平台已迁移至新址，请稍候。</body></html>"
    )


def _rewrites(reply: Reply, incident: Incident) -> Reply:
    return replace(reply, body=re.sub(incident.field, incident.value, reply.body.decode()).encode())


def _breaks_off(reply: Reply, _incident: Incident) -> Reply:
    return replace(reply, body=reply.body[: len(reply.body) // 2], announced=len(reply.body))


_DISTURBANCES: Mapping[Kind, Callable[[Reply, Incident], Reply]] = {
    Kind.REFUSES: _refuses, Kind.CHALLENGES: _challenges, Kind.HTML: _html, Kind.CUTS: _cuts, Kind.ERRS: _errs,
    Kind.GBK: _gbk, Kind.HANGS: _hangs, Kind.SLOW: _slow, Kind.RESETS: _resets, Kind.EMPTIES: _empties,
    Kind.LOGIN: _login, Kind.SWELLS: _swells, Kind.BREAKS_OFF: _breaks_off,
    Kind.REDIRECTS: _redirects,
    Kind.REWRITES: _rewrites, Kind.NOTIFIES: _notifies,
}  # fmt: skip
