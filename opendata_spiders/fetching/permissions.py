"""What the operator allows for a host group: walls that Chromium may pass, and paths that robots.txt forbids.

Each is a table beside this module, extended by the same file in the folder REGISTER_DIR. Nothing is allowed as shipped.
A wall and a robots.txt are the portal's word: whoever allows what they forbid writes down why they may.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from opendata_spiders.pages.walls import passable_walls
from opendata_spiders.register.load import configured
from opendata_spiders.tables import Row, TableError, read_table

WALLS: Final = "passed_walls.csv"
PATHS: Final = "robots_permissions.csv"


@dataclass(frozen=True, slots=True)
class Permission:
    """One row: what is allowed for the portals of a host group, and who says so."""

    host_group: str
    what: str
    """A wall, as in `pages/passable_walls.csv`; or the beginning of a path."""
    reason: str
    allowed_by: str
    since: date


def allowed_passes(register_dir: Path | None = None) -> Mapping[str, Permission]:
    """The walls that may be passed, one a host group; `register_dir` is REGISTER_DIR unless given.

    Raises TableError that names file, line and column for a row that makes no sense.
    """
    allowed: dict[str, Permission] = {}
    for row, one in _permissions(WALLS, "wall", _wall_fault, register_dir):
        row.refuse_double("host_group", one.host_group, allowed)
        allowed[one.host_group] = one
    return allowed


def permitted_paths(register_dir: Path | None = None) -> Mapping[str, Collection[str]]:
    """Beginnings of paths that may be read whatever robots.txt says, by host group; raises TableError."""
    permitted: dict[str, list[str]] = {}
    for _, one in _permissions(PATHS, "path", _path_fault, register_dir):
        permitted.setdefault(one.host_group, []).append(one.what)
    return permitted


def check_permissions(host_groups: Collection[str]) -> None:
    """Raise TableError for a table that makes no sense, or names a host group that is none of these."""
    for file, named in ((WALLS, allowed_passes()), (PATHS, permitted_paths())):
        if unknown := next((one for one in named if one not in host_groups), ""):
            raise TableError(f"{file}, column host_group: no portal of the register has {unknown!r}; correct it")


def _permissions(
    name: str, column: str, fault: Callable[[str], str], register_dir: Path | None
) -> Iterator[tuple[Row, Permission]]:
    folder = register_dir or configured()
    files = [Path(__file__).parent / name, *([folder / name] if folder and (folder / name).exists() else [])]
    for file in files:
        for row in read_table(file, ("host_group", column, "reason", "allowed_by", "since"), ()):
            for filled in ("host_group", "reason", "allowed_by"):
                if not row[filled]:
                    raise row.error(
                        filled, "the cell is empty: a permission says for whom, why and by whom it is given"
                    )
            if said := fault(row[column]):
                raise row.error(column, said)
            try:
                since = date.fromisoformat(row["since"])
            except ValueError:
                raise row.error("since", f"{row['since']!r} is no day; write YYYY-MM-DD") from None
            yield row, Permission(row["host_group"], row[column], row["reason"], row["allowed_by"], since)


def _wall_fault(cell: str) -> str:
    known = passable_walls()
    return "" if cell in known else f"{cell!r} cannot be passed; write one of {', '.join(known)}"


def _path_fault(cell: str) -> str:
    return "" if cell.startswith("/") else f"{cell!r} is no path; begin with /, as /api/3/action/"
