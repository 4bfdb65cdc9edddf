"""Words by which portals, and crawls of them, call the fields of a dataset."""

from collections.abc import Mapping
from functools import cache

from opendata_spiders.normalise.texts import fold
from opendata_spiders.normalise.vocabulary import table
from opendata_spiders.store.fields import fields

KEYS = ("id", "page_url")
"""What a row of a crawl names beside the fields of store/fields.csv: native id, and the page a person would open."""


def usual_labels() -> Mapping[str, str]:
    """Label (NFKC, without blanks and colon) to field, of those words that pages of many families print."""
    return {row["word"]: row["field"] for row in _rows() if row["pages"] == "yes"}


def field_of(column: str) -> str:
    """The field that a column is called by; '' for an unknown word. A field's own name counts, too."""
    return _folded().get(fold(column).rstrip(":："), "")


@cache
def _folded() -> Mapping[str, str]:
    own = {name: name for name in (*fields(), *KEYS)}
    return own | {fold(one.zh): name for name, one in fields().items()} | {fold(r["word"]): r["field"] for r in _rows()}


@cache
def _rows() -> tuple[Mapping[str, str], ...]:
    """The table, checked: no word twice, no unknown field. Raises TableError."""
    table.keyed("field_words", "word", "field", allowed={*fields(), *KEYS})
    return tuple(table.rows("field_words", "word", "field", "pages"))
