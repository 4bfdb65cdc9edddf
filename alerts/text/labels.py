"""Labels shown in both languages side by side: names of columns, states, results (`labels` of the phrases)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from alerts.model.kinds import kinds
from alerts.text.wording import texts


@dataclass(frozen=True, slots=True)
class Both:
    """A text in Chinese and English."""

    zh: str
    en: str

    @classmethod
    def same(cls, text: str) -> "Both":
        """A text that is the same in both languages: a number, a date, portal text."""
        return cls(text, text)

    @classmethod
    def joined(cls, texts: "Iterable[Both]", separator: str) -> "Both":
        """The texts that are not empty in one line."""
        known = [one for one in texts if one.zh or one.en]
        return cls(separator.join(one.zh for one in known), separator.join(one.en for one in known))

    def of(self, language: str) -> str:
        """The text in this language (zh or en)."""
        return self.zh if language == "zh" else self.en

    def __str__(self) -> str:
        return self.zh if self.zh == self.en else f"{self.zh} / {self.en}"


@cache
def paired(section: str) -> Mapping[str, Any]:
    """The texts of one section of the phrases, with both languages at each leaf."""
    return _pairs(texts("zh")[section], texts("en")[section])


def _pairs(zh: Mapping[str, Any], en: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        name: _pairs(text, en[name]) if isinstance(text, Mapping) else Both(text, en[name]) for name, text in zh.items()
    }


@cache
def labels() -> Mapping[str, Both]:
    """Every label by its key, `group.name`."""
    return {f"{group}.{name}": one for group, names in paired("labels").items() for name, one in names.items()}


def label(key: str) -> Both:
    """The label of a key `group.name`; the name itself if there is none, so that an unknown state is shown."""
    name = key.partition(".")[2]
    return labels().get(key, Both.same(name))


def kind_name(kind: str) -> Both:
    """The name of a kind in kinds.csv; the kind itself if it is unknown."""
    known = kinds().get(kind)
    return Both(known.zh, known.en) if known else Both.same(kind)
