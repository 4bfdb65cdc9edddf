"""The Chromium of this machine: where it is, and which. Only those who read a portal that needs it install it."""

import shutil
import subprocess
from contextlib import suppress
from typing import Final

from opendata_spiders.pages.bodies import plain

INSTALL: Final = "install it (Debian: apt-get install chromium)"
_EXECUTABLES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def executable() -> str | None:
    """The path of the Chromium of this machine; None where there is none."""
    return next((path for name in _EXECUTABLES if (path := shutil.which(name))), None)


def version() -> str | None:
    """The version that Chromium says it is; None where it is not installed or does not start."""
    path = executable()
    if path is None:
        return None
    with suppress(OSError, subprocess.TimeoutExpired):
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=False)
        return plain(said.stdout) or None
    return None
