"""Pictures of digests for the documentation, taken from a demo by a real browser.

    python -m tests.replica.demo --out demo
    python -m tests.alerts.digest.screenshots demo docs/images

Needs Chromium (CHROMIUM names it, else the one on PATH).
"""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from markdown_it import MarkdownIt
from playwright.sync_api import Browser, sync_playwright

from alerts.audience.filters import Wanted, resolve
from alerts.audience.rhythm import Every, Rhythm
from alerts.audience.subscribers import Subscriber
from alerts.delivery.targets import targets_of
from alerts.digest.deliveries import renderings
from alerts.digest.model import Digest
from alerts.digest.render import Rendered, readable
from alerts.digest.write import DigestSession
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
CHAT = """<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>
body { margin: 0; padding: 14px 12px; background: #ededed; font: 15px/1.5 "Noto Sans CJK SC", sans-serif; color: #191919; }
.bubble { background: #fff; border-radius: 8px; padding: 4px 14px 10px; overflow-wrap: anywhere; }
h3 { font-size: 16px; margin: 14px 0 4px; } p { margin: 6px 0; } ul { margin: 4px 0; padding-left: 18px; } li p { margin: 0; }
</style><div class="bubble">"""
"""A chat window, about: what a Markdown message looks like there."""


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
    digest = DigestSession(store, load(), now).replay(
        reader("newsroom", language, "reader", CITIES), now - timedelta(days=DAYS)
    )
    return said(digest)


def officer(store: Store, language: str, now: datetime) -> Rendered:
    """What the office over these cities gets first: its overdue list comes with it."""
    one = reader("bureau", language, "officer", CITIES)
    digest, _ = DigestSession(store, load(), now).compose(one, None)
    return renderings(one, said(digest))[0]


def reader(name: str, language: str, role: str, cities: Sequence[str]) -> Subscriber:
    scope, mail = resolve(load(), Wanted(cities=cities)), "mailto://127.0.0.1:9?mode=insecure&from=w@x.cn&to=a@x.cn"
    targets = tuple(targets_of(name, [mail]))
    return Subscriber(name, language, "auto", role, True, scope, Rhythm(Every.MONTHLY), None, None, targets=targets)


def said(digest: Digest | None) -> Digest:
    if digest is None:
        raise RuntimeError("The demo says nothing in its last month; play all its nights.")
    return digest


def chat(rendered: Rendered) -> str:
    """The Markdown as a client shows it that knows the common dialect."""
    text = f"### {rendered.subject}\n\n{readable(rendered.markdown)}"
    return CHAT + MarkdownIt("commonmark", {"html": False}).render(text) + "</div>"


def main(demo: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with open_store(StoreConfig(data_dir=demo / "data", database="demo")) as store, browser() as opened:
        last = store.db["runs"].find_one(sort=[("at", -1)])
        if last is None:
            raise RuntimeError(f"{demo} holds no demo; play one with python -m tests.replica.demo --out {demo}")
        now = last["at"] + timedelta(hours=6)
        shots = [(name, Rendered(monthly(store, language, now)).html, scheme) for name, language, scheme in PICTURES]
        shots += [
            ("digest-officer-zh.png", officer(store, "zh", now).html, "light"),
            ("digest-chat-zh.png", chat(Rendered(monthly(store, "zh", now))), "light"),
        ]
        for name, html, scheme in shots:
            shoot(opened, html, out / name, scheme)
            (out / name).write_bytes(indexed((out / name).read_bytes()))
            print(out / name, (out / name).stat().st_size)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
