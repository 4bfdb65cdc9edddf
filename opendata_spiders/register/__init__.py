"""The register: the governments, their portals, and how each portal is reached.

governments.csv holds the 364 governments, portals.csv one row a portal; every row is checked on loading.
"""

from opendata_spiders.register.attribution import Attribution, Attributor, OwnerRule
from opendata_spiders.register.load import load, packaged
from opendata_spiders.register.lookup import Register, Told
from opendata_spiders.register.models import (
    Attested,
    Government,
    Level,
    NationalScope,
    Portal,
    PortalStatus,
    RegisterError,
    why_not,
)
