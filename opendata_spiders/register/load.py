"""Loads the packaged register, with a user's own rows in place of, or in addition to, packaged ones."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from dotenv import dotenv_values

from opendata_spiders.register import rows
from opendata_spiders.register.checks import FAMILIES, check_governments, check_no_portals, check_portals, refuse_twice
from opendata_spiders.register.lookup import Register
from opendata_spiders.register.models import Government, NoPortal, Portal, RegisterError
from opendata_spiders.register.rows import Placed
from opendata_spiders.tables import TableError, read_table

T = TypeVar("T")

PACKAGED = Path(__file__).parent


def load(register_dir: Path | None = None, *, families: Path = FAMILIES) -> Register:
    """Read the register and check every row of it.

    `register_dir` (else REGISTER_DIR from the environment or `.env`) is a folder that may hold governments.csv,
    portals.csv and no_portal.csv: a row with a known adcode or id replaces the packaged row, any other is added.
    `families` is the folder whose modules an active portal's family must be among.
    Raises RegisterError that names file, line and column for the first row that is incoherent.
    """
    overlay = register_dir or configured()
    if overlay is not None and not overlay.is_dir():
        raise RegisterError(f"{overlay}: there is no such folder; create it, or correct REGISTER_DIR")
    return _read([PACKAGED] if overlay is None else [PACKAGED, overlay], families)


def packaged(*, families: Path = FAMILIES) -> Register:
    """Read the register as it is shipped, whatever REGISTER_DIR says."""
    return _read([PACKAGED], families)


def configured() -> Path | None:
    """The folder of the user's own rows (REGISTER_DIR from the environment or `.env`); None where there is none."""
    value = os.environ.get("REGISTER_DIR") or dotenv_values(".env").get("REGISTER_DIR")
    return Path(value).expanduser() if value else None


def _read(folders: list[Path], families: Path) -> Register:
    try:
        return _merge_all(folders, families)
    except TableError as error:
        raise RegisterError(str(error)) from error


def _merge_all(folders: list[Path], families: Path) -> Register:
    placed = _merged(folders, "governments.csv", _governments, lambda government: government.adcode)
    check_governments(_own_last(placed.values()))
    governments = {adcode: row.value for adcode, row in placed.items()}

    def portals(file: Path) -> list[Placed[Portal]]:
        lines = read_table(file, rows.PORTAL_COLUMNS, rows.PORTAL_OPTIONAL)
        return [rows.portal(line, governments) for line in lines]

    known = _merged(folders, "portals.csv", portals, lambda portal: portal.id).values()
    check_portals(_own_last(known), families)

    def verified(file: Path) -> list[Placed[NoPortal]]:
        return [rows.no_portal(line, governments) for line in read_table(file, rows.NO_PORTAL_COLUMNS, ())]

    none = _merged(folders, "no_portal.csv", verified, lambda one: one.adcode)
    check_no_portals(none.values(), known)
    return Register(
        governments,
        {row.value.slug: row.value for row in known},
        {adcode: row.value for adcode, row in none.items()},
    )


def _own_last(placed: Iterable[Placed[T]]) -> list[Placed[T]]:
    """Packaged rows first, so that an error about a conflict names the user's row, which is the one to change."""
    return sorted(placed, key=lambda row: row.line.file.parent != PACKAGED)


def _governments(file: Path) -> list[Placed[Government]]:
    return [rows.government(line) for line in read_table(file, rows.GOVERNMENT_COLUMNS, ())]


_KEY_COLUMNS = {"governments.csv": "adcode", "portals.csv": "id", "no_portal.csv": "adcode"}


def _merged(
    folders: Iterable[Path], name: str, read: Callable[[Path], list[Placed[T]]], key: Callable[[T], str]
) -> dict[str, Placed[T]]:
    """Merge the files by key, rows of later folders replacing earlier ones; within one file a key must be unique."""
    merged: dict[str, Placed[T]] = {}
    for folder in folders:
        if folder == PACKAGED or (folder / name).exists():
            placed = read(folder / name)
            refuse_twice(placed, _KEY_COLUMNS[name], key)
            merged |= {key(row.value): row for row in placed}
    return merged
