"""Starts Chromium with its bounds: as few at a time as the policy says, each in a folder of its own."""

import asyncio
import logging
import os
import shlex
import shutil
import signal
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError
from scrapy.crawler import Crawler
from scrapy_playwright.provider import PlaywrightBrowserProvider

from opendata_spiders.browser import leash
from opendata_spiders.browser.group_proxy import GroupProxy
from opendata_spiders.browser.installed import INSTALL, executable
from opendata_spiders.fetching.addresses import HostGroup
from opendata_spiders.fetching.proxies import proxies
from opendata_spiders.pages.bodies import plain
from opendata_spiders.pages.contract import PageError, PageUnreachableError
from opendata_spiders.policy import policy
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.embedded.locks import FileLock
from opendata_spiders.store.processes import is_alive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy_playwright.handler import Config

logger = logging.getLogger(__name__)

_ARGUMENTS: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",  # containers have 64 MB of it
    "--disable-gpu",
    "--disable-quic",
    "--disable-site-isolation-trials",  # a process for each of a group's hosts
    "--disable-sync",
    "--dns-prefetch-disable",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # all names are the proxy's to resolve
    "--renderer-process-limit=1",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # its name in other builds
)
_CLOSING_SECONDS: Final = 5
_POLL_SECONDS: Final = 0.2


class ChromiumProvider(PlaywrightBrowserProvider):  # type: ignore[misc]  # the package is not typed
    """Starts one Chromium, and ends it; it holds a place among the browsers of this machine (of one DATA_DIR)."""

    def __init__(self, config: "Config", crawler: Crawler) -> None:
        super().__init__(config)
        settings = crawler.settings
        self._own_proxies = proxies(settings)
        self._places = StoreConfig.from_env().data_dir / "browser"
        self._lock: FileLock | None = None
        self._folder: Path | None = None
        self._browser: Browser | None = None
        self.proxy = GroupProxy(settings.getfloat("DOWNLOAD_TIMEOUT"))

    @property
    def too_large(self) -> bool:
        """Whether the browser was ended because of its memory."""
        return self._folder is not None and (self._folder / leash.TOO_LARGE).exists()

    def begin(self, group: HostGroup) -> None:
        """Let a page of this host group be opened."""
        self.proxy.begin(group, self._own_proxies.get(group.name, ""))

    async def _reserve(self) -> None:
        """Wait for a place among the browsers of this machine; raises PageUnreachableError if none becomes free."""
        self._places.mkdir(mode=0o700, parents=True, exist_ok=True)
        deadline = asyncio.get_running_loop().time() + policy().browser_wait_minutes * 60
        told = False
        while not self._took_a_place():
            if asyncio.get_running_loop().time() > deadline:
                raise PageUnreachableError(
                    f"for {policy().browser_wait_minutes} minutes other crawls of this machine used the browser"
                )
            if not told:
                logger.info("waiting for the browser of another crawl to end")
                told = True
            await asyncio.sleep(_POLL_SECONDS)

    def _took_a_place(self) -> bool:
        for number in range(policy().browsers):
            lock = FileLock(self._places / f"{number}.lock")
            if lock.exclusive():
                self._lock, self._folder = lock, self._places / str(number)
                shutil.rmtree(self._folder, ignore_errors=True)  # of a crawl that was killed
                self._folder.mkdir(mode=0o700)
                return True
            lock.close()
        return False

    async def start(self) -> None:
        """Wait for a place and start Playwright, which keeps its files in the folder of this browser.

        Raises PageError where Chromium is missing, PageUnreachableError where no place becomes free.
        """
        if executable() is None:
            raise PageError(f"this needs Chromium, which was not found: {INSTALL}")
        await self._reserve()
        with _environment(TMPDIR=str(self._folder)):
            await super().start()

    async def launch_browser(self) -> Browser:
        """Start Chromium; raises PageError where it does not start."""
        chromium = executable()
        if chromium is None or self._folder is None or self.browser_type is None:
            raise RuntimeError("start() comes first")
        root = os.geteuid() == 0
        arguments = [*_ARGUMENTS, f"--js-flags=--max-old-space-size={policy().browser_heap_mb}"]
        try:
            self._browser = await self.browser_type.launch(
                executable_path=str(_launcher(self._folder, chromium)),
                args=[*arguments, *(["--no-zygote"] if root else [])],
                ignore_default_args=["--disable-popup-blocking"],
                chromium_sandbox=not root,  # it refuses to be sandboxed as root
                proxy={"server": await self.proxy.start()},  # for loopback too, as Playwright sets it
                env={**os.environ, "HOME": str(self._folder)},
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except PlaywrightError as error:
            raise PageError(f"Chromium does not start: try {chromium} --headless ({plain(error)})") from error
        return self._browser

    async def close(self) -> None:
        """End Chromium and Playwright, by force if they take longer than a few seconds; another crawl may begin."""
        with suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(_CLOSING_SECONDS):
                if self._browser is not None:
                    await self._browser.close()
                await super().close()
        await self._end_by_force()
        await self.proxy.close()
        if self._folder is not None and self._lock is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._lock.close()
        self._lock = self._folder = self._browser = None

    async def _end_by_force(self) -> None:
        """Have the process between us and Chromium end it, and wait until it has."""
        with suppress(OSError, ValueError):  # it has ended
            pid = int((self._folder / leash.PID).read_text()) if self._folder else 0
            while pid and is_alive(pid):
                os.kill(pid, signal.SIGTERM)
                await asyncio.sleep(_POLL_SECONDS)


def _launcher(folder: Path, chromium: str) -> Path:
    """Write the script that Playwright starts in place of Chromium."""
    package = Path(leash.__file__).parents[2]
    words = [sys.executable, "-m", leash.__name__, str(folder), str(os.getpid()), str(policy().browser_mb), chromium]
    script = folder / "chromium"
    script.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(package))} exec {shlex.join(words)} "$@"\n')
    script.chmod(0o700)
    return script


@contextmanager
def _environment(**changed: str) -> "Iterator[None]":
    """Change environment variables for as long as a block runs."""
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
