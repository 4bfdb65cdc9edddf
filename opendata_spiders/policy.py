"""The thresholds of reading, from policy.csv."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class CrawlPolicy:
    """One attribute a row of policy.csv, where each is explained."""

    complete_share: float
    first_share: float
    same_wrong_share: float
    mismatch_share: float
    max_passes: int
    fill_was: float
    fill_now: float
    fill_gone_was: float
    fill_sample: int
    fill_details: int
    dates_drop: float
    shape_nights: int
    past_end_empty: int
    same_failure_stop: int
    hole_stop: int
    repeat_stop: int
    list_pages: int
    list_least_pages: int
    list_beyond: int
    list_datasets: int
    list_mb: int
    queue_mb: int
    list_hours: float
    run_hours: float
    page_mb: int
    page_tags: int
    page_nesting: int
    header_kb: int
    retry_after_seconds: int
    retry_after_total: int
    retry_after_default: int
    robots_hours: float
    control_pages: int
    tenant_jump: float
    look_all: int
    look_sample: int
    look_again_hours: int
    sweep_days: int
    room_mb: int
    log_days: int
    log_mb: int
    date_floor: date
    date_future_days: int
    date_length: int
    browsers: int
    browser_wait_minutes: int
    browser_mb: int
    browser_heap_mb: int
    browser_load_mb: int
    browser_page_seconds: int
    browser_idle_seconds: int
    wall_seconds: int
    wall_tries: int
    wall_passes: int

    @property
    def page_bytes(self) -> int:
        return self.page_mb << 20

    @property
    def header_bytes(self) -> int:
        return self.header_kb << 10


@cache
def policy() -> CrawlPolicy:
    """The packaged table. Raises TableError."""
    return Tables("opendata_spiders").policy(CrawlPolicy)
