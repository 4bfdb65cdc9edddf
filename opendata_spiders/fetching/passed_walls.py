"""The walls that the operator lets Chromium pass: passed_walls.csv, and the same file in the folder REGISTER_DIR.

None is allowed as shipped. A wall is an access control: whoever allows one writes down why they may.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from opendata_spiders.pages.walls import passable_walls
from opendata_spiders.register.load import configured
from opendata_spiders.tables import Row, read_table

FILE: Final = "passed_walls.csv"
_COLUMNS: Final = ("host_group", "wall", "reason", "allowed_by", "since")


@dataclass(frozen=True, slots=True)
class AllowedPass:
    """One row: a wall that may be passed for the portals of a host group, and who says so."""

    host_group: str
    wall: str
    """As in `pages/passable_walls.csv`."""
    reason: str
    allowed_by: str
    since: date


def allowed_passes(register_dir: Path | None = None) -> Mapping[str, AllowedPass]:
    """The walls that may be passed, by host group; `register_dir` is REGISTER_DIR unless given.

    Raises TableError that names file, line and column for a row that makes no sense.
    """
    folder = register_dir or configured()
    files = [Path(__file__).parent / FILE, *([folder / FILE] if folder and (folder / FILE).exists() else [])]
    allowed: dict[str, AllowedPass] = {}
    for file in files:
        for row in read_table(file, _COLUMNS, ()):
            one = _read(row)
            row.refuse_double("host_group", one.host_group, allowed)
            allowed[one.host_group] = one
    return allowed


def _read(row: Row) -> AllowedPass:
    for column in ("host_group", "reason", "allowed_by"):
        if not row[column]:
            raise row.error(
                column, "the cell is empty: a wall is passed only where it says which, why and who allows it"
            )
    if row["wall"] not in passable_walls():
        raise row.error("wall", f"{row['wall']!r} cannot be passed; write one of {', '.join(passable_walls())}")
    try:
        since = date.fromisoformat(row["since"])
    except ValueError:
        raise row.error("since", f"{row['since']!r} is no day; write YYYY-MM-DD") from None
    return AllowedPass(row["host_group"], row["wall"], row["reason"], row["allowed_by"], since)
