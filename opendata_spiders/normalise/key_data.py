"""The kinds of key data that the China Open Data Index looks for: the four of its sentence, and its full range."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from opendata_spiders.normalise import texts
from opendata_spiders.normalise.vocabulary import table
from opendata_spiders.tables import Row

KINDS = frozenset(("交通", "企业登记", "气象", "卫生"))
"""The four kinds: transport, business registration, weather, health."""


@dataclass(frozen=True, slots=True)
class _KeyDataRule:
    kind: str
    words: Sequence[str]
    unless: Sequence[str]
    theme: str

    @classmethod
    def of(cls, row: Row) -> "_KeyDataRule":
        unless = list(filter(None, row["unless"].split("|")))
        return cls(row["kind"], row["words"].split("|"), unless, row["theme"])

    def fits(self, written: str, known: frozenset[str]) -> bool:
        """Whether a title, of a dataset of these themes, is of this kind."""
        if self.theme and self.theme not in known:
            return False
        return any(word in written for word in self.words) and not any(word in written for word in self.unless)


def key_data(title: object, office: object = None, themes: Iterable[str] = ()) -> frozenset[str]:
    """Which of KINDS a dataset is: by the words of its title (key_data.csv).

    Some words count only together with a category («道路» under 交通出行). The office is used only where the title is
    empty: a health office publishes its budget, too.
    """
    return _kinds(_rules("title"), title, office, themes)


def key_range(title: object, office: object = None, themes: Iterable[str] = ()) -> frozenset[str]:
    """Which kinds of the full range a dataset is: those of `key_data`, and by the same rule those of key_range.csv."""
    return _kinds((*_rules("title"), *_range_rules()), title, office, themes)


def range_kinds() -> Mapping[str, str]:
    """Code of each kind that the full range has beyond KINDS to its word in the vocabulary, in the table's order."""
    return {row["code"]: row["kind"] for row in table.rows("key_range", *_RANGE)}


def _kinds(rules: Sequence[_KeyDataRule], title: object, office: object, themes: Iterable[str]) -> frozenset[str]:
    written, known = texts.fold(title) or texts.fold(office), frozenset(themes)
    if any(rule.fits(written, known) for rule in _rules("veto")):
        return frozenset()
    return frozenset(rule.kind for rule in rules if rule.fits(written, known))


_RANGE = ("code", "kind", "words", "unless", "theme")


@cache
def _rules(evidence: str) -> Sequence[_KeyDataRule]:
    rows = table.rows("key_data", "kind", "evidence", "words", "unless", "theme")
    return [_KeyDataRule.of(row) for row in rows if row["evidence"] == evidence]


@cache
def _range_rules() -> Sequence[_KeyDataRule]:
    return [_KeyDataRule.of(row) for row in table.rows("key_range", *_RANGE)]
