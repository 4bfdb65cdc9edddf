"""The four kinds of key data of the China Open Data Index: transport, business registration, weather, health."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from opendata_spiders.normalise import texts
from opendata_spiders.normalise.vocabulary import table

KINDS = frozenset(("交通", "企业登记", "气象", "卫生"))


@dataclass(frozen=True, slots=True)
class _KeyDataRule:
    kind: str
    words: Sequence[str]
    unless: Sequence[str]
    theme: str

    def fits(self, written: str) -> bool:
        return any(word in written for word in self.words) and not any(word in written for word in self.unless)


def key_data(title: object, office: object = None, themes: Iterable[str] = ()) -> frozenset[str]:
    """Which of KINDS a dataset is: by the words of its title (key_data.csv).

    Some words count only together with a category («道路» under 交通出行). The office is used only where the title is
    empty: a health office publishes its budget, too.
    """
    written = texts.fold(title) or texts.fold(office)
    if any(rule.fits(written) for rule in _rules("veto")):
        return frozenset()
    known = frozenset(themes)
    fitting = (rule for rule in _rules("title") if (not rule.theme or rule.theme in known) and rule.fits(written))
    return frozenset(rule.kind for rule in fitting)


@cache
def _rules(evidence: str) -> Sequence[_KeyDataRule]:
    return [
        _KeyDataRule(row["kind"], row["words"].split("|"), list(filter(None, row["unless"].split("|"))), row["theme"])
        for row in table.rows("key_data", "kind", "evidence", "words", "unless", "theme")
        if row["evidence"] == evidence
    ]
