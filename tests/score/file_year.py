"""One portal's year of looks at files: each round stored and folded in its night, and all of them once more at its end."""

from random import Random

from alerts.engine.file_fold import fold_round
from alerts.engine.file_runner import fold_rounds, round_view
from alerts.engine.runner import PortalRef
from alerts.model.events import Event
from alerts.model.file_states import FileMemory
from alerts.model.policy import policy
from opendata_spiders.store import file_checks
from opendata_spiders.store.file_checks import FileRound
from opendata_spiders.store.models import Window
from opendata_spiders.store.store import Store
from tests.score.files import Files
from tests.score.nights import Reading


class FileYear:
    """The files, what was told of them, and how."""

    def __init__(self, store: Store, place: PortalRef, ours: tuple[Window, ...], seed: str, *, watched: bool) -> None:
        self.store, self.place, self.ours = store, place, ours
        self.files = Files(place.id, place.slug, Random(f"{seed}:files"), watched=watched)
        self.told: list[Event] = []
        self.memory = FileMemory(place.id)

    def night(self, night: int, reading: Reading, *, written: bool) -> None:
        """Let this night happen, look, store the round and fold it: through the database where it is written."""
        self.files.live(night)
        if looked := self.files.look(night, reading):
            looked = file_checks.insert(self.store.db, looked)
            self.told += self.written() if written else self._folded(looked)

    def written(self) -> list[Event]:
        """Fold what is stored and was not folded yet, through the database."""
        return fold_rounds(self.store, self.place, policy(), self.ours).events

    def _folded(self, looked: FileRound) -> list[Event]:
        folded = fold_round(self.memory, round_view(self.store, self.place, looked, self.ours), policy())
        self.memory = folded.memory
        return list(folded.events)

    def told_again(self) -> bool:
        """Whether the stored rounds alone lead to the very same events."""
        self.memory = FileMemory(self.place.id)
        rounds = file_checks.rounds(self.store.db, self.place.id)
        return self.told == [event for looked in rounds for event in self._folded(looked)]
