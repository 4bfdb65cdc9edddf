"""The register for people: counts for a terminal and the README, and every row as the page docs/portals.md."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from opendata_spiders.register.lookup import Register
from opendata_spiders.register.models import Attested, Level, Portal, PortalStatus

if TYPE_CHECKING:
    from rich.table import Table

_OUTSIDE = "outside the 364"

_INTRODUCTION = """\
# Portals

Generated from `opendata_spiders/register/portals.csv` by `python -m opendata_spiders.register --markdown`: change the
table, not this page.

**No portal was read live by this project so far unless its row says so.** *Attested* says who has seen it answer:

- `unverified guess`: the address, or the family behind it, is a guess that nobody is known to have read;
- `attested by public crawlers`: somebody's published crawler read it, at the latest in the year it was written;
- `read live once`, `complete live on DATE`: we read it ourselves.

*Seen* is the month in which somebody's probe got an answer from the host. *Datasets* is a figure printed by the portal
or kept in a crawler, with its year or month; it is no result of ours. A portal marked *relists* lists the datasets of
its cities' portals again. Only active portals are crawled.
"""

_COUNTED = {
    "README.md": r"(?P<all>\d+) portals, (?P<read>\d+) of them crawlable by (?P<families>\d+) families",
    "README.zh.md": r"(?P<all>\d+) 个平台，\s*已支持 (?P<families>\d+) 种平台软件，可读其中 (?P<read>\d+) 个",
}
"""Sentences in which a document counts portals."""

_COLUMNS = ("Slug", "Portal", "Family", "Address", "Status", "Attested", "Seen", "Datasets", "Why not, and notes")


def tables(register: Register) -> Iterable["Table"]:
    """Counts by status, family and province, as rich tables."""
    portals = register.portals.values()
    for name in ("status", "family", "province"):
        yield _counts(name, Counter((getattr(portal, name) or _OUTSIDE, portal.status) for portal in portals))


def _counts(title: str, counts: Counter[tuple[str, PortalStatus]]) -> "Table":
    from rich.table import Table  # noqa: PLC0415 -- `genspider` writes documents alone, and is loaded by every command

    statuses = list(PortalStatus) if title != "status" else []
    table = Table(title, *statuses, "portals")
    totals = Counter[str]()
    for (name, _), number in counts.items():
        totals[name] += number
    for name, total in sorted(totals.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(name, *(str(counts[name, status] or "") for status in statuses), str(total))
    table.add_section()
    sums = [sum(number for (_, known), number in counts.items() if known is status) for status in statuses]
    table.add_row("all", *map(str, sums), str(totals.total()))
    return table


def documents(register: Register, root: Path) -> dict[Path, str]:
    """Each document below `root` that is derived from the register, and its current text."""
    texts = {root / "docs" / "portals.md": markdown(register)}
    read = register.crawlable()
    counts = {"all": len(register.portals), "read": len(read), "families": len({portal.family for portal in read})}

    def recounted(found: re.Match[str]) -> str:
        text = found[0]
        for name in sorted(found.groupdict(), key=found.start, reverse=True):
            start, end = found.start(name) - found.start(), found.end(name) - found.start()
            text = f"{text[:start]}{counts[name]}{text[end:]}"
        return text

    for name, pattern in _COUNTED.items():
        if (root / name).exists():
            texts[root / name] = re.sub(pattern, recounted, (root / name).read_text("utf-8"))
    return texts


def markdown(register: Register) -> str:
    """Write every portal of the register as one Markdown page, a table a province."""
    parts = [_INTRODUCTION, _summary(register)]
    for government in register.governments.values():
        if government.level in {Level.PROVINCE, Level.MUNICIPALITY}:
            rows = [portal for portal in register.portals.values() if portal.province == government.name_zh]
            parts.append(
                _section(f"{government.name_zh} {government.name_en}", rows, _without(register, government.name_zh))
            )
    outside = [portal for portal in register.portals.values() if not portal.province]
    parts.append(_section("Outside the 364 governments", outside, ""))
    return "\n".join(parts)


def _summary(register: Register) -> str:
    portals = list(register.portals.values())
    homes = {portal.government for portal in portals if portal.government}
    read = {portal.government for portal in portals if portal.government and portal.crawlable}
    status = Counter[str](portal.status for portal in portals)
    attested = Counter[str](portal.attested for portal in portals)
    lines = [
        f"{len(portals)} portals: {_listed(PortalStatus, status)}. Attested: {_listed(Attested, attested)}.",
        f"{len(homes)} of {len(register.governments)} governments have a row, {len(read)} an active one.",
    ]
    return "\n".join(lines) + "\n"


def _listed(kinds: Iterable[str], counts: Counter[str]) -> str:
    return ", ".join(f"{counts[kind]} {kind}" for kind in kinds if counts[kind])


def _without(register: Register, province: str) -> str:
    homes = {portal.government for portal in register.portals.values()}
    names = [
        f"{government.short_zh} {government.name_en}"
        for government in register.governments.values()
        if government.province == province and government.adcode not in homes
    ]
    return f"\nNot in the register: {', '.join(names)}.\n" if names else ""


def _section(title: str, portals: list[Portal], after: str) -> str:
    if not portals:
        return f"## {title}\n{after}"
    head = [f"## {title}", "", _row(_COLUMNS), _row(["---"] * len(_COLUMNS))]
    return "\n".join([*head, *(_row(_cells(portal)) for portal in portals), after])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(portal: Portal) -> list[str]:
    tenant = "&".join(f"{name}={value}" for name, value in portal.tenant.items())
    address = portal.base_url + portal.context_path + (f" ({tenant})" if tenant else "")
    live = f" on {portal.attested_on}" if portal.attested_on else ""
    datasets = f"{portal.approx_datasets:,} ({portal.approx_as_of})" if portal.approx_datasets is not None else ""
    remarks = [
        portal.why.removesuffix("."),
        portal.note,
        "relists" if portal.relists else "",
        "old TLS" if portal.old_tls else "",
        f"handshake of {portal.impersonate}" if portal.impersonate else "",
    ]
    return [
        f"`{portal.slug}`",
        _plain(f"{portal.name_zh} ({portal.short_en})"),
        f"`{portal.family}`",
        f"`{address}`",
        portal.status,
        portal.attested + live,
        portal.verified_on,
        datasets,
        _plain("; ".join(filter(None, remarks))),
    ]


def _plain(text: str) -> str:
    """Text with Markdown's special characters escaped."""
    return re.sub(r"([\\`*_{}\[\]<>|])", r"\\\1", text)
