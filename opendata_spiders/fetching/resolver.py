"""Names of the public network that stand for an address near us are not resolved: no portal answers there."""

from typing import Any, Final

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from opendata_spiders.fetching.addresses import is_local, is_public, literal

refused: Final[dict[str, str]] = {}
"""Names that were not resolved, and the address each stands for: Twisted keeps no reason."""


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver (IPv4), less answers that are not public to names that are.

    Hosts that can only be meant to lie near us (`localhost`, a name without dots, an address) are resolved as ever: a
    replica, a mirror, a proxy. Requests reach them only where base_url or PROXIES names them.
    """

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:  # noqa: N802 -- Twisted's name
        """Resolve a name; fails with DNSLookupError for one that stands for an address near us."""
        return super().getHostByName(name, timeout).addCallback(_checked, name)


def _checked(answer: str, name: str) -> str:
    address = literal(answer)
    if is_local(name) or address is None or is_public(address):
        return answer
    refused[name] = answer
    raise DNSLookupError(f"{name} stands for {answer}, which is no address of the public network")
