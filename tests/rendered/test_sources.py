"""When a second page is one, and when a list is read in another way than before."""

import pytest

from opendata_spiders.pages.contract import ListPage, ListRow
from opendata_spiders.rendered.sources import brings_others, differs, same_entries


def page(*ids: str, **values: str) -> ListPage:
    return ListPage(tuple(ListRow(id_, {"title": id_, **values}, "") for id_ in ids))


@pytest.mark.parametrize(
    ("second", "is_one"),
    [
        (page("c", "d"), True),
        (page("b", "c"), True),
        (page("a", "b"), False),
        (page("b", "a", "c"), False),
        (page(), False),
    ],
)
def test_a_second_page_brings_mostly_other_entries(second: ListPage, *, is_one: bool) -> None:
    assert brings_others(page("a", "b"), second) is is_one


def test_entries_without_titles_are_no_second_page() -> None:
    assert not brings_others(page("a"), ListPage((ListRow("c", {"office": "x"}, ""),)))


def test_the_same_entries_in_another_order_are_the_same_page() -> None:
    assert same_entries(page("a", "b"), page("b", "a"))
    assert not same_entries(page(), page())


RULE = {"rows": "data.list", "id": "id", "title": "name", "office": "orgName"}


@pytest.mark.parametrize(
    ("tonight", "said"),
    [
        (RULE, ""),
        ({**RULE, "updated": "gxsj"}, ""),
        ({name: path for name, path in RULE.items() if name != "office"}, ""),
        ({**RULE, "id": "uuid"}, "id would be read from uuid and was read from id"),
        ({**RULE, "office": "createBy"}, "office would be read from createBy and was read from orgName"),
        ({name: path for name, path in RULE.items() if name != "title"}, "title would be read from nowhere"),
    ],
)
def test_only_what_is_read_from_elsewhere_differs(tonight: dict[str, str], said: str) -> None:
    assert differs(RULE, tonight).startswith(said)
    assert bool(differs(RULE, tonight)) is bool(said)
    assert not differs({}, tonight)
