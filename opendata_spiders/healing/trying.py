"""Reads the first pages of a portal with its drafted family, as a crawl would, and compares them with what is known."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.fetching.ask import ask_page
from opendata_spiders.healing.attempt import Attempt
from opendata_spiders.healing.last_reading import KnownDataset, LastReading
from opendata_spiders.healing.policy import HealingPolicy
from opendata_spiders.normalise import sense, title_key
from opendata_spiders.pages.contract import ListRow, PageError
from opendata_spiders.probing.looks import PortalLook, Standing, look_at


@dataclass(frozen=True, slots=True)
class Trial:
    """What a draft read."""

    look: PortalLook
    """Page one and one detail."""
    pages: int
    rows: int
    found: int
    """Rows that are datasets of the last reading, by title."""
    known: int
    """Datasets of the last reading."""
    same_ids: int
    """Rows among them with the id of the last reading."""
    offices: float | None
    """Share of the rows found with the same office; None where the draft reads no office in the list."""
    declared: int | None
    """The total that page one prints."""
    fault: str = ""
    """Why the draft does not work; empty if it does."""


async def try_draft(attempt: Attempt, spider: PortalSpider) -> Trial:
    """Read some pages and one detail with a drafted family."""
    reading = attempt.reading
    look = await look_at(attempt.crawler, spider)
    rows, pages, fault = await _rows(attempt, spider, look)
    known = [(row, one) for row in rows if (one := _dataset(row, reading))]
    offices = [
        sense(row.values["office"]) == sense(one.values.get("office")) for row, one in known if "office" in row.values
    ]
    trial = Trial(
        look=look,
        pages=pages,
        rows=len(rows),
        found=len({one.id for _, one in known}),
        known=len(reading.datasets),
        same_ids=sum(row.id == one.id for row, one in known),
        offices=sum(offices) / len(offices) if offices else None,
        declared=look.list.page.declared if look.list.page else None,
    )
    return _judged(trial, rows, fault, attempt.policy)


async def _rows(attempt: Attempt, spider: PortalSpider, look: PortalLook) -> tuple[list[ListRow], int, str]:
    """The rows of the first pages, how many pages those are, and what stopped the reading."""
    rows, pages = list(look.list.page.rows if look.list.page else ()), 1
    for number in range(spider.first_page + 1, spider.first_page + attempt.policy.draft_pages):
        try:
            page = spider.read_list(await ask_page(attempt.crawler, spider.bound(spider.list_request(number))))
        except PageError as error:
            return rows, pages, f"page {number} could not be read: {error}"
        if not page.rows or {row.id for row in page.rows} <= {row.id for row in rows}:
            break
        rows += page.rows
        pages += 1
    return rows, pages, ""


def _dataset(row: ListRow, reading: LastReading) -> KnownDataset | None:
    if not row.values.get("title"):
        return reading.by_id.get(row.id)
    found = reading.by_title.get(title_key(row.values["title"]), ())
    return next((one for one in found if one.id == row.id), found[0] if found else None)


def _judged(trial: Trial, rows: list[ListRow], fault: str, policy: HealingPolicy) -> Trial:
    """The trial with the first thing that speaks against the draft."""
    ids: Mapping[str, None] = dict.fromkeys(row.id for row in rows)
    said = fault
    if trial.look.standing is not Standing.READS:
        error = trial.look.list.error or (trial.look.detail.error if trial.look.detail else None)
        said = f"the portal still is {trial.look.standing} with it: {error}"
    elif trial.found < policy.recognised_share * trial.rows:
        said = f"of {trial.rows} rows it reads, only {trial.found} are datasets of the last reading"
    elif len(ids) < policy.agree_share * trial.rows:
        said = f"only {len(ids)} of its {trial.rows} ids are different"
    elif trial.offices is not None and trial.offices < policy.agree_share:
        said = f"only {trial.offices:.0%} of the offices it reads are those of the last reading"
    return replace(trial, fault=said)
