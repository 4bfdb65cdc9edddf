"""Parts of portals: what a province's portal lists of cities that are read nowhere else, each told as its city's."""

from dataclasses import replace

from alerts.model.events import owner_of, part_id, portal_of
from alerts.records.queries import CityView, portal_states
from alerts.records.state_source import States
from opendata_spiders.register import Portal, Register, RegisterError, Told


def owners_told(register: Register, portal: Portal, owner: str = "") -> frozenset[str]:
    """Owners (adcode; empty: the portal's own) whose datasets are told of the portal, or of its part `owner`."""
    if owner:
        return frozenset({owner})
    inside = (adcode for adcode, one in register.governments.items() if one.province == portal.province)
    return frozenset({"", *(adcode for adcode in inside if register.told(portal, adcode) is Told.HERE)})


def part_ids(states: States) -> list[str]:
    """Ids of the parts of portals of which something is believed, sorted."""
    return sorted(filter(owner_of, states.ids()))


def parts_told(states: States, register: Register) -> list[Portal]:
    """The parts that are told now, each as the register's row of its portal would be if it were the city's own."""
    rows = (_row(register, part) for part in part_ids(states))
    return [row for row in rows if row is not None]


def _row(register: Register, part: str) -> Portal | None:
    """None where the city has a portal that is read meanwhile, or the register does not hold either of the two."""
    owner = owner_of(part)
    try:
        portal = register.by_id(portal_of(part))
    except RegisterError:
        return None
    government = register.governments.get(owner)
    if government is None or register.told(portal, owner) is not Told.APART:
        return None
    return replace(
        portal,
        id=part_id(portal.id, owner),
        slug=register.place(owner),
        government=owner,
        short_zh=government.short_zh,
        short_en=government.name_en,
        relists=False,
    )


def states_told(states: States, register: Register) -> list[CityView]:
    """The state of every portal that the diff has read, and of every part that is told now, sorted by slug."""
    told = {row.id for row in parts_told(states, register)}
    return [view for view in portal_states(states) if not owner_of(view.portal) or view.portal in told]
