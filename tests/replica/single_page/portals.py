"""The portals that are read, and two that must not be."""

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from tests.replica.single_page.serving import Asked, Refused, SinglePage, page_of
from tests.replica.single_page.truth import Known

CARD = """const card = (d) => el(`<div class="item"><h3 class="item-title"><a href="#/detail?id=${d.id}" title="${d.title}">${d.title.slice(0, 12)}…</a></h3>
<p><span>来源部门：</span><span>${d.office}</span></p><p><span>更新时间：</span><em>${d.updated}</em><span>更新频率：</span><em>${d.frequency}</em></p>
<div class="row"><label>开放类型</label><b>${d.open_type}</b></div><div class="row"><label>所属主题</label><b>${d.theme}</b></div><button>查看详情</button></div>`);
"""
PAGER = """let page = 1, total = 0; const SIZE = 12;
const pager = (turn) => { const last = Math.ceil(total / SIZE), nav = el('<div class="pagination"></div>');
  const prev = el(`<button class="btn-prev" ${page === 1 ? "disabled" : ""}>上一页</button>`), next = el(`<button class="btn-next" ${page >= last ? "disabled" : ""}>下一页</button>`);
  prev.onclick = () => turn(page - 1); next.onclick = () => turn(page + 1);
  nav.append(el(`<span>共 ${total} 条</span>`), prev, el(`<span>${page}/${last}</span>`), next); return nav; };
const show = (rows, turn, make) => { app.replaceChildren(...rows.map(make), pager(turn)); };
"""


def plain(one: Known) -> dict[str, Any]:
    """A dataset under the names of the fields."""
    return {"id": one.id, "title": one.title, "office": one.office, "updated": one.updated, "frequency": one.frequency,
            "open_type": one.open_type, "theme": one.theme}  # fmt: skip


# --- 1: keys in initials of pinyin, the page number in a form ---------------------------------------------------------


def answer_pinyin(known: Sequence[Known], asked: Asked) -> Any:
    form = asked.form
    rows = page_of(known, int(form["dqy"]), int(form["myts"]))
    entries = [
        {"mlbh": one.id, "mlmc": one.title, "ssbmmc": one.office, "gxsj": one.updated, "gxpl": one.frequency,
         "kflx": one.open_type, "ssztmc": one.theme, "llcs": str(one.views), "sfyx": "1"}
        for one in rows
    ]  # fmt: skip
    return {"code": "0000", "msg": "成功", "data": {"zts": len(known), "jlList": entries}}


PINYIN = SinglePage(
    "pinyin",
    CARD
    + PAGER
    + """
const turn = async (n) => { page = n; const a = await get("/api/ml/cx", {method: "POST", headers: {"Content-Type": "application/x-www-form-urlencoded"}, body: `gjz=&dqy=${n}&myts=12`});
  total = a.data.zts; show(a.data.jlList, turn, (d) => card({id: d.mlbh, title: d.mlmc, office: d.ssbmmc, updated: d.gxsj, frequency: d.gxpl, open_type: d.kflx, theme: d.ssztmc})); };
decoys(); turn(1);""",
    answer_pinyin,
)

# --- 2: the array deep inside, JSON within text, offsets in the query -------------------------------------------------


def answer_nested(known: Sequence[Known], asked: Asked) -> Any:
    start = int(asked.query["start"])
    entries = [
        {"meta": {"uuid": one.id, "catalogName": one.title, "lastModified": one.updated + " 08:00:00"},
         "publisher": {"name": one.office, "code": "B0"}, "attributes": {"updateCycle": one.frequency, "openAttribute": one.open_type},
         "files": [{"fileFormat": form, "size": 3} for form in one.formats], "state": 1}
        for one in known[start : start + 15]
    ]  # fmt: skip
    inner = {
        "blocks": [
            {"kind": "banner", "items": []},
            {"kind": "list", "page": {"items": entries, "paging": {"recordsTotal": len(known)}}},
        ]
    }
    return {"success": True, "payload": json.dumps(inner, ensure_ascii=False)}


