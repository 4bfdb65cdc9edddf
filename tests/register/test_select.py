"""The words by which people name portals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendata_spiders.register import Portal, Register, RegisterError, cells, packaged

REGISTER = packaged()
SLUGS = sorted(REGISTER.portals)
GROUPS = (
    [f"family:{family}" for family in REGISTER.families()]
    + [f"host:{portal.host_group}" for portal in REGISTER.portals.values()]
    + [f"province:{portal.province}" for portal in REGISTER.portals.values() if portal.province]
)
WORDS = st.sampled_from(SLUGS) | st.sampled_from(sorted(set(GROUPS)))


def slugs(expression: str) -> list[str]:
    return [portal.slug for portal in REGISTER.select(expression)]


def test_words_are_joined_in_their_order_and_each_portal_stands_once() -> None:
    found = slugs("zunyi,province:山东,family:guizhou_api,host:data.guizhou.gov.cn,guiyang")
    assert found[:3] == ["zunyi", "shandong", "jinan"]
    named = {one.slug for one in REGISTER.portals.values() if one.province == "山东省" or one.family == "guizhou_api"}
    assert len(found) == len(set(found))
    assert set(found) == named


@pytest.mark.parametrize("word", ["贵州", "贵州省", "Guizhou", "guizhou", " 贵州 "])
def test_a_province_goes_by_any_of_its_names(word: str) -> None:
    assert slugs(f"province:{word}") == [one.slug for one in REGISTER.portals.values() if one.province == "贵州省"]


@pytest.mark.parametrize("word", ["贵阳", "贵阳市", "Guiyang", " guiyang "])
def test_a_city_goes_by_any_of_its_names(word: str) -> None:
    assert slugs(word) == ["guiyang"]


def test_a_province_named_alone_means_all_its_portals_its_slug_its_own() -> None:
    assert slugs("贵州") == slugs("province:贵州")
    assert slugs("guizhou") == ["guizhou"]
    assert slugs("济南,青岛") == ["jinan", "qingdao"]


def test_a_municipality_is_a_province_too() -> None:
    assert slugs("province:北京") == ["beijing"]


def test_portals_that_cannot_be_crawled_are_found() -> None:
    planned = next(portal for portal in REGISTER.portals.values() if not portal.crawlable)
    assert slugs(planned.slug) == [planned.slug]
    assert planned.slug in slugs(f"family:{planned.family}")


def test_host_means_the_group_that_fails_together() -> None:
    assert "zaozhuang" in slugs("host:data.sd.gov.cn")


def test_chinese_punctuation_and_spaces_do() -> None:
    assert slugs("guiyang， zunyi,") == ["guiyang", "zunyi"]
    assert slugs("province：山东") == slugs("province:山东")


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("guiyang,zunyii", "'zunyii' names no portal; did you mean zunyi?"),
        ("Suzhou", "'Suzhou' names no portal; did you mean suzhou_js or suzhou_ah?"),
        ("Lhasa", "'Lhasa' names no portal: the register holds no portal of Lhasa (拉萨市)"),
        ("family:guizhou", "'family:guizhou' names no portal; did you mean family:guizhou_api?"),
        ("province:Shandon", "did you mean province:shandong?"),
        ("province:西班牙", "'province:西班牙' names no portal"),
        ("host:data.guizhou.gov.c", "did you mean host:data.guizhou.gov.cn?"),
        ("city:guiyang", "'city' is not one of province:, family:, host:"),
        ("qqqqqqqq", "'qqqqqqqq' names no portal; docs/portals.md lists every portal"),
        ("family:", "'family:' names no portal"),
        ("", "no portal is named"),
        (" , ", "no portal is named"),
    ],
)
def test_an_unknown_word_is_named_with_the_nearest(expression: str, message: str) -> None:
    with pytest.raises(RegisterError) as caught:
        REGISTER.select(expression)
    assert message in str(caught.value)


def test_get_and_by_id_suggest_too(shipped: Register) -> None:
    assert shipped.by_id("520100.1") is shipped.get("guiyang")
    with pytest.raises(RegisterError, match="no portal has the slug 'guiyan'; did you mean guiyang"):
        shipped.get("guiyan")
    with pytest.raises(RegisterError, match=r"no portal has the id '520100\.9'; did you mean"):
        shipped.by_id("520100.9")


@given(st.lists(WORDS, min_size=1, max_size=6))
def test_a_selection_is_the_union_of_its_words(words: list[str]) -> None:
    union = {slug for word in words for slug in slugs(word)}
    found = slugs(",".join(words))
    assert len(found) == len(set(found))
    assert set(found) == union


@given(st.text(max_size=30))
def test_any_text_selects_something_or_is_refused_by_name(text: str) -> None:
    found: list[Portal] = []
    try:
        found = REGISTER.select(text)
    except RegisterError as error:
        said = str(error)
    else:
        said = ""
    assert bool(said) != bool(found)


@given(st.text(max_size=12))
def test_a_name_is_accepted_exactly_by_its_rule(text: str) -> None:
    letters, others = set("abcdefghijklmnopqrstuvwxyz"), set("0123456789_")
    allowed = text[:1] in letters and bool(text) and set(text) <= letters | others
    try:
        accepted = cells.name(text) == text
    except ValueError:
        accepted = False
    assert accepted == allowed


@given(
    st.dictionaries(
        st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True),
        st.from_regex(r"[A-Za-z0-9/._-]{0,8}", fullmatch=True),
        max_size=4,
    )
)
def test_a_tenant_comes_back_as_it_was_written(parameters: dict[str, str]) -> None:
    assert cells.tenant("&".join(f"{name}={value}" for name, value in parameters.items())) == parameters


@given(st.text(max_size=40).map("https://{}".format) | st.text(max_size=40))
def test_an_address_is_scheme_and_host_or_refused(text: str) -> None:
    try:
        accepted = cells.base_url(text)
    except ValueError:
        accepted = "https://data.example.cn"
    scheme, _, host = accepted.partition("://")
    assert scheme.lower() in {"http", "https"}
    assert host
    assert not set(host) & set("/?#@ \n\t")
