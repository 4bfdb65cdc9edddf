"""The register: the governments, their portals, and how each portal is reached.

governments.csv holds the 364 governments, portals.csv one row a portal, no_portal.csv the governments that somebody has
verified to have none; every row is checked on loading.
"""

from opendata_spiders.register.attribution import Attribution, Attributor, OwnerRule
from opendata_spiders.register.load import load, packaged
from opendata_spiders.register.lookup import Register, Told
from opendata_spiders.register.models import (
    Attested,
    Government,
    Level,
    NationalScope,
    NoPortal,
    Portal,
    PortalStatus,
    RegisterError,
    why_not,
)
