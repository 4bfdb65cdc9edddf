"""A year of a few nights: it is played, counted and asked, and what is printed is what lies in the database."""

import re

import pytest
from click.testing import CliRunner

from opendata_spiders.store.clock import VARIABLE
from opendata_spiders.store.models import Verdict
from tests.year.__main__ import main
from tests.year.catalogue import Catalogue, lives
from tests.year.play import Plan
from tests.year.portals import country, sizes
from tests.year.report import WHOLE

SMALL = {"portals": 3, "datasets": 60, "nights": 5, "readers": 2}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_small_year_is_played_and_reported(tmp_path, monkeypatch):
    monkeypatch.setenv(
        VARIABLE, "2025-12-01T00:00:00Z"
    )  # the year moves the clock of its process, and only a test moves it back
    words = [f"--{name}={value}" for name, value in SMALL.items()]
    done = CliRunner().invoke(main, [*words, "--seed=3", f"--database={tmp_path / 'year'}"])
    assert done.exit_code == 0, done.output
    written = re.search(r"^Written: (.*)\.$", done.output, re.MULTILINE)
    counted = {name: int(count.replace(",", "")) for count, name in re.findall(r"(\d[\d,]*) (\w+)", written[1])}
    runs = sum(counted.get(verdict, 0) for verdict in Verdict)
    assert runs == SMALL["portals"] * SMALL["nights"]
    held = dict(re.findall(r"^│ (\w+) +│ +([\d,]+) │", done.output, re.MULTILINE))
    assert int(held["runs"]) == runs
    assert int(held["versions"]) == counted["versions"]
    assert int(held["nights"]) == SMALL["nights"]
    for question in ("alerts events --json", "alerts site --out", "alerts scoreboard", "alerts evidence"):
        assert question in done.output, question
    assert "Not run, worked out by proportion: 257 portals, 500,000 datasets and 365 nights" in done.output


def test_the_country_has_as_many_portals_and_datasets_as_are_asked_for(tmp_path):
    register = country(WHOLE.portals, tmp_path / "register")
    assert len(register.crawlable()) == len(register.portals) == WHOLE.portals
    assert WHOLE.datasets * 0.99 < sum(sizes(WHOLE.portals, WHOLE.datasets)) <= WHOLE.datasets
    with pytest.raises(ValueError, match="portals at most"):
        country(1000, tmp_path / "more")


def test_the_same_seed_plays_the_same_year(tmp_path):
    register = country(60, tmp_path / "register")
    plan = Plan(60, 3000, 90, 5, 1, 1)

    def played(seed):
        found = []
        for index, portal in enumerate(register.portals.values()):
            catalogue = Catalogue(index, portal, 50, seed)
            found += [catalogue.live(night, plan.nights) for night in range(1, plan.nights)]
        return found

    first = played(5)
    assert first == played(5)
    assert first != played(6)
    assert sum(one.migrated for one in first) == 2, "of the second and the thirty-ninth portal"
    assert sum(len(one.removed) >= 15 for one in first) == 2
    assert {one.name for one in lives()} == {"silent", "monthly", "working", "stamped"}
