"""Public names that resolve to an address that is not public are refused: no portal answers there."""

from typing import Any, Final

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from opendata_spiders.fetching.addresses import is_local, is_public, literal

refused: Final[dict[str, str]] = {}
"""Refused names to the address each resolves to, kept for error messages: Twisted passes on no reason."""


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver (IPv4), which refuses a public name that resolves to an address that is not public.

    Hosts that can only be local (`localhost`, a name without dots, an address) are resolved as usual: a replica, a
    mirror, a proxy. Requests reach them only where base_url or PROXIES names them.
    """

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:  # noqa: N802 -- Twisted's name
        """Resolve a name; fails with DNSLookupError for a public name of an address that is not public."""
        return super().getHostByName(name, timeout).addCallback(checked, name)


def checked(answer: str, name: str) -> str:
    """Return the address that a name resolves to; raises DNSLookupError for a public name of one that is not public."""
    address = literal(answer)
    if is_local(name) or address is None or is_public(address):
        return answer
    refused[name] = answer
    raise DNSLookupError(f"{name} stands for {answer}, which is no address of the public network")
