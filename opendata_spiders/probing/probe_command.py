"""`scrapy probe`: which family's software answers at an address, and the register row to add for it."""

import argparse
import json
import shlex
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar

from scrapy import Request, Spider
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from opendata_spiders.command import process_of, wrong_use
from opendata_spiders.command_run import check_access, loader_of
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.exits import Exit
from opendata_spiders.fetching.addresses import host_group, place_of
from opendata_spiders.fetching.ask import ask_page
from opendata_spiders.fetching.redirects import within
from opendata_spiders.pages import bodies, walls
from opendata_spiders.pages.contract import PageError
from opendata_spiders.probing.homes import Recognised, government_of, recognise
from opendata_spiders.probing.proposal import command_of, proposed_row, sentence
from opendata_spiders.register import Register, RegisterError, cells, load
from opendata_spiders.register.edit import csv_line, header

_LONGEST = 400
"""Characters of an error."""


class ProbeSpider(Spider):
    """Asks for a home page, and for page one of the list of the family that it points to."""

    name = "probe"
    custom_settings: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "EXTENSIONS": {},
        "ITEM_PIPELINES": {},
        "LOG_LEVEL": "WARNING",
        "RETRY_ENABLED": False,
    }
    """No run is recorded. Delays, robots.txt and proxies are those of a crawl; nothing is asked twice."""

    def __init__(
        self,
        url: str,
        families: Mapping[str, type[PortalSpider]],
        suspects: Sequence[str],
        given: Mapping[str, str],
        found: list[tuple[Recognised | PageError, int]],
        **kwargs: Any,
    ) -> None:
        """`given` are spider arguments that hold for the portal.

        `found` takes the result, or why the home page could not be read, and the number of requests.
        """
        super().__init__(**kwargs)
        self._url, self._families, self._suspects, self._given, self._found = url, families, suspects, given, found

    async def start(self) -> AsyncIterator[Any]:
        """Ask; nothing is scraped."""
        answer: Recognised | PageError
        try:
            group = host_group("", self._url, old_tls=self._given.get("old_tls") == "yes")
            request = within(Request(self._url), group)
            response = await ask_page(self.crawler, request)
            walls.check_list(response, "html")
            answer = await recognise(self.crawler, response, self._families, self._suspects, self._given)
        except PageError as error:
            answer = error
        stats = self.crawler.stats
        self._found.append((answer, int(stats.get_value("downloader/request_count", 0)) if stats else 0))
        nothing: tuple[Any, ...] = ()
        for item in nothing:  # start() has to be a generator
            yield item


def run(command: ScrapyCommand, args: list[str], opts: argparse.Namespace) -> None:
    """Probe one address."""
    check_access(command)
    if len(args) != 1 or place_of(args[0]) is None:
        raise UsageError("name one address, as https://data.example.gov.cn", print_help=False)
    given = {"tenant": opts.tenant, "old_tls": "yes" if opts.old_tls else "no"}
    with wrong_use(RegisterError, ValueError):
        cells.tenant(opts.tenant)
        register = load()
    families = loader_of(command).families
    for family in opts.family:
        if family not in families:
            raise UsageError(f"no family is called {family!r}; known are {', '.join(families)}", print_help=False)
    found = list[tuple[Recognised | PageError, int]]()
    process_of(command).crawl(
        ProbeSpider, url=args[0], families=families, suspects=opts.family, given=given, found=found
    )
    process_of(command).start()
    answer, requests = found[0] if found else (PageError("the probe was stopped"), 0)
    if isinstance(answer, PageError):
        said: dict[str, Any] = {"family": "", "said": bodies.plain(answer, _LONGEST), "seen": []}
        command.exitcode = answer.verdict.exit_status or Exit.DRIFTED
    else:
        said = _document(answer, register, given)
        command.exitcode = Exit.DONE if answer.family else Exit.DRIFTED
    said["requests"] = requests
    print(json.dumps(said, ensure_ascii=False, indent=1) if opts.json else _text(said))


def _document(found: Recognised, register: Register, given: Mapping[str, str]) -> dict[str, Any]:
    """What was found as plain data; `row` only where the family is known and the register has no such portal."""
    home, look = found.home, found.look
    tenant = cells.tenant(given["tenant"])
    at_home = [portal for portal in register.portals.values() if portal.base_url == home.base_url]
    known = [portal for portal in at_home if portal.tenant == tenant] if tenant else at_home
    said = {
        "family": found.family,
        "confirmed": found.is_confirmed,
        "version": found.version,
        "base_url": home.base_url,
        "context_path": found.context_path,
        "said": sentence(found),
        "home_fits": list(home.families),
        "list": "" if look is None else _of_list(found),
        "seen": list(home.seen),
        "in_register": [portal.slug for portal in known],
    }
    if not found.family:
        said["next"] = _through_its_page(home.base_url, given)
    if found.family and not known:
        row = proposed_row(found, register, given, government_of(register, found.home))
        said["row"] = csv_line(row, header())
        said["columns"] = ",".join(header())
        said["command"] = command_of(row)
    return said


def _through_its_page(base_url: str, given: Mapping[str, str]) -> str:
    """The command that tries whether unknown software can be read through its own page."""
    tls = ["-a", "old_tls=yes"] if given["old_tls"] == "yes" else []
    words = ["scrapy", "crawl", "rendered", "-a", "slug=trial", "-a", f"base_url={base_url}", *tls]
    return shlex.join([*words, "-a", "context_path=/PATH-OF-ITS-LIST", "-s", "STORE_ENABLED=0"])


def _of_list(found: Recognised) -> str:
    seen = found.look.list if found.look else None
    if seen is None or seen.page is None:
        return bodies.plain(seen.error if seen else "")
    declared = "an unsaid number" if seen.page.declared is None else f"{seen.page.declared:,}"
    return f"{len(seen.page.rows)} datasets on the first page of {declared}"


def _text(said: Mapping[str, Any]) -> str:
    lines = [f"{said['said']} ({said['requests']} requests)"]
    for name in ("version", "list"):
        lines += [f"  {name}: {said[name]}"] if said.get(name) else []
    lines += [f"  seen: {one}" for one in said["seen"]] if not said["family"] else []
    if said.get("next"):
        lines += [
            "  its list may be read through its own page (family rendered, needs Chromium); try it:",
            said["next"],
        ]
    if said.get("in_register"):
        lines.append(f"  in the register as {', '.join(said['in_register'])}")
    if said.get("row"):
        lines += ["  row for register/portals.csv (see that id, name and government are right):", said["row"]]
        lines += ["  or have it written:", said["command"]]
    return "\n".join(lines)
