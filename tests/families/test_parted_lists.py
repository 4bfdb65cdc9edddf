"""A list in parts: which address stands behind each page number, and when the list is whole."""

import asyncio
from collections.abc import Mapping

import pytest
from scrapy.http import HtmlResponse

from opendata_spiders.crawl.list_reader import ListReader
from opendata_spiders.declared import Call, FieldPlaces, HtmlList, PartedFamily, Slot
from opendata_spiders.pages.contract import ListPage, PageDriftedError
from opendata_spiders.policy import policy

SIZE = 2
INDEX_URL = "http://127.0.0.1:1/parts.html"


class Parted(PartedFamily):
    family = "parted"
    page_size = SIZE
    human_page = "/"
    parts_call = Call("/parts.html")
    parts_pattern = r"part=(\w+)"
    list_call = Call("/{part}/{page}.html", query={"from": Slot.OFFSET})
    list_page = HtmlList(
        frame="ul", entries="li", id="::attr(id)", pages_pattern=r"of (\d+)", layout=FieldPlaces(cells={"b": "title"})
    )


def spider(tenant: str = "") -> Parted:
    return Parted(slug="trial", base_url="http://127.0.0.1:1", tenant=tenant)


def served(parts: Mapping[str, list[str]], url: str, *, counts: bool = True) -> str:
    """What the portal answers: the parts, or a page of one; past its end an empty list."""
    if url == INDEX_URL:
        return "".join(f"<a href='?part={part}'>{part}</a>" for part in parts)
    part, number = url.partition("?")[0].removesuffix(".html").rsplit("/", 2)[1:]
    ids = parts[part]
    shown = ids[(int(number) - 1) * SIZE : int(number) * SIZE]
    total = f"<p>of {-(-len(ids) // SIZE)}</p>" if counts else ""
    return f"<ul>{''.join(f'<li id={one}><b>{one}</b></li>' for one in shown)}</ul>{total}"


def read(
    crawled: Parted, parts: Mapping[str, list[str]], *, slowest_first: bool = False
) -> tuple[ListReader, list[str]]:
    """Read the list through the reader of the crawl; `slowest_first` answers each window in reverse order."""
    asked: list[str] = []

    async def fetch(page: int) -> ListPage:
        request = crawled.list_request(page)
        asked.append(request.url)
        if slowest_first:
            await asyncio.sleep(0.01 / page)
        body = served(parts, request.url).encode()
        return crawled.parse_list(HtmlResponse(request.url, body=body, request=request))

    reader = ListReader(
        fetch, first_page=1, page_size=SIZE, window=4, policy=policy(), trusted=None, trusted_ids=frozenset()
    )

    async def all_rows() -> None:
        async for _ in reader.rows():
            pass

    asyncio.run(all_rows())
    return reader, asked


PARTS = {
    "one part": {"a": ["1"]},
    "full pages": {"a": ["1", "2", "3", "4"], "b": ["5", "6"]},
    "the last part is the longest": {"a": ["1"], "b": ["2"], "c": [str(number) for number in range(3, 14)]},
    "the first part is the longest": {"a": [str(number) for number in range(3, 14)], "b": ["1"], "c": ["2"]},
    "an empty part between": {"a": ["1", "2", "3"], "b": [], "c": ["4"]},
    "the same datasets in two parts": {"a": ["1", "2", "3"], "b": ["3", "2", "1"]},
}


@pytest.mark.parametrize("tenant", ["", "named"])
@pytest.mark.parametrize("slowest_first", [False, True])
@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
def test_every_page_of_every_part_is_read(parts: Mapping[str, list[str]], tenant: str, *, slowest_first: bool):
    crawled = spider(f"parts={','.join(parts)}" if tenant else "")
    reader, asked = read(crawled, parts, slowest_first=slowest_first)
    assert reader.facts.passes[0].ids == {one for ids in parts.values() for one in ids}
    assert all(walk.ended and not walk.stopped for walk in reader.facts.passes)
    assert (INDEX_URL in asked) is (not tenant)


def test_a_page_number_keeps_its_address_while_more_becomes_known():
    crawled = spider("parts=a,b")
    parts = {"a": [str(number) for number in range(7)], "b": ["x"]}
    before = [crawled.list_request(page).url for page in (1, 2)]
    read(crawled, parts)
    assert [crawled.list_request(page).url for page in (1, 2)] == before
    assert [crawled.list_request(page).url.partition("127.0.0.1:1")[2] for page in range(1, 7)] == [
        "/a/1.html?from=0",
        "/b/1.html?from=0",
        "/a/2.html?from=2",
        "/a/3.html?from=4",
        "/a/4.html?from=6",
        "/a/5.html?from=8",
    ]


def test_a_page_that_names_no_part_is_another_page():
    crawled = spider()
    request = crawled.list_request(1)
    with pytest.raises(PageDriftedError, match="none of the parts"):
        crawled.parse_list(HtmlResponse(request.url, body=b"<ul></ul>", request=request))


def test_a_number_of_pages_beyond_reason_takes_no_memory():
    crawled = spider("parts=a")
    request = crawled.list_request(1)
    page = crawled.parse_list(
        HtmlResponse(request.url, body=b"<ul><li id=1></li></ul>of 999999999999", request=request)
    )
    assert page.pages == policy().list_pages


def test_the_whole_host_has_parts_of_its_own():
    crawled = spider("parts=a,b")
    host = crawled.of_whole_host()
    request = host.list_request(1)
    host.parse_list(HtmlResponse(request.url, body=b"<a href='?part=c'></a><a href='?part=d'></a>", request=request))
    assert [host.list_request(page).url.partition("127.0.0.1:1")[2] for page in (1, 2, 3)] == [
        "/parts.html",
        "/c/1.html?from=0",
        "/d/1.html?from=0",
    ]
    assert [crawled.list_request(page).url.partition("127.0.0.1:1")[2] for page in (1, 2)] == [
        "/a/1.html?from=0",
        "/b/1.html?from=0",
    ]
    assert crawled.part_pages.due == 2
