"""What every step of one attempt needs: the crawl, the portal, its last reading, how values are read, thresholds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scrapy.crawler import Crawler

from opendata_spiders.declared import Call, DeclaredFamily, Slot
from opendata_spiders.fetching.ask import ask_page
from opendata_spiders.healing.agreement import Terms
from opendata_spiders.healing.last_reading import LastReading
from opendata_spiders.healing.policy import HealingPolicy
from opendata_spiders.pages import bodies, walls


class NotHealedError(Exception):
    """Raised where the evidence is too thin for a draft; the message says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to mend one portal."""

    crawler: Crawler
    portal: DeclaredFamily
    """As its old family declares it."""
    reading: LastReading
    terms: Terms
    policy: HealingPolicy

    async def json_answer(self, call: Call, slots: Mapping[Slot, Any]) -> dict[str, Any]:
        """The JSON object that answers a call; raises PageError."""
        request = self.portal.bound(call.request(self.portal.site, slots))
        response = await ask_page(self.crawler, request)
        walls.check_list(response, "json")
        return bodies.json_object(bodies.decode(response, self.portal.target.charset).text)
