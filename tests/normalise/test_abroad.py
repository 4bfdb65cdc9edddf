"""What portals of other countries write: frequencies in their languages and codes, themes of the EU, English topics."""

import pytest

from opendata_spiders import normalise

FREQUENCIES = {
    # the EU's table of frequencies, as an address, as a code, in udata's small letters
    "http://publications.europa.eu/resource/authority/frequency/MONTHLY": "MONTHLY",
    "https://publications.europa.eu/resource/authority/frequency/ANNUAL_2": "ANNUAL_2",
    "http://publications.europa.eu/resource/authority/frequency/DAILY_2": "DAILY",
    "http://publications.europa.eu/resource/authority/frequency/CONT": "DAILY",
    "UPDATE_CONT": "UPDATE_CONT", "quinquennial": "QUINQUENNIAL", "weekly_3": "WEEKLY", "not_planned": "NOT_PLANNED",
    "irreg": "IRREG", "punctual": "AS_NEEDED",
    # Dublin Core
    "http://purl.org/cld/freq/semiannual": "ANNUAL_2", "http://purl.org/cld/freq/threeTimesAMonth": "MONTHLY_3",
    # ISO 8601, as DCAT-US has it
    "R/P1D": "DAILY", "R/P1W": "WEEKLY", "R/P3.5D": "WEEKLY", "R/P0.5M": "MONTHLY_2", "R/P1M": "MONTHLY",
    "R/P2M": "BIMONTHLY", "R/P3M": "QUARTERLY", "R/P6M": "ANNUAL_2", "R/P1Y": "ANNUAL", "R/P10Y": "DECENNIAL",
    "P1M": "MONTHLY", "R/P2W": "BIWEEKLY", "P14D": "BIWEEKLY",
    # English
    "Data are updated daily.": "DAILY", "Updated Weekly": "WEEKLY", "Data is updated as needed": "AS_NEEDED",
    "Biannual": "ANNUAL_2", "Every two years": "BIENNIAL", "No longer updated": "NEVER", "Ad hoc": "AS_NEEDED",
    "One-time": "NOT_PLANNED", "Semi-Annual": "ANNUAL_2",
    # German, French, Spanish, Italian, Portuguese, Japanese
    "täglich": "DAILY", "Vierteljährlich": "QUARTERLY", "unregelmäßig": "IRREG", "nach Bedarf": "AS_NEEDED",
    "Quotidienne": "DAILY", "bimensuel": "MONTHLY_2", "Bimestriel": "BIMONTHLY", "Irrégulière": "IRREG",
    "temps réel": "UPDATE_CONT", "Cuatrimestral": "ANNUAL_3", "según necesidad": "AS_NEEDED", "diaria": "DAILY",
    "Semestrale": "ANNUAL_2", "Giornaliero": "DAILY", "Mensal": "MONTHLY", "sob demanda": "AS_NEEDED",
    "毎年": "ANNUAL", "年1回": "ANNUAL", "随時": "AS_NEEDED", "四半期": "QUARTERLY",
}  # fmt: skip


@pytest.mark.parametrize("written", FREQUENCIES)
def test_a_frequency_of_another_country_is_read(written):
    promise = normalise.frequency(written)
    assert (promise.code, promise.finding, promise.word) == (FREQUENCIES[written], None, written)


@pytest.mark.parametrize("written", ["unknown", "Unbekannt", "Not Specified", "不明"])
def test_a_frequency_that_is_said_to_be_unknown_is_no_promise_and_no_fault(written):
    assert (normalise.frequency(written).code, normalise.frequency(written).finding) == ("UNKNOWN", None)


@pytest.mark.parametrize("written", ["Weekly (Tuesday)", "R/P5D", "updated", "r/", "alle Jubeljahre"])
def test_what_nobody_knows_is_unknown(written):
    assert normalise.frequency(written).code == "UNKNOWN"
    assert normalise.frequency(written).finding


EU = "http://publications.europa.eu/resource/authority/data-theme"


@pytest.mark.parametrize(("written", "themes", "rule"), [
    ([f"{EU}/HEAL"], ("卫生健康",), "label:heal"),
    (f'["{EU}/TRAN", "{EU}/ENVI"]', ("交通出行", "资源环境"), "label:tran; label:envi"),
    ("AGRI", ("农业农村",), "label:agri"),
    (f"{EU}/ECON", (), "undecided:econ"),
    (f"{EU}/INTR", (), "none:intr"),
    (["public safety", "housing & development"], ("公共安全", "城建住房"), "label:publicsafety; label:housingdevelopment"),
    ("/Categories/Transportation", ("交通出行",), "none:categories; label:transportation"),
])  # fmt: skip
def test_a_theme_of_another_vocabulary_is_read(written, themes, rule):
    found = normalise.themes(written, title="Lakes", office="City")
    assert (found.themes, found.rule, found.finding) == (themes, rule, None)


def test_a_theme_without_an_honest_mapping_stays_as_written():
    found = normalise.themes("Umwelt", title="Seen", office="Amt")
    assert (found.themes, found.finding) == ((), "field.theme_unknown")
