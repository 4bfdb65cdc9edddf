"""`python -m tests.alerts.site.screenshots docs/images`: the pictures of the site in the documents.

The overview is of the simulated country of tests/score/country.py after five weeks of watching, the city of the small
one of tests/alerts/site/country.py.
"""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from alerts.publish.folder import Folder
from alerts.site.build import Site
from opendata_spiders.register import Register, packaged
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.store import Store
from tests.alerts.digest.screenshots import browser
from tests.alerts.digest.smaller import indexed
from tests.alerts.site import country as small
from tests.score import country

WATCHED = timedelta(days=35)
PICTURES = (
    ("site-overview.png", "large", "en/index.html", (1280, 1500), "light"),
    ("site-overview-phone.png", "large", "zh/index.html", (390, 844), "light"),
    ("site-city.png", "small", "en/city/jinan/index.html", (1280, 900), "light"),
    ("site-city-dark.png", "small", "zh/city/jinan/index.html", (390, 844), "dark"),
)
"""File, country, page, size of the window, colours."""


def built(folder: Path, read: Callable[[Store], None], register: Register, now: datetime) -> None:
    """The site of a country in a folder of its own."""
    with open_store(StoreConfig(data_dir=folder / "data", database="country"), env={}) as store:
        read(store)
        Site(store, register, Folder(folder / "site"), now).write()


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, browser() as opened:
        root, until = Path(folder), country.FIRST + WATCHED
        morning = country.moment(until) + timedelta(hours=6)
        built(root / "large", lambda store: country.read(store, until), country.country().register, morning)
        built(root / "small", small.live, packaged(), small.NOW)
        for name, which, path, (width, height), scheme in PICTURES:
            context = opened.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            page = context.new_page()
            page.goto((root / which / "site" / path).as_uri())
            page.screenshot(path=out / name)
            context.close()
            (out / name).write_bytes(indexed((out / name).read_bytes()))
            print(out / name, (out / name).stat().st_size)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