NESTED = SinglePage(
    "nested",
    CARD
    + PAGER
    + """
const turn = async (n) => { page = n; const a = JSON.parse((await get(`/api/v2/search?q=&start=${(n - 1) * 15}&length=15`)).payload).blocks[1].page;
  total = a.paging.recordsTotal; show(a.items, turn, (d) => card({id: d.meta.uuid, title: d.meta.catalogName, office: d.publisher.name, updated: d.meta.lastModified, frequency: d.attributes.updateCycle, open_type: d.attributes.openAttribute, theme: ""})); };
decoys(); turn(1);""",
    answer_nested,
)

# --- 3: encrypted bodies both ways, a readable page -------------------------------------------------------------------

KEY = b"jinchuan-2026"


def locked(text: str) -> str:
    return base64.b64encode(bytes(byte ^ KEY[n % len(KEY)] for n, byte in enumerate(text.encode()))).decode()


def unlocked(text: str) -> str:
    return bytes(byte ^ KEY[n % len(KEY)] for n, byte in enumerate(base64.b64decode(text))).decode()


def answer_encrypted(known: Sequence[Known], asked: Asked) -> Any:
    wanted = json.loads(unlocked(asked.json["d"]))
    rows = [plain(one) for one in page_of(known, wanted["n"], 12)]
    return {"d": locked(json.dumps({"t": len(known), "r": rows}, ensure_ascii=False))}


LOCK = f"""const K = new TextEncoder().encode("{KEY.decode()}"), mix = (b) => b.map((x, i) => x ^ K[i % K.length]);
const lock = (o) => btoa(String.fromCharCode(...mix(new TextEncoder().encode(JSON.stringify(o)))));
const unlock = (s) => JSON.parse(new TextDecoder().decode(mix(Uint8Array.from(atob(s), (c) => c.charCodeAt(0)))));
"""
ENCRYPTED = SinglePage(
    "encrypted",
    CARD
    + PAGER
    + LOCK
    + """
const turn = async (n) => { page = n; const a = unlock((await get("/api/gw", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({d: lock({n, ts: Date.now()})})})).d);
  total = a.t; show(a.r, turn, card); };
decoys(); turn(1);""",
    answer_encrypted,
    hot=False,
)

# --- 4: further entries come by scrolling, in encrypted answers -------------------------------------------------------

SCROLLING = SinglePage(
    "scrolling",
    CARD
    + LOCK
    + """
app.append(el('<p class="sum"></p>'), el('<section id="all" style="height:500px;overflow-y:auto"></section>'));
let n = 0, busy = false, over = false; const all = document.getElementById("all");
const more = async () => { if (busy || over) return; busy = true; n += 1;
  const a = unlock((await get("/api/gw", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({d: lock({n, ts: Date.now()})})})).d);
  document.querySelector(".sum").textContent = `共找到 ${a.t} 个数据集`; all.append(...a.r.map(card)); over = all.children.length >= a.t; busy = false; };
all.addEventListener("scroll", () => { if (all.scrollTop + all.clientHeight > all.scrollHeight - 50) more(); });
decoys(); more();""",
    answer_encrypted,
    hot=False,
)

# --- 5: signed requests that cannot be sent again, a pager of numbers -------------------------------------------------


def answer_signed(known: Sequence[Known], asked: Asked) -> Any:
    sent = asked.json
    due = hashlib.sha256(f"{sent['cur']}|{sent['nonce']}|jc".encode()).hexdigest()
    if sent["sign"] != due:
        return Refused(200, {"code": 403, "msg": "签名错误"})
    rows = [{"resId": one.id, "resName": one.title, "deptName": one.office, "updateDate": one.updated.replace("-", "/"),
             "frequency": one.frequency, "shareType": one.open_type, "openMode": one.open_type} for one in page_of(known, sent["cur"] + 1, 16)]  # fmt: skip
    return {"code": 200, "data": {"content": rows, "totalElements": len(known)}}


