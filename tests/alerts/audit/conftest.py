"""The made-up catalogues of the audit's tests."""

import pytest

from tests.alerts.audit.making import World


@pytest.fixture(scope="session")
def world() -> type[World]:
    return World
