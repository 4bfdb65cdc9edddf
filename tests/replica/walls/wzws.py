"""wzws: a page whose script answers a question at the wall's own address, which sets a cookie and leads back."""

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tests.replica import wire
from tests.replica.walls.server import Seal, Uses, Visitor
from tests.replica.wire import Reply

COOKIE = "wzws_cid"
_GATE = "/WZWSREL"


@dataclass
class Wzws:
    """Each pass serves `uses` requests of the address and User-Agent it was made for."""

    uses: int = 10**9
    _seal: Seal = field(default_factory=Seal)
    _spent: Uses = field(init=False)
    _given: int = 0

    def __post_init__(self) -> None:
        self._spent = Uses(self.uses)

    def stops(self, visitor: Visitor) -> Reply | None:
        number, _, sealed = visitor.cookies.get(COOKIE, "").partition("-")
        if number and sealed == self._seal.of(visitor, number, "pass") and self._spent.spend(sealed):
            return None
        if visitor.path.startswith(_GATE):
            return self._gate(visitor)
        question = self._seal.of(visitor, "question")
        return wire.html(
            f"""<html><head><script>var WZWS_CONFIRM_PREFIX_LABEL = "WZWS_CONFIRM_PREFIX_LABEL", question = "{question}";
            var sum = 7; for (var at = 0; at < question.length; at++) sum = (sum * 31 + question.charCodeAt(at)) % 1000003;
            location.href = "{_GATE}" + btoa(location.pathname + location.search) + "?wzwschallenge=" + btoa(question.slice(0, 8) + sum);
            </script></head><body></body></html>"""
        )

    def cookies(self, visitor: Visitor) -> tuple[str, ...]:
        return ()

    def _gate(self, visitor: Visitor) -> Reply:
        parts = urlsplit(visitor.path)
        back = b64decode(parts.path.removeprefix(_GATE)).decode()
        headers: tuple[tuple[str, str], ...] = (("Location", back),)
        answer = parse_qs(parts.query).get("wzwschallenge", [""])[0]
        if answer == b64encode(self._answer(visitor).encode()).decode():
            self._given += 1
            number = str(self._given)
            headers += (
                ("Set-Cookie", f"{COOKIE}={number}-{self._seal.of(visitor, number, 'pass')}; path=/; HttpOnly"),
            )
        return Reply(status=302, headers=headers)

    def _answer(self, visitor: Visitor) -> str:
        question = self._seal.of(visitor, "question")
        total = 7
        for char in question:
            total = (total * 31 + ord(char)) % 1000003
        return f"{question[:8]}{total}"
