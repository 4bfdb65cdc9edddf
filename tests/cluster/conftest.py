"""The servers of a cluster."""

from collections.abc import Iterator

import pytest

from tests.cluster.machines import Server, redis


@pytest.fixture
def broker() -> Iterator[Server]:
    """A Redis that loses all it holds when it is killed."""
    made = redis()
    try:
        made.start()
        yield made
    finally:
        made.kill()
