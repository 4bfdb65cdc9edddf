"""Words by which portals, and crawls of them, call the fields of a dataset.

Chinese labels, pinyin, initials of pinyin and English keys in one table. Of several words of one field the word that
stands first is the better one: what portals print for people before what their interfaces call it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from opendata_spiders.normalise.texts import fold
from opendata_spiders.normalise.vocabulary import table
from opendata_spiders.store.fields import fields

KEYS = ("id", "page_url")
"""What a row of a crawl names beside the fields of store/fields.csv: native id, and the page a person would open."""
_BEFORE = re.compile(
    "(?:xxzy|catalog(?:ue)?|cata|dataset|data|dir|resources?|res|source|conf|aaw|sjj|zy|ml)(?=[a-z]{2})"
)
"""What interfaces write before a word: `resTitle`, `conf_update_time`, `AAW_GXPL`."""
_AFTER = re.compile("(?<=[a-z]{2})(?:name|txt|text|detail|desc|value|label|mc)$")
"""What they write behind it: `updateCycleTxt`, `openTypeDetail`."""
_WRAPPED = frozenset({"name", "value", "text", "label", "title", "mc"})
"""Keys below which the value of an object lies: `org.name`."""
_ENVELOPES = frozenset(
    {"", "node", "attributes", "properties", "fields", "source", "item", "record", "row", "entry", "data", "dataset"}
    | {"meta", "metadata", "info", "baseinfo", "catalog", "cataloginfo", "resource", "entity", "doc"}
)
"""Objects that hold a whole entry."""


@dataclass(frozen=True, slots=True)
class WordOfField:
    """What a key or label means, and how well it fits."""

    field: str
    rank: tuple[int, int]
    """0 for a word of the table, more for each part that was taken off; then its place in the table. Less is better."""


def usual_labels() -> Mapping[str, str]:
    """Label (NFKC, without blanks and colon) to field, of those words that pages of many families print."""
    return {row["word"]: row["field"] for row in _rows() if row["pages"] == "yes"}


@cache
def chinese_labels() -> Mapping[str, str]:
    """Label (as in `usual_labels`) to field, of all words in Chinese."""
    return {row["word"]: row["field"] for row in _rows() if not row["word"].isascii()}


def field_of(column: str) -> str:
    """The field that a column is called by; '' for an unknown word. A field's own name counts, too."""
    found = _words().get(_key(column))
    return found.field if found else ""


def field_of_path(path: Sequence[str]) -> WordOfField | None:
    """The field that a value at a path of keys within an entry is called by; None for an unknown word.

    `org.name` is read as `orgname`, else by `org`; `node.name` and `statistics.data_count` by their last keys. A word
    that is not in the table is looked up without what interfaces write before and behind words.
    """
    last, above = _key(path[-1]), "".join(map(_key, path[-2:-1]))
    is_of_field = above in _words() or _BEFORE.sub("", above, count=1) in _words()
    names_above = last in _WRAPPED and above not in _ENVELOPES
    spellings = [above + last, above if names_above else "" if is_of_field else last]
    bare = [_BEFORE.sub("", one, count=1) for one in spellings]
    for off, tried in enumerate((spellings, bare, [_AFTER.sub("", one) for one in (*spellings, *bare)])):
        if found := next((found for one in tried if (found := _words().get(one))), None):
            return WordOfField(found.field, (off, found.rank[1]))
    return None


def _key(word: str) -> str:
    """A word for look-ups: `updateTime`, `update_time` and `UPDATE-TIME` are one."""
    return fold(word).rstrip(":：").replace("_", "").replace("-", "")


@cache
def _words() -> Mapping[str, WordOfField]:
    own, shown = ((name, name) for name in (*fields(), *KEYS)), ((one.zh, name) for name, one in fields().items())
    read = [*own, *((row["word"], row["field"]) for row in _rows()), *shown]
    return {_key(word): WordOfField(name, (0, place)) for place, (word, name) in reversed(list(enumerate(read)))}


@cache
def _rows() -> tuple[Mapping[str, str], ...]:
    """The table, checked: no word twice, no unknown field. Raises TableError."""
    table.keyed("field_words", "word", "field", allowed={*fields(), *KEYS})
    return tuple(table.rows("field_words", "word", "field", "pages"))
