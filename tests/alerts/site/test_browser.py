"""Pages in a real browser: on a phone, dark, printed, and asking nobody for anything."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from alerts.text.wording import LANGUAGES
from opendata_spiders.store.store import Store
from tests.alerts.digest.making import ago, night
from tests.alerts.publish.filling import put_city, put_events
from tests.alerts.site.test_site import stable

_SYSTEM = Path("/usr/bin/chromium")
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        path = str(_SYSTEM) if _SYSTEM.exists() else None
        opened = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def pages(store: Store, write) -> list[Path]:
    events = put_events(store, *map(stable, night()))
    for slug in ("guiyang", "chengdu", "jinan"):
        put_city(store, f"{slug}.1", slug, "stopped", ago(0.2), silent=251)
    root = write().root
    kinds = {one.kind: one for one in events}
    own = ["index.html", "feeds/index.html", *(f"events/{one.id}.html" for one in kinds.values())]
    return [path for language in LANGUAGES for name in own if (path := root / language / name).exists()]


def test_pages_fit_a_phone_and_ask_nobody(browser: Browser, pages: list[Path]) -> None:
    assert len(pages) > 8
    for scheme in ("light", "dark"):
        context = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme=scheme)
        asked: list[str] = []
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))  # noqa: B023 -- used within this turn
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))  # noqa: B023
        for path in pages:
            page.goto(path.as_uri())
            assert page.evaluate(_OVERFLOW) <= 0, path
            background = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert background == ("rgb(253, 252, 249)" if scheme == "light" else "rgb(20, 23, 26)")
        assert asked
        assert all(url.startswith("file://") for url in asked), asked
        assert complaints == []
        context.close()


def test_pages_print(browser: Browser, pages: list[Path]) -> None:
    page = browser.new_page()
    page.goto(pages[2].as_uri())
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert page.pdf(format="A4").startswith(b"%PDF")
