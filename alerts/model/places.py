"""Names of portals and places for readers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PortalName:
    """A portal under the name of its city."""

    slug: str
    name_zh: str
    name_en: str
    host: str = ""
    """Host of the pages of the portal that it is read on; links elsewhere are not shown."""
    home: str = ""
    """Address of its first page, from the register."""


@dataclass(frozen=True, slots=True)
class Silent:
    """A place with subscribers but without a portal that is crawled, and why."""

    name_zh: str
    name_en: str
    why: str
    """no_portal, planned, retired or dead."""
    slug: str = ""
    """Under which it would be told if its province's portal listed something of it (`Register.place`)."""