SIGNED = SinglePage(
    "signed",
    CARD
    + """let cur = 0; const hex = async (s) => [...new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(s)))].map((b) => b.toString(16).padStart(2, "0")).join("");
const turn = async (n) => { cur = n; const nonce = String(Math.random()).slice(2), sign = await hex(`${n}|${nonce}|jc`);
  const a = (await get("/api/res/list", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({cur: n, per: 16, nonce, sign})})).data;
  const last = Math.ceil(a.totalElements / 16), nav = el('<ul class="el-pager"></ul>');
  for (let i = 0; i < last; i++) { const li = el(`<li class="number ${i === n ? "active" : ""}">${i + 1}</li>`); li.onclick = () => turn(i); nav.append(li); }
  app.replaceChildren(...a.content.map((d) => card({id: d.resId, title: d.resName, office: d.deptName, updated: d.updateDate, frequency: d.frequency, open_type: d.openMode, theme: ""})), nav); };
decoys(); turn(0);""",
    answer_signed,
)

# --- 6: GraphQL -------------------------------------------------------------------------------------------------------


def answer_graphql(known: Sequence[Known], asked: Asked) -> Any:
    sent = asked.json["variables"]["input"]
    rows = [{"node": {"identifier": one.id, "title": one.title, "abstract": one.description, "provider": one.office,
                      "modifiedTime": one.updated + "T00:00:00", "accrualPeriodicity": "x", "updateFrequency": one.frequency,
                      "openType": one.open_type, "theme": [one.theme]}} for one in known[sent["offset"] : sent["offset"] + sent["limit"]]]  # fmt: skip
    return {"data": {"datasets": {"totalCount": len(known), "edges": rows, "pageInfo": {"hasNextPage": True}}}}


GRAPHQL = SinglePage(
    "graphql",
    CARD
    + PAGER
    + """
const turn = async (n) => { page = n; const a = (await get("/api/graphql", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({operationName: "list",
  query: "query list($input: ListInput!) { datasets(input: $input) { totalCount edges { node { identifier title } } } }", variables: {input: {offset: (n - 1) * 12, limit: 12, keyword: ""}}})})).data.datasets;
  total = a.totalCount; show(a.edges.map((e) => e.node), turn, (d) => card({id: d.identifier, title: d.title, office: d.provider, updated: d.modifiedTime, frequency: d.updateFrequency, open_type: d.openType, theme: d.theme[0]})); };
decoys(); turn(1);""",
    answer_graphql,
)

# --- 7: a hash route; the page number is a step of the address --------------------------------------------------------


def answer_hashed(known: Sequence[Known], asked: Asked) -> Any:
    number, size = map(int, asked.path.rsplit("/", 2)[1:])
    rows = [{"cataId": one.id, "cataTitle": one.title, "orgName": one.office, "updateTime": one.updated,
             "updateCycle": one.frequency, "openTypeName": one.open_type, "summary": one.description} for one in page_of(known, number, size)]  # fmt: skip
    return {"result": {"records": rows, "total": len(known)}}


HASHED = SinglePage(
    "hashed",
    CARD
    + PAGER
    + """
const turn = async (n) => { page = n; const a = (await get(`/api/catalog/page/${n}/12`)).result;
  total = a.total; show(a.records, turn, (d) => card({id: d.cataId, title: d.cataTitle, office: d.orgName, updated: d.updateTime, frequency: d.updateCycle, open_type: d.openTypeName, theme: ""})); };
const route = () => { if (location.hash.startsWith("#/catalog")) turn(1); else app.replaceChildren(el("<h1>欢迎访问</h1>")); };
addEventListener("hashchange", route); decoys(); route();""",
    answer_hashed,
    route="/#/catalog/list",
)

# --- 8: open shadow roots around everything, encrypted answers --------------------------------------------------------

