"""The page of one city: a portal, or a part of one that is told under its government."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from alerts.audit.rules import rules
from alerts.exports.site_files import badge_path, portal_months_path
from alerts.model.events import Event, portal_of
from alerts.records.published import newest_with_history
from alerts.records.queries import CityView, missing_datasets
from alerts.records.terms import TermsPeriod, terms_history
from alerts.records.update_days import updates_by_day, verdicts_by_day
from alerts.scoreboard.board import Document
from alerts.scoreboard.rank import CITIES, PROVINCES
from alerts.site.catalogue import GONE, shown_title
from alerts.site.charts.heat_calendar import UpdateCalendar, heat_calendar
from alerts.site.pages.events_told import ToldEvent, told
from alerts.site.policy import policy
from alerts.site.sources import Sources
from alerts.site.states import ShownState, shown
from alerts.site.tree import Crumb, Trees
from alerts.site.words import said
from alerts.text.labels import Both, paired
from alerts.text.links import city_path, dataset_path
from alerts.text.sanitising import clean, inert_url, shorten
from alerts.text.statements import place_name
from alerts.text.wording import LANGUAGES
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.models import Verdict

_YEAR = timedelta(days=363)


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """One of the fourteen categories, with the number of datasets by the portal's label and by content."""

    name: Both
    labelled: int | None
    """None where the portal does not label all its datasets."""
    by_content: int


@dataclass(frozen=True, slots=True)
class LateOffice:
    """One office with overdue datasets."""

    name: str
    """Raw portal text; empty where none is named."""
    late: int
    datasets: int | None


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One rule of the audit that datasets of the portal violate."""

    name: Both
    what_to_do: Both
    datasets: int


@dataclass(frozen=True, slots=True)
class GoneRow:
    """A dataset that is stated as gone; its texts are inert."""

    title: str
    office: str
    stated: datetime
    status: Both
    path: str
    """Path of its page, which is made after the city's in the same build."""


@dataclass(frozen=True, slots=True)
class TermsRow:
    """Terms of use as they stood on the portal for a time."""

    period: TermsPeriod
    link: str
    lines: Sequence[str]
    """The beginning of the text; none for a file, of which the hash alone is known."""
    more: int
    """Number of further lines."""


@dataclass(frozen=True, slots=True)
class CityPage:
    """All that the page shows."""

    view: CityView
    place: Both
    state: ShownState
    home: str
    """URL of the portal's first page; empty where it is not known."""
    note: Both | None
    measured: Document | None
    """None for a portal that was not completely read lately, or is not one of the 364 governments'."""
    rank: Mapping[str, Any] | None
    ranked: int
    """Number of places in the same table."""
    themes: Sequence[ThemeRow]
    kinds: Sequence[Mapping[str, Any]]
    """Kinds of key data: names, whether one of the four, number of datasets."""
    late: Sequence[LateOffice]
    late_offices: int
    findings: Sequence[FindingRow]
    national: Mapping[str, Any] | None
    calendar: UpdateCalendar
    removed: Sequence[GoneRow]
    terms: Sequence[TermsRow]
    """The newest first."""
    latest: Sequence[ToldEvent]
    badges: Mapping[str, str]
    """Path of the badge below the site by language."""


def made_from(view: CityView, sources: Sources) -> Mapping[str, Any]:
    """What a city's page shows, for its fingerprint."""
    row = sources.measured.get(view.portal)
    return {
        "state": sources.documents.get(view.portal),
        "view": view,
        "shown": shown(view, sources.now),
        "events": sources.last_event(view),
        "without": sorted(sources.without),
        "note": sources.notes.get(view.portal),
        "figures": row,
        "terms": terms_history(sources.store, portal_of(view.portal)),
        "rank": _ranked(view, sources),
        "national": _national(row, sources),
    }


def put(trees: Trees, view: CityView, sources: Sources) -> None:
    """Put the page into both trees."""
    page = city_page(view, sources)
    months = {suffix: portal_months_path(view.slug, suffix) for suffix in ("csv", "json")}
    trees.put(
        city_path(view.slug),
        "city.html.j2",
        title=page.place,
        crumbs=(Crumb(said("nav.compare"), "compare/index.html"),),
        city=page,
        heat=heat_calendar(page.calendar),
        months={suffix: path for suffix, path in months.items() if (trees.folder.root / path).is_file()},
        components=sources.board["rank"]["components"],
    )


