"""The portals of the year's country: rows of the register, and invented ones where the register has too few."""

import csv
from itertools import islice
from pathlib import Path

from opendata_spiders.register import Register, load
from opendata_spiders.register.load import packaged

_FAMILY = "inspur_oportal"


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
        {
            "id": f"{one.adcode}.9", "slug": f"year{one.adcode}", "name_zh": f"{one.name_zh}公共数据开放平台",
            "name_en": one.name_en, "government": one.adcode, "scope": "national", "family": _FAMILY,
            "base_url": f"https://year{one.adcode}.example", "context_path": "", "tenant": "", "language": "zh",
            "timezone": "Asia/Shanghai", "status": "active", "attested": "unverified guess", "why": "",
        }
        for one in islice(without, missing)
    ]  # fmt: skip
    folder.mkdir(exist_ok=True)
    if rows:
        with (folder / "portals.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
    whole = load(folder)
    return Register(whole.governments, {one.slug: one for one in islice(whole.crawlable(), count)}, whole.no_portal)


def sizes(count: int, datasets: int) -> list[int]:
    """How many datasets each portal lists: one in eleven is some ten times as large as the others."""
    weights = [1 + 40 * (number % 11 == 0) + number % 7 for number in range(count)]
    return [max(5, datasets * weight // sum(weights)) for weight in weights]
