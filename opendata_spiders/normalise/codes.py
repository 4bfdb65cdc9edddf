"""Bare codes such as «7»: their meaning depends on the family, sometimes on the portal."""

from collections.abc import Mapping
from functools import cache

from opendata_spiders.normalise import texts
from opendata_spiders.normalise.vocabulary import table
from opendata_spiders.tables import Row


def code_row(name: str, family: str | None, shown: str) -> Row | None:
    """Find the row of a code table: for «family/slug» first, then for the family; None where it is no code.

    «01» and «1» are one code; letters count without case.
    """
    if not family:
        return None
    known = _codes(name)
    return known.get(_key(family, shown)) or known.get(_key(family.partition("/")[0], shown))


@cache
def _codes(name: str) -> Mapping[str, Row]:
    codes: dict[str, Row] = {}
    for row in table.rows(name, "family", "code", "source", "note"):
        key = _key(row["family"], row["code"])
        row.refuse_double("code", key, codes)
        codes[key] = row
    return codes


def _key(family: str, code: str) -> str:
    folded = texts.fold(code)
    bare = str(int(folded)) if folded.isascii() and folded.isdigit() and len(folded) < 10 else folded
    return f"{family} {bare}"
