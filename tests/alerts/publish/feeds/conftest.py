"""Feeds as the site writes them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from alerts.publish.folder import Folder
from alerts.site.build import Site
from opendata_spiders.register import Register, load
from opendata_spiders.store.store import Store
from tests.alerts.digest.making import NOW

Feeds = Callable[..., Path]


@pytest.fixture(scope="session")
def register() -> Register:
    return load()


@pytest.fixture
def feeds(store: Store, register: Register, tmp_path: Path) -> Feeds:
    """Write the site, return the folder of feeds of a language."""

    def write(site_url: str = "https://watch.example.cn/", name: str = "site", language: str = "zh") -> Path:
        Site(store, register, Folder(tmp_path / name), NOW, site_url).write()
        return tmp_path / name / language / "feeds"

    return write