def city_page(view: CityView, sources: Sources) -> CityPage:
    """The data of a city's page."""
    row, portal = sources.measured.get(view.portal), sources.rows.get(view.portal)
    place = sources.places.get(view.slug)
    rank, ranked = _ranked(view, sources)
    late = row["late"] if row else []
    return CityPage(
        view=view,
        place=place_name(view.slug, sources.places),
        state=shown(view, sources.now),
        home=inert_url(place.home, place.host) if place else "",
        note=sources.note(view),
        measured=row,
        rank=rank,
        ranked=ranked,
        themes=_themes(row),
        kinds=[{**one, "datasets": row["range"][one["code"]]} for one in sources.board["kinds"]] if row else [],
        late=[LateOffice(one["office"], one["late"], one["datasets"]) for one in late[: policy().city_offices]],
        late_offices=len(late),
        findings=_findings(row),
        national=_national(row, sources),
        calendar=_calendar(view, sources, portal.timezone if portal else SHANGHAI),
        terms=_terms(view, sources, place.host if place else ""),
        removed=_gone(view, sources),
        latest=told(_latest(view, sources), sources),
        badges={language: badge_path(view.slug, language) for language in LANGUAGES},
    )


def _terms(view: CityView, sources: Sources, host: str) -> list[TermsRow]:
    """The last texts of the portal's terms of use, the newest first."""
    rows, most = [], policy().terms_lines
    for period in reversed(terms_history(sources.store, portal_of(view.portal))[-policy().city_terms :]):
        lines = [line for line in map(clean, period.text.text.splitlines()) if line]
        shown_lines = [shorten(line, policy().title_chars * 3) for line in lines[:most]]
        rows.append(TermsRow(period, inert_url(period.text.url, host), shown_lines, max(0, len(lines) - most)))
    return rows


def _ranked(view: CityView, sources: Sources) -> tuple[Mapping[str, Any] | None, int]:
    tables = sources.board["rank"]
    for name in (PROVINCES, CITIES):
        for one in tables[name]:
            if one["slug"] == view.slug:
                return one, len(tables[name])
    return None, 0


def _national(row: Document | None, sources: Sources) -> Mapping[str, Any] | None:
    """The national register's total of the province."""
    province = f"{(row['government'] or '')[:2]}0000" if row else ""
    return next((one for one in sources.board["national"] if one["province"] == province), None)


def _themes(row: Document | None) -> list[ThemeRow]:
    if row is None:
        return []
    names = paired("vocabulary")["theme"]
    return [ThemeRow(names[theme], labelled, by_content) for theme, (labelled, by_content) in row["themes"].items()]


def _findings(row: Document | None) -> list[FindingRow]:
    found = row["findings"] if row else {}
    return [
        FindingRow(Both(rule.zh, rule.en), Both(rule.do_zh, rule.do_en), found[code])
        for code, rule in rules().items()
        if code in found
    ]


def _calendar(view: CityView, sources: Sources, zone: tzinfo) -> UpdateCalendar:
    """The year up to the last reading."""
    end = view.last_at or sources.now
    since = end - _YEAR
    last, first = end.astimezone(zone).date(), since.astimezone(zone).date()
    updates = updates_by_day(sources.store, view.portal, since, zone)
    for day in sources.documents[view.portal]["city"]["days"]:
        updates.setdefault(datetime.fromisoformat(day).date(), 1)
    stopped = view.evidence.date.astimezone(zone).date() if view.evidence and view.city == "stopped" else None
    watched = view.first_observed.astimezone(zone).date() if view.first_observed else None
    runs = verdicts_by_day(sources.store, since, zone, view.portal)
    read = frozenset(day for day, verdicts in runs.items() if verdicts[Verdict.COMPLETE])
    return UpdateCalendar(first, last, updates, read, watched, stopped)


def _gone(view: CityView, sources: Sources) -> list[GoneRow]:
    """What is stated as gone and is not listed under another id, the latest first."""
    states = (one for one in missing_datasets(sources.store, view.portal) if one.ended and not one.twin)
    latest = sorted(states, key=lambda one: (one.ended or one.last_seen, one.dataset), reverse=True)
    return [
        GoneRow(
            title=shown_title(one.title),
            office=shown_title(one.office),
            stated=one.ended or one.last_seen,
            status=paired("site")["status"][GONE[one.status]],
            path=dataset_path(view.slug, portal_of(view.portal), one.dataset),
        )
        for one in latest[: policy().city_removed]
    ]


def _latest(view: CityView, sources: Sources) -> Iterable[Event]:
    return newest_with_history(sources.store, policy().city_events, view.portal)
