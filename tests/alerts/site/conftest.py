"""A site in a folder of its own."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from alerts.publish.folder import Folder
from alerts.site.build import Site
from opendata_spiders.register import Register, load
from opendata_spiders.store.store import Store
from tests.alerts.digest.making import NOW

Write = Callable[..., Folder]


@pytest.fixture(scope="session")
def register() -> Register:
    return load()


@pytest.fixture
def write(store: Store, register: Register, tmp_path: Path) -> Write:
    """Write the site (again) and return what was done."""

    def again(site_url: str = "", name: str = "site", now: datetime = NOW) -> Folder:
        folder = Folder(tmp_path / name)
        Site(store, register, folder, now, site_url).write()
        return folder

    return again
