"""加速乐: HTTP 521 twice, first with a script that spells a cookie, then with a puzzle whose solution is the cookie."""

import hashlib
import json
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.replica import wire
from tests.replica.walls.server import Seal, Uses, Visitor
from tests.replica.wire import Reply

COOKIE = "__jsl_clearance_s"
_CHARS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_SERIALS = 1000
_HASHES = Path(__file__).with_name("hashes.js").read_text("utf-8")
_GO = """
function go(data) {
  const began = Date.now();
  for (const one of data.chars) for (const two of data.chars) {
    const value = data.bts[0] + one + two + data.bts[1];
    if (hashes[data.ha](value) !== data.ct) continue;
    const wait = Math.max(0, parseInt(data.wt) - (Date.now() - began));
    setTimeout(() => {
      document.cookie = data.tn + '=' + value + ';Max-age=' + data.vt + ';path=/';
      location.href = location.pathname + location.search;
    }, wait);
    return;
  }
}
"""


@dataclass
class Jiasule:
    """Each pass serves `uses` requests of the address and User-Agent it was made for, at most an hour."""

    hash: str = "sha256"
    """md5, sha1 or sha256."""
    uses: int = 10**9
    changes_after: int = 10**9
    """Puzzles after which no further one has a solution that its script can find."""
    wait_ms: int = 300
    _seal: Seal = field(default_factory=Seal)
    _spent: Uses = field(init=False)
    _given: int = 0
    _puzzles: int = 0

    def __post_init__(self) -> None:
        self._spent = Uses(self.uses)

    def stops(self, visitor: Visitor) -> Reply | None:
        given = visitor.cookies.get(COOKIE, "")
        when, _, _ = given.partition("|")
        fresh = when.isdigit() and 0 <= time.time() - int(when) // _SERIALS < 3600
        if fresh and given == self._solved(visitor, when) and self._spent.spend(given):
            return None
        if fresh and given == self._first(visitor, when):
            return self._puzzle(visitor)
        spelled = spell(f"{COOKIE}={self._first(visitor, self._now())};max-age=3600;path=/")
        script = f"<script>document.cookie={spelled};location.href=location.pathname+location.search</script>"
        user = ("Set-Cookie", f"__jsluid_s={self._seal.of(visitor, 'user')[:32]}; max-age=31536000; path=/; HttpOnly")
        return Reply(script.encode(), wire.HTML, 521, (user,))

    def cookies(self, visitor: Visitor) -> tuple[str, ...]:
        return ()

    def _first(self, visitor: Visitor, when: str) -> str:
        return f"{when}|-1|{self._seal.of(visitor, when, 'first')[:24]}"

    def _now(self) -> str:
        """Seconds since 1970 and a serial number, so that no two cookies are the same."""
        self._given += 1
        return str(int(time.time()) * _SERIALS + self._given % _SERIALS)

    def _solved(self, visitor: Visitor, when: str) -> str:
        head, solution, tail = self._parts(visitor, when)
        return head + solution + tail

    def _parts(self, visitor: Visitor, when: str) -> tuple[str, str, str]:
        sealed = self._seal.of(visitor, when, "second")
        solution = _CHARS[int(sealed[:2], 16) % len(_CHARS)] + _CHARS[int(sealed[2:4], 16) % len(_CHARS)]
        return f"{when}|0|{sealed[4:20]}", solution, sealed[20:40]

    def _puzzle(self, visitor: Visitor) -> Reply:
        self._puzzles += 1
        head, solution, tail = self._parts(visitor, self._now())
        right = head + solution + tail if self._puzzles <= self.changes_after else "nothing has this hash"
        puzzle = {
            "bts": [head, tail], "chars": _CHARS, "ct": hashlib.new(self.hash, right.encode()).hexdigest(), "ha": self.hash,
            "is": True, "tn": COOKIE, "vt": "3600", "wt": str(self.wait_ms),
        }  # fmt: skip
        page = f"<script>{_HASHES}{_GO};go({json.dumps(puzzle)})</script>"
        return Reply(page.encode(), wire.HTML, 521)


def spell(text: str) -> str:
    """Write a text as an expression that holds no word of it: digits as sums of truths, letters one by one."""
    return "+".join(f"({_digit(int(char))}+'')" if char.isdigit() else f"('{char}')" for char in text)


def _digit(number: int) -> str:
    return f"({'+!+[]' * number})" if number else "(+[])"
