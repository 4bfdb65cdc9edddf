"""One invented portal through the year. It knows the truth."""

from collections.abc import Callable

from tests.score.habits import Habits
from tests.score.records import IN_DETAILS
from tests.score.swings import Swings


class World(Habits, Swings):
    """`live` makes one night's changes; readers look at `records`."""

    def live(self, night: int) -> None:
        """Make what happens before the reading of this night."""
        self._ends(night)
        if night < self.empty_until:
            return
        stamping = self._restamp_due(night)
        if stamping:
            self._restamp(night)
        if not self.is_quiet(night) and not self._holiday(night) and not stamping and self._works(night):
            self._updates(night)
            for rate, act in self._lively_acts():
                if self.rng.random() < rate * self._burst:
                    act(night)
        for rate, act in self._acts():
            if self.rng.random() < rate:
                act(night)
        self._losses(night)
        self.swing(night)

    def _lively_acts(self) -> tuple[tuple[float, Callable[[int], None]], ...]:
        return (
            (0.03, self._new),
            (0.010, self._rename),
            (0.006, self._weaken),
            (0.004, self._strengthen),
            (0.006, self._reopen),
            (0.03, self._reword),
            (0.005, self._reformat),
            (0.008, self._resize),
            (0.002, self._import),
            (0.004, self._rewrite),
        )

    def _acts(self) -> tuple[tuple[float, Callable[[int], None]], ...]:
        return (
            (0.02, self._neutral),
            (0.012, self._odd_date),
            (0.0015, self._restyle),
            (0.0002, self._precise),
            (0.0015, self._extractor),
            (0.0015, self._reform),
            (0.003, self._redesign),
            (0.002, self._lie),
        )

    def _losses(self, night: int) -> None:
        self._roll_back(night)
        if self.bulk_in_flight or self.redesign_at:
            return
        if self.rng.random() < 0.0012 and not self.flight and not self.traits.flaps:
            self.empty(night)
            return
        if self.traits.flaps:
            if self.rng.random() < 0.01 and len(self.flight) < 3 and (one := self._settled_pick()):
                self._take(one, night, gone=True)
            return
        for rate, act in ((0.012, self._remove), (0.004, self._unlist), (0.006, self._rekey), (0.003, self._blip)):
            if self.rng.random() < rate and len(self.flight) < 3:
                act(night)
        if not self.flight and not (self.traits.life == "faking" and self.is_quiet(night)):
            for rate, act in (
                (0.0016, self._bulk),
                (0.0007, self._department),
                (0.002, self._migrate),
                (0.002, self._year),
                (0.0025, self._merge),
                (0.0025, self._split),
                (0.0003, self._collapse),
            ):
                if self.rng.random() < rate and not self.flight:
                    act(night)

    def _ends(self, night: int) -> None:
        for one in [
            one for one in self.records.values() if (one.odd and one.odd_until == night) or one.back_at == night
        ]:
            one.dirty = True
            if one.odd and one.odd_until <= night:
                one.odd = ""
                one.pending.setdefault("restored", night)
            if one.back_at == night:
                one.listed, one.open_page, one.gone, one.back_at = True, True, False, 0
        if self.redesign_at and night >= self.redesign_at:
            self._move(night)

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
        self.stamp_night = night

    def _move(self, night: int) -> None:
        """Other software at last read by another family: often other ids."""
        self.redesign_at, self.back_to_old = 0, 0
        self.epoch += 1
        self.family = "inspur_oportal" if self.family == "guizhou_api" else "guizhou_api"
        same = self.rng.random() < 0.4
        kept = [one for one in self.records.values() if one.listed]
        self.records, self.swung, self.swings_read = {}, set(), set()
        for one in kept:
            if not same:
                one.id, one.bare = self._new_id(), (0, 0)
            one.twin_of, one.dirty, one.odd = "", True, ""
            one.pending = {
                name: since for name, since in one.pending.items() if self.traits.details and name in IN_DETAILS
            }
            self.records[one.id] = one
        self.flight.clear()
        self.bulk_in_flight = False
