"""Whether a path of the new answer and a field of the last reading say the same, entry by entry."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from opendata_spiders import normalise
from opendata_spiders.healing.matching import Match
from opendata_spiders.healing.policy import HealingPolicy
from opendata_spiders.store.fields import Field

Meaning = Hashable | None
"""What a value says, folded for comparison; None where it says nothing."""
_CODED = frozenset({"frequency", "open_type"})
"""Readings of fields that portals send as words or as codes."""
_UNTELLING = frozenset({"resources"})
"""Readings that cannot be compared value by value."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How the portal's values are read."""

    family: str
    """Of the last reading, with the slug: `gddata/shaoguan`."""
    tz: tzinfo
    now: datetime
    read_at: datetime
    """When the last reading was made: what is dated later cannot have been in it."""

    def is_later(self, raw: Any) -> bool:
        """Whether a date is of the day of the last reading, or later."""
        value = normalise.date(raw, tz=self.tz, now=self.now).value
        return value is not None and value.astimezone(self.tz).date() >= self.read_at.astimezone(self.tz).date()


@dataclass(frozen=True, slots=True)
class Fit:
    """How well one path shows one field."""

    path: str
    name: str
    """Of the field."""
    agreeing: frozenset[int]
    """Places of the matches on which both say the same, and say something."""
    share: float
    """Share of the matches on which both say the same, nothing on both sides included."""
    kappa: float
    """The same beyond chance (Cohen's kappa): 1 where they always agree, 0 where a constant would do as well."""
    telling: int
    """Matches whose value is another than the field's most common one."""
    codes: Mapping[str, str] = field(default_factory=dict)
    """Value at the path to the raw value of the last reading, where the path shows other codes or words."""


def fit(path: str, one: Field, matches: Sequence[Match], terms: Terms, policy: HealingPolicy) -> Fit | None:
    """Compare a path with a field; None where they cannot be compared, or agree nowhere.

    An update date that is later than the last reading is left out. A code field whose values are others than those of
    the last reading fits where the two stand for each other one to one.
    """
    told = [match for match in matches if match.known.whole or one.name in match.known.values]
    if one.reading in _UNTELLING or len(told) < policy.matched_least or ("[0]" if one.many else "[]") in path:
        return None
    pairs = [(match.place, match.leaves.get(path), match.known.values.get(one.name)) for match in told]
    compared: list[tuple[int, Meaning, Meaning]]
    if one.name in normalise.UPDATE_CLOCKS:
        pairs = [pair for pair in pairs if not terms.is_later(pair[1])]
        if len(pairs) < max(policy.matched_least, len(told) / 2):
            return None
    if one.reading == "date":
        compared = _dates(pairs, terms)
    else:
        compared = [(place, _meaning(new, one, terms), _meaning(old, one, terms)) for place, new, old in pairs]
    same = _judged(path, one, compared, {})
    if one.reading not in _CODED or (same and same.share >= policy.agree_share):
        return same
    codes = _one_to_one(pairs, policy)
    senses = {normalise.sense(known) for known in codes.values()}
    coded: list[tuple[int, Meaning, Meaning]] = [
        (place, normalise.sense(codes.get(_word(new))) or None, normalise.sense(old) or None)
        for place, new, old in pairs
        if _word(new) in codes or not _word(new) or normalise.sense(old) in senses
    ]
    return _judged(path, one, coded, codes) if len(coded) >= policy.matched_least else same


def _judged(
    path: str, one: Field, compared: Sequence[tuple[int, Meaning, Meaning]], codes: Mapping[str, str]
) -> Fit | None:
    agreeing = frozenset(place for place, new, old in compared if new == old and old is not None)
    if not agreeing:
        return None
    share = sum(new == old for _, new, old in compared) / len(compared)
    shown, known = Counter(new for _, new, _ in compared), Counter(old for _, _, old in compared)
    chance = sum(shown[value] * known[value] for value in known) / len(compared) ** 2
    kappa = (share - chance) / (1 - chance) if chance < 1 else 0.0
    telling = len(compared) - known.most_common(1)[0][1]
    return Fit(path, one.name, agreeing, share, kappa, telling, codes)


def _meaning(raw: Any, one: Field, terms: Terms) -> Meaning:
    if one.many:
        return normalise.senses(raw) or None
    if one.reading == "number":
        return normalise.number(raw)
    if one.reading == "frequency" and (promise := normalise.frequency(raw, family=terms.family)).code != "UNKNOWN":
        return promise.code
    if one.reading == "open_type" and (terms_of := normalise.open_type(raw, family=terms.family)).value != "unknown":
        return terms_of.value, terms_of.login_required
    return normalise.sense(raw) or None


def _dates(pairs: Sequence[tuple[int, Any, Any]], terms: Terms) -> list[tuple[int, Meaning, Meaning]]:
    """Dates in the portal's zone, as exactly as both sides print them: by the second, the minute or the day."""

    def read(raw: Any) -> datetime | None:
        value = normalise.date(raw, tz=terms.tz, now=terms.now).value
        return value.astimezone(terms.tz).replace(microsecond=0) if value else None

    dates = [(place, read(new), read(old)) for place, new, old in pairs]
    sides = [[date for date in side if date] for side in ([one[1] for one in dates], [one[2] for one in dates])]
    for step in (timedelta(minutes=1), timedelta(days=1)):
        if any(all(date == _floor(date, step) for date in side) for side in sides):
            dates = [(place, new and _floor(new, step), old and _floor(old, step)) for place, new, old in dates]
    return [*dates]


def _floor(date: datetime, step: timedelta) -> datetime:
    seconds = date.hour * 3600 + date.minute * 60 + date.second
    return date - timedelta(seconds=seconds % step.total_seconds())


def _one_to_one(pairs: Iterable[tuple[int, Any, Any]], policy: HealingPolicy) -> Mapping[str, str]:
    """Value at a path to the raw value that it stands for; none unless each stands for another one.

    What is shown on fewer than `code_support` entries is left out.
    """
    met: dict[str, Counter[str]] = defaultdict(Counter)
    for _, new, old in pairs:
        if (word := _word(new)) and (known := normalise.text(old)):
            met[word][known] += 1
    most = {word: counts.most_common(1)[0] for word, counts in met.items()}
    codes = {word: known for word, (known, count) in most.items() if count >= policy.code_support}
    senses = {normalise.sense(known) for known in codes.values()}
    return codes if len(senses) == len(codes) > 0 else {}


def _word(raw: Any) -> str:
    """A code or a word as text; '' for anything else."""
    return normalise.text(raw) or "" if isinstance(raw, str | int | float) and not isinstance(raw, bool) else ""
