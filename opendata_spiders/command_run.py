"""What the work of commands shares: spiders of portals, access checked before it, how errors of the store end it."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from opendata_spiders.command import process_of, settings_of, wrong_use
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.exits import Exit
from opendata_spiders.fetching.permissions import check_permissions
from opendata_spiders.fetching.proxies import ProxiesError, proxies
from opendata_spiders.loader import RegisterSpiderLoader
from opendata_spiders.register import Portal, Register, RegisterError, load
from opendata_spiders.store.errors import StoreError
from opendata_spiders.tables import TableError


@contextmanager
def store_trouble(command: ScrapyCommand) -> Iterator[None]:
    """Print a StoreError as its sentence; the command exits with 1."""
    try:
        yield
    except StoreError as error:
        print(error, file=sys.stderr)
        command.exitcode = Exit.FAILED


def check_access(command: ScrapyCommand) -> None:
    """Raise UsageError for a PROXIES, or a table of permissions, that makes no sense."""
    with wrong_use(ProxiesError, TableError, RegisterError):
        proxies(settings_of(command))
        check_permissions({portal.host_group for portal in load().portals.values()})


def chosen_portals(words: Sequence[str], base_url: str = "") -> tuple[Register, list[Portal]]:
    """Return the register and the portals that a command's words select, all without any.

    Raises UsageError for a word that selects none, and for a `base_url` of anything but one portal.
    """
    with wrong_use(RegisterError):
        register = load()
        chosen = register.select(",".join(words)) if words else list(register.portals.values())
    if base_url and len(chosen) != 1:
        raise UsageError("--base-url needs one portal: name it", print_help=False)
    return register, chosen


def loader_of(command: ScrapyCommand) -> RegisterSpiderLoader:
    """Return the loader that makes spiders of register rows and families."""
    loader = process_of(command).spider_loader
    if not isinstance(loader, RegisterSpiderLoader):
        raise TypeError("SPIDER_LOADER_CLASS in settings.py is not this project's: restore it")
    return loader


def portal_spider(command: ScrapyCommand, slug: str, base_url: str) -> PortalSpider | None:
    """Make the spider of a portal, at another address if `base_url` is not empty; None for a spider of no portal.

    Raises UsageError for a slug or an address that makes no sense.
    """
    with wrong_use(KeyError, ValueError):
        made = process_of(command).spider_loader.load(slug)(**({"base_url": base_url} if base_url else {}))
    return made if isinstance(made, PortalSpider) else None
