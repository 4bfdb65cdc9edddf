"""Words that stand in both languages side by side: names of columns, states, results (`labels` of the phrases)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from alerts.model.kinds import kinds
from alerts.text.wording import texts


@dataclass(frozen=True, slots=True)
class Both:
    """The same in Chinese and English."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """The one in that language (zh or en)."""
        return self.zh if language == "zh" else self.en

    def __str__(self) -> str:
        return self.zh if self.zh == self.en else f"{self.zh} / {self.en}"


@cache
def labels() -> Mapping[str, Both]:
    """Every label by its key, `group.name`."""
    zh, en = texts("zh")["labels"], texts("en")["labels"]
    pairs = ((group, name) for group in zh for name in zh[group])
    return {f"{group}.{name}": Both(zh[group][name], en[group][name]) for group, name in pairs}


def label(key: str) -> Both:
    """The label; of what has none, its own last part: an unknown state is shown, not hidden."""
    name = key.partition(".")[2]
    return labels().get(key, Both(name, name))


def kind_name(kind: str) -> Both:
    """What the table of kinds calls it."""
    known = kinds().get(kind)
    return Both(known.zh, known.en) if known else Both(kind, kind)
