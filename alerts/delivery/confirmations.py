"""What services answered while one message was sent: what a confirmation rests on, and what they asked for.

Apprise says whether its plugin is content, not whether anybody was asked, nor what else the answer held. So each HTTP
answer and each reply of a mail server is noted for the one who is sending just then; it costs nothing elsewhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

import requests

Answer = requests.Response | str
"""An HTTP answer, or the reply with which a mail server took a message."""

_HEARD: ContextVar[list[Answer] | None] = ContextVar("answers to the message that is being sent", default=None)


@contextmanager
def listening() -> Iterator[list[Answer]]:
    """Every answer that comes meanwhile, in order; also to threads that are started with a copy of the context."""
    _install()
    heard: list[Answer] = []
    token = _HEARD.set(heard)
    try:
        yield heard
    finally:
        _HEARD.reset(token)


def note(answer: Answer) -> None:
    """Tell whoever is listening."""
    heard = _HEARD.get()
    if heard is not None:
        heard.append(answer)


def says_yes(answer: Answer) -> bool:
    """Whether an answer may be the confirmation of a message."""
    return isinstance(answer, str) or answer.ok


def _install() -> None:
    """Put the ear where every plugin's request passes; harmless when repeated."""
    if hasattr(requests.Session.send, "listens"):
        return
    send = requests.Session.send

    @wraps(send)
    def listened(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        answer = send(self, request, **options)
        note(answer)
        return answer

    listened.listens = True  # type: ignore[attr-defined]
    requests.Session.send = listened  # type: ignore[method-assign]
