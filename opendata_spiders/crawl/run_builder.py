"""Puts together the record of one run: what was read, its verdict, and the rates by which later runs are judged."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from opendata_spiders.crawl.completeness import measure_after
from opendata_spiders.crawl.family import PortalFamily
from opendata_spiders.crawl.field_loss import Fill
from opendata_spiders.crawl.tally import Tally
from opendata_spiders.crawl.verdict import Judgement
from opendata_spiders.normalise import NORMALISER_VERSION
from opendata_spiders.policy import policy
from opendata_spiders.store.models import Finding, Run, Verdict


@dataclass(frozen=True, slots=True)
class RunFrame:
    """What a run is besides what it read."""

    run_id: str
    at: datetime
    """Domain time (UTC)."""
    started: datetime
    """Real time (UTC)."""
    finish_reason: str
    """Scrapy's reason why the spider was closed."""
    requests: int
    response_bytes: int


def build_run(spider: PortalFamily, tally: Tally, judgement: Judgement, trusted: Run | None, frame: RunFrame) -> Run:
    """Build the record of a run that is ending; `trusted` is the last trusted run. The store sets `seq`."""
    target = spider.target
    run = Run(
        id=frame.run_id,
        portal=target.portal_id,
        slug=target.slug,
        family=spider.family,
        epoch=target.epoch(spider.family, spider.id_rule),
        seq=0,
        at=frame.at,
        started=frame.started,
        finished=datetime.now(UTC),
        verdict=judgement.verdict,
        reason=judgement.reason,
        base_url=target.base_url + target.context_path,
        total_trusted=judgement.total_trusted,
        measure=measure_after(judgement.measure, spider.look, trusted),
        newest_claimed=tally.newest,
        requests=frame.requests,
        finish_reason=frame.finish_reason,
        findings=(*judgement.findings, *_findings(spider), *tally.findings()),
        stats={"bytes": frame.response_bytes} | ({"against": trusted.id} if trusted else {}) | tally.changes(),
    )
    run = _with_list(run, spider)
    run = _with_details(run, spider, tally)
    return _with_fields(run, spider, tally, judgement, trusted)


def _findings(spider: PortalFamily) -> list[Finding]:
    of_list = spider.reader.facts.findings() if spider.reader else []
    return [*of_list, *spider.details.findings(), *spider.findings]


def _with_list(run: Run, spider: PortalFamily) -> Run:
    if spider.reader is None:
        return run
    facts = spider.reader.facts
    return replace(
        run,
        declared=facts.declared,
        seen=len(facts.ids),
        rows=facts.rows,
        passes=len(facts.passes),
        pages=facts.pages,
        holes=tuple(sorted(facts.errors)) if facts.passes else (),
    )


def _with_details(run: Run, spider: PortalFamily, tally: Tally) -> Run:
    return replace(
        run,
        dates_in_details=spider.dates_in_details,
        detailed=tally.detailed,
        details_read=spider.details.read_count,
        details_failed=len(spider.details.failures),
        look=dict(spider.look),
    )


def _with_fields(run: Run, spider: PortalFamily, tally: Tally, judgement: Judgement, trusted: Run | None) -> Run:
    fill = tally.known_fill(spider)
    kept = () if judgement.verdict is Verdict.DRIFTED else judgement.lost
    return replace(
        run,
        fill={**(trusted.fill if trusted else {}), **_known_rates(fill.share(), fill, kept)},
        readable={**(trusted.readable if trusted else {}), **_known_rates(fill.readable_share(), fill, kept)},
        lost=judgement.lost,
        fields=tuple(sorted({*spider.list_fields, *spider.detail_fields}.difference(judgement.lost))),
        extractor_version=spider.extractor_version,
        normaliser_version=NORMALISER_VERSION,
    )


def _known_rates(rates: Mapping[str, float], fill: Fill, kept: tuple[str, ...]) -> Mapping[str, float]:
    """Return the rates that replace those of the last trusted run.

    A field of which too few values are known keeps its earlier rate, and so does one of `kept`, whose loss the run is
    believed with: it is lost until it is filled as it was.
    """
    enough = policy().fill_details
    return {name: rate for name, rate in rates.items() if name not in kept and fill.sample(name) >= enough}
