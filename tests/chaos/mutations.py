"""Mutated answers: what a portal sends, damaged in every way we could think of, through the parsers and the verdict.

An answer is a golden page (tests/fixtures), or a page or detail of the replica, with one to three mutations drawn from the
seed; every family gets as many. A parser may refuse it (PageError) or read what is left of it; it never raises anything else, and never takes
long. A list read under a trusted run is never *complete* while rows of that run are lost, unless the portal's own total
says that there are fewer; the lists have 48 rows, so that the 98 % that make a run complete allow for none. (An id that became another one is no lost row: the look at what is missing is for that.)
"""

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from scrapy.http import Response, TextResponse

from opendata_spiders.crawl.completeness import measure_of
from opendata_spiders.crawl.list_reader import ListReader
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.crawl.tally import Tally
from opendata_spiders.crawl.verdict import judge
from opendata_spiders.declared import DeclaredFamily
from opendata_spiders.items import Dataset
from opendata_spiders.normalise import NORMALISER_VERSION, normalise
from opendata_spiders.pages import bodies as page_bodies
from opendata_spiders.pages import walls
from opendata_spiders.pages.contract import ListPage, ListRow, PageError
from opendata_spiders.policy import policy
from opendata_spiders.store.content import list_fingerprint
from opendata_spiders.store.models import Run, Verdict
from tests.chaos.figures import Figure, Options
from tests.families.goldens import cases, loader
from tests.replica import PortalSpec, World, guizhou, inspur
from tests.replica.declared.fields import values_of
from tests.replica.declared.pages import detail_text, list_text
from tests.replica.declared.portals import ids_of
from tests.replica.listing import listing
from tests.replica.worldwide.dcat import DcatPortal, Syntax, dcat_entries

ANSWERS, READINGS = 2_000, 1_500
"""Mutated answers of each family; mutated lists."""
SECONDS = 5.0
EXAMPLES = 5
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
PORTALS = (
    PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=48),
    PortalSpec("jinan", "inspur_oportal", "济南", "370100", context_path="/jinan", datasets=48),
)
Mutation = Callable[[Random, bytes], bytes]


def attack(options: Options) -> Iterator[Figure]:
    """Mutate answers and lists; how many a parser fell over, took too long for, or made a false *complete* of."""
    found, count = Found(), 0
    for family, answers in answers_by_family().items():
        for number in range(options.count(ANSWERS)):
            rng = Random(f"{options.seed} {family} {number}")
            answer = rng.choice(answers)
            found.parse(f"answer {number} ({answer.name})", answer, *mutated(rng, answer.body))
            count += 1
    lists = [*map(CleanList, PORTALS), *map(CleanCatalogue, Syntax)]
    for number in range(readings := options.count(READINGS)):
        rng = Random(f"{options.seed} reading {number}")
        found.read(f"reading {number}", rng.choice(lists), rng)
    yield Figure("exceptions out of a parser", len(found.raised), 0, count + readings, tuple(found.raised[:EXAMPLES]))
    yield Figure("answers over 5 s of CPU", len(found.slow), 0, count + readings, tuple(found.slow[:EXAMPLES]))
    yield Figure("slowest answer, seconds of CPU", round(found.slowest, 3), SECONDS, count + readings)
    yield Figure("complete with rows lost", len(found.lost), 0, readings, tuple(found.lost[:EXAMPLES]))


@dataclass(frozen=True)
class Answer:
    """One page and what reads it: `parse` makes rows' values of a response, or raises PageError."""

    name: str
    family: str
    body: bytes
    response: Response
    parse: Callable[[Response], Sequence[Mapping[str, Any]]]


def answers_by_family() -> Mapping[str, Sequence[Answer]]:
    """Whatever can be read of each family: its golden pages, and of a declared one what the replica makes of it."""
    found: dict[str, list[Answer]] = {}
    for case in cases():
        if not isinstance(case.page, PageError):
            found.setdefault(case.family, []).append(_golden(case))
    for family in found:
        spider = loader().load(family)(slug="x", base_url="http://127.0.0.1:1")
        if isinstance(spider, DeclaredFamily):
            found[family] += _of_declaration(spider)
    return found


