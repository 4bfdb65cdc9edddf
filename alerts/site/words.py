"""The site's own texts (`alerts/text/phrases/site.*.yaml`) in one language or in both."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from alerts.text.labels import Both
from alerts.text.statements import wordings
from alerts.text.wording import LANGUAGES, Wording


def wording(language: str) -> Wording:
    """The texts of a language with whole dates in China's time zone."""
    return wordings()[LANGUAGES.index(language)]


def say(language: str, key: str, /, **values: Any) -> str:
    """The text `section.name` of the site in one language; of values in both languages that language is taken.

    Raises WordingError if there is no such text or a value is missing.
    """
    return _said_plainly(language, key) if not values else _filled(language, key, values)


@cache
def _said_plainly(language: str, key: str) -> str:
    """A text without values: most of what a page says."""
    return _filled(language, key, {})


def _filled(language: str, key: str, values: Mapping[str, Any]) -> str:
    filled = {name: one.of(language) if isinstance(one, Both) else one for name, one in values.items()}
    return wording(language).plain(f"site/{key.replace('.', '/')}", **filled)


def said(key: str, /, **values: Any) -> Both:
    """The text `section.name` of the site in both languages."""
    return Both(*(say(language, key, **values) for language in LANGUAGES))
