"""What a cell of the register may hold."""

import pytest

from opendata_spiders.register import cells


@pytest.mark.parametrize(
    "cell", ["", "/portal", "/#/catalog", "/portal/#/catalog/list", "/portal#!/list", "/index.html#/list?type=1&sort=a"]
)
def test_a_context_path_may_hold_the_route_of_a_single_page_application(cell: str) -> None:
    assert cells.context_path(cell) == cell
