"""The table of versions: every content that a dataset has ever had, without telephone numbers and mail addresses."""

from datetime import datetime

from alerts.exports.source import Rows, Source
from alerts.publish.evidence.page import CONTACTS
from opendata_spiders.normalise import text
from opendata_spiders.store.content import storable


def rows(source: Source) -> Rows:
    """Every version by portal and dataset, those of one dataset in the order in which they were read."""
    portal, read = "", dict[str, datetime]()
    for version in source.store.every_version():
        if version.portal != portal:
            portal = version.portal
            runs = source.store.db["runs"].find({"portal": portal}, {"at": 1})
            read = {run["_id"]: run["at"] for run in runs}
        yield {
            "id": version.id,
            "portal": portal,
            "dataset": storable(version.dataset),
            "family": version.family,
            "first_run": version.first_run,
            "first_read": read.get(version.first_run),
            "title": text(version.content.get("title")),
            "content": storable({name: one for name, one in version.content.items() if name not in CONTACTS}),
        }
