"""A loopback web server that simulates open data portals with known content, made from one seeded world.

world = World([PortalSpec("jinan", "inspur_oportal", "济南", "370100", "/jinan")], seed=7)
world.script("jinan", Incident(Kind.DELETES, first=3, office="济南市教育局"))
with Replica(world) as replica:
    replica.night = 3
    replica.url("jinan")        # what `scrapy crawl jinan -a base_url=…` wants
    replica.log.count("jinan", "detail")
truth(world, "jinan", range(10))     # the events that have to be stated
"""

from tests.replica.habits import Habit
from tests.replica.incidents import Incident, Kind
from tests.replica.records import Record
from tests.replica.server import Replica
from tests.replica.sheets import PortalSpec
from tests.replica.truth import Score, Stated, Truth, truth
from tests.replica.world import World

__all__ = ["Habit", "Incident", "Kind", "PortalSpec", "Record", "Replica", "Score", "Stated", "Truth", "World", "truth"]
