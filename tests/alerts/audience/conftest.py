"""The shipped register, and a file to write subscribers into."""

from collections.abc import Callable
from pathlib import Path

import pytest

from opendata_spiders.register import Register
from opendata_spiders.register import load as load_register


@pytest.fixture(scope="session")
def register() -> Register:
    return load_register()


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "subscribers.yaml"
        path.write_text(text, "utf-8")
        return path

    return write
