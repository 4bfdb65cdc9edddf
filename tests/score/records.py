"""What a portal and its datasets are made of, and what the book of truth remembers of them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

from opendata_spiders.store.models import Entry
from tests.score import words

START = date(2026, 1, 1)
FESTIVAL = (date(2026, 2, 13), date(2026, 3, 2))
"""Spring Festival of 2026 and the days around it: nobody updates anything."""

IN_DETAILS = frozenset({"date", "rows", "description", "phone", "mass"})


@dataclass(eq=False, slots=True)
class Record:
    """One dataset as it is, and what has happened to it that no reading has shown yet."""

    id: str
    title: str
    office: str
    theme: str
    pace: str
    word: str
    open: str
    open_word: str
    description: str
    phone: str
    tags: list[str]
    formats: list[str]
    rows: int
    updated: datetime
    published: datetime
    born: int
    style: str
    odd: str = ""
    odd_until: int = 0
    listed: bool = True
    open_page: bool = True
    gone: bool = False
    since: int = 0
    """Night of its removal or unlisting."""
    group: int = 0
    """Number of the bulk deletion it went in."""
    back_at: int = 0
    twin_of: str = ""
    twin: str = ""
    faked: bool = False
    """Its dates move and its data never do."""
    compound: tuple[str, ...] = ()
    """Titles of the parts that its own title names: what it may be split into."""
    pending: dict[str, int] = field(default_factory=dict)
    """What changed and was not read yet: attribute to the night it happened."""
    stamped: bool = False
    """The printed date is one stamped on the catalogue in bulk."""
    dirty: bool = True
    entry: Entry | None = None
    shown: dict[str, object] = field(default_factory=dict)
    """The detail page as last read, where details are read apart."""
    detailed: bool = False
    # what the book of truth remembers of its last reading
    claimed: datetime | None = None
    claimed_stamped: bool = False
    pace_read: str = ""
    word_read: str = ""
    open_read: str = ""
    formats_read: tuple[str, ...] = ()
    office_read: str = ""
    rows_read: int | None = None
    level: int = 0
    limits: tuple[datetime, ...] = ()
    asleep: bool = False
    bare: tuple[int, int] = (0, 0)
    """How often its date has moved since anything else did: at least, and at most."""

    def touch(self, name: str, night: int) -> None:
        self.pending.setdefault(name, night)
        self.dirty = True

    def reading(self) -> datetime | None:
        """The date a reader would take from the page as it is; None where it is odd."""
        return None if self.odd else words.as_read(self.updated, self.style)


@dataclass(frozen=True, slots=True)
class Traits:
    """What sort of portal it is."""

    index: int
    size: int
    life: str
    details: bool = False
    """Dates, descriptions and numbers stand on detail pages, which are read in rotation."""
    looks: bool = True
    total: str = "exact"
    """Its printed total: exact, big, small or none."""
    drifts: bool = False
    """Rows slip through between two list pages on most nights."""
    flaps: str = ""
    """What the pages of those say that an index leaves out for some nights: unknown, open or gone; empty: it does not."""
    style: str = "date"

    @property
    def id(self) -> str:
        return f"p{self.index:03}"

    @property
    def slug(self) -> str:
        return f"city{self.index:03}"


FLAPS = ("unknown", "open", "gone")
LIVES = (
    "stops",
    "never",
    "silent",
    "before",
    "faking",
    "slow",
    "monthly",
    "pauses",
    "faking",
    "lively",
    "faking",
    "lively",
)
TOTALS = {4: "big", 8: "small", 11: "none"}


def traits(index: int, rng: Random, *, large: int, most: int) -> Traits:
    life = LIVES[index % 12]
    size = int(20 * (most / 20) ** (rng.random() ** 1.4))
    size = max(size, 80) if life == "faking" else size
    return Traits(
        index,
        2000 if index < large else size,
        "lively" if index < large else life,
        details=index % 10 == 9,
        looks=index % 10 not in (3, 7),
        total=TOTALS.get(index % 15, "exact"),
        drifts=index % 7 == 5 and index % 15 != 11,
        style=rng.choice(words.STYLES),
        flaps=FLAPS[index // 15 % 3] if index % 15 == 6 else "",
    )
