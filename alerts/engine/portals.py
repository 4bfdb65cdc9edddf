"""Portals as the diff folds them, from the register's rows."""

from alerts.engine.runner import PortalRef
from opendata_spiders.register import Level, Portal, Register, RegisterError


def place_of(register: Register, portal: str, slug: str) -> PortalRef:
    """The portal with its row's time zone and the portals above it; one outside the register lives on China's time."""
    try:
        row = register.by_id(portal)
    except RegisterError:
        return PortalRef(portal, slug)
    return PortalRef(portal, slug, row.timezone, registered=True, parents=_parents(register, row))


def _parents(register: Register, portal: Portal) -> tuple[str, ...]:
    """Ids of the province's portals that are read, for a portal of one of its cities."""
    provinces = (
        one.adcode
        for one in register.governments.values()
        if one.level is Level.PROVINCE and one.name_zh == portal.province and one.adcode != portal.government
    )
    return tuple(one.id for adcode in provinces for one in register.portals_of(adcode) if one.crawlable)
