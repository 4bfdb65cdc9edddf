"""Portals of catalogue software that is used worldwide, each written from the public documentation of its interface.

with playing(CkanPortal(entries(250))) as portal_url: …

They enforce the real limits: what a portal refuses is refused here, and what it cuts without a word is cut.
"""

from tests.replica.worldwide.arcgis_hub import ArcgisHubPortal
from tests.replica.worldwide.ckan import CkanPortal
from tests.replica.worldwide.entries import Entry, entries
from tests.replica.worldwide.opendatasoft import OpendatasoftPortal
from tests.replica.worldwide.playing import WorldPortal, playing
from tests.replica.worldwide.socrata import SocrataPortal
from tests.replica.worldwide.udata import UdataPortal

__all__ = [
    "ArcgisHubPortal", "CkanPortal", "Entry", "OpendatasoftPortal", "SocrataPortal", "UdataPortal", "WorldPortal",
    "entries", "playing",
]  # fmt: skip
