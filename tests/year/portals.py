"""The portals of the year's country: rows of the register, and invented ones where the register has too few."""

from itertools import islice
from pathlib import Path

from opendata_spiders.register import Register, load
from opendata_spiders.register.load import packaged
from tests.bench.register_rows import lay, register_row


def country(count: int, folder: Path) -> Register:
    """A register of `count` crawlable portals; `folder` becomes a REGISTER_DIR that holds the invented rows.

    Raises ValueError if there are fewer governments than that.
    """
    known = packaged()
    missing = max(0, count - len(known.crawlable()))
    without = [one for one in known.governments.values() if not known.portals_of(one.adcode)]
    if missing > len(without):
        raise ValueError(f"there are {len(known.crawlable()) + len(without)} portals at most; ask for fewer")
    rows = [
        register_row(one, 9, "inspur_oportal", f"https://portal{one.adcode}.example")
        for one in islice(without, missing)
    ]
    whole = load(lay(folder, rows))
    return Register(whole.governments, {one.slug: one for one in islice(whole.crawlable(), count)}, whole.no_portal)


def sizes(count: int, datasets: int) -> list[int]:
    """How many datasets each portal lists: one in eleven is some ten times as large as the others."""
    weights = [1 + 40 * (number % 11 == 0) + number % 7 for number in range(count)]
    return [max(5, datasets * weight // sum(weights)) for weight in weights]
