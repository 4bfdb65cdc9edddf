"""Whether a host that serves several portals honours the parameters that select one (the register's `tenant`).

A server that ignores them shows a whole province as the city's catalogue, page by page and without an error. Two checks
find that out: the host's whole list, requested once without a tenant, and the last readings of the other portals there.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from opendata_spiders.crawl.list_reader import ListFacts
from opendata_spiders.pages.contract import ListPage
from opendata_spiders.policy import CrawlPolicy
from opendata_spiders.store.models import Run

IGNORED = "tenant.ignored"
UNCHECKED = "tenant.unchecked"


def check_due(seen: int, trusted: Run | None, policy: CrawlPolicy) -> bool:
    """Whether a reading of `seen` datasets is checked: a portal's first one, and one whose length has jumped.

    A reading after a trusted run that could not be checked is checked, too.
    """
    if trusted is None or any(finding.code == UNCHECKED for finding in trusted.findings):
        return True
    fewer, more = sorted((seen, trusted.seen))
    return more > policy.tenant_jump * fewer


def shows_all(facts: ListFacts, page_size: int, whole: ListPage, policy: CrawlPolicy) -> bool:
    """Whether the list that was read is the host's whole list, of which `whole` is the first page.

    It is not if that page shows a dataset that was not read, or its total exceeds what was read. The first page alone
    proves nothing: a city that has just published more than a page of datasets fills it.
    """
    if not whole.rows or not {row.id for row in whole.rows} <= facts.ids:
        return False
    seen = len(facts.ids)
    if whole.declared is not None:
        return whole.declared == facts.declared or policy.complete_share * whole.declared <= seen
    return whole.pages is None or policy.complete_share * ((whole.pages - 1) * page_size + 1) <= seen


def twin(ids: AbstractSet[str], others: Mapping[str, AbstractSet[str]], policy: CrawlPolicy) -> str:
    """Name the one of `others` (datasets by portal) whose list is the same, within `complete_share`; '' if none is."""
    for name, known in others.items():
        if ids and len(ids & known) >= policy.complete_share * max(len(ids), len(known)):
            return name
    return ""
