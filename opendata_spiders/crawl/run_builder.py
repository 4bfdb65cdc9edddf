"""Puts together the record of one run: what was read, its verdict, and the rates by which later runs are judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from opendata_spiders.crawl.completeness import measure_after
from opendata_spiders.crawl.extractor import Extractor, epoch_of
from opendata_spiders.crawl.field_loss import Fill
from opendata_spiders.crawl.list_reader import ListFacts
from opendata_spiders.crawl.tally import Tally
from opendata_spiders.crawl.target import CrawlTarget
from opendata_spiders.crawl.verdict import Judgement
from opendata_spiders.normalise import NORMALISER_VERSION
from opendata_spiders.policy import policy
from opendata_spiders.store.models import Finding, ImportedFrom, LookResult, Run, Verdict


@dataclass(frozen=True, slots=True)
class RunFrame:
    """Facts of a run that do not come from its list."""

    run_id: str
    at: datetime
    """Domain time (UTC)."""
    started: datetime
    """Real time (UTC)."""
    finish_reason: str
    """Scrapy's reason why the spider was closed."""
    requests: int = 0
    response_bytes: int = 0
    details_read: int = 0
    details_failed: int = 0
    look: Mapping[str, LookResult] = field(default_factory=dict)
    recognised: Mapping[str, str] = field(default_factory=dict)
    """How the list was read, where its family finds that out each night."""
    findings: tuple[Finding, ...] = ()
    """What was odd beside the list: about the details, the portal's address."""
    imported: ImportedFrom | None = None
    rules: str = ""
    """`Run.rules`; empty where no later run may take rows over from this one."""


def build_run(  # noqa: PLR0913, PLR0917 -- all that a run's record is made from
    by: Extractor,
    target: CrawlTarget,
    facts: ListFacts,
    tally: Tally,
    judgement: Judgement,
    trusted: Run | None,
    frame: RunFrame,
) -> Run:
    """Build the record of a run that is ending; `trusted` is the last trusted run. The store sets `seq`."""
    fill = tally.known_fill(by)
    kept = () if judgement.verdict is Verdict.DRIFTED else judgement.lost
    return Run(
        id=frame.run_id,
        portal=target.portal_id,
        slug=target.slug,
        family=by.family,
        epoch=epoch_of(by, target),
        seq=0,
        at=frame.at,
        started=frame.started,
        finished=datetime.now(UTC),
        verdict=judgement.verdict,
        reason=judgement.reason,
        base_url=target.base_url + target.context_path,
        declared=facts.declared,
        seen=len(facts.ids),
        rows=facts.rows,
        passes=len(facts.passes),
        pages=facts.pages,
        holes=tuple(sorted(facts.errors)),
        total_trusted=judgement.total_trusted,
        measure=measure_after(judgement.measure, frame.look, trusted),
        dates_in_details=by.dates_in_details,
        detailed=tally.detailed,
        details_read=frame.details_read,
        details_failed=frame.details_failed,
        look=dict(frame.look),
        fill={**(trusted.fill if trusted else {}), **_known_rates(fill.share(), fill, kept)},
        readable={**(trusted.readable if trusted else {}), **_known_rates(fill.readable_share(), fill, kept)},
        lost=judgement.lost,
        fields=tuple(sorted({*by.list_fields, *by.detail_fields}.difference(judgement.lost))),
        recognised=dict(frame.recognised),
        extractor_version=by.extractor_version,
        normaliser_version=NORMALISER_VERSION,
        rules=frame.rules,
        newest_claimed=tally.newest,
        requests=frame.requests,
        finish_reason=frame.finish_reason,
        findings=(*judgement.findings, *facts.findings(), *frame.findings, *tally.findings()),
        stats={"bytes": frame.response_bytes} | ({"against": trusted.id} if trusted else {}) | tally.changes(),
        imported=frame.imported,
    )


def _known_rates(rates: Mapping[str, float], fill: Fill, kept: tuple[str, ...]) -> Mapping[str, float]:
    """Return the rates that replace those of the last trusted run.

    A field of which too few values are known keeps its earlier rate. So does a field of `kept` (its loss is accepted):
    it counts as lost until it is filled as before.
    """
    enough = policy().fill_details
    return {name: rate for name, rate in rates.items() if name not in kept and fill.sample(name) >= enough}
