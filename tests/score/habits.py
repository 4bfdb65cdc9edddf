"""What offices do all year round, and what only looks as if something had been done."""

from datetime import timedelta

from tests.score import words
from tests.score.catalogue import Catalogue
from tests.score.records import Record


class Habits(Catalogue):
    """Updates, new and changed datasets; other words for the same; odd dates; a portal that lies or is redesigned."""

    def _updates(self, night: int) -> None:
        """Datasets updated as they are promised, more or less; monthly cities all on one day of the month."""
        chances = {
            "daily": 0.97,
            "weekly": 0.13,
            "monthly": 0.032,
            "quarterly": 0.0105,
            "half": 0.0055,
            "yearly": 0.003,
            "irregular": 0.004,
        }
        for one in self.here():
            if self.rng.random() < chances[one.pace] * self._burst and not one.odd and one.id not in self.flight:
                self._update(one, night)

    def _update(self, one: Record, night: int) -> None:
        one.updated, one.stamped = self._moment(night), False
        one.pending.pop("stamp", None)
        one.touch("date", night)
        if not one.faked and self.rng.random() < 0.9:
            one.rows += self.rng.randrange(1, 500)
            one.touch("rows", night)

    def _works(self, night: int) -> bool:
        """Some cities do all their work on one day of the month."""
        return self.traits.life != "monthly" or self.day(night).day == 1 + self.traits.index % 27

    @property
    def _burst(self) -> int:
        return 20 if self.traits.life == "monthly" else 1

    def _new(self, night: int) -> None:
        self._add(night)

    def _rename(self, night: int) -> None:
        if one := self._pick():
            self.titles.discard(one.title)
            one.title, one.compound = self._title(), ()
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

    def _reformat(self, night: int) -> None:
        """What programs could read is offered for people only, or the other way round."""
        if one := self._pick():
            readable = one.formats == list(words.READABLE)
            one.formats = list(self.rng.choice(words.PAGES) if readable else words.READABLE)
            one.touch("formats", night)

    def _resize(self, night: int) -> None:
        """Rows go missing, or come in bulk; also by less than is worth telling."""
        if one := self._pick():
            one.rows = max(1, round(one.rows * self.rng.choice((0.1, 0.5, 0.65, 0.75, 2.5, 4.5, 9))))
            one.touch("rows", night)

    def _import(self, night: int) -> None:
        size = len(self.here())
        if size <= 400:
            for _ in range(int(max(7, size * self.rng.uniform(0.23, 0.45)))):
                self._add(night)

    def _rewrite(self, night: int) -> None:
        """The portal is rewritten: every description begins otherwise. Nobody has updated anything."""
        if len(self.here()) < 30 or self.traits.details:
            return
        for one in self.here():
            one.description = f"本数据集：{one.description}"
            one.touch("mass", night)

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
        if one.pace == "irregular" and self.rng.random() < 0.3:
            # A date typed wrongly and left so: one day it lies in the past.
            one.odd, one.odd_until = soon, night + 1000
        one.dirty = True

    def _restyle(self, night: int) -> None:
        """The whole portal prints the same dates in another form."""
        style = self.rng.choice(words.NEUTRAL[self.traits.style])
        self._print_as(style)

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
