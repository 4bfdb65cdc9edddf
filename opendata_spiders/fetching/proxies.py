"""The proxies of host groups, from the setting PROXIES."""

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

_FORM = 'write a JSON object by host group, such as {"data.guizhou.gov.cn": "http://proxy.example.cn:3128"}'


class ProxiesError(ValueError):
    """Raised when PROXIES makes no sense; the message names the entry and shows no password."""


def proxies(settings: BaseSettings) -> Mapping[str, str]:
    """Return the proxy of each host group; raises ProxiesError."""
    value = settings.get("PROXIES") or "{}"
    try:
        table = json.loads(value) if isinstance(value, str) else dict(value)
    except (ValueError, TypeError, RecursionError):
        raise ProxiesError(f"PROXIES is no JSON; {_FORM}") from None
    if not isinstance(table, dict):
        raise ProxiesError(f"PROXIES is no JSON object; {_FORM}")
    for group, proxy in table.items():
        if not (isinstance(proxy, str) and _is_proxy(proxy)):
            raise ProxiesError(f"PROXIES: the proxy of {group!r} is no address such as http://host:port; {_FORM}")
    return table


def _is_proxy(proxy: str) -> bool:
    try:
        parts = urlsplit(proxy)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
