"""Adds rows to portals.csv and changes cells in it; every other line stays as it was, byte for byte.

With the packaged table its derived files are rewritten: documents, and the list of ids that the tests check.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from opendata_spiders.register.load import PACKAGED, configured, load, packaged
from opendata_spiders.register.lookup import Register
from opendata_spiders.register.models import Government, RegisterError
from opendata_spiders.register.report import documents

Cells = Mapping[str, str]
ROOT = PACKAGED.parents[1]
"""The project's folder in a checkout, with documents and tests."""
FIXTURES = ROOT / "tests" / "fixtures"
"""The golden pages of the families' tests."""
_LISTED = ROOT / "tests" / "register" / "ids.txt"
"""Every id that was ever given, beside its slug."""


def own_table() -> Path:
    """The table to change: that of REGISTER_DIR where it is set, else the packaged one."""
    return (configured() or PACKAGED) / "portals.csv"


def csv_line(cells: Cells, header: Iterable[str]) -> str:
    """One row as it stands in a table with that header, without its line end."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([cells.get(name, "") for name in header])
    return out.getvalue()


def header() -> list[str]:
    """Columns of the packaged table, in their order."""
    return _header((PACKAGED / "portals.csv").read_text("utf-8-sig"))


def new_cells(register: Register, known: Cells, government: Government | None, country: str = "CN") -> dict[str, str]:
    """Cells of a new row: those of `known` (slug, family and base_url at least), defaults for the rest.

    `country` is the ISO 3166 code of a portal that belongs to none of the 364 governments. Raises RegisterError where
    the slug is taken.
    """
    slug = known["slug"]
    if slug in register.portals:
        raise RegisterError(f"{slug} stands in the register already, as {register.portals[slug].base_url}")
    return {
        "id": _free_id(register, government.adcode if government else country),
        "name_zh": government.name_zh if government else slug,
        "name_en": government.name_en if government else slug,
        "government": government.adcode if government else "",
        "scope": "national" if government else "outside_364",
        "host_group": _host_group(register, known["base_url"]),
        "language": "zh",
        "timezone": "Asia/Shanghai",
        "status": "active",
        "attested": "unverified guess",
        "relists": "no",
        "old_tls": "no",
        **known,
    }


def slug_of(government: Government) -> str:
    """The usual slug of a government's portal: the letters of its English name."""
    return re.sub(r"[^a-z]", "", government.name_en.partition(" (")[0].casefold())


def government_called(register: Register, name: str) -> Government:
    """The government of that adcode or name, in Chinese or as its slug would be; raises RegisterError."""
    folded = _folded(name)
    found = [one for one in register.governments.values() if folded in {_folded(word) for word in _words(one)}]
    if len(found) == 1:
        return found[0]
    if not found:
        raise RegisterError(
            f"{name!r} is none of the 364 governments: write its name or adcode (of genspider: --government 370700); "
            "for a county or zone give its name as --outside-364 NAME"
        )
    several = ", ".join(f"{one.adcode} {one.name_zh}" for one in found)
    raise RegisterError(f"{name!r} names {len(found)} governments ({several}); write the adcode, as 370700")


def add_row(cells: Cells) -> Path:
    """Insert a row in the order of ids; return the file. If it raises RegisterError, nothing was changed."""
    file = own_table()
    columns = header() if not file.exists() else _header(file.read_text("utf-8-sig"))

    def added(lines: list[str]) -> list[str]:
        place = next((n for n, one in enumerate(lines[1:], 1) if one.partition(",")[0] > cells["id"]), len(lines))
        return [*lines[:place], csv_line(cells, columns), *lines[place:]]

    _rewrite(file, added)
    if file.parent == PACKAGED and _LISTED.exists():
        known = [*_LISTED.read_text("utf-8").splitlines(), f"{cells['id']} {cells['slug']}"]
        _LISTED.write_text("\n".join(sorted(known)) + "\n", "utf-8")
    return file


def row_with(portal_id: str, cells: Cells) -> dict[str, str]:
    """Cells of a portal's row with some changed, nothing written; none for a portal without a row."""
    row = _row(own_table(), portal_id) or _row(PACKAGED / "portals.csv", portal_id)
    return {**row, **cells} if row else {}


def change_row(portal_id: str, cells: Cells) -> Path:
    """Change cells of a portal's row; return the file. A packaged row is copied into REGISTER_DIR where that is set.

    If it raises RegisterError, nothing was changed.
    """
    file = own_table()
    if _row(file, portal_id) is None:
        return add_row({**(_row(PACKAGED / "portals.csv", portal_id) or {}), **cells})

    def changed(lines: list[str]) -> list[str]:
        columns = _header(lines[0])
        row = {**(_row(file, portal_id) or {}), **cells}
        return [csv_line(row, columns) if one.partition(",")[0] == portal_id else one for one in lines]

    _rewrite(file, changed)
    return file


def _rewrite(file: Path, edit: Callable[[list[str]], list[str]]) -> None:
    before = file.read_bytes() if file.exists() else None
    mark = "\ufeff" if before and before.startswith(b"\xef\xbb\xbf") else ""
    ending = "\r\n" if before and b"\r\n" in before else "\n"
    lines = before.decode("utf-8-sig").splitlines() if before else [",".join(header())]
    file.write_text(mark + "\n".join(edit(lines)) + "\n", "utf-8", newline=ending)
    try:
        load()
    except RegisterError:
        if before is None:
            file.unlink()
        else:
            file.write_bytes(before)
        raise
    if file.parent == PACKAGED:
        for page, text in documents(packaged(), ROOT).items():
            if page.exists():
                page.write_text(text, "utf-8")


def _row(file: Path, portal_id: str) -> dict[str, str] | None:
    if not file.exists():
        return None
    rows = csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline=""))
    return next((row for row in rows if row["id"] == portal_id), None)


def _header(text: str) -> list[str]:
    return next(csv.reader([text.splitlines()[0]]))


def _free_id(register: Register, prefix: str) -> str:
    """The next unused id of a government; ids of removed portals count as used."""
    listed = _LISTED.read_text("utf-8").split() if _LISTED.exists() else []
    taken = {*(portal.id for portal in register.portals.values()), *listed}
    numbers = (int(one.partition(".")[2]) for one in taken if re.fullmatch(rf"{prefix}\.\d+", one))
    return f"{prefix}.{max(numbers, default=0) + 1}"


def _host_group(register: Register, base_url: str) -> str:
    """The host group of the portals with the same base URL; else empty, which stands for the URL's host."""
    return next((one.host_group for one in register.portals.values() if one.base_url == base_url), "")


def _words(government: Government) -> Iterable[str]:
    return (government.adcode, *government.names, government.name_en.partition(" (")[0])


def _folded(name: str) -> str:
    return re.sub(r"[^\w]", "", name).casefold()
