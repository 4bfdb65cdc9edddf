from collections.abc import Callable

import pytest
from scrapy.http import TextResponse

Answer = Callable[..., TextResponse]


@pytest.fixture(scope="session")
def answer() -> Answer:
    """Make a response of a body, as text (utf-8) or bytes."""

    def make(body: str | bytes, url: str = "http://127.0.0.1/x", header: str | None = "text/html") -> TextResponse:
        raw = body.encode("utf-8") if isinstance(body, str) else body
        return TextResponse(url, headers={"Content-Type": header} if header else {}, body=raw)

    return make
