"""Which path of the new answer is which field: proven by values, or left out with the reason."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opendata_spiders.healing.agreement import Fit, Terms, fit
from opendata_spiders.healing.json_places import last_key
from opendata_spiders.healing.matching import Match, Matching, scalars
from opendata_spiders.healing.policy import HealingPolicy
from opendata_spiders.normalise import UPDATE_CLOCKS, sense
from opendata_spiders.normalise.field_words import field_of
from opendata_spiders.pages.bodies import native_id
from opendata_spiders.store.fields import Field, fields

_TEXTS = frozenset({"title", "text"})


@dataclass(frozen=True, slots=True)
class Proof:
    """What the matched entries prove of a list, or of details."""

    fits: Mapping[str, Fit]
    """Field to the path that is proven to show it."""
    unproven: Mapping[str, str]
    """Field that the last reading has to why no path is proven, in one sentence."""
    matched: int

    @property
    def keys(self) -> Mapping[str, str]:
        """Path to field, in the order of store/fields.csv."""
        return {self.fits[name].path: name for name in fields() if name in self.fits}


def prove(matches: Sequence[Match], names: Sequence[str], terms: Terms, policy: HealingPolicy) -> Proof:
    """Prove which paths show the fields `names`; a path serves one field at most."""
    known = [name for name in names if any(match.known.values.get(name) not in (None, "", []) for match in matches)]
    if len(matches) < policy.matched_least:
        said = f"only {len(matches)} entries were found again, {policy.matched_least} are needed"
        return Proof({}, dict.fromkeys(known, said), len(matches))
    paths = tuple(dict.fromkeys(path for match in matches for path in match.leaves))
    clocks = {name: _passing(fields()[name], paths, matches, terms, policy) for name in known if name in UPDATE_CLOCKS}
    unchanged = _unchanged(matches, clocks, terms)
    if len(unchanged) < policy.matched_least:
        unchanged = matches
    passing = {name: _passing(fields()[name], paths, unchanged, terms, policy) for name in known}
    chosen: dict[str, Fit] = {}
    unproven: dict[str, str] = {}
    for name, found in passing.items():
        best = _best(name, found, passing, matches, policy)
        if isinstance(best, str):
            unproven[name] = best
        else:
            chosen[name] = best
    for name, one in list(chosen.items()):
        is_called = field_of(last_key(one.path)) == name
        if rivals := _also_fitting(one, passing, policy):
            unproven[name] = f"{one.path} says the same as {' and '.join(rivals)} did: nothing tells which it is"
        elif (
            fields()[name].reading == "date" and not is_called and _telling_dates(one, unchanged) < policy.date_telling
        ):
            unproven[name] = (
                f"too few entries have another date beside {one.path} to tell it from a date of other things"
            )
    chosen = {name: one for name, one in chosen.items() if name not in unproven}
    return Proof(chosen, unproven, len(matches))


def _telling_dates(one: Fit, matches: Sequence[Match]) -> int:
    """Matches on which a path shows a date that is not the one it is taken for most easily: another of the dataset."""
    agreeing = [match.known.values for match in matches if match.place in one.agreeing]
    others = [name for name, other in fields().items() if other.reading == "date" and name != one.name]
    known = [name for name in others if any(name in values for values in agreeing)]
    apart = (sum(values.get(one.name) != values.get(name) for values in agreeing) for name in known)
    return min(apart, default=len(agreeing))


def _unchanged(matches: Sequence[Match], clocks: Mapping[str, Sequence[Fit]], terms: Terms) -> Sequence[Match]:
    """The matches that no update date says to be changed since the last reading."""
    paths = {fitted.path for found in clocks.values() for fitted in found}
    return [match for match in matches if not any(terms.is_later(match.leaves.get(path)) for path in paths)]


def _passing(
    one: Field, paths: Sequence[str], matches: Sequence[Match], terms: Terms, policy: HealingPolicy
) -> list[Fit]:
    """Paths that agree with a field, the best first; where some show its own values, those that show others are out."""
    found = [fitted for path in paths if (fitted := fit(path, one, matches, terms, policy))]
    good = [
        fitted
        for fitted in found
        if fitted.share >= (policy.date_share if one.reading == "date" else policy.agree_share)
        and (fitted.kappa >= policy.kappa_least or fitted.telling < policy.telling_least)
    ]
    plain = [fitted for fitted in good if not fitted.codes]
    return sorted(plain or good, key=lambda fitted: -len(fitted.agreeing))


def _best(
    name: str,
    found: Sequence[Fit],
    passing: Mapping[str, Sequence[Fit]],
    matches: Sequence[Match],
    policy: HealingPolicy,
) -> Fit | str:
    """The one path that shows the field, or why none is proven."""
    if not found:
        return "no path shows its values"
    best = found[0]
    equal = [one for one in found if one is best or not _apart(best, one, policy)]
    called = [one for one in equal if field_of(last_key(one.path)) == name]
    if best.telling < policy.telling_least:
        if len(equal) == len(called) == 1 and not best.codes:
            return best
        return f"it says the same nearly everywhere ({best.telling} entries say something else)"
    if len(equal) == 1 or len(called) == 1:
        return called[0] if len(called) == 1 else best
    if fields()[name].reading in _TEXTS and _twins(equal, matches) and not _also_fitting(best, passing, policy):
        return best
    return f"{' and '.join(one.path for one in equal[:4])} fit equally well"


def _apart(best: Fit, other: Fit, policy: HealingPolicy) -> bool:
    return len(best.agreeing - other.agreeing) >= policy.apart_least


def _twins(fits: Sequence[Fit], matches: Sequence[Match]) -> bool:
    """Whether paths print the same text on every entry: then either shows the field."""
    return all(len({sense(match.leaves.get(one.path)) for one in fits}) == 1 for match in matches)


def _also_fitting(one: Fit, passing: Mapping[str, Sequence[Fit]], policy: HealingPolicy) -> list[str]:
    """Other fields that the path shows as well, and that nothing tells apart from its own."""
    if field_of(last_key(one.path)) == one.name:
        return []
    return [
        name
        for name, found in passing.items()
        for other in found
        if name != one.name and other.path == one.path and not _apart(one, other, policy)
    ]


# --- the id -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IdProof:
    """The path that tells the entries apart."""

    path: str
    survives: bool
    """Whether it shows the ids of the last reading: then datasets stay comparable by id."""
    why: str
    """One sentence."""


def prove_id(found: Matching, linked: Sequence[str], policy: HealingPolicy) -> IdProof | None:
    """The path of the id; None where none is proven.

    The path that shows the known ids; else one that is filled and unique in every entry and that the addresses of the
    page's links to datasets (`linked`) hold, else the only such path that is called an id.
    """
    matches = found.matches
    for path in dict.fromkeys(path for match in matches for path in match.leaves):
        same = sum(native_id(match.leaves.get(path)) == match.known.id for match in matches)
        if matches and same >= policy.agree_share * len(matches) and _is_unique(path, found):
            return IdProof(path, survives=True, why=f"{same} of {len(matches)} entries have the id they had")
    unique = [path for path in scalars(found.entries) if _is_unique(path, found) and not _counts(path, found)]
    in_links = Counter(
        path
        for path in unique
        for entry in found.entries
        if any(names_dataset(address, native_id(entry[path])) for address in linked)
    )
    most = in_links.most_common(2)
    if most and most[0][1] >= policy.recognised_least and (len(most) == 1 or most[0][1] > most[1][1]):
        path, count = most[0]
        return IdProof(path, survives=False, why=f"the links of {count} entries hold it, and none repeats")
    called = [path for path in unique if field_of(last_key(path)) == "id" or last_key(path).casefold() == "id"]
    if len(called) == 1:
        return IdProof(called[0], survives=False, why="it is called an id, filled in every entry, and none repeats")
    return None


def _is_unique(path: str, found: Matching) -> bool:
    values = [native_id(entry.get(path)) for entry in found.entries]
    return all(values) and len(set(values)) == len(values)


def _counts(path: str, found: Matching) -> bool:
    """Whether a path numbers the rows of the list."""
    values: list[Any] = [entry.get(path) for entry in found.entries]
    return all(isinstance(value, int) for value in values) and values == list(range(values[0], values[0] + len(values)))


def names_dataset(address: str, id_: str) -> bool:
    """Whether a text names an id as a whole, not as a part of a longer word or number."""
    at = address.find(id_)
    if at < 0 or not id_:
        return False
    before, after = address[at - 1 : at], address[at + len(id_) : at + len(id_) + 1]
    return not (before.isalnum() or after.isalnum())
