"""The words around what a page tells, in both languages (labels.csv)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class Both:
    """The same in Chinese and English."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if self.zh == self.en else f"{self.zh} / {self.en}"


@cache
def labels() -> Mapping[str, Both]:
    """Every label by its key."""
    return {row["key"]: Both(row["zh"], row["en"]) for row in Tables("alerts.text").rows("labels", "key", "zh", "en")}


def label(key: str) -> Both:
    """The label; of what has none, its own last part: an unknown state is shown, not hidden."""
    name = key.partition(".")[2]
    return labels().get(key, Both(name, name))
