"""Rows of the register for invented portals, laid over the packaged ones as an operator's own."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from opendata_spiders.register import Government

Row = Mapping[str, str]


def register_row(government: Government, number: int, family: str, base_url: str) -> Row:
    """A portal of a government that is read every night; its slug is `bench` and the adcode."""
    return {
        "id": f"{government.adcode}.{number}", "slug": f"bench{government.adcode}", "family": family, "base_url": base_url,
        "name_zh": f"{government.name_zh}公共数据开放平台", "name_en": government.name_en, "government": government.adcode,
        "scope": "national", "context_path": "", "tenant": "", "language": "zh", "timezone": "Asia/Shanghai",
        "status": "active", "attested": "unverified guess", "why": "",
    }  # fmt: skip


def lay(folder: Path, rows: Sequence[Row]) -> Path:
    """Make a folder for REGISTER_DIR that holds these rows; without rows it is empty."""
    folder.mkdir(exist_ok=True)
    if rows:
        with (folder / "portals.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
    return folder
