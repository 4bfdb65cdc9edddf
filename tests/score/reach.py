"""The truth about how a portal could be read: out of reach, walled, of another shape, half missing, wrongly counted."""

from collections.abc import Callable
from dataclasses import dataclass

from opendata_spiders.store.models import Verdict
from tests.score.nights import Reading

KINDS = {
    "down": "platform.down",
    "blocked": "platform.blocked",
    "drifted": "ops.drifted",
    "emptied": "platform.emptied",
    "incomplete": "ops.partial_streak",
    "mismatch": "claim.mismatch",
}


@dataclass(slots=True)
class Spell:
    """Readings in a row that have something in common."""

    nights: int = 0
    told: bool = False


class ReachTruth:
    """Of one portal, told by its book."""

    def __init__(self, say: Callable[..., None]) -> None:
        self.say = say
        self.spells = {name: Spell() for name in KINDS}
        self.incident = False

    def observe(self, reading: Reading, *, known: bool) -> None:
        """One reading, whatever its verdict; `known`: the portal had listed something before."""
        verdict = reading.verdict
        answered = verdict not in (Verdict.UNREACHABLE, Verdict.FAILED)
        if self._spell("down", (verdict is Verdict.UNREACHABLE and not reading.ours, answered), reading, 3) == "ended":
            self.say("platform.up", "", reading.night)
        self._spell("blocked", (verdict is Verdict.BLOCKED, answered and verdict is not Verdict.BLOCKED), reading, 1)
        complete = verdict is Verdict.COMPLETE
        self._spell("drifted", (verdict is Verdict.DRIFTED, complete), reading, 1)
        read = verdict in (Verdict.COMPLETE, Verdict.PARTIAL, Verdict.DRIFTED)
        if known and self._spell("emptied", (verdict is Verdict.EMPTY, read), reading, 7) == "ended":
            self.say("platform.refilled", "", reading.night)
        self._spell("incomplete", (not complete, complete), reading, 7)
        wrong = abs((reading.declared or reading.seen) - reading.seen) > 0.05 * (reading.declared or 0)
        self._spell("mismatch", (complete and wrong, complete and not wrong), reading, 2)

    def _spell(self, name: str, holds: tuple[bool, bool], reading: Reading, nights: int) -> str:
        goes_on, ends = holds
        spell = self.spells[name]
        if goes_on:
            spell.nights += 1
            if spell.nights >= nights and not spell.told:
                spell.told = True
                self.say(KINDS[name], "", reading.night)
        elif ends:
            self.spells[name] = Spell()
            return "ended" if spell.told else ""
        return ""

    def shrunk(self, missing: int, doubted: int, known: int, reading: Reading) -> None:
        """More than half of what was known is not listed, or a mass that nobody could look behind: told once."""
        shrunk = missing > max(5, 0.5 * known) or doubted > max(5, 0.02 * known)
        if shrunk and not self.incident:
            self.say("platform.incident", "", reading.night)
        self.incident = shrunk

    def perhaps_shrunk(self, missing: int, known: int, reading: Reading) -> None:
        """Where an index flaps, a mass that is missing may be told, and from some night on is not."""
        if missing > max(5, 0.02 * known):
            self.say("platform.incident", "", reading.night, due=None)
