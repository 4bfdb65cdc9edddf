"""What commands check before the first request."""

from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings

from opendata_spiders.fetching.proxies import ProxiesError, proxies


def check_proxies(settings: BaseSettings | None) -> None:
    """Raise UsageError (exit status 2) for a PROXIES that makes no sense."""
    if settings is None:
        raise RuntimeError("scrapy sets the settings before it runs a command")
    try:
        proxies(settings)
    except ProxiesError as error:
        raise UsageError(str(error), print_help=False) from error
