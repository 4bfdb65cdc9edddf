"""The search page in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from alerts.publish.folder import Folder
from alerts.site.build import Site
from opendata_spiders.register import load
from opendata_spiders.store.store import Store
from tests.bench.site_store import NOW, Size, fill
from tests.serving import served


@pytest.fixture
def address(store: Store, tmp_path: Path) -> Iterator[str]:
    register = load()
    fill(store, register, Size(2, 120, 20))
    Site(store, register, Folder(tmp_path), NOW).write()
    with served(tmp_path) as url:
        yield url


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    opened = browser.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    yield opened
    assert complaints == []
    assert all(url.startswith(address) for url in asked)
    opened.close()


def test_a_word_leads_to_a_dataset_by_keyboard(store: Store, page: Page, address: str) -> None:
    gone = store.db.datasets.find_one({"listed": False})
    page.goto(f"{address}/zh/search.html")
    page.keyboard.press("Tab")
    page.get_by_role("searchbox").focus()
    page.keyboard.type(gone["title"])
    page.keyboard.press("Enter")
    first = page.locator("#search-results li").first
    expect(first).to_contain_text(gone["title"])
    expect(first).to_contain_text("已下架")
    expect(page.get_by_role("status")).to_contain_text("个")
    assert "#q=" in page.url
    first.get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(gone["title"])
    page.go_back()
    expect(first).to_contain_text(gone["title"])


def test_every_result_leads_to_a_page_that_names_it(page: Page, address: str) -> None:
    page.goto(f"{address}/en/search.html#q=信息")
    results = page.locator("#search-results li > a")
    expect(results.first).to_be_visible()
    while page.locator("#search-more").is_visible():
        before = results.count()
        page.locator("#search-more").click()
        expect(results.nth(before)).to_be_focused()
    found = [(one.inner_text(), one.get_attribute("href")) for one in results.all()]
    assert len(found) > 10
    expect(page.get_by_role("status")).to_have_text(f"{len(found)} found")
    for title, href in found[:: max(len(found) // 6, 1)]:
        page.goto(f"{address}/en/{href}")
        expect(page.locator("main")).to_contain_text(title)


def test_it_says_when_there_is_nothing_or_too_little(page: Page, address: str) -> None:
    page.goto(f"{address}/en/search.html")
    for typed, said in (("量子计算", "Nothing found"), ("信", "at least two"), ("信息", "first 10")):
        page.get_by_role("searchbox").fill(typed)
        expect(page.get_by_role("status")).to_contain_text(said)


def test_without_a_script_it_leads_to_the_tables(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/en/search.html")
    expect(page.locator("main .withdrawn")).to_contain_text("needs JavaScript")
    page.locator(".columns a").first.click()
    expect(page.locator("main table")).to_be_visible()
    context.close()
