"""A small scale of the injected texts: one payload of every group through every output."""

import pytest

from tests.chaos.figures import Options
from tests.chaos.payloads import attack


@pytest.mark.slow
def test_no_portal_text_is_more_than_text() -> None:
    figures = list(attack(Options(scale=0.1)))
    assert len(figures) == 7
    assert [(one.name, one.examples) for one in figures if not one.met] == []
