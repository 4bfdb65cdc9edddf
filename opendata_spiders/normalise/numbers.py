"""Counts as portals print them: «4,120», «1,204次», «7.61万»; a size in bytes is no count."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from itertools import product

from opendata_spiders.normalise import texts
from opendata_spiders.normalise.vocabulary import table

_MOST = 10**18
"""Above what is read as a count: figures up to it fit into 64 bits."""
_NUMBER = re.compile(r"共?(\d{1,3}(?:,\d{3}){1,5}|\d{1,18})(\.\d{1,6})?(\D{0,6})")


def number(raw: object) -> int | None:
    """Read a count; None for nothing, a size («38.131 KB»), a fraction or a sentence. Never raises."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int) and 0 <= raw < _MOST:
        return raw
    found = _NUMBER.fullmatch(texts.fold(raw))
    if found is None or found[3] not in _factors():
        return None
    value = Decimal(found[1].replace(",", "") + (found[2] or "")) * _factors()[found[3]]
    return int(value) if value == value.to_integral_value() else None


@cache
def _factors() -> Mapping[str, int]:
    """Factor by unit, a multiplier before a counting word included («万次»)."""
    units = {row["unit"]: int(row["factor"]) for row in table.rows("units", "unit", "kind", "factor")}
    words = [unit for unit, factor in units.items() if factor == 1]
    return {many + word: units[many] for many, word in product(units, words) if not many or units[many] > 1} | units
