"""Where a portal may be: names spelled as hosts, patterns learned from the register, tables of addresses."""

from pathlib import Path

import pytest

from opendata_spiders.discovery.candidates import candidates, host_patterns, initials, known_addresses, pinyin
from opendata_spiders.discovery.policy import discovery_policy
from opendata_spiders.register import packaged
from opendata_spiders.register.edit import government_called
from opendata_spiders.tables import TableError

REGISTER = packaged()
PATTERNS = host_patterns(REGISTER)


def government(name: str):
    return government_called(REGISTER, name)


@pytest.mark.parametrize(
    ("name", "spelled", "short"),
    [
        ("佳木斯", "jiamusi", "jms"),
        ("阳泉", "yangquan", "yq"),
        ("十堰", "shiyan", "sy"),
        ("济南", "jinan", "jn"),
        ("张掖", "zhangye", "zy"),
        ("恩施州", "enshi", "es"),
        ("锡林郭勒盟", "xilingol", "xlg"),
        ("吉林市", "jilin", "jl"),
    ],
)
def test_a_name_is_spelled_as_hosts_spell_it(name, spelled, short):
    assert (pinyin(government(name)), initials(government(name))) == (spelled, short)


def test_patterns_are_those_of_several_portals_and_of_governments_alone():
    hosts = [one.host for one in PATTERNS]
    assert hosts[:3] == ["data.{pinyin}.gov.cn", "data.{initials}.gov.cn", "{initials}.data.gxzf.gov.cn"]
    assert all(host.endswith(".gov.cn") and not host.startswith("www.") for host in hosts)
    assert all(len(one.slugs) >= discovery_policy().least_rows for one in PATTERNS)
    assert [len(one.slugs) for one in PATTERNS] == sorted((len(one.slugs) for one in PATTERNS), reverse=True)


def test_a_pattern_of_one_province_holds_there_alone():
    (shandong,) = [one for one in PATTERNS if one.host == "{initials}data.sd.gov.cn"]
    assert shandong.fits(government("济南"))
    assert not shandong.fits(government("唐山"))
    found = shandong.candidate(government("聊城"))
    assert (found.address, found.suspects[0].context_path) == ("http://lcdata.sd.gov.cn", "/liaocheng")


def test_named_addresses_come_first_and_no_host_of_the_register_is_asked():
    known = known_addresses(REGISTER)
    found = candidates(REGISTER, government("佳木斯"), known, PATTERNS)
    assert [one.address for one in found[:2]] == ["http://data.jms.gov.cn", "http://data.jiamusi.gov.cn"]
    assert "Central China Normal University" in found[0].why
    assert found[1].why.startswith("spelled as beijing and ")
    taken = {portal.base_url.partition("//")[2] for portal in REGISTER.portals.values()}
    for one in REGISTER.governments.values():
        addresses = candidates(REGISTER, one, known, PATTERNS)
        assert not {address.host for address in addresses} & taken
        assert len({address.host for address in addresses}) == len(addresses)
        assert len(addresses) <= discovery_policy().guesses + 1


def test_the_table_names_addresses_of_governments_without_a_row():
    for adcode, one in known_addresses(REGISTER):
        assert not REGISTER.portals_of(adcode), one.address


@pytest.mark.parametrize(
    ("row", "said"),
    [("999999,http://a.example,,x", "no government"), ("130200,a.example,,x", "no address"), ("130200", "line 2")],
)
def test_a_row_of_one_s_own_that_makes_no_sense_names_its_line(tmp_path: Path, row: str, said: str):
    own = tmp_path / "addresses.csv"
    own.write_text(f"adcode,address,note,source\n{row}\n", "utf-8")
    with pytest.raises(TableError, match=said):
        known_addresses(REGISTER, own)
