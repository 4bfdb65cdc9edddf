"""The four kinds of key data that the index asks every place for: transport, business registration, weather, health."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from opendata_spiders.normalise import texts
from opendata_spiders.normalise.vocabulary import table
from opendata_spiders.policy import policy

KINDS = frozenset(("交通", "企业登记", "气象", "卫生"))


@dataclass(frozen=True, slots=True)
class _KeyDataRule:
    kind: str
    words: Sequence[str]
    unless: Sequence[str]
    theme: str

    def fits(self, written: str) -> bool:
        return any(word in written for word in self.words) and not any(word in written for word in self.unless)


def key_data(
    title: object, office: object = None, themes: Iterable[str] = (), fields: Iterable[str] = ()
) -> frozenset[str]:
    """Which of KINDS a dataset is: by the words of its title, else by two telling column names (key_data.csv).

    Some words count only beside a category («道路» under 交通出行). The office alone proves nothing, since a health
    office publishes its budget too: it is read only where the title is empty.
    """
    written = texts.fold(title) or texts.fold(office)
    if any(rule.fits(written) for rule in _rules("veto")):
        return frozenset()
    known = frozenset(themes)
    by_title = {rule.kind for rule in _rules("title") if (not rule.theme or rule.theme in known) and rule.fits(written)}
    if by_title:
        return frozenset(by_title)
    columns, needed = frozenset(map(texts.fold, fields)), policy().key_data_columns
    return frozenset(rule.kind for rule in _rules("field") if len(columns.intersection(rule.words)) >= needed)


@cache
def _rules(evidence: str) -> Sequence[_KeyDataRule]:
    return [
        _KeyDataRule(row["kind"], row["words"].split("|"), list(filter(None, row["unless"].split("|"))), row["theme"])
        for row in table.rows("key_data", "kind", "evidence", "words", "unless", "theme")
        if row["evidence"] == evidence
    ]