SHADOW = SinglePage(
    "shadow",
    PAGER
    + LOCK
    + """
customElements.define("data-card", class extends HTMLElement { set data(d) { this.dataset.uid = d.id; const root = this.attachShadow({mode: "open"});
  root.innerHTML = `<article><h4>${d.title}</h4><dl><dt>来源部门</dt><dd>${d.office}</dd><dt>更新日期</dt><dd>${d.updated}</dd></dl><p>更新周期：${d.frequency}</p><p>开放条件：${d.open_type}</p></article>`; } });
customElements.define("data-list", class extends HTMLElement { connectedCallback() { this.box = this.attachShadow({mode: "open"}); this.box.innerHTML = "<section></section><footer></footer>"; }
  put(rows, nav) { this.box.firstChild.replaceChildren(...rows.map((d) => { const c = document.createElement("data-card"); c.data = d; return c; })); this.box.lastChild.replaceChildren(nav); } });
const list = document.createElement("data-list"); app.append(list);
const turn = async (n) => { page = n; const a = unlock((await get("/api/gw", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({d: lock({n, ts: Date.now()})})})).d);
  total = a.t; list.put(a.r, pager(turn)); };
decoys(); turn(1);""",
    answer_encrypted,
    hot=False,
)

# --- 9: a table, its rows without links, everything in one answer, paged by the page ----------------------------------


def answer_table(known: Sequence[Known], asked: Asked) -> Any:
    return [{"编号": one.id, "数据集名称": one.title, "数据提供方": one.office, "更新日期": one.updated, "更新周期": one.frequency,
             "开放方式": one.open_type} for one in known]  # fmt: skip


TABLE = SinglePage(
    "table",
    PAGER
    + """let rows = [];
const turn = (n) => { page = n; const t = el("<table><thead><tr><th>序号</th><th>数据集名称</th><th>数据提供方</th></tr></thead><tbody></tbody></table>");
  rows.slice((n - 1) * 12, n * 12).forEach((d, i) => t.tBodies[0].append(el(`<table><tr><td>${i + 1}</td><td>${d["数据集名称"]}</td><td>${d["数据提供方"]}</td></tr></table>`).rows[0])); app.replaceChildren(t, pager(turn)); };
get("/api/all.json").then((a) => { rows = a; total = a.length; turn(1); decoys(); });""",
    answer_table,
)

# --- must be refused --------------------------------------------------------------------------------------------------


def answer_unreadable(known: Sequence[Known], asked: Asked) -> Any:
    """Entries under keys without meaning: what is their title, and what their id, nobody can tell."""
    rows = [
        {"c1": one.title, "c2": one.description, "c3": one.office, "c4": one.updated, "c5": one.frequency, "c6": n}
        for n, one in enumerate(page_of(known, int(asked.query["page"]), 12))
    ]
    return {"total": len(known), "list": rows}


UNREADABLE = SinglePage(
    "unreadable",
    PAGER
    + """
const turn = async (n) => { page = n; const a = await get(`/api/list?page=${n}`); total = a.total;
  show(a.list, turn, (d) => { const one = el(`<div><strong>${d.c1}</strong><p>${d.c2}</p><i>${d.c4}</i></div>`); one.onclick = () => (location.hash = "x"); return one; }); };
decoys(); turn(1);""",
    answer_unreadable,
)


def answer_repeating(known: Sequence[Known], asked: Asked) -> Any:
    """Page 1 for ever, whatever is asked for."""
    return {"total": len(known), "rows": [plain(one) for one in known[:12]]}


REPEATING = SinglePage(
    "repeating",
    CARD
    + PAGER
    + """
const turn = async (n) => { page = n; const a = await get(`/api/list?page=${n}&size=12`); total = a.total; show(a.rows, turn, card); };
decoys(); turn(1);""",
    answer_repeating,
)


def answer_boasting(known: Sequence[Known], asked: Asked) -> Any:
    """A total that is far beyond the list."""
    return {"total": 3 * len(known), "rows": [plain(one) for one in page_of(known, int(asked.query["page"]), 12)]}


BOASTING = SinglePage("boasting", REPEATING.script, answer_boasting)

READ = (PINYIN, NESTED, ENCRYPTED, SCROLLING, SIGNED, GRAPHQL, HASHED, SHADOW, TABLE)
