"""`scrapy probe` of portals whose software is used worldwide: by their home pages, confirmed by their lists."""

import json

import pytest

from tests.replica import PortalSpec, World
from tests.replica.worldwide import (
    ArcgisHubPortal,
    CkanPortal,
    OpendatasoftPortal,
    SocrataPortal,
    UdataPortal,
    entries,
    playing,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def world() -> World:
    """A clock: the portals are played by servers of their own."""
    return World([PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", datasets=1)], seed=1)


@pytest.mark.parametrize("software", [ArcgisHubPortal, CkanPortal, OpendatasoftPortal, SocrataPortal, UdataPortal])
def test_the_software_is_recognised(desk, software):
    with playing(software(entries(130))) as url:
        done = desk.command("scrapy", "probe", url, "--json")
    said = json.loads(done.stdout)
    assert (said["family"], said["confirmed"], said["home_fits"]) == (software.family, True, [software.family])
    assert said["list"] == "100 datasets on the first page of 130"
    assert said["version"] == ("2.10.4" if software is CkanPortal else "")
