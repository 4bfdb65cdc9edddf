"""A last reading of made-up datasets, and the entries of a rewritten portal that shows them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from opendata_spiders.healing.agreement import Terms
from opendata_spiders.healing.last_reading import KnownDataset, LastReading
from opendata_spiders.healing.matching import Matching, matching
from opendata_spiders.healing.policy import healing_policy
from opendata_spiders.healing.proof import Proof, prove
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.fields import fields
from opendata_spiders.store.models import Run, Verdict

READ_AT = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
NOW = READ_AT + timedelta(days=20)
TERMS = Terms("gddata/guangdong", SHANGHAI, NOW, READ_AT)
POLICY = healing_policy()
_OFFICES = ("市教育局", "市公安局", "市卫生健康委员会", "市交通运输局", "市民政局")
_PROMISES = ("每日", "每月", "每季度", "每年")


def datasets(count: int = 40, seed: int = 1) -> list[KnownDataset]:
    """Datasets of which every field differs enough to be told."""
    rng = Random(seed)
    made = []
    for number in range(count):
        published = datetime(2023, 1, 1, 9, tzinfo=SHANGHAI) + timedelta(days=rng.randrange(300), minutes=number)
        updated = published + timedelta(days=rng.randrange(1, 500))
        values = {
            "title": f"第{number}号公共设施名录{rng.randrange(10**6)}", "office": rng.choice(_OFFICES),
            "description": f"说明{rng.randrange(10**9)}", "frequency": rng.choice(_PROMISES),
            "open_type": rng.choice(("无条件开放", "有条件开放")), "formats": rng.choice((["csv"], ["xls", "json"], ["xml"])),
            "published": f"{published:%Y-%m-%d %H:%M:%S}", "updated": f"{updated:%Y-%m-%d %H:%M:%S}",
            "rows": str(rng.randrange(1, 90_000)),
        }  # fmt: skip
        made.append(KnownDataset(f"{rng.getrandbits(64):016x}", values))
    return made


def reading(known: Sequence[KnownDataset]) -> LastReading:
    run = Run(
        id="x-1", portal="440000.1", slug="guangdong", family="gddata", epoch="e", seq=1, at=READ_AT, started=READ_AT,
        finished=READ_AT, verdict=Verdict.COMPLETE, reason="all",
    )  # fmt: skip
    return LastReading(run, tuple(known))


def entries(known: Sequence[KnownDataset], **shown: Callable[[KnownDataset], Any]) -> list[dict[str, Any]]:
    """One entry a dataset: what each key shows of it."""
    return [{key: show(one) for key, show in shown.items()} for one in known]


def value(name: str) -> Callable[[KnownDataset], Any]:
    return lambda one: one.values.get(name)


def proven(known: Sequence[KnownDataset], shown: Sequence[Mapping[str, Any]]) -> tuple[Proof, Matching]:
    found = matching(shown, reading(known))
    return prove(found.matches, tuple(fields()), TERMS, POLICY), found
