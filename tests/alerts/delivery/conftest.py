"""Receivers for the tests of the channels."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.delivery.receivers import Authority, Hook, services_behind_proxy


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder: Path = tmp_path_factory.mktemp("authority")
    return Authority(folder)


@pytest.fixture
def services(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    """Every https host there is, as one hook."""
    hook = Hook()
    with services_behind_proxy(hook, authority) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
        for name in ("https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield hook