def _of_declaration(spider: DeclaredFamily) -> Iterator[Answer]:
    """A page of twelve datasets with every field filled, and the detail of one."""
    spec = PortalSpec("x", spider.family, "某", "370100", datasets=12, ids=ids_of(spider))
    shown = [(record.id, values_of(record, spider.family)) for record in World([spec], seed=3).listed("x", 0)]
    if type(spider).answer is DeclaredFamily.answer:
        text = list_text(spider.list_page, shown, 12, spider.page_size)
        yield _answer(spider, "list", text, "", spider.list_request(spider.first_page).url)
    if spider.detail_page:
        text = detail_text(spider.detail_page, shown[0])
        yield _answer(spider, "detail", text, shown[0][0], spider.detail_request(shown[0][0]).url)


def _answer(spider: DeclaredFamily, kind: str, text: str, id_: str, url: str) -> Answer:
    of_json = (spider.detail_kind if kind == "detail" else spider.body_kind) == "json"
    response = TextResponse(
        url, headers={"Content-Type": "application/json" if of_json else "text/html"}, body=text.encode()
    )
    return Answer(
        f"{spider.family}/{kind} of the replica", spider.family, response.body, response, _parser(spider, kind, id_)
    )


def _golden(case: Any) -> Answer:
    return Answer(
        case.name,
        case.family,
        case.body,
        case.response,
        _parser(case.spider, case.meta["kind"], case.meta.get("id", ""), case.meta.get("part", "")),
    )


def _parser(
    spider: PortalSpider, kind: str, id_: str, part: str = ""
) -> Callable[[Response], Sequence[Mapping[str, Any]]]:
    """What a crawl does to an answer of that kind, without the net beneath it that catches faults of parsers."""

    def parse(response: Response) -> Sequence[Mapping[str, Any]]:
        if kind == "files":
            walls.check_detail(response, spider.body_kind)
            return [{"title": one.name, "formats": one.format} for one in spider.parse_files(response, id_).files]
        if kind == "preview":
            return [{"title": "".join(spider.parse_preview(response, id_, part).columns)}]
        if kind == "list":
            walls.check_list(response, spider.body_kind)
            return [row.values for row in spider.parse_list(response).rows]
        walls.check_detail(response, spider.detail_kind or spider.body_kind)
        return [spider.parse_detail(response, id_).values]

    return parse


