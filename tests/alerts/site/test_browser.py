"""The site in a real browser, as a web server gives it: complete, quiet, readable by everybody, on phone and desk."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright
from pymongo import MongoClient

from alerts.publish.folder import Folder
from alerts.records.isolation import attempts
from alerts.site.build import Site
from alerts.text.links import city_path, event_path
from alerts.text.wording import LANGUAGES
from opendata_spiders.register import load
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from tests.alerts.site import country

_SYSTEM = Path("/usr/bin/chromium")
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_FOREIGN = """() => {
  const own = document.documentElement.lang.slice(0, 2), found = []
  const foreign = own === 'en' ? /[\\u3400-\\u9fff]/ : /[A-Za-z]{2,}[ ,]+[A-Za-z]{2,}[ ,]+[A-Za-z]{2,}/
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT)
  for (let node; (node = walker.nextNode());) {
    const inside = node.parentElement
    if (foreign.test(node.data) && inside.closest('[lang]').lang.slice(0, 2) === own && !inside.closest('code, style, script, head title'))
      found.push(node.data)
  }
  for (const one of document.querySelectorAll('[aria-label], [title], [data-label]'))
    for (const name of ['aria-label', 'title', 'data-label'])
      if (foreign.test(one.getAttribute(name) ?? '') && one.closest('[lang]').lang.slice(0, 2) === own)
        found.push(one.getAttribute(name))
  return found
}"""
"""Texts of a page in the other language that do not say so."""


AUDITED = {("dark", 360), ("light", 1440)}
"""What axe sees, of one tree: contrast hangs on the scheme, structure on the width, neither on the language."""


_SORTS = ("search.html", "city/*/datasets.html", "city/*/office-*.html", "city/*/dataset-*.html", "removed/*.html")
"""Pages that there are many of, of which the first are looked at."""
_OF_EACH = 4


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        path = str(_SYSTEM) if _SYSTEM.exists() else None
        opened = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def site(
    mongo_uri: str, client: MongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, list[str]]]:
    """The address of the small country's site, and the pages to look at: one of each sort, and every hostile one."""
    folder = tmp_path_factory.mktemp("site")
    config = StoreConfig(uri=mongo_uri, database="country")
    with open_store(config, env={}) as store:
        country.live(store)
        with attempts() as made:
            Site(store, load(), Folder(folder), country.NOW).write()
        assert made.failed == {}
        kinds = {event["kind"]: event["_id"] for event in store.db["events"].find({"severity": {"$ne": "quiet"}})}
    client.drop_database(config.database)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    cities = [city_path(slug) for slug in ("guiyang", "jinan", "qingdao", "chengdu", "shenyang")]
    events = [path for name in kinds.values() if (folder / "zh" / (path := event_path(name))).exists()]
    pages = ["index.html", "compare/index.html", "coverage.html", "method.html", "feeds/index.html", *cities, *events]
    tree = folder / "zh"
    pages += [str(path.relative_to(tree)) for sort in _SORTS for path in sorted(tree.glob(sort))[:_OF_EACH]]
    yield f"http://127.0.0.1:{server.server_address[1]}", [f"{one}/{path}" for one in LANGUAGES for path in pages]
    server.shutdown()
    server.server_close()
    thread.join()


def context_of(browser: Browser, base: str, asked: list[str], **options: Any) -> BrowserContext:
    """A window that reaches nothing but the site, and records what else it was asked for."""
    context = browser.new_context(**options)

    def answer(route: Route) -> None:
        if route.request.url.startswith(base):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    context.route("**/*", answer)
    return context


def opened(context: BrowserContext, complaints: list[str]) -> Page:
    page = context.new_page()
    page.on("console", lambda message: complaints.append(f"{page.url} {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"{page.url} {error}"))
    return page


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (360, "light"),
        *(pytest.param(*screen, marks=pytest.mark.slow) for screen in ((360, "dark"), (1440, "light"), (1440, "dark"))),
    ],
)
def test_every_page_is_whole_on_every_screen(
    browser: Browser, site: tuple[str, list[str]], scheme: str, width: int
) -> None:
    base, paths = site
    asked: list[str] = []
    complaints: list[str] = []
    context = context_of(browser, base, asked, viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = opened(context, complaints)
    for path in paths:
        page.goto(f"{base}/{path}")
        assert page.evaluate(_OVERFLOW) <= 0, path
        assert page.locator("h1").count() == 1, path
        assert page.evaluate(_FOREIGN) == [], path
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert background == ("rgb(253, 252, 249)" if scheme == "light" else "rgb(20, 23, 26)")
        if (scheme, width) not in AUDITED or path.startswith("en/"):
            continue
        found = Axe().run(page).response["violations"]
        grave = [
            (one["id"], [node["html"][:200] for node in one["nodes"]])
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]
        assert grave == [], path
    assert (asked, complaints) == ([], [])
    context.close()


def test_without_javascript_everything_can_be_read_and_the_languages_lead_to_each_other(
    browser: Browser, site: tuple[str, list[str]]
) -> None:
    base, paths = site
    asked: list[str] = []
    context = context_of(browser, base, asked, java_script_enabled=False)
    page = context.new_page()
    for path in paths:
        page.goto(f"{base}/{path}")
        assert page.locator("main h1").is_visible()
        other = page.locator("li.switch a")
        language, _, rest = path.partition("/")
        other.click()
        assert page.url == f"{base}/{'en' if language == 'zh' else 'zh'}/{rest}"
    page.goto(base)
    page.wait_for_url(f"{base}/zh/index.html")
    assert asked == []
    context.close()


def test_what_a_city_page_shows_of_a_stop_a_removal_and_a_lost_night(
    browser: Browser, site: tuple[str, list[str]]
) -> None:
    base, _ = site
    page = browser.new_page()
    page.goto(f"{base}/en/city/jinan/index.html")
    assert page.locator(".standing").inner_text().startswith("■ stopped")
    assert page.locator(".heat .stopmark").count() == 1
    page.goto(f"{base}/en/city/qingdao/index.html")
    gone = page.locator("#gone + ul li")
    assert gone.count() == 3
    gone.first.locator("a").click()
    assert "/en/city/qingdao/dataset-" in page.url
    assert page.locator(".stone h2").first.is_visible(), "the tombstone"
    page.goto(f"{base}/en/city/guiyang/index.html")
    assert page.locator(".heat .unread").count() == 1, "of the night that was cut short some updates are known"
    page.close()


def test_two_chosen_cities_stand_side_by_side_and_in_the_address(browser: Browser, site: tuple[str, list[str]]) -> None:
    base, _ = site
    page = browser.new_page()
    page.goto(f"{base}/en/compare/index.html")
    rows, picks = page.locator("table.compare tbody tr:visible"), page.locator("#choose select")
    assert rows.count() == 6
    picks.nth(0).select_option("Jinan")
    picks.nth(1).select_option("Guiyang")
    assert sorted(rows.locator("th").all_inner_texts()) == ["Guiyang", "Jinan"]
    again = browser.new_page()
    again.goto(page.url)
    assert again.locator("table.compare tbody tr:visible").count() == 2
    again.locator("#choose select").nth(1).select_option("")
    assert again.locator("table.compare tbody tr:visible th").all_inner_texts() == ["Jinan"]
    for one in (page, again):
        one.close()


def test_pages_print(browser: Browser, site: tuple[str, list[str]]) -> None:
    base, _ = site
    page = browser.new_page()
    page.goto(f"{base}/zh/city/jinan/index.html")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.close()
