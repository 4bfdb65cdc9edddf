"""One invented portal: its datasets, its habits, and what happens to them night by night. It knows the truth."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from opendata_spiders.store.content import digest, canonical, version_id
from opendata_spiders.store.models import Entry, Version
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
    level: int = 0
    limits: tuple[datetime, ...] = ()

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
    style: str = "date"

    @property
    def id(self) -> str:
        return f"p{self.index:03}"

    @property
    def slug(self) -> str:
        return f"city{self.index:03}"


LIVES = ("stops", "never", "silent", "before", "faking", "slow", "monthly", "pauses", "faking", "lively", "lively", "lively")
TOTALS = {4: "big", 8: "small", 11: "none"}


def traits(index: int, rng: Random, *, large: int) -> Traits:
    life = LIVES[index % 12]
    size = int(20 * (20 ** rng.random() ** 1.4))
    size = max(size, 60) if life == "faking" else size
    return Traits(
        index,
        2000 if index < large else size,
        "lively" if index < large else life,
        details=index % 10 == 9,
        looks=index % 10 not in (3, 7),
        total=TOTALS.get(index % 15, "exact"),
        drifts=index % 7 == 5 and index % 15 != 11,
        style=rng.choice(words.STYLES),
    )


class World:
    """A portal through the year. `live` makes one night's changes; readers look at `records`."""

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
        self.mass = False
        self.stamps: set[date] = set()
        self.versions: list[Version] = []
        self.lie_until = 0
        self.quiet = self._quiet_spans()
        for _ in range(traits.size):
            self._add(0, first=True)

    # --- time

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

    # --- datasets

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

    def _new_id(self) -> str:
        self.serial += 1
        return f"{self.epoch}-{self.serial:05}" if self.traits.index % 2 else digest(f"{self.traits.id}{self.epoch}{self.serial}".encode())

    def _add(self, night: int, *, first: bool = False, like: Record | None = None, title: str = "") -> Record:
        rng = self.rng
        pace = rng.choices(words.PACE, (1, 3, 16, 16, 12, 30, 22))[0]
        openness = rng.choices(tuple(words.OPENNESS), (75, 22, 3))[0]
        record = Record(
            id=self._new_id(),
            title=title or (like.title if like else self._title(rng.choice((2022, 2023, 2024)) if rng.random() < 0.15 else 0)),
            office=like.office if like else rng.choice(words.OFFICES),
            theme=like.theme if like else rng.choice(words.THEMES),
            pace=like.pace if like else pace,
            word=like.word if like else words.PROMISES[pace].words[0],
            open=like.open if like else openness,
            open_word=like.open_word if like else words.OPENNESS[openness][0],
            description=like.description if like else f"说明{rng.randrange(10**6)}",
            phone=like.phone if like else f"0851-{rng.randrange(10**7, 10**8)}",
            tags=["开放", rng.choice(words.TOPICS)],
            rows=like.rows if like else rng.randrange(10, 100_000),
            updated=like.updated if like else self._first_date(night) if first else self._moment(night),
            published=like.published if like else self._moment(night) - timedelta(days=rng.randrange(950, 2000) if first else 0),
            born=night,
            style=like.style if like else self.traits.style,
            twin_of=like.id if like else "",
        )
        self.records[record.id] = record
        return record

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
        return [one for one in self.here() if not one.pending and not one.odd and one.id not in self.flight]

    # --- one night

    def live(self, night: int) -> None:
        """Make what happens before the reading of this night."""
        self._ends(night)
        stamping = self._restamp_due(night)
        if stamping:
            self._restamp(night)
        quiet = self.is_quiet(night)
        if not quiet and not self._holiday(night) and not stamping:
            self._updates(night)
            for rate, act in self._lively_acts():
                if self.rng.random() < rate:
                    act(night)
        for rate, act in self._acts():
            if self.rng.random() < rate:
                act(night)
        self._losses(night)

    def _lively_acts(self) -> tuple[tuple[float, Callable[[int], None]], ...]:
        return (
            (0.03, self._new),
            (0.010, self._rename),
            (0.006, self._weaken),
            (0.004, self._strengthen),
            (0.006, self._reopen),
            (0.03, self._reword),
            (0.0012, self._import),
            (0.0006, self._rewrite),
        )

    def _acts(self) -> tuple[tuple[float, Callable[[int], None]], ...]:
        return (
            (0.02, self._neutral),
            (0.012, self._odd_date),
            (0.0015, self._restyle),
            (0.0002, self._precise),
            (0.0015, self._extractor),
            (0.003, self._redesign),
            (0.002, self._lie),
        )

    def _losses(self, night: int) -> None:
        if self.bulk_in_flight or self.redesign_at:
            return
        for rate, act in ((0.012, self._remove), (0.004, self._unlist), (0.006, self._rekey), (0.003, self._blip)):
            if self.rng.random() < rate and len(self.flight) < 3:
                act(night)
        if not self.flight:
            for rate, act in ((0.0012, self._bulk), (0.0007, self._department), (0.0006, self._migrate), (0.002, self._year)):
                if self.rng.random() < rate and not self.flight:
                    act(night)

    def _ends(self, night: int) -> None:
        for one in [one for one in self.records.values() if (one.odd and one.odd_until == night) or one.back_at == night]:
            one.dirty = True
            if one.odd and one.odd_until <= night:
                one.odd = ""
                one.pending.setdefault("restored", night)
            if one.back_at == night:
                one.listed, one.open_page, one.gone, one.back_at = True, True, False, 0
        if self.redesign_at and night >= self.redesign_at:
            self._move(night)

    def _updates(self, night: int) -> None:
        """Datasets updated as they are promised, more or less; monthly cities all on one day of the month."""
        if self.traits.life == "monthly" and self.day(night).day != 1 + self.traits.index % 27:
            return
        burst = 20 if self.traits.life == "monthly" else 1
        chances = {"daily": 0.97, "weekly": 0.13, "monthly": 0.032, "quarterly": 0.0105, "half": 0.0055, "yearly": 0.003, "irregular": 0.004}
        for one in self.here():
            if self.rng.random() < chances[one.pace] * burst and not one.odd and one.id not in self.flight:
                self._update(one, night)

    def _update(self, one: Record, night: int) -> None:
        one.updated, one.stamped = self._moment(night), False
        one.pending.pop("stamp", None)
        one.touch("date", night)
        if self.rng.random() < 0.7:
            one.rows += self.rng.randrange(1, 500)
            one.touch("rows", night)

    # --- lively acts

    def _new(self, night: int) -> None:
        self._add(night)

    def _pick(self) -> Record | None:
        calm = self.calm()
        return self.rng.choice(calm) if calm else None

    def _rename(self, night: int) -> None:
        if one := self._pick():
            self.titles.discard(one.title)
            one.title = self._title()
            one.touch("title", night)

    def _shift_pace(self, night: int, step: int) -> None:
        one = self._pick()
        place = words.PACE.index(one.pace) + step * self.rng.randint(1, 2) if one else -1
        if one and 1 <= place < len(words.PACE):
            one.pace = words.PACE[place]
            one.word = words.PROMISES[one.pace].words[0]
            one.touch("pace", night)

    def _weaken(self, night: int) -> None:
        self._shift_pace(night, 1)

    def _strengthen(self, night: int) -> None:
        self._shift_pace(night, -1)

    def _reopen(self, night: int) -> None:
        if one := self._pick():
            one.open = self.rng.choice([name for name in words.OPENNESS if name != one.open])
            one.open_word = words.OPENNESS[one.open][0]
            one.touch("open", night)

    def _reword(self, night: int) -> None:
        if one := self._pick():
            if self.rng.random() < 0.5:
                one.description = f"说明{self.rng.randrange(10**6)}更"
                one.touch("description", night)
            else:
                one.phone = f"0851-{self.rng.randrange(10**7, 10**8)}"
                one.touch("phone", night)

    def _import(self, night: int) -> None:
        size = len(self.here())
        if size <= 400:
            for _ in range(int(max(7, size * self.rng.uniform(0.23, 0.45)))):
                self._add(night)

    def _rewrite(self, night: int) -> None:
        """The portal is rewritten: every description begins otherwise. Nobody has updated anything."""
        if len(self.here()) < 100 or self.traits.details:
            return
        for one in self.here():
            one.description = f"本数据集：{one.description}"
            one.touch("mass", night)

    # --- acts that mean nothing

    def _neutral(self, night: int) -> None:
        """The same in other words: brackets, blanks, another word of the same meaning, another order."""
        one = self._pick()
        if not one:
            return
        choice = self.rng.randrange(5)
        if choice == 0:
            one.word = self.rng.choice(words.PROMISES[one.pace].words)
        elif choice == 1:
            one.open_word = self.rng.choice(words.OPENNESS[one.open])
        elif choice == 2:
            one.title = one.title.strip("《》") if one.title.startswith("《") else f"《{one.title}》"
        elif choice == 3:
            one.tags = one.tags[::-1]
        else:
            one.description = f" {one.description.strip()}\u3000"
        one.dirty = True

    def _odd_date(self, night: int) -> None:
        """A date of the future or of 1900, for some nights or for good."""
        if self.traits.details or not (one := self._pick()):
            return
        soon = (self.day(night) + timedelta(days=self.rng.randint(20, 120))).isoformat()
        one.odd = self.rng.choice((*words.FUTURE, *words.ANCIENT, "待定", soon))
        one.odd_until = night + self.rng.choice((1, 2, 5, 15))
        one.dirty = True

    def _restyle(self, night: int) -> None:
        """The whole portal prints the same dates in another form."""
        style = self.rng.choice(words.NEUTRAL[self.traits.style])
        self._print_as(style)

    def _print_as(self, style: str) -> None:
        if self.traits.details:
            return
        for one in self.records.values():
            one.style, one.dirty = style, True
        self.traits = replace_style(self.traits, style)

    def _precise(self, night: int) -> None:
        """The portal begins to print the time of day."""
        if self.traits.style != "ms":
            for one in self.records.values():
                one.pending.setdefault("precise", night)
            self._print_as("full")

    def _extractor(self, night: int) -> None:
        """Our own reader learns to read one more field."""
        self.reads_tags = True
        for one in self.records.values():
            one.dirty = True

    def _redesign(self, night: int) -> None:
        if not self.redesign_at and night > 3:
            self.redesign_at = night + self.rng.randint(1, 6)

    def _lie(self, night: int) -> None:
        if self.traits.total == "exact" and night > 5:
            self.lie_until = night + self.rng.randint(8, 40)

    # --- losses

    def _take(self, one: Record, night: int, *, gone: bool, group: int = 0) -> None:
        one.listed, one.open_page, one.gone, one.since, one.group = False, not gone, gone, night, group
        self.flight.add(one.id)

    def _settled_pick(self) -> Record | None:
        return self._pick() if len(self.here()) > 12 else None

    def _remove(self, night: int) -> None:
        if one := self._settled_pick():
            self._take(one, night, gone=True)
            if self.rng.random() < 0.35:
                one.back_at = night + self.rng.randint(9, 60)

    def _unlist(self, night: int) -> None:
        one = self._settled_pick() if self.traits.looks else None
        if one:
            self._take(one, night, gone=False)
            if self.rng.random() < 0.3:
                one.back_at = night + self.rng.randint(9, 60)

    def _blip(self, night: int) -> None:
        """Gone for one night only."""
        if one := self._settled_pick():
            self._take(one, night, gone=True)
            one.back_at = night + 1

    def _rekey(self, night: int) -> None:
        if one := self._settled_pick():
            self._replace(one, night)

    def _replace(self, one: Record, night: int) -> None:
        title = one.title
        if self.rng.random() < 0.3 and len(title.strip("《》")) >= 9:
            title = f"（{title}）" if self.rng.random() < 0.5 else title
        copy = self._add(night, like=one, title=title)
        copy.stamped = one.stamped
        self._take(one, night, gone=True)
        one.twin = copy.id

    def _year(self, night: int) -> None:
        """The edition of one year gives way to that of the next: another dataset."""
        dated = [one for one in self.calm() if one.title[:4].isdigit()]
        if dated and not self.is_quiet(night):
            one = self.rng.choice(dated)
            title = f"{int(one.title[:4]) + 1}{one.title[4:]}"
            if title not in self.titles:
                self.titles.add(title)
                copy = self._add(night, like=one, title=title)
                copy.twin_of = ""
                copy.updated = copy.published = self._moment(night)
                self._take(one, night, gone=True)

    def _many(self, group: list[Record], night: int) -> None:
        self.group += 1
        self.bulk_in_flight = True
        back = night + self.rng.randint(12, 40) if self.rng.random() < 0.25 else 0
        for one in group:
            self._take(one, night, gone=True, group=self.group)
            one.back_at = back

    def _bulk(self, night: int) -> None:
        calm, size = self.calm(), len(self.here())
        count = int(max(8, size * self.rng.uniform(0.06, 0.5)))
        if size > 25 and count <= len(calm):
            self._many(self.rng.sample(calm, count), night)

    def _department(self, night: int) -> None:
        office = self.rng.choice(words.OFFICES)
        group = [one for one in self.calm() if one.office == office]
        size = len(self.here())
        if len(group) > max(8, 0.06 * size) and size > 25:
            self._many(group, night)

    def _migrate(self, night: int) -> None:
        """Every dataset gets a new id under the same software and address."""
        calm = self.calm()
        if len(calm) == len(self.here()):
            for one in calm:
                self._replace(one, night)

    # --- stamps and moves

    def _restamp_due(self, night: int) -> bool:
        if self.traits.details or len(self.here()) < 60 or night < 3 or self._recently_stamped(night):
            return False
        if self.traits.life == "faking" and self.is_quiet(night):
            return self.rng.random() < 0.04
        return not self.is_quiet(night) and self.rng.random() < 0.002

    def _recently_stamped(self, night: int) -> bool:
        return any((self.day(night) - day).days < 20 for day in self.stamps)

    def _restamp(self, night: int) -> None:
        moment, share = self._moment(night), self.rng.uniform(0.62, 1.0)
        for one in self.here():
            if not one.odd and self.rng.random() < share:
                one.updated, one.stamped = moment, True
                one.pending.pop("date", None)
                one.touch("stamp", night)
        self.stamps.add(self.day(night))

    def _move(self, night: int) -> None:
        """Other software at last read by another family: often other ids."""
        self.redesign_at = 0
        self.epoch += 1
        self.family = "inspur_oportal" if self.family == "guizhou_api" else "guizhou_api"
        same = self.rng.random() < 0.4
        kept = [one for one in self.records.values() if one.listed]
        self.records = {}
        for one in kept:
            one.id = one.id if same else self._new_id()
            one.twin_of, one.dirty, one.pending = "", True, {}
            one.odd = ""
            self.records[one.id] = one
        self.flight.clear()
        self.bulk_in_flight = False

    # --- what a reader is given

    def content(self, one: Record, shown: dict[str, object]) -> dict[str, object]:
        values: dict[str, object] = {
            "title": one.title,
            "office": one.office,
            "theme": [one.theme],
            "frequency": one.word,
            "open_type": one.open_word,
            "formats": ["xls", "json"],
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
        clocks = {name: str(shown[name]) for name in ("updated", "published") if name in shown}
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


def replace_style(traits: Traits, style: str) -> Traits:
    from dataclasses import replace  # noqa: PLC0415

    return replace(traits, style=style)
