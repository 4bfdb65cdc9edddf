"""`python -m alerts audit`: faults of catalogue entries in their present state, by city, by office, or as a table."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click

from alerts.audit import sheet
from alerts.audit.catalogue import load
from alerts.audit.kept_facts import KeptFacts
from alerts.audit.portal import Audit, audit
from alerts.audit.rules import RULES_VERSION, rules
from alerts.audit.tiers import Keys, relists
from alerts.cli import options
from alerts.cli.output import Output, answers_rows, print_json, print_table
from alerts.cli.session import Session, session
from alerts.engine.runner import PortalRef
from alerts.records.isolation import apart, attempts, told

_COLUMNS = ("portal", "finding", "问题", "severity", "datasets", "of", "share")
_OFFICES = ("portal", "office", "datasets", "findings", "which")


@click.command("audit")
@options.portals
@click.option("--office", "by_office", is_flag=True, help="Break the findings down by office.")
@click.option("--datasets", "listed", is_flag=True, help="With --json: list every finding, dataset by dataset.")
@answers_rows
def audit_command(words: tuple[str, ...], *, by_office: bool, listed: bool, out: Output) -> None:
    """Audit the catalogues of the given portals (default: all that were read) as the last diff left them."""
    if listed and not out.as_json:
        raise click.UsageError("--datasets belongs to --json; for people, write a sheet with --csv FILE")
    if by_office and out.file and not out.as_json:
        raise click.UsageError("--office belongs to the table and to --json: each row of --csv names its office")
    with session() as opened, attempts() as tried:
        places = opened.places(words)
        audits = _audits(opened, places)
        if out.file:
            out.sheet(sheet.HEADER, (line for one in audits for line in _sheet(opened, one)), "findings")
        unread = [place.slug for place in places if place.id not in {one.catalogue.portal for one in audits}]
        if out.as_json:
            portals = [_portal(one, by_office=by_office, listed=listed) for one in audits]
            print_json({"rules_version": RULES_VERSION, "portals": portals, "never_read": unread})
        elif out.as_text:
            _print(audits, unread, by_office=by_office)
        if tried.failed:
            raise click.ClickException(f"{told(tried)}; the rest was audited")


def _audits(opened: Session, places: Iterable[PortalRef]) -> list[Audit]:
    """Audit each portal that was ever read; provinces last, because they are compared with their cities."""
    facts = KeptFacts(opened.store)
    keys = Keys(opened.store, opened.register, kept=facts)
    known = {portal.id: portal for portal in opened.register.portals.values()}
    done: list[Audit] = []
    for place in sorted(places, key=lambda place: (relists(known.get(place.id)), place.slug)):
        with apart("portal", place.slug):
            if catalogue := load(opened.store, place.id, place.tz, kept=facts):
                below = keys.below(known.get(place.id))
                done.append(audit(catalogue, below))
                keys.keep(place.id, done[-1].cards)
    return sorted(done, key=lambda one: one.catalogue.slug)


def _portal(one: Audit, *, by_office: bool, listed: bool) -> dict[str, Any]:
    counts, judged, sizes = one.counts, one.judged, one.office_sizes()
    figures = {}
    for code, count in counts.items():
        # A rule that could judge no dataset has no count: unknown is not zero.
        share = round(count / judged[code], 4) if judged[code] else None
        figures[code] = {"count": count if judged[code] else None, "judged": judged[code], "share": share}
    shown: dict[str, Any] = {
        "portal": one.catalogue.portal,
        "slug": one.catalogue.slug,
        "at": one.catalogue.at,
        "run": one.catalogue.run.id,
        "datasets": one.datasets,
        "unread": one.unread,
        "sound": len(one.cards) - len(one.unsound),
        "findings": figures,
    }
    if by_office:
        shown["offices"] = [
            {"office": office, "datasets": sizes[office], "findings": found}
            for office, found in one.by_office().items()
        ]
    if listed:
        names = ("code", "severity", "dataset", "title", "office", "detail")
        shown["listed"] = [{name: getattr(finding, name) for name in names} for finding in one.findings]
    return shown


def _print(audits: Sequence[Audit], unread: Sequence[str], *, by_office: bool) -> None:
    if not audits:
        click.echo("No portal has been completely read and compared yet; run `python -m alerts diff` after a crawl.")
        return
    print_table(f"Audit, rules version {RULES_VERSION}", _COLUMNS, [line for one in audits for line in _lines(one)])
    if by_office:
        print_table("By office", _OFFICES, [line for one in audits for line in _office_lines(one)])
    if unread:
        click.echo(f"Never completely read and compared: {', '.join(unread)}")


def _lines(one: Audit) -> Iterator[Sequence[object]]:
    counts, slug, all_cards = one.counts, one.catalogue.slug, len(one.cards)
    sound = all_cards - len(one.unsound)
    share = f"{sound / all_cards:.1%}" if all_cards else None
    yield slug, "nothing high or medium", "无高、中级问题", "", sound, all_cards, share
    for code, rule in rules().items():
        if not (judged := one.judged[code]):
            yield slug, rule.en, rule.zh, rule.severity, "unknown", 0, None
        elif counts[code]:
            yield slug, rule.en, rule.zh, rule.severity, counts[code], judged, f"{counts[code] / judged:.1%}"


def _office_lines(one: Audit) -> Iterator[Sequence[object]]:
    sizes, found = one.office_sizes(), one.by_office()
    for office in sorted(found, key=lambda name: (-sum(found[name].values()), name)):
        counts = found[office]
        which = ", ".join(f"{rule.en} {counts[code]}" for code, rule in rules().items() if code in counts)
        yield one.catalogue.slug, office, sizes[office], sum(counts.values()), which


def _sheet(opened: Session, one: Audit) -> Iterator[Sequence[object]]:
    portal = one.catalogue.portal
    views = opened.store.db["datasets"].find({"portal": portal}, {"id": 1, "page_url": 1})
    pages = {view["id"]: view.get("page_url", "") for view in views if "id" in view}
    return sheet.lines(one, sheet.portal_name(portal, one.catalogue.slug, opened.register), pages)
