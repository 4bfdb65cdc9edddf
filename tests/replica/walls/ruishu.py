"""瑞数: HTTP 412 with a page from whose data a script computes a cookie; another cookie changes with every answer.

The script is written anew for each page: other names, other constants, the order of its steps shuffled.
"""

import random
from dataclasses import dataclass, field
from secrets import token_hex

from tests.replica import wire
from tests.replica.walls.server import Uses, Visitor
from tests.replica.wire import Reply

STATE = "FSSBBIl1UgzbN7N443S"
COOKIE = "FSSBBIl1UgzbN7N443T"
_LATE = 12
"""Earlier values of the changing cookie that are still taken: a page asks for several things at once."""


@dataclass
class _Session:
    user_agent: str
    content: str
    steps: list[tuple[str, int]]
    values: list[str] = field(default_factory=list)

    def solved(self) -> str:
        total = 0
        for char in self.content + self.user_agent:
            for step, number in self.steps:
                total = {"^": total ^ number, "+": total + number, "*": total * number}[step] % 2**20 + ord(char)
        return f"5{total}"


@dataclass
class Ruishu:
    """Each session serves `uses` requests."""

    uses: int = 10**9
    _sessions: dict[str, _Session] = field(default_factory=dict)
    _spent: Uses = field(init=False)

    def __post_init__(self) -> None:
        self._spent = Uses(self.uses)

    def stops(self, visitor: Visitor) -> Reply | None:
        name, _, value = visitor.cookies.get(STATE, "").partition("-")
        session = self._sessions.get(name)
        if (
            session is not None
            and session.user_agent == visitor.user_agent
            and value in session.values[-_LATE:]
            and visitor.cookies.get(COOKIE) == session.solved()
            and self._spent.spend(name)
        ):
            return None
        return self._challenge(visitor)

    def cookies(self, visitor: Visitor) -> tuple[str, ...]:
        return (self._state(visitor.cookies[STATE].partition("-")[0]),)

    def _state(self, name: str) -> str:
        self._sessions[name].values.append(token_hex(8))
        return f"{STATE}={name}-{self._sessions[name].values[-1]}; path=/; HttpOnly"

    def _challenge(self, visitor: Visitor) -> Reply:
        draw = random.Random(len(self._sessions))
        steps = [(step, draw.randrange(3, 999)) for step in draw.sample("^+*", 3)]
        name = token_hex(6)
        self._sessions[name] = session = _Session(visitor.user_agent, token_hex(20), steps)
        v = [f"_${draw.choice('abcdef')}{number}" for number in draw.sample(range(100, 999), 4)]
        code = "".join(
            f"{v[0]}=(({v[0]}{step}{number})%0x100000)+{v[1]}['charCodeAt']({v[2]});" for step, number in session.steps
        )
        page = f"""<!DOCTYPE html><html><head><meta id="{v[3]}" content="{session.content}" r="m">
        <script>$_ts=window['$_ts'];if(!$_ts)$_ts={{}};$_ts.nsd={draw.randrange(10_000, 99_999)};</script><script>(function(){{
        var {v[1]}=document['getElementById']('{v[3]}')['content']+navigator['userAgent'],{v[0]}=0;
        for(var {v[2]}=0;{v[2]}<{v[1]}['length'];{v[2]}++){{{code}}}
        document['cookie']='{COOKIE}=5'+{v[0]}+';path=/';location['replace'](location['href'])}})()</script></head><body></body></html>"""
        return Reply(page.encode(), wire.HTML, 412, (("Set-Cookie", self._state(name)),))
