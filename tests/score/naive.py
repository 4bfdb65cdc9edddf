"""The comparison that needs no thought: the ids of this reading minus those of the one before, whatever the verdict."""

from dataclasses import dataclass, field

from opendata_spiders.store.models import Verdict
from tests.score.judge import Stated
from tests.score.nights import Reading


@dataclass(slots=True)
class Naive:
    """Runs that read nothing at all are left out: charity towards the naive."""

    before: set[str] = field(default_factory=set)
    claims: list[Stated] = field(default_factory=list)

    def compare(self, reading: Reading) -> None:
        if reading.listed is None:
            return
        now = set(reading.listed)
        if self.before:
            self._claim(self.before - now, "dataset.removed", "bulk.deletion", 0.02, reading.night)
            self._claim(now - self.before, "dataset.new", "bulk.import", 0.2, reading.night)
        if self.before and reading.verdict is not Verdict.DRIFTED:
            changed = [
                id_ for id_ in now & self.before if reading.listed[id_].pending.keys() & {"date", "stamp", "rows"}
            ]
            self.claims += [Stated("dataset.updated", id_, reading.night, "") for id_ in changed]
        self.before = now

    def _claim(self, ids: set[str], kind: str, bulk: str, share: float, night: int) -> None:
        if len(ids) > max(5, share * len(self.before)):
            self.claims.append(Stated(bulk, "", night, ""))
            if bulk == "bulk.deletion":
                return
        self.claims += [Stated(kind, id_, night, "") for id_ in ids]
