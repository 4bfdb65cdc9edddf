"""Whether a page says that its dataset is gone: a plain sentence that names the dataset, without words of doubt.

Everything else (a database error, the server's own page for missing files, an expired session, «可能已被删除») proves
nothing, and the check of the missing dataset ends as *unknown*. The words are data: gone.csv.
"""

import re
from collections.abc import Iterable
from functools import cache

from opendata_spiders.tables import Tables

_MOST_LINES = 400
"""Lines of a page that says so, at most; a longer page shows something else, whatever words occur in it."""
_SPOILERS = ("anywhere", "trace")
_LONGEST = 200
_SENTENCE = re.compile(r"((?:[^。！？!?；;.]|\.(?!\s|$))+)([？?]?)")
_CLAUSES = re.compile("[，,：:]")


def said(lines: Iterable[str]) -> str:
    """Return the words that say so (已下线), '' if none do. `lines`: the text of the page, line by line."""
    page = [line for line, _ in zip(lines, range(_MOST_LINES + 1), strict=False)]
    if len(page) > _MOST_LINES or any(_pattern(part).search(line) for part in _SPOILERS for line in page):
        return ""
    sentences = (found[1].strip() for line in page for found in _SENTENCE.finditer(line) if not found[2])
    return next((words for one in sentences if len(one) < _LONGEST and (words := _plainly(one))), "")


def _plainly(sentence: str) -> str:
    if _pattern("doubt").search(sentence):
        return ""
    found = (_statement().fullmatch(clause.strip()) for clause in _CLAUSES.split(sentence))
    return next((one["words"] for one in found if one), "")


@cache
def _words() -> dict[str, str]:
    return {row["part"]: row["words"] for row in Tables("opendata_spiders.pages").rows("gone", "part", "words")}


@cache
def _pattern(part: str) -> re.Pattern[str]:
    return re.compile(_words()[part], re.IGNORECASE)


@cache
def _statement() -> re.Pattern[str]:
    """The pattern of the sentence that counts: [sorry] [the … you asked for] dataset [title] [has] gone [or gone]."""
    part = {name: f"(?:{words})" for name, words in _words().items()}
    title = r"\s*(?:[《“\"「【（(][^》”\"」】）)]{1,80}[》”\"」】）)])?\s*"
    once = rf"{part['adverb']}?\s*(?:于[\d年月日/ -]{{4,14}})?\s*{part['gone']}"
    named = rf"(?:{part['whose']}\s*){{0,3}}{title}{part['dataset']}(?:\s*{part['asked']})?|[该此本]?{part['web']}"
    return re.compile(
        rf"(?:{part['opener']}\s*)?(?:{named}){title}"
        rf"(?P<words>{once}(?:\s*{part['also']}\s*{once}){{0,3}})\s*了?\.{{0,6}}",
        re.IGNORECASE,
    )
