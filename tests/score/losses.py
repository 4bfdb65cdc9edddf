"""What goes away: alone, by the office, in bulk, for one night, or under another id."""

from tests.score import words
from tests.score.catalogue import Catalogue
from tests.score.records import Record


class Losses(Catalogue):
    """Few at a time, so that it is certain how each is to be told."""

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

    def _replace(self, one: Record, night: int, id_: str = "") -> Record:
        title = one.title
        if self.rng.random() < 0.3 and len(title.strip("《》")) >= 9:
            title = f"（{title}）" if self.rng.random() < 0.5 else title
        copy = self._add(night, like=one, title=title, id_=id_)
        copy.stamped = one.stamped
        self._take(one, night, gone=True)
        one.twin = copy.id
        return copy

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

    def _merge(self, night: int) -> None:
        """Two datasets of one office give way to one that bears both titles: told as two removals and a new dataset."""
        office = self.rng.choice(words.OFFICES)
        plain = [one for one in self.calm() if one.office == office and not one.compound and _is_plain(one.title)]
        if len(plain) < 2 or len(self.here()) <= 25:
            return
        first, second = self.rng.sample(plain, 2)
        if min(len(set(first.title) - set(second.title)), len(set(second.title) - set(first.title))) < 4:
            return
        whole = self._add(night, like=first, title=f"{first.title}与{second.title}")
        whole.twin_of, whole.faked = "", False
        whole.updated = whole.published = self._moment(night)
        for one in (first, second):
            self._take(one, night, gone=True)

    def _split(self, night: int) -> None:
        """A dataset that bears two titles gives way to one of each: told as a removal and two new datasets."""
        double = [one for one in self.calm() if one.compound]
        if not double or len(self.here()) <= 12:
            return
        whole = self.rng.choice(double)
        parts = [self._add(night, like=whole, title=title) for title in whole.compound]
        for one in parts:
            one.twin_of, one.faked = "", False
            one.updated = one.published = self._moment(night)
        self._take(whole, night, gone=True)

    def _collapse(self, night: int) -> None:
        """More than half of the catalogue at once."""
        calm, size = self.calm(), len(self.here())
        count = int(size * self.rng.uniform(0.55, 0.9))
        if size > 40 and count <= len(calm):
            self._many(self.rng.sample(calm, count), night)

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
        """Every dataset gets a new id under the same software and address; some offices other names along with it."""
        calm = self.calm()
        if len(calm) != len(self.here()):
            return
        names = self._reformed() | self._reformed() if self.rng.random() < 0.5 else {}
        self.migrated = []
        for one in calm:
            copy = self._replace(one, night)
            copy.office = names.get(one.office, one.office)
            self.migrated.append((one.id, copy.id))
        self.back_to_old = night + self.rng.randint(8, 25) if self.rng.random() < 0.7 else 0

    def _roll_back(self, night: int) -> None:
        """The portal gives all datasets their old ids again, once each has been told under the new one."""
        if not self.back_to_old or night < self.back_to_old or self.flight or self.bulk_in_flight or self.redesign_at:
            return
        calm = {one.id: one for one in self.calm()}
        for old, new in self.migrated if len(calm) == len(self.here()) else ():
            if new in calm:
                self._replace(calm[new], night, old)
                self.back_to_old = 0

    def _reformed(self) -> dict[str, str]:
        """An office of several datasets, and its new name."""
        offices = sorted({one.office for one in self.here()} - set(words.SUCCESSORS))
        return {self.rng.choice(offices): self.successors.pop()} if offices and self.successors else {}

    def _reform(self, night: int) -> None:
        """An office gets another name; ids and all else stay."""
        for before, after in self._reformed().items():
            group = [one for one in self.here() if one.office == before]
            if len(group) < 3 or not {one.id for one in group} <= {one.id for one in self.calm()}:
                continue
            for one in group:
                one.office = after
                one.touch("office", night)


def _is_plain(title: str) -> bool:
    """Whether a title may become part of another one."""
    return not any(character.isdigit() for character in title) and title[0] not in "《（" and "与" not in title
