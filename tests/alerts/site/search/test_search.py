"""The index as the browser reads it: every title by every piece of it, and nothing else."""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from alerts.site.search.index import Index, SearchHit
from alerts.site.search.slots import SearchSlot, day_number, give_slots, read_slots, slots_packed
from opendata_spiders.normalise.texts import fold

FIRST = date(2020, 1, 1)
_TITLES = st.lists(
    st.text("数据公开信息市气象 aB1９Ａ-(（𠮷éß", min_size=1, max_size=12) | st.sampled_from(("2023年预算", "covid covid", "air quality")),
    max_size=60,
)  # fmt: skip
_numbers = count()


def key(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def found(name: str, title: str, updated: date | None = FIRST, status: str = "") -> SearchHit:
    return SearchHit(key(name), title, "气象局", "guiyang", updated, status, "office-a-1.html")


def build(folder: Path, documents: Iterable[SearchHit], fresh_days: int = 90) -> None:
    """Write an index, over the one that is there."""

    def put(name: str, content: bytes) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)

    index = Index(fresh_days)
    for one in documents:
        index.add(one)
    before = folder / "slots.bin"
    index.write(put, before.read_bytes() if before.exists() else b"", {"guiyang": ["贵阳", "Guiyang"]})


def pieces(title: str) -> set[str]:
    text = fold(title)
    return {text[start:end] for start in range(len(text)) for end in range(start + 2, len(text) + 1)}


@given(_TITLES)
@hypothesis_settings(max_examples=40)
def test_a_title_is_found_by_every_piece_of_it_and_nothing_else_is(root: Path, find, titles: list[str]) -> None:
    folder = f"random{next(_numbers)}"
    build(root / folder, (found(f"{number}", title) for number, title in enumerate(titles)))
    asked = sorted({piece for title in titles for piece in pieces(title)} | {"不在其中", "zzzz"})
    for query, rows in zip(asked, find(folder, asked), strict=True):
        if len(fold(query)) < 2:  # blanks and the like
            continue
        assert rows is not None
        wanted = sorted(title for title in titles if fold(query) in fold(title))
        assert sorted(row[0] for row in rows) == wanted, query


@pytest.fixture(scope="module")
def large(root: Path) -> list[str]:
    """A catalogue in which terms are common enough for files of their own, as gaps and as bits."""
    titles = [
        f"第{number}批行政许可信息{'公开' if number % 3 else '公示'}{2000 + number % 25}年" for number in range(9000)
    ]
    titles += ["信息", "许可信息"]
    build(root / "large", (found(title, title, FIRST + timedelta(days=n % 900)) for n, title in enumerate(titles)))
    first = {path.read_bytes()[0] for path in (root / "large" / "lists").iterdir()}
    assert first == {0, 1}
    return titles


@pytest.mark.parametrize("query", ["行政许可信息公示2007年", "可信", "第88", "公示 2003", "8999", "许可 不见"])
def test_common_terms_are_found_as_well(large: list[str], find, query: str) -> None:
    words = query.split()
    wanted = sorted(title for title in large if all(word in title for word in words))
    [rows] = find("large", [query])
    assert sorted(row[0] for row in rows) == wanted


def test_the_exact_title_is_first_then_the_newest(large: list[str], find) -> None:
    [rows] = find("large", ["信息"])
    assert rows[0][0] == "信息"
    days = [row[3] for row in rows[1:]]
    assert all(before[:7] >= after[:7] for before, after in zip(days[:-20], days[20:], strict=True)), "newest first"
    assert find("large", ["许可信息"])[0][0][0] == "许可信息"


def test_case_width_and_blanks_do_not_matter(root: Path, find) -> None:
    build(
        root / "folds", [found("1", "Air Quality（2023）"), found("2", "ＡＩＲ　ｑｕａｌｉｔｙ"), found("3", "Straße")]
    )
    [air, wide, quoted, german, short] = find("folds", ["AIR quality", "ａｉｒ", "“air”", "STRASSE", "a"])
    assert {row[0] for row in air} == {row[0] for row in wide} == {row[0] for row in quoted}
    assert len(air) == 2
    assert [row[0] for row in german] == ["Straße"]
    assert short is None, "one character is no question"


def test_one_new_dataset_rewrites_few_files(root: Path, large: list[str]) -> None:
    folder = root / "large"
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    old = [found(title, title, FIRST + timedelta(days=n % 900)) for n, title in enumerate(large)]
    build(folder, [*old, found("new", "湿地名录", FIRST + timedelta(days=901))])
    changed = [path for path in folder.rglob("*.*") if before.get(path) != path.read_bytes()]
    assert len(before) > 350
    assert len(changed) <= 5 + 1 + 2, "its terms, its block, the numbers and the index itself"


def test_a_number_moves_only_when_the_date_has_moved_far() -> None:
    old, new = b"1" * 8, b"2" * 8
    first = give_slots({old: 100, new: 200}, {}, 90)
    assert [first[one].number for one in (old, new)] == [0, 1]
    assert give_slots({old: 190, new: 200}, first, 90) == first
    moved = give_slots({old: 191, new: 200}, first, 90)
    assert moved == {new: SearchSlot(1, 200), old: SearchSlot(2, 191)}
    assert read_slots(slots_packed(moved)) == moved
    again = moved
    for day in range(300, 900, 100):
        again = give_slots({old: day, new: 200}, again, 90)
    assert max(slot.number for slot in again.values()) <= 4, "empty slots do not pile up"
    assert read_slots(b"damaged") == {}
    assert day_number(None) == 0
