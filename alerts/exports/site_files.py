"""Files that the site offers beside its pages: badges, events by month, the months of each portal, feeds of watches."""

from collections.abc import Callable
from itertools import groupby

from alerts.exports.badge import badge
from alerts.exports.columns import dictionary
from alerts.exports.feeds import write_watch_feeds
from alerts.exports.formats import as_json, write_csv
from alerts.exports.snapshot import write_months
from alerts.exports.source import Source
from alerts.exports.tables import months
from alerts.publish.folder import Folder
from alerts.records.isolation import apart
from alerts.records.parts import states_told
from alerts.records.queries import CityView
from alerts.records.state_source import StoredStates
from alerts.text.statements import place_name
from alerts.text.wording import LANGUAGES

DATA = "data"
"""Folder of tables on the site: `data/events/2026-10.csv`, `data/months/guiyang.csv` and `.json`."""


def write_site_files(source: Source, folder: Folder, is_stale: Callable[[CityView], bool]) -> None:
    """Write them all; what fails is recorded and the others follow. Raises OSError if a file cannot be written.

    `is_stale`: whether a city was not completely read lately.
    """
    _write_badges(source, folder, is_stale)
    with apart("export", "events by month"):
        write_months(source, folder, below=f"{DATA}/")
    with apart("export", "months of portals"):
        _write_portal_months(source, folder)
    write_watch_feeds(source, folder)


def badge_path(slug: str, language: str) -> str:
    """Path of a city's badge on the site."""
    return f"badges/{slug}.{language}.svg"


def portal_months_path(slug: str, suffix: str) -> str:
    """Path of the months of a portal on the site; `suffix`: csv or json."""
    return f"{DATA}/months/{slug}.{suffix}"


def _write_badges(source: Source, folder: Folder, is_stale: Callable[[CityView], bool]) -> None:
    for view in states_told(StoredStates(source.store), source.register):
        with apart("badge", view.slug):
            place = place_name(view.slug, source.places)
            for language in LANGUAGES:
                folder.put(badge_path(view.slug, language), badge(view, place, language, stale=is_stale(view)))


def _write_portal_months(source: Source, folder: Folder) -> None:
    for slug, rows in groupby(months.rows(source), key=lambda row: str(row["slug"])):
        mine = list(rows)
        with folder.stream(portal_months_path(slug, "csv")) as file:
            write_csv(file, dictionary()["months"], mine)
        folder.put(portal_months_path(slug, "json"), as_json(mine) + "\n")
