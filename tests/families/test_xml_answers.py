"""XML answers: what they are read as, and that no body makes the reader stumble."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendata_spiders.declared.xml_answers import xml_object
from opendata_spiders.pages.contract import PageBlockedError, PageDriftedError, PageError, PageUnreachableError
from tests.families.goldens import FIXTURES

PAGE = (FIXTURES / "prodapi_openresource" / "list_xml" / "body.xml").read_text("utf-8")


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<a>1</a><b> 公园 </b>", {"a": "1", "b": "公园"}),
        ("<a/><b> </b>", {"a": None, "b": None}),
        ("<a>1</a><a>2</a><a>3</a>", {"a": ["1", "2", "3"]}),
        ("<rows><rows><id>1</id></rows></rows>", {"rows": [{"id": "1"}]}),
        ("<rows><rows>1</rows><rows>2</rows></rows><n>2</n>", {"rows": ["1", "2"], "n": "2"}),
        ("<!-- x --><a>甲<!-- y --></a><?z?>", {"a": "甲"}),
        ("text alone", {}),
        ("", {}),
    ],
)
def test_what_an_answer_is_read_as(inner, expected):
    assert xml_object(f"\n<Result>{inner}</Result>", "Result") == expected


def test_the_charset_that_the_text_names_is_that_of_the_bytes_it_came_in():
    assert xml_object('<?xml version="1.0" encoding="GBK"?><Result><a>公园</a></Result>', "Result") == {"a": "公园"}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("<Result><a>1</a", PageUnreachableError),
        ("<Result>", PageUnreachableError),
        ("<Other></Other>", PageDriftedError),
        ("<Result><a></b></Result>", PageDriftedError),
        ("<!DOCTYPE html><html><body>登录<br></body></html>", PageBlockedError),
        ('<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', PageBlockedError),
    ],
)
def test_what_is_refused(text, error):
    with pytest.raises(error):
        xml_object(text, "Result")


def test_entities_are_neither_expanded_nor_fetched():
    declared = '<!DOCTYPE Result [<!ENTITY e0 "公园"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
    assert xml_object(f"{declared}<Result><a>&e0;</a><b>&f;</b></Result>", "Result") == {"a": None, "b": None}
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    with pytest.raises(PageDriftedError, match="entity"):
        xml_object(f'<!DOCTYPE Result [<!ENTITY e0 "公园">{bomb}]><Result><a>&e8;</a></Result>', "Result")


@given(st.integers(0, len(PAGE)), st.text(max_size=6), st.integers(0, 30))
def test_torn_xml_is_read_or_refused(at, text, gone):
    with suppress(PageError):
        assert isinstance(xml_object(PAGE[:at] + text + PAGE[at + gone :], "BusinessMessage"), dict)
