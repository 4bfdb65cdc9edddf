"""`python -m alerts audit`: what is wrong with catalogue entries as they stand, by city, by office, or as a sheet."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from alerts.audit import sheet
from alerts.audit.catalogue import load, records
from alerts.audit.portal import Audit, audit
from alerts.audit.rules import RULES_VERSION, rules
from alerts.audit.tiers import Keys, relists
from alerts.cli.output import print_json, print_table
from alerts.cli.session import Session, json_option, session
from alerts.engine.runner import PortalRef
from alerts.records.isolation import apart, attempts, told
from alerts.text import spreadsheets as sheets
from opendata_spiders.register import Portal

_COLUMNS = ("portal", "finding", "问题", "severity", "datasets", "of", "share")
_OFFICES = ("portal", "office", "datasets", "findings", "which")


@click.command("audit")
@click.argument("slugs", nargs=-1)
@click.option("--office", "by_office", is_flag=True, help="Break the findings down by office.")
@click.option("--datasets", "listed", is_flag=True, help="With --json: list every finding, dataset by dataset.")
@click.option(
    "--csv", "file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write a sheet for Excel."
)
@json_option
def command(slugs: tuple[str, ...], file: Path | None, *, by_office: bool, listed: bool, as_json: bool) -> None:
    """Audit the catalogues of the given portals (default: all that were read) as the last diff left them."""
    if listed and not as_json:
        raise click.UsageError("--datasets belongs to --json; for people, write a sheet with --csv FILE")
    with session() as opened, attempts() as tried:
        places = opened.places(slugs)
        audits = list(_audits(opened, places))
        if file:
            _write(opened, audits, file)
        unread = [place.slug for place in places if place.id not in {one.catalogue.portal for one in audits}]
        if as_json:
            print_json(document(audits, unread, by_office=by_office, listed=listed))
        else:
            _print(audits, unread, by_office=by_office)
        if tried.failed:
            raise click.ClickException(f"{told(tried)}; the rest was audited")


def _audits(opened: Session, places: Iterable[PortalRef]) -> Iterator[Audit]:
    """Audit each portal that was ever read; provinces last, since they are compared with their cities."""
    keys = Keys(opened.store, opened.register)
    known = {portal.id: portal for portal in opened.register.portals.values()}
    done: list[Audit | None] = []
    for place in _provinces_last(places, known):
        with apart("portal", place.slug):
            done.append(_audit(opened, place, known.get(place.id), keys))
    yield from sorted(filter(None, done), key=lambda one: one.catalogue.slug)


def _provinces_last(places: Iterable[PortalRef], known: dict[str, Portal]) -> list[PortalRef]:
    return sorted(places, key=lambda place: (relists(known.get(place.id)), place.slug))


def _audit(opened: Session, place: PortalRef, portal: Portal | None, keys: Keys) -> Audit | None:
    catalogue = load(opened.store, place.id, place.tz)
    if catalogue is None:
        return None
    done = audit(catalogue, records(opened.store, catalogue), keys.below(portal))
    keys.keep(place.id, done.cards)
    return done


def document(audits: Sequence[Audit], unread: Sequence[str], *, by_office: bool, listed: bool) -> dict[str, Any]:
    """The audit as one JSON document."""
    return {
        "rules_version": RULES_VERSION,
        "portals": [_portal(one, by_office=by_office, listed=listed) for one in audits],
        "never_read": list(unread),
    }


def _portal(one: Audit, *, by_office: bool, listed: bool) -> dict[str, Any]:
    counts = one.counts
    shown: dict[str, Any] = {
        "portal": one.catalogue.portal,
        "slug": one.catalogue.slug,
        "at": one.catalogue.at,
        "run": one.catalogue.run.id,
        "datasets": one.datasets,
        "unread": one.unread,
        "sound": len(one.cards) - len(one.unsound),
        "findings": {code: _figure(counts[code], one.judged[code]) for code in rules()},
    }
    if by_office:
        sizes = one.office_sizes()
        shown["offices"] = [
            {"office": office, "datasets": sizes[office], "findings": found}
            for office, found in one.by_office().items()
        ]
    if listed:
        shown["listed"] = [
            {"code": f.code, "severity": f.severity, "dataset": f.dataset, "title": f.title, "office": f.office,
             "detail": f.detail} for f in one.findings
        ]  # fmt: skip
    return shown


def _figure(count: int, judged: int) -> dict[str, Any]:
    """A rule that could judge nothing has no count: unknown is not zero."""
    return {
        "count": count if judged else None,
        "judged": judged,
        "share": round(count / judged, 4) if judged else None,
    }


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
    counts, slug = one.counts, one.catalogue.slug
    sound = len(one.cards) - len(one.unsound)
    yield slug, "nothing high or medium", "无高、中级问题", "", sound, len(one.cards), _share(sound, len(one.cards))
    for code, rule in rules().items():
        if not (judged := one.judged[code]):
            yield slug, rule.en, rule.zh, rule.severity, "unknown", 0, None
        elif counts[code]:
            yield slug, rule.en, rule.zh, rule.severity, counts[code], judged, _share(counts[code], judged)


def _share(count: int, judged: int) -> str | None:
    return f"{count / judged:.1%}" if judged else None


def _office_lines(one: Audit) -> Iterator[Sequence[object]]:
    sizes = one.office_sizes()
    found = one.by_office()
    for office in sorted(found, key=lambda name: (-sum(found[name].values()), name)):
        counts = found[office]
        which = ", ".join(f"{rule.en} {counts[code]}" for code, rule in rules().items() if code in counts)
        yield one.catalogue.slug, office, sizes[office], sum(counts.values()), which


def _write(opened: Session, audits: Iterable[Audit], file: Path) -> None:
    try:
        with file.open("w", encoding="utf-8", newline="") as target:
            lines = (line for one in audits for line in _sheet(opened, one))
            count = sheets.write(target, sheet.HEADER, lines)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written ({error.strerror}); name another file") from None
    click.echo(f"{count} findings written to {file}", err=True)


def _sheet(opened: Session, one: Audit) -> Iterator[Sequence[object]]:
    portal = one.catalogue.portal
    views = opened.store.db["datasets"].find({"portal": portal}, {"id": 1, "page_url": 1})
    pages = {view["id"]: view.get("page_url", "") for view in views if "id" in view}
    return sheet.lines(one, sheet.portal_name(portal, one.catalogue.slug, opened.register), pages)
