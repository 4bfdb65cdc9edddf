"""A catalogue on loopback that costs nothing to serve: every page is written once, before anything is measured."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

_WORDS = [
    "道路",
    "交通",
    "教育",
    "卫生",
    "社会",
    "保障",
    "企业",
    "信用",
    "环境",
    "监测",
    "气象",
    "预警",
    "公共",
    "资源",
    "交易",
    "市场",
    "主体",
    "行政",
    "许可",
    "处罚",
    "统计",
    "年鉴",
]
_OFFICES = [
    "市交通运输局",
    "市教育局",
    "市卫生健康局",
    "市人力资源和社会保障局",
    "市生态环境局",
    "市市场监督管理局",
    "市统计局",
]
_TOPICS = ["道路交通", "教育科技", "医疗卫生", "社保就业", "生态环境", "市场监督", "财税金融"]


def rows(count: int) -> list[dict[str, Any]]:
    """Rows as the Guizhou interface prints them, some 1,500 bytes each, the same on every call."""
    draw = random.Random(7)
    return [_row(number, draw) for number in range(count)]


def _row(number: int, draw: random.Random) -> dict[str, Any]:
    words = draw.sample(_WORDS, 4)
    updated = 1_700_000_000_000 + draw.randrange(60_000_000) * 1000
    return {
        "id": f"{number:08x}{draw.getrandbits(96):024x}",
        "name": "".join(words) + f"信息（{number}）",
        "description": "".join(draw.choices(_WORDS, k=90)) + "。",
        "orgName": draw.choice(_OFFICES),
        "topicName": draw.choice(_TOPICS),
        "createTime": updated - draw.randrange(20_000_000) * 1000,
        "updateTime": updated,
        "openAttribute": draw.choice((0, 1)),
        "resourceFormats": draw.sample(["XLS", "CSV", "JSON", "XML", "API"], 3),
        "views": draw.randrange(20_000),
        "calls": draw.randrange(500),
        "dataCapacity": draw.randrange(1_000_000),
        "orgId": draw.getrandbits(60),
        "industryName": draw.choice(_WORDS),
        "catalogCode": f"{draw.getrandbits(120):030x}",
        "extra": "".join(draw.choices("0123456789abcdef", k=500)),
    }


class CatalogueServer:
    """Serves one list, `size` rows a page, to any POST whose JSON body has `pageIndex`, and the row of its `id` to others.

    robots.txt is not there.
    """

    def __init__(self, listed: Sequence[Mapping[str, Any]], size: int) -> None:
        starts = range(0, len(listed), size)
        pages = [
            json.dumps({"total": len(listed), "data": listed[at : at + size]}, ensure_ascii=False) for at in starts
        ]
        self._rows = {row["id"]: row for row in listed}
        self.pages = [page.encode() for page in pages]
        self._past_end = json.dumps({"total": len(listed), "data": []}).encode()
        self.url = ""

    def page(self, number: int) -> bytes:
        """The body of page `number`, counted from 1; an empty one past the last."""
        return self.pages[number - 1] if 0 < number <= len(self.pages) else self._past_end

    def answer(self, asked: Mapping[str, Any]) -> bytes:
        """The body that answers a request: a page of the list, or a detail."""
        if "pageIndex" in asked:
            return self.page(asked["pageIndex"])
        return json.dumps({"data": self._rows.get(asked["id"])}, ensure_ascii=False).encode()

    @contextmanager
    def running(self) -> Iterator["CatalogueServer"]:
        """Serve until the end of the block."""
        catalogue = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                self._answer(404, b"")

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._answer(200, catalogue.answer(asked))

            def _answer(self, status: int, body: bytes) -> None:
                head = f"HTTP/1.1 {status} \r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                self.wfile.write(head.encode() + body)

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            Thread(target=server.serve_forever, daemon=True).start()
            self.url = f"http://127.0.0.1:{server.server_port}"
            try:
                yield self
            finally:
                server.shutdown()
