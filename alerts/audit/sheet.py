"""Findings as a table for Excel, sorted by office, for city officers to forward."""

from collections.abc import Iterator, Mapping, Sequence

from alerts.audit.portal import Audit, AuditFinding
from alerts.audit.rules import rules
from opendata_spiders.register import Register

HEADER = (
    "平台 portal", "部门 office", "数据集 dataset", "编号 id", "问题", "finding", "程度 severity", "说明 evidence",
    "建议", "what to do", "页面 page", "读取时间 read at",
)  # fmt: skip


def lines(audit: Audit, name: str, pages: Mapping[str, str]) -> Iterator[Sequence[object]]:
    """The findings of one portal as rows, sorted by office; `pages`: page URLs by dataset id, where known."""
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
    """The full name of a portal; the slug for one outside the register."""
    return next((one.name_zh for one in register.portals.values() if one.id == portal), slug)
