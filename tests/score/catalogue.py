"""An invented portal's catalogue: its datasets, its calendar, and what its pages show."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from opendata_spiders.store.content import canonical, digest, version_id
from opendata_spiders.store.models import Entry, Version
from tests.score import words
from tests.score.records import FESTIVAL, START, Record, Traits


class Catalogue:
    """What is there; nothing happens to it by itself."""

    def __init__(self, traits: Traits, rng: Random, nights: int) -> None:
        self.traits, self.rng, self.nights = traits, rng, nights
        self.family, self.epoch, self.reads_tags = "guizhou_api", 1, rng.random() < 0.8
        self.records: dict[str, Record] = {}
        self.titles: set[str] = set()
        self.serial = 0
        self.flight: set[str] = set()
        """Losses on their way to be told: few at a time, so that it is certain how they are to be told."""
        self.group = 0
        self.bulk_in_flight = False
        self.redesign_at = 0
        self.migrated: list[tuple[str, str]] = []
        """Old and new ids of the last migration under the same software."""
        self.back_to_old = 0
        """Night on which it is taken back."""
        self.successors = list(words.SUCCESSORS)
        self.swung: set[str] = set()
        """Ids that the portal's index leaves out tonight, though their datasets are there."""
        self.swing_until = self.swings = self.empty_until = 0
        self.swings_read: set[int] = set()
        """Swings of this software that a whole list has shown."""
        self.unseen: set[str] = set()
        """Ids that the last trusted reading did not list: nothing is made to happen to them."""
        self.stamps: set[date] = set()
        self.stamp_night = 0
        self.versions: list[Version] = []
        self.lie_until = 0
        self.quiet = self._quiet_spans()
        for _ in range(traits.size):
            self._add(0, first=True)

    def day(self, night: int) -> date:
        """The day whose changes the reading of this night is the first to show."""
        return START + timedelta(days=night - 1)

    def _moment(self, night: int) -> datetime:
        # A feed that is updated daily is so shortly before it is read.
        return datetime.combine(self.day(night), datetime.min.time(), words.SHANGHAI) + timedelta(
            seconds=self.rng.randrange(8 * 3600, 22 * 3600)
        )

    def _quiet_spans(self) -> list[tuple[int, int]]:
        """Nights in which the city updates nothing: from and up to, relative to the first night."""
        rng, life, end = self.rng, self.traits.life, 10_000
        if life in ("stops", "faking"):
            stop = rng.randint(4, 40)
            resumed = life == "stops" or rng.random() < 0.4
            return [(stop, stop + 255 + rng.randint(0, 40) if resumed else end)]
        if life == "never":
            return [(rng.randint(20, 110), end)]
        if life == "silent":
            past = rng.randint(60, 235)
            return [(-past, 255 - past + rng.randint(10, 60))]
        if life == "before":
            return [(-rng.randint(250, 900), rng.randint(40, 200))]
        if life == "slow":
            first = rng.randint(60, 110)
            second = first + 100 + rng.randint(0, 40)
            return [(first, first + rng.randint(36, 85)), (second, second + rng.randint(36, 85))]
        if life == "pauses":
            first = rng.randint(30, 90)
            return [(first, first + rng.randint(110, 236))]
        return []

    def is_quiet(self, night: int) -> bool:
        return any(start <= night < end for start, end in self.quiet)

    def _holiday(self, night: int) -> bool:
        return FESTIVAL[0] <= self.day(night) <= FESTIVAL[1]

    def _title(self, year: int = 0) -> str:
        rng = self.rng
        while True:
            title = rng.choice(words.AREAS) + rng.choice(words.TOPICS) + rng.choice(words.NOUNS)
            title = f"{year}年{title}" if year else title
            if title not in self.titles:
                self.titles.add(title)
                return title
            if len(self.titles) > 3000:
                self.titles.clear()

    def _any_title(self) -> str:
        return self._title(self.rng.choice((2022, 2023, 2024)) if self.rng.random() < 0.15 else 0)

    def _compound(self) -> tuple[str, ...]:
        """Two titles, neither of which tells what the other does."""
        first, second = self._title(), self._title()
        return (first, second) if len(set(second) - set(first)) >= 4 and len(set(first) - set(second)) >= 4 else ()

    def _new_id(self) -> str:
        self.serial += 1
        return (
            f"{self.epoch}-{self.serial:05}"
            if self.traits.index % 2
            else digest(f"{self.traits.id}{self.epoch}{self.serial}".encode())
        )

    def _add(
        self, night: int, *, first: bool = False, like: Record | None = None, title: str = "", id_: str = ""
    ) -> Record:
        rng = self.rng
        namesake = self._namesake() if first else None
        title = namesake.title if namesake else title
        pace = rng.choices(words.PACE, (1, 3, 16, 16, 12, 30, 22))[0]
        compound = self._compound() if not like and not title and rng.random() < 0.05 else ()
        openness = rng.choices(tuple(words.OPENNESS), (75, 22, 3))[0]
        record = Record(
            id=id_ or self._new_id(),
            title=title or "与".join(compound) or (like.title if like else self._any_title()),
            office=like.office if like else namesake.office if namesake else rng.choice(words.OFFICES),
            theme=like.theme if like else rng.choice(words.THEMES),
            pace=like.pace if like else pace,
            word=like.word if like else words.PROMISES[pace].words[0],
            open=like.open if like else openness,
            open_word=like.open_word if like else words.OPENNESS[openness][0],
            description=like.description if like else f"说明{rng.randrange(10**6)}",
            phone=like.phone if like else f"0851-{rng.randrange(10**7, 10**8)}",
            tags=["开放", rng.choice(words.TOPICS)],
            formats=list(words.READABLE),
            rows=like.rows if like else rng.randrange(10, 100_000),
            updated=like.updated if like else self._first_date(night) if first else self._moment(night),
            published=like.published
            if like
            else self._moment(night) - timedelta(days=rng.randrange(950, 2000) if first else 0),
            born=night,
            style=like.style if like else self.traits.style,
            twin_of=like.id if like else "",
            faked=rng.random() < 0.04,
            compound=compound,
        )
        self.records[record.id] = record
        return record

    def _namesake(self) -> Record | None:
        """Now and then an office has several datasets of one title, which their descriptions tell apart."""
        if self.traits.details or not self.records or self.rng.random() > 0.05:
            return None
        one = self.rng.choice(list(self.records.values()))
        return None if one.compound else one

    def _first_date(self, night: int) -> datetime:
        """Dates before the watch began: as late as the city's life allows."""
        spans = [start for start, end in self.quiet if start <= 0 < end]
        newest = spans[0] - 1 if spans else 0
        age = int(self.rng.expovariate(1 / 90)) if self.rng.random() < 0.8 else self.rng.randrange(800)
        return self._moment(newest - age)

    def here(self) -> list[Record]:
        return [one for one in self.records.values() if one.listed]

    def calm(self) -> list[Record]:
        """Records to which nothing is just happening."""
        busy = self.flight | self.unseen
        return [
            one
            for one in self.here()
            if not one.pending and not one.odd and one.id not in busy and one.twin_of not in self.flight
        ]

    def _pick(self) -> Record | None:
        calm = self.calm()
        return self.rng.choice(calm) if calm else None

    def _print_as(self, style: str) -> None:
        if self.traits.details:
            return
        for one in self.records.values():
            one.style, one.dirty = style, True
        self.traits = replace(self.traits, style=style)

    def content(self, one: Record, shown: dict[str, object]) -> dict[str, object]:
        values: dict[str, object] = {
            "title": one.title,
            "office": one.office,
            "theme": [one.theme],
            "frequency": one.word,
            "open_type": one.open_word,
            "formats": one.formats,
            **{name: shown[name] for name in ("description", "contact_phone") if name in shown},
        }
        return values | ({"tags": one.tags} if self.reads_tags else {})

    def detail(self, one: Record) -> dict[str, object]:
        """What may stand on a detail page."""
        return {
            "description": one.description,
            "contact_phone": one.phone,
            "updated": one.odd or words.printed(one.updated, one.style),
            "published": words.printed(one.published, "date"),
            "rows": str(one.rows),
        }

    def entry_of(self, one: Record) -> Entry:
        """The manifest line of a record as it was read last."""
        if not one.dirty and one.entry:
            return one.entry
        shown = one.shown if self.traits.details else self.detail(one)
        content = self.content(one, shown)
        version = version_id(self.traits.id, one.id, content)
        if one.entry is None or one.entry.version != version or one.entry.id != one.id:
            self.versions.append(Version(version, self.traits.id, one.id, self.family, content, list_body="{}"))
        clocks: dict[str, str] = {name: str(shown[name]) for name in ("updated", "published") if name in shown}
        one.entry = Entry(
            one.id,
            digest(canonical([content, clocks])),
            version,
            clocks=clocks,
            measures={"rows": str(shown["rows"])} if "rows" in shown else {},
            frequency=one.word,
            detailed=one.detailed,
        )
        one.dirty = False
        return one.entry
