"""How long the robots.txt that one crawl has read counts for the others of its process; a crawl's own manners: tests/crawl."""

from protego import Protego

from opendata_spiders.fetching.robots import KnownRules, ServerRules
from opendata_spiders.policy import policy

SERVER = "https://data.example.gov.cn"
FOUND = ServerRules(Protego.parse("User-agent: *\nDisallow: /api/"))


def test_rules_count_until_they_are_too_old():
    now = [1000.0]
    known = KnownRules(12, clock=lambda: now[0])
    assert known.get(SERVER) is None
    known.put(SERVER, FOUND)
    now[0] += 12 * 3600 - 1
    assert known.get(SERVER) is FOUND
    assert known.get("http://data.example.gov.cn") is None
    now[0] += 1
    assert known.get(SERVER) is None
    known.put(SERVER, FOUND)
    assert known.get(SERVER) is FOUND


def test_that_there_are_none_is_known_too():
    known = KnownRules(12)
    known.put(SERVER, ServerRules(None))
    assert known.get(SERVER) == ServerRules(None)


def test_what_a_wall_stands_before_is_asked_for_anew():
    known = KnownRules(12)
    known.put(SERVER, ServerRules(None, "加速乐"))
    assert known.get(SERVER) is None


def test_they_are_no_older_than_the_standard_allows():
    assert policy().robots_hours <= 24
