"""What the catalogues hold: the same invented datasets whatever the software, without a random draw."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_OFFICES = ("Parks Department", "Umweltamt", "Direction de la voirie")
_FREQUENCIES = ("daily", "monthly", "annual")
FIRST_DAY = datetime(2020, 1, 1, 9, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One dataset of a catalogue."""

    number: int
    title: str
    office: str
    frequency: str
    """daily, monthly or annual."""
    created: datetime
    modified: datetime
    private: bool = False
    """Known to its editors alone: the portal lists it to no visitor."""

    @property
    def key(self) -> str:
        """Thirty-two figures in no order, from which each software makes ids of its own form."""
        return hashlib.md5(str(self.number).encode(), usedforsecurity=False).hexdigest()


def entries(count: int) -> list[Entry]:
    """The first datasets of the catalogue."""
    return [
        Entry(
            number,
            f"Dataset {number:05}",
            _OFFICES[number % len(_OFFICES)],
            _FREQUENCIES[number % len(_FREQUENCIES)],
            FIRST_DAY + timedelta(hours=number),
            FIRST_DAY + timedelta(hours=number, days=2100),
        )
        for number in range(count)
    ]
