"""The words around what a page tells, in both languages (labels.csv)."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


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
    text = files(__package__).joinpath("labels.csv").read_text("utf-8")
    return {row["key"]: Both(row["zh"], row["en"]) for row in csv.DictReader(text.splitlines())}


def label(key: str) -> Both:
    """The label; of what has none, its own last part: an unknown state is shown, not hidden."""
    name = key.partition(".")[2]
    return labels().get(key, Both(name, name))
