"""A night of many host groups that answer slowly, and who asked them."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from threading import Lock

from tests.crawl.conftest import lay_register
from tests.replica import PortalSpec, Replica, World
from tests.replica.incidents import Incident, Kind
from tests.replica.wire import Reply, Request

CITIES = (
    "jinan", "qingdao", "zibo", "zaozhuang", "dongying", "yantai", "weifang", "jining", "taian", "weihai", "rizhao",
    "linyi", "dezhou",
)  # fmt: skip
SHARED = ("guiyang", "zunyi")
"""Two portals of one host group."""
SLUGS = (*SHARED, *CITIES)
HOSTS = len(CITIES) + 1


def world(*, datasets: int, seconds: float) -> World:
    """The portals; every answer takes so many seconds, and on night 1 something happens at some of them."""
    cities = [
        PortalSpec(slug, "inspur_oportal", slug, str(370100 + 100 * n), context_path=f"/{slug}", datasets=datasets)
        for n, slug in enumerate(CITIES)
    ]
    shared = [
        PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=datasets),
        PortalSpec("zunyi", "guizhou_api", "遵义", "520300", division="520300", datasets=datasets),
    ]
    made = World([*shared, *cities], seed=29)
    made.script("*", Incident(Kind.SLOW, 0, seconds=seconds))
    made.script("guiyang", Incident(Kind.APPEARS, 1, count=2))
    made.script("jinan", Incident(Kind.DELETES, 1, count=3, how="404"))
    made.script("zibo", Incident(Kind.APPEARS, 1, count=4))
    made.script("yantai", Incident(Kind.REFUSES, 1, status=403))
    return made


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, when it arrived."""

    at: float
    host: tuple[str, ...]
    reader: str
    """Its User-Agent."""


class Witness:
    """Notes who asks the hosts of a replica, and when."""

    def __init__(self, replica: Replica) -> None:
        self.asked: list[Asked] = []
        self._lock, self._answer = Lock(), replica.stage.answer
        replica.stage.answer = self._noting  # type: ignore[method-assign]

    def _noting(self, host: Sequence[str], request: Request) -> Reply:
        with self._lock:
            self.asked.append(Asked(time.monotonic(), tuple(host), request.headers.get("user-agent", "")))
        return self._answer(host, request)

    def stretches(self) -> Mapping[tuple[str, ...], list[str]]:
        """The readers of each host in the order in which they asked, each once for requests without another's between."""
        by_host = defaultdict(list)
        for one in self.asked:
            by_host[one.host].append(one.reader)
        return {host: [reader for reader, _ in groupby(readers)] for host, readers in by_host.items()}


def stand(replica: Replica, folder: Path) -> Path:
    """The register in which the portals stand at the replica."""
    return lay_register(folder, {slug: replica.url(slug) for slug in SLUGS})
