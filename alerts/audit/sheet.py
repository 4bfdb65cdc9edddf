"""Findings as a sheet that a city officer opens in Excel and forwards, office by office."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TextIO

from alerts.audit.portal import Audit, AuditFinding
from alerts.audit.rules import rules
from opendata_spiders import normalise
from opendata_spiders.register import Register

HEADER = (
    "平台 portal", "部门 office", "数据集 dataset", "编号 id", "问题", "finding", "程度 severity", "说明 evidence",
    "建议", "what to do", "页面 page", "读取时间 read at",
)  # fmt: skip
BOM = "\ufeff"
"""Without it Excel takes a UTF-8 file for one in the machine's own code page."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_CELL = 2000


def safe(value: object) -> str:
    """A cell that no spreadsheet reads as a formula: one clean line, with an apostrophe before what would start one."""
    raw = "" if value is None else str(value)
    shown = (normalise.text(raw) or "")[:_CELL]
    return f"'{shown}" if raw.startswith(_FORMULA) or shown.startswith(_FORMULA) else shown


def write(file: TextIO, lines: Iterable[Sequence[object]]) -> int:
    """Write the sheet into a file opened with newline="" and UTF-8; return the number of lines below the header."""
    file.write(BOM)
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(HEADER)
    count = 0
    for line in lines:
        writer.writerow([safe(value) for value in line])
        count += 1
    return count


def lines(audit: Audit, name: str, pages: Mapping[str, str]) -> Iterator[Sequence[object]]:
    """The findings of one portal, office by office; `pages` are addresses by dataset id, where known."""
    places = {code: place for place, code in enumerate(rules())}

    def order(one: AuditFinding) -> tuple[bool, str, int, str]:
        return not one.office, one.office, places[one.code], one.dataset

    read_at = audit.catalogue.at.astimezone(audit.catalogue.tz).strftime("%Y-%m-%d %H:%M")
    for one in sorted(audit.findings, key=order):
        rule = one.rule
        yield (
            name, one.office, one.title, one.dataset, rule.zh, one.code, rule.severity, one.detail,
            rule.do_zh, rule.do_en, pages.get(one.dataset, ""), read_at,
        )  # fmt: skip


def portal_name(portal: str, slug: str, register: Register) -> str:
    """The portal as its officers call it; the slug for one outside the register."""
    known = next((one for one in register.portals.values() if one.id == portal), None)
    return known.name_zh if known else slug
