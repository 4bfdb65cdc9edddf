"""The folder of a draft: module, register row, code rows, golden pages, the request as a test, and a report."""

import csv
import io
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from scrapy import Request

from opendata_spiders import normalise
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.healing.agreement import Fit
from opendata_spiders.healing.declaration import DraftFamily, module, source
from opendata_spiders.healing.last_reading import LastReading
from opendata_spiders.normalise.vocabulary import table as vocabulary
from opendata_spiders.register import Attested
from opendata_spiders.register.edit import header, row_with

_ANOTHER_SHAPE = '{"ok": true, "payload": {"count": 0}}\n'
_MODULES = Path("opendata_spiders", "families")


@dataclass(frozen=True, slots=True)
class DraftFolder:
    """Where a draft is written; laid out as the project is, so that its parts can be moved there one by one."""

    path: Path

    def module_path(self, draft: DraftFamily) -> Path:
        return self.path / _MODULES / f"{draft.family}.py"

    @property
    def fixtures(self) -> Path:
        return self.path / "tests" / "fixtures"

    def write_module(self, draft: DraftFamily, at: datetime) -> type[PortalSpider]:
        """Write the family's module, and load it from there."""
        file = self.module_path(draft)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(module(draft, at), "utf-8")
        spec = spec_from_file_location(f"{draft.family}_draft", file)
        if spec is None or spec.loader is None:
            raise ImportError(f"{file} cannot be loaded")
        loaded = module_from_spec(spec)
        writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # a draft holds no compiled modules
        try:
            spec.loader.exec_module(loaded)
        finally:
            sys.dont_write_bytecode = writes
        found: type[PortalSpider] = getattr(loaded, draft.class_name)
        return found

    def write_row(self, draft: DraftFamily, old: PortalSpider, at: datetime) -> None:
        """Write the register row as it is to be; nothing for a portal without one."""
        cells = {"family": draft.family}
        if old.target.at_home:
            cells |= {"attested": str(Attested.READ_ONCE), "verified_on": f"{at:%Y-%m-%d}"}
        if row := row_with(old.target.portal_id, cells):
            columns = header()
            place = Path("opendata_spiders", "register", "portals.csv")
            self._write(place, [columns, [row.get(name, "") for name in columns]])

    def write_codes(self, draft: DraftFamily, reading: LastReading, old: PortalSpider) -> None:
        """Write the rows that say what the codes of the new family mean, one table a field."""
        for table, (columns, rows) in code_rows(draft, reading, old).items():
            if rows:
                self._write(Path("opendata_spiders", "normalise", f"{table}.csv"), [columns, *rows])

    def write_asked(self, draft: DraftFamily, old: PortalSpider, requests: Mapping[str, Request]) -> None:
        """Write the entries of ASKED, which hold the requests in tests/families/test_requests.py.

        `requests`: that of a detail by its id, that of the first page of the list by ''.
        """
        home = old.portal.base_url if old.portal else old.base_url
        entries = [
            _asked(draft, id_, request.replace(url=request.url.replace(old.base_url, home, 1)))
            for id_, request in requests.items()
        ]
        file = self.path / "tests" / "families" / "asked.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("# Entries of ASKED in tests/families/test_requests.py\n" + "\n".join(entries) + "\n", "utf-8")

    def write_refused(self, draft: DraftFamily, requests: Mapping[str, Request], at: datetime) -> None:
        """Write golden pages that the family has to refuse: an answer of another shape to each of its requests."""
        for id_ in requests:
            asked: dict[str, Any] = (
                {"kind": "detail", "id": id_} if id_ else {"kind": "list", "page": draft.list.first_page}
            )
            meta = {
                "about": "An answer of another interface.", "frozen_time": at.replace(microsecond=0).isoformat(),
                "slug": draft.slug, **asked, "status": 200, "encoding": "utf-8", "header_charset": "utf-8",
            }  # fmt: skip
            folder = self.fixtures / draft.family / f"{asked['kind']}_redesign"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "body.json").write_text(_ANOTHER_SHAPE, "utf-8")
            (folder / "meta.json").write_text(json.dumps(meta, ensure_ascii=False, indent=1) + "\n", "utf-8")

    def write_report(self, text: str) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / "report.md").write_text(text, "utf-8")

    def _write(self, file: Path, rows: list[list[str]]) -> None:
        place = self.path / file
        place.parent.mkdir(parents=True, exist_ok=True)
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(rows)
        place.write_text(out.getvalue(), "utf-8")


def code_rows(
    draft: DraftFamily, reading: LastReading, old: PortalSpider
) -> Mapping[str, tuple[list[str], list[list[str]]]]:
    """Columns and rows for the tables of codes: those proven now, then those of the old family for other codes."""
    family, source_said = f"{old.family}/{old.target.slug}", f"by the reading of {reading.at:%Y-%m-%d}"
    fits = {name: fit for _, proof in reversed(draft.proofs) for name, fit in proof.fits.items()}
    meanings: dict[str, dict[str, list[str]]] = {table: {} for table in _CODE_COLUMNS}
    for code, word in _codes(fits.get("frequency")).items():
        if known := normalise.frequency(word, family=family).word:
            meanings["frequency_codes"][code] = [known]
    for code, word in _codes(fits.get("open_type")).items():
        terms = normalise.open_type(word, family=family)
        meanings["open_type_codes"][code] = [terms.value, "yes" if terms.login_required else "no"]
    rows: dict[str, tuple[list[str], list[list[str]]]] = {}
    for table, columns in _CODE_COLUMNS.items():
        new = [[draft.family, code, *meaning, source_said, ""] for code, meaning in meanings[table].items()]
        kept = [
            [draft.family, *(row[name] for name in columns[1:])]
            for row in vocabulary.rows(table, *columns)
            if row["family"] == old.family and row["code"] not in meanings[table]
        ]
        rows[table] = (list(columns), [*new, *kept])
    return rows


_CODE_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "frequency_codes": ("family", "code", "word", "source", "note"),
    "open_type_codes": ("family", "code", "value", "login", "source", "note"),
    "theme_codes": ("family", "code", "word", "source", "note"),
    "format_codes": ("family", "code", "word", "source", "note"),
}


def _codes(fit: Fit | None) -> Mapping[str, str]:
    return fit.codes if fit else {}


def _asked(draft: DraftFamily, id_: str, request: Request) -> str:
    """One entry of ASKED."""
    parts = urlsplit(request.url)
    given: dict[str, Any] = {"id": id_} if id_ else {"page": draft.list.first_page}
    if parts.query:
        given["query"] = dict(parse_qsl(parts.query, keep_blank_values=True))
    if request.body:
        text = request.body.decode()
        is_json = b"json" in (request.headers.get("Content-Type") or b"")
        given["json" if is_json else "form"] = (
            json.loads(text) if is_json else dict(parse_qsl(text, keep_blank_values=True))
        )
    words = "".join(f", {name}={source(value)}" for name, value in given.items())
    address = request.url.partition("?")[0]
    return f"Asked({source(draft.slug)}, {source(address)}{words}),"
