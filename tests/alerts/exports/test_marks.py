"""What a page shows of one dataset and one city: schema.org, and a badge in both languages."""

import json
import re
from dataclasses import replace

import pytest
from lxml import etree

from alerts.exports.badge import badge
from alerts.exports.schema_org import as_script, dataset_document
from alerts.exports.source import Source
from alerts.exports.tables import datasets
from alerts.records.queries import portal_states
from alerts.records.state_source import StoredStates
from alerts.text.labels import Both
from tests.alerts.exports.conftest import FIRST

GUIYANG = "520100.1"
SVG = "{http://www.w3.org/2000/svg}"
PLACE = Both("贵阳", "Guiyang")


def document(source: Source, name: str) -> dict:
    row = datasets.one(source, GUIYANG, name)
    assert row is not None
    portal = source.register.by_id(GUIYANG)
    return dict(dataset_document(row, portal, source.register.governments["520100"], "https://watch.example.cn/d.html"))


def test_a_listed_dataset_as_schema_org(source: Source) -> None:
    found = document(source, "a1")
    assert (found["@type"], found["name"], found["publisher"]["name"]) == ("Dataset", "公交站点", "市交通运输局")
    assert found["dateModified"] == "2026-08-31T16:00:00Z"
    assert found["spatialCoverage"]["name"] == "贵阳市"
    assert [one["encodingFormat"] for one in found["distribution"]] == ["csv"]
    assert found["sameAs"] == found["isBasedOn"]
    assert "creativeWorkStatus" not in found
    assert "0851" not in json.dumps(found)


def test_a_removed_dataset_says_so(source: Source) -> None:
    found = document(source, "a5")
    assert found["creativeWorkStatus"] == "Withdrawn"
    assert found["isBasedOn"].endswith("a5")
    assert not {"sameAs", "distribution"} & found.keys()


def test_nothing_in_a_title_ends_the_script(source: Source) -> None:
    row = {**(datasets.one(source, GUIYANG, "a1") or {}), "title": "</script><script>alert(1)//\u2028 &amp;<!--"}
    script = as_script(dataset_document(row, None, None))
    assert not re.search("[<>&\u2028]", script)
    assert json.loads(script)["name"] == row["title"]


def contrast(colour: str) -> float:
    """With white, as WCAG counts it."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 1.05 / (sum(one * weight for one, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True)) + 0.05)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("state", ["live", "slowed", "stopping", "stopped", "stopped_faking", "resumed", "down", "empty",
                                   "blocked", "drifted", "undated", "none"])  # fmt: skip
def test_a_badge_says_the_state_can_be_read_and_loads_nothing(source: Source, state: str, language: str) -> None:
    [view] = portal_states(StoredStates(source.store), [GUIYANG])
    view = replace(view, state=state, days_silent=251, last_complete_at=FIRST)
    text = badge(view, PLACE, language)
    root = etree.fromstring(text.encode())
    assert (root.get("role"), root.get("{http://www.w3.org/XML/1998/namespace}lang")) == ("img", language)
    shown = [one.text for one in root.iter(f"{SVG}text")]
    title = root.findtext(f"{SVG}title")
    assert shown[0] == PLACE.of(language)
    assert title == (": ", "：")[language == "zh"].join(shown)
    assert ("251" in title) == state.startswith("stopped")
    assert all(contrast(one) >= 4.5 for one in re.findall(r'fill="(#[0-9a-f]{6})"', text))
    assert re.findall(r"https?://[^\"]*", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search("href|style|script|@import|url", text)


def test_a_city_that_was_not_read_lately_shows_the_day_it_was(source: Source) -> None:
    [view] = portal_states(StoredStates(source.store), [GUIYANG])
    assert "正常更新" in badge(view, PLACE, "zh", stale=True)
    for language in ("zh", "en"):
        text = badge(view, PLACE, language, stale=True)
        assert "· 2026-10-03" in text
        assert "#1f6f43" not in text


def test_a_hostile_name_stays_text(source: Source) -> None:
    [view] = portal_states(StoredStates(source.store), [GUIYANG])
    text = badge(view, Both("<script>&\u202e\x07", "x"), "zh")
    assert [one.tag for one in etree.fromstring(text.encode()).iter(f"{SVG}script")] == []
    assert "\u202e" not in text
