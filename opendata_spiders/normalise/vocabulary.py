"""The tables of this package: what portals write, and what it means."""

from opendata_spiders.tables import Tables

table = Tables("opendata_spiders.normalise")
