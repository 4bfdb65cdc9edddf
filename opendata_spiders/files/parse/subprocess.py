"""Reads a file in a process of its own, which may crash, hang or run out of memory without ending the night."""

import json
import logging
import subprocess
import sys
from pathlib import Path

from opendata_spiders.files.parse.file_reading import FileReading
from opendata_spiders.files.parse.kinds import declared_format
from opendata_spiders.files.policy import file_policy

logger = logging.getLogger(__name__)

_ROOT = Path(__file__).parents[3]
READER = "reader"
"""Class of a file that our reader did not finish."""


def read_apart(body: bytes, declared: str, *, whole: bool) -> FileReading:
    """Read a file, or the beginning of one that was cut; class `reader` if the process did not finish."""
    command = [sys.executable, "-m", "opendata_spiders.files", "whole" if whole else "head", declared_format(declared)]
    env = {"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"}  # nothing secret where hostile bytes are parsed
    seconds = file_policy().reader_seconds
    try:
        done = subprocess.run(command, input=body, capture_output=True, timeout=seconds, env=env, check=True)
    except subprocess.TimeoutExpired:
        logger.warning("a file of %d bytes was not read within %d s", len(body), seconds)
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        logger.warning("the reader of a file ended with %d: %s", error.returncode, said[:1] or "")
    else:
        found = json.loads(done.stdout)
        return FileReading(**{**found, "columns": tuple(found["columns"])})
    return FileReading(READER)
