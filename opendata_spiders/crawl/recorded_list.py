"""Makes the run of a list that somebody recorded: the crawl's own reading, verdict and record, without its requests."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from opendata_spiders.crawl.extractor import RecordedExtractor
from opendata_spiders.crawl.list_reader import FetchPage, ListFacts, ListReader
from opendata_spiders.crawl.previous import Previous
from opendata_spiders.crawl.run_builder import RunFrame, build_run
from opendata_spiders.crawl.tally import Tally
from opendata_spiders.crawl.target import CrawlTarget
from opendata_spiders.crawl.verdict import judge
from opendata_spiders.items import Dataset
from opendata_spiders.normalise import normalise
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import ListRow
from opendata_spiders.policy import policy
from opendata_spiders.register import Attributor
from opendata_spiders.store.content import list_fingerprint
from opendata_spiders.store.models import LookResult, Run, Verdict, Version

Look = Callable[[ListFacts], Mapping[str, LookResult]]
"""Probes the pages of missing datasets, given what the list showed; by native id."""


@dataclass(frozen=True, slots=True)
class RecordedList:
    """A recorded list, as pages that can be read again and again."""

    fetch: FetchPage
    page_size: int
    page_url: Callable[[str], str] = lambda _id: ""
    """The page a person would have opened, by native id."""


@dataclass(frozen=True, slots=True)
class RecordedReading:
    """One recorded list, read and graded: run and entries as `Store.commit` takes them."""

    run: Run
    tally: Tally
    versions: list[Version]
    """Those that the previous reading did not have."""
    by_look: bool = False
    """Whether the list counts as complete only because of what was found of the missing datasets."""


def read_recorded(  # noqa: PLR0913 -- what is read, by what rules, and what was known before
    recorded: RecordedList,
    by: RecordedExtractor,
    target: CrawlTarget,
    frame: RunFrame,
    previous: Previous,
    *,
    attributor: Attributor | None = None,
    look: Look | None = None,
) -> RecordedReading:
    """Read a recorded list as a crawl reads a portal's, and grade it; without `look` no missing dataset is probed."""
    reader = ListReader(
        recorded.fetch,
        first_page=1,
        page_size=recorded.page_size,
        window=1,
        policy=policy(),
        trusted=previous.run,
        trusted_ids=previous.entries.keys() if previous.run else set(),
    )
    lost = previous.run.lost if previous.run else ()
    tally = Tally(target, by.family, frame.at, previous.entries, run=frame.run_id, lost=lost, attributor=attributor)
    versions = []
    for row in asyncio.run(_rows(reader)):
        version = tally.take(_dataset(row, by, target, frame, recorded.page_url(row.id)))
        if version is not None:
            versions.append(version)
    judged = judge(reader.facts, tally.fill(by), previous.run, policy(), later=previous.later, tz=target.timezone)
    undecided = judged.look_decides
    if look and previous.run and (judged.verdict is Verdict.COMPLETE or undecided):
        frame = replace(frame, look=look(reader.facts))
        judged = judge(
            reader.facts,
            tally.fill(by),
            previous.run,
            policy(),
            look=frame.look,
            later=previous.later,
            tz=target.timezone,
        )
    run = build_run(by, target, reader.facts, tally, judged, previous.run, frame)
    return RecordedReading(run, tally, versions, by_look=undecided and run.verdict is Verdict.COMPLETE)


async def _rows(reader: ListReader) -> list[ListRow]:
    return [row async for rows in reader.rows() for row in rows]


def _dataset(row: ListRow, by: RecordedExtractor, target: CrawlTarget, frame: RunFrame, page_url: str) -> Dataset:
    reading = normalise(row.values, family=f"{by.family}/{target.slug}", tz=target.timezone, now=frame.at)
    return Dataset(
        portal=target.portal_id,
        slug=target.slug,
        id=row.id,
        raw=row.values,
        row=row.values,
        list_fp=list_fingerprint(row.values),
        page_url=page_url,
        list_body=bodies.evidence(row.body),
        **reading.for_item(),
    )
