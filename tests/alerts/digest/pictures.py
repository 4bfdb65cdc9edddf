"""Pictures of digests for the documentation, taken from a demo by a real browser.

    python -m tests.replica.demo --out demo
    python -m tests.alerts.digest.pictures demo docs/images

Needs Chromium (CHROMIUM names it, else the one on PATH).
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, sync_playwright

from alerts.digest.model import Digest
from alerts.digest.render import render
from alerts.digest.rhythm import Every, Rhythm
from alerts.digest.scope import Wanted, resolve
from alerts.digest.write import Desk
from alerts.subscribers import Subscriber
from opendata_spiders.register import load
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.store import Store
from tests.alerts.digest.smaller import indexed
from tests.replica.demo_script import CITIES

WIDTH, HEIGHT = 390, 844
"""A phone of today, in CSS pixels."""
DAYS = 31
SHANGHAI = ZoneInfo("Asia/Shanghai")
PICTURES = (
    ("digest-phone.png", "en", "light"),
    ("digest-phone-zh.png", "zh", "light"),
    ("digest-phone-dark.png", "en", "dark"),
)


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium; raises RuntimeError if there is none."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if path is None:
        raise RuntimeError("There is no Chromium on PATH; install it or let CHROMIUM name it.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


def shoot(opened: Browser, html: str, path: Path, scheme: str, *, full: bool = False) -> int:
    """Take a picture as a phone shows it; returns the width the page wants, in CSS pixels."""
    context = opened.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=2, color_scheme=scheme, is_mobile=True
    )
    page = context.new_page()
    page.set_content(html)
    page.screenshot(path=path, full_page=full)
    width = page.evaluate("document.scrollingElement.scrollWidth")
    context.close()
    return int(width)


def monthly(store: Store, language: str, now: datetime) -> Digest:
    """What somebody who follows the cities of the demo gets once a month."""
    register = load()
    rhythm = Rhythm(Every.MONTHLY)
    name = "newsroom"
    scope = resolve(register, Wanted(cities=CITIES))
    reader = Subscriber(name, language, "auto", "reader", True, scope, rhythm, None, None, targets=())
    digest = Desk(store, register, now).replay(reader, now - timedelta(days=DAYS))
    if digest is None:
        raise RuntimeError("The demo says nothing in its last month; play all its nights.")
    return digest


def main(demo: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with open_store(StoreConfig(data_dir=demo / "data", database="demo")) as store, browser() as opened:
        last = store.db["runs"].find_one(sort=[("at", -1)])
        if last is None:
            raise RuntimeError(f"{demo} holds no demo; play one with python -m tests.replica.demo --out {demo}")
        now = last["at"] + timedelta(hours=6)
        for name, language, scheme in PICTURES:
            html = render(monthly(store, language, now)).html
            shoot(opened, html, out / name, scheme)
            (out / name).write_bytes(indexed((out / name).read_bytes()))
            print(out / name, (out / name).stat().st_size)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