class CleanList:
    """A replica's list of one night, as it is, with the run that a reading of it makes."""

    def __init__(self, spec: PortalSpec) -> None:
        self.spec = spec
        self.spider: PortalSpider = loader().load(spec.slug)()
        self.records = World([spec], seed=3).listed(spec.slug, 0)
        self.pages = -(-len(self.records) // self.spider.page_size)
        self._trust()

    def _trust(self) -> None:
        """Read the list as it is, and trust that."""
        facts, tally = self.reading({}, None, frozenset())
        judged = judge(facts, tally.fill(self.spider), None, policy())
        fill = tally.known_fill(self.spider)
        self.ids = frozenset(facts.ids)
        self.trusted = Run(
            "r1", "p", self.spec.slug, self.spec.family, "e", 1, NOW, NOW, NOW, judged.verdict, judged.reason,
            declared=facts.declared, seen=len(facts.ids), rows=facts.rows, passes=1, fill=fill.share(),
            readable=fill.readable_share(), normaliser_version=NORMALISER_VERSION,
        )  # fmt: skip

    def page(self, number: int) -> bytes:
        """The body of a page, counted from the family's first."""
        shown = listing(self.records, number - self.spider.first_page + 1, self.spider.page_size, (), 1)
        if self.spec.family == "guizhou_api":
            return guizhou.list_page(shown, redesigned=False).body
        return inspur.list_page(shown, self.spec, self.spec.context_path, redesigned=False).body

    def reading(self, bodies: Mapping[int, bytes], trusted: Run | None, ids: frozenset[str]) -> tuple[Any, Tally]:
        """Read the list with some pages' bodies replaced; raises what a parser raises beside PageError."""
        tally = Tally(self.spider.target, self.spec.family, NOW, {})

        async def fetch(number: int) -> ListPage:
            request = self.spider.list_request(number)
            kind = "application/json" if self.spider.body_kind == "json" else "text/html"
            body = bodies.get(number) or self.page(number)
            response = TextResponse(request.url, headers={"Content-Type": kind}, body=body, request=request)
            walls.check_list(response, self.spider.body_kind)
            return self.spider.parse_list(response)

        async def read() -> Any:
            reader = ListReader(
                fetch, first_page=self.spider.first_page, page_size=self.spider.page_size,
                window=1 if self.spider.pages_in_order else 4, policy=policy(), trusted=trusted, trusted_ids=ids,
            )  # fmt: skip
            async for rows in reader.rows():
                for row in rows:
                    tally.take(self._dataset(row))
            return reader.facts

        return asyncio.run(read()), tally

    def _dataset(self, row: ListRow) -> Dataset:
        return Dataset(
            portal="p", slug=self.spec.slug, id=row.id, raw=row.values, row=row.values,
            list_fp=list_fingerprint(row.values), list_body=page_bodies.evidence(row.body),
        )  # fmt: skip


class CleanCatalogue(CleanList):
    """As `CleanList`, of a catalogue in DCAT, whole or in pages of which each names the next."""

    def __init__(self, syntax: Syntax) -> None:
        self.spec = PortalSpec(f"catalogue{syntax}", "dcat", "某", "370100", context_path=syntax)
        self.portal = DcatPortal(dcat_entries(48), syntax, page_size=0 if syntax is Syntax.US else 20)
        self.pages = 1 if syntax is Syntax.US else 3
        self._trust()

    def page(self, number: int) -> bytes:
        reply = self.portal.answer(self.spec.context_path, {"page": str(number)}, {"host": "127.0.0.1:1"})
        return reply.body

    def reading(self, bodies: Mapping[int, bytes], trusted: Run | None, ids: frozenset[str]) -> tuple[Any, Tally]:
        """Read with a spider that knows the first page alone."""
        given = {"base_url": "http://127.0.0.1:1", "context_path": self.spec.context_path}
        self.spider = loader().load("dcat")(slug="x", **given)
        return super().reading(bodies, trusted, ids)


@dataclass
class Found:
    """What went wrong, each with how to play it again."""

    raised: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def parse(self, name: str, answer: Answer, how: str, body: bytes) -> None:
        """Give one mutated answer to its parser, and what comes of it to the normaliser."""
        began = time.process_time()
        try:
            for values in answer.parse(answer.response.replace(body=body)):
                normalise(dict(values), family=answer.family, tz=UTC, now=NOW)
        except PageError:
            pass
        except Exception as error:  # noqa: BLE001 -- what is counted here
            self.raised.append(f"{name}, {how}: {type(error).__name__}: {error}"[:300])
        self._timed(f"{name}, {how}", began)

    def read(self, name: str, clean: CleanList, rng: Random) -> None:
        """Read a list of which one to three pages are mutated, the same way in every pass, under a trusted run."""
        numbers = rng.sample(
            range(clean.spider.first_page, clean.spider.first_page + clean.pages), min(clean.pages, rng.randint(1, 3))
        )
        mutants = {number: mutated(rng, clean.page(number)) for number in numbers}
        how = f"{name} ({clean.spec.family}), " + "; ".join(f"page {n}: {mutant[0]}" for n, mutant in mutants.items())
        began = time.process_time()
        try:
            facts, tally = clean.reading({n: body for n, (_, body) in mutants.items()}, clean.trusted, clean.ids)
        except Exception as error:  # noqa: BLE001
            self.raised.append(f"{how}: {type(error).__name__}: {error}"[:300])
            return
        self._timed(how, began)
        judged = judge(facts, tally.fill(clean.spider), clean.trusted, policy())
        fewer = len(facts.ids) < measure_of(clean.trusted).seen and facts.declared != len(facts.ids)
        if judged.verdict is Verdict.COMPLETE and fewer:
            self.lost.append(f"{how}: {judged.reason}"[:300])

    def _timed(self, name: str, began: float) -> None:
        took = time.process_time() - began
        self.slowest = max(self.slowest, took)
        if took > SECONDS:
            self.slow.append(f"{name}: {took:.1f} s")


# --- mutations --------------------------------------------------------------------------------------------------------


def mutated(rng: Random, body: bytes) -> tuple[str, bytes]:
    """The body with one to three mutations, and their names."""
    names = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        kinds = [*_OF_BYTES, *(_OF_JSON if _tree(body) is not None else _OF_HTML)]
        mutation = rng.choice(kinds)
        names.append(mutation.__name__.strip("_"))
        body = mutation(rng, body)
    return " + ".join(names), body


def _place(rng: Random, body: bytes) -> int:
    return rng.randrange(len(body) + 1)


def _cut_off(rng: Random, body: bytes) -> bytes:
    return body[: _place(rng, body)]


def _cut_out(rng: Random, body: bytes) -> bytes:
    start = _place(rng, body)
    return body[:start] + body[start + rng.randrange(1, 400) :]


def _said_twice(rng: Random, body: bytes) -> bytes:
    start = _place(rng, body)
    return body[:start] + body[start : start + rng.randrange(1, 2000)] * 2 + body[start:]


def _flipped(rng: Random, body: bytes) -> bytes:
    flipped = bytearray(body)
    for _ in range(rng.randrange(1, 20)):
        if flipped:
            flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
    return bytes(flipped)


def _with_nuls(rng: Random, body: bytes) -> bytes:
    start = _place(rng, body)
    return body[:start] + b"\0" * rng.choice((1, 7, 4096)) + body[start:]


def _garbage(rng: Random, body: bytes) -> bytes:
    start = _place(rng, body)
    return body[:start] + rng.randbytes(rng.randrange(1, 200)) + body[start:]


def _other_charset(rng: Random, body: bytes) -> bytes:
    charset = rng.choice(("gb18030", "big5", "utf-16", "utf-8-sig", "utf-7", "latin-1", "shift_jis"))
    return body.decode("utf-8", "replace").encode(charset, "replace")


def _as_html(rng: Random, body: bytes) -> bytes:
    return rng.choice((b"<html><body>" + body, b"<!-- " + body, b"\n\n<p>" + body + b"</p>", body + b"</html>"))


def _nothing(rng: Random, body: bytes) -> bytes:
    return rng.choice((b"", b" ", b"null", b"{}", b"[]", b"0", b'""', b"<html></html>", b"\xff\xfe"))


def _tree(body: bytes) -> Any:
    """The JSON of a body, None where it is none (or too deep)."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _nodes(tree: Any) -> list[tuple[Any, Any]]:
    """Every place in a tree: its container and the key or index."""
    found, todo = [], [tree]
    while todo:
        node = todo.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        for key in keys:
            found.append((node, key))
            todo.append(node[key])
    return found


def _in_tree(change: Callable[[Random, Any, list[tuple[Any, Any]]], Any]) -> Mutation:
    def mutation(rng: Random, body: bytes) -> bytes:
        tree = _tree(body)
        nodes = _nodes(tree)
        if not nodes:
            return body
        changed = change(rng, tree, nodes)
        return json.dumps(tree if changed is None else changed, ensure_ascii=rng.random() < 0.2).encode(
            "utf-8", "surrogatepass"
        )

    mutation.__name__ = change.__name__
    return mutation


def _renamed(rng: Random, _tree: Any, nodes: list[tuple[Any, Any]]) -> None:
    """One key, wherever it stands."""
    names = sorted({key for _, key in nodes if isinstance(key, str)})
    if names:
        old, new = rng.choice(names), rng.choice([*names, "x", ""])
        for node in {id(node): node for node, _ in nodes if isinstance(node, dict)}.values():
            if old in node:
                node[new] = node.pop(old)


def _other_type(rng: Random, _tree: Any, nodes: list[tuple[Any, Any]]) -> None:
    node, key = rng.choice(nodes)
    node[key] = rng.choice((
        None, True, False, 0, -1, 1, 10**18, 10**400, -(10**30), 1.5, 1e308, float("nan"), float("inf"), "", " ", "0", "null",
        "\0", "\ud800", "９９", "<b>x</b>", "{}", "x" * 100_000, [], {}, [[]], [None], [{}], {"": None}, {"id": {"id": 1}},
        str(node[key]), [node[key]], {"value": node[key]},
    ))  # fmt: skip


def _everywhere_other(rng: Random, _tree: Any, nodes: list[tuple[Any, Any]]) -> None:
    """The values of one key in every row."""
    names = sorted({key for _, key in nodes if isinstance(key, str)})
    if names:
        name, value = rng.choice(names), rng.choice((None, "", 0, [], {}, "x", "<i>", 10**20, "18-NOV-26"))
        for node, key in nodes:
            if key == name:
                node[key] = value


def _dropped(rng: Random, _tree: Any, nodes: list[tuple[Any, Any]]) -> None:
    node, key = rng.choice([(node, key) for node, key in nodes if isinstance(node, list)] or nodes)
    del node[key]


def _doubled(rng: Random, _tree: Any, nodes: list[tuple[Any, Any]]) -> None:
    lists = [node for node, _ in nodes if isinstance(node, list)]
    if lists:
        chosen = rng.choice(lists)
        chosen += rng.choices(chosen, k=rng.randrange(1, 40))


def _nested(rng: Random, _tree: Any, nodes: list[tuple[Any, Any]]) -> None:
    node, key = rng.choice(nodes)
    for _ in range(rng.choice((1, 5, 400))):
        node[key] = rng.choice(([node[key]], {"data": node[key]}))


def _wrapped(rng: Random, tree: Any, _nodes: list[tuple[Any, Any]]) -> Any:
    return rng.choice(([tree], {"data": tree}, {"result": {"data": tree}}, json.dumps(tree)))


def _swapped(rng: Random, _tree: Any, nodes: list[tuple[Any, Any]]) -> None:
    """The values of one key in two rows."""
    name = rng.choice(nodes)[1]
    alike = [(node, key) for node, key in nodes if key == name]
    (one, key), (other, _) = rng.choice(alike), rng.choice(alike)
    one[key], other[key] = other[key], one[key]


_TAG = re.compile(rb"</?[a-zA-Z][^<>]*>")
_ATTRIBUTE = re.compile(rb'[\w-]+="[^"]*"')


def _tags(pattern: re.Pattern[bytes], rng: Random, body: bytes) -> tuple[int, int] | None:
    found = [match.span() for match in pattern.finditer(body)]
    return rng.choice(found) if found else None


def _without_a_tag(rng: Random, body: bytes) -> bytes:
    span = _tags(_TAG, rng, body)
    return body[: span[0]] + body[span[1] :] if span else body


def _tag_many_times(rng: Random, body: bytes) -> bytes:
    span = _tags(_TAG, rng, body)
    return body[: span[0]] + body[slice(*span)] * rng.choice((2, 10, 60)) + body[span[1] :] if span else body


def _other_attribute(rng: Random, body: bytes) -> bytes:
    span = _tags(_ATTRIBUTE, rng, body)
    if span is None:
        return body
    name = body[slice(*span)].partition(b"=")[0]
    value = rng.choice(
        (b"", b"x", b"'", b"javascript:", b"&amp;" * 50, b"x" * 50_000, b"\0", "（".encode(), b"?id=&id=2")
    )
    return body[: span[0]] + rng.choice((b"", name, name + b'="' + value + b'"', b'="', b"=")) + body[span[1] :]


def _class_renamed(rng: Random, body: bytes) -> bytes:
    names = sorted(set(re.findall(rb'class="([^"]+)"', body)))
    return body.replace(rng.choice(names), rng.choice([*names, b"x"])) if names else body


def _block_moved(rng: Random, body: bytes) -> bytes:
    one, other = _tags(_TAG, rng, body), _tags(_TAG, rng, body)
    if one is None or other is None:
        return body
    start, end = sorted((one[0], other[1]))
    return rng.choice(
        (body[:start] + body[end:], body[:end] + body[start:end] * 2 + body[end:], body[:start] + body[start:end])
    )


def _opened(rng: Random, body: bytes) -> bytes:
    start = _place(rng, body)
    opening = rng.choice((b"<!--", b"<script>", b"<style>", b"<![CDATA[", b"<textarea>", b"<table><tr>", b"<svg>", b"<", b"</", b"&#x110000;",
                          b"&#0;", b"<template>", b"<div>" * 300, b"</div>" * 50, b"<?xml version='1.0'?>"))  # fmt: skip
    return body[:start] + opening + body[start:]


def _other_number(rng: Random, body: bytes) -> bytes:
    span = _tags(re.compile(rb"\d+"), rng, body)
    value = rng.choice(
        (b"", b"0", b"-1", b"9" * 400, "九".encode(), "٣".encode(), b"1,2", b"1e9", b"null", b"10000000")
    )
    return body[: span[0]] + value + body[span[1] :] if span else body


_OF_BYTES: tuple[Mutation, ...] = (
    _cut_off, _cut_out, _said_twice, _flipped, _with_nuls, _garbage, _other_charset, _as_html, _nothing, _other_number,
)  # fmt: skip
_OF_JSON: tuple[Mutation, ...] = tuple(
    map(
        _in_tree,
        (_renamed, _other_type, _other_type, _everywhere_other, _dropped, _doubled, _nested, _wrapped, _swapped),
    )
)
_OF_HTML: tuple[Mutation, ...] = (
    _without_a_tag, _tag_many_times, _other_attribute, _class_renamed, _block_moved, _opened, _other_number,
)  # fmt: skip
