"""What an answer or its absence says of a file, before anybody looks into it."""

import subprocess
from dataclasses import replace

import pytest
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from twisted.internet.error import ConnectionLost

from opendata_spiders.files.failures import classes
from opendata_spiders.files.fetch import answers
from opendata_spiders.files.parse import subprocess as apart
from opendata_spiders.files.parse.file_reading import FileReading
from opendata_spiders.files.parse.subprocess import read_apart
from opendata_spiders.files.policy import file_policy
from opendata_spiders.pages.contract import PageBlockedError, PageDriftedError, PageError, PageUnreachableError
from tests.replica import downloads

URL = "http://127.0.0.1/oportal/catalog/download"


@pytest.mark.parametrize(
    ("error", "received", "why"),
    [
        (DownloadTimeoutError("x"), 0, "timeout"),
        (DownloadTimeoutError("x"), 10, "slow"),
        (ResponseDataLossError("x"), 10, "truncated"),
        (DownloadCancelledError("x"), 0, "too_large"),
        (IgnoreRequest("Forbidden by robots.txt"), 0, "blocked"),
        (IgnoreRequest("its body exceeded DOWNLOAD_MAXSIZE"), 0, "too_large"),
        (CannotResolveHostError("x"), 0, "unreachable"),
        (DownloadConnectionRefusedError("x"), 0, "unreachable"),
        (DownloadFailedError("x"), 0, "unreachable"),
        (ConnectionLost(), 0, "unreachable"),
        (OSError("x"), 0, "unreachable"),
        (RuntimeError("ours"), 0, "fault"),
        (KeyError("ours"), 5, "fault"),
    ],
    ids=repr,
)
def test_no_answer(error, received, why):
    assert answers.of_error(error, received=received) == why
    assert why in classes()


@pytest.mark.parametrize(
    ("status", "why"),
    [(200, ""), (206, ""), (401, "login"), (403, "blocked"), (412, "blocked"), (429, "blocked"), (521, "blocked"), (404, "not_found"),
     (410, "not_found"), (500, "server_error"), (503, "server_error"), (302, "drifted"), (400, "drifted"), (405, "drifted")],
)  # fmt: skip
def test_status(status, why):
    assert answers.of_status(Response(URL, status=status)) == why


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("编号,名称\n1,甲\n", ""),
        ("<html><script>document.cookie='__jsl_clearance=1'</script></html>", "blocked"),
        ('<html><form><input type="password"></form></html>', "login"),
        ("<html><body>请先登录后下载</body></html>", "login"),
        ("<html><body>系统维护</body></html>", ""),
        ('{"code": 401, "message": "token is missing"}', "blocked"),
        ('{"code": 401, "message": "用户未登录"}', "login"),
        ('{"success": false, "msg": "请登录"}', "login"),
        ('{"code": 500, "success": false, "message": "系统繁忙"}', "error_answer"),
        ('{"code": 500, "success": false, "message": "系统繁忙", "data": null}', "error_answer"),
        ('{"code": 0, "message": "ok"}', ""),
        ('{"code": "A1", "name": "甲"}', ""),
        ('{"code": 500, "message": "x", "data": [{"a": 1}]}', ""),
        ('{"code": 500, "message": ', ""),
        ('[{"code": 500, "message": "x"}]', ""),
        ('{"code": 500, "message": "' + "x" * 5000 + '"}', ""),
        ("{" * 3000, ""),
    ],
)  # fmt: skip
def test_body_in_place_of_a_file(body, why):
    assert answers.of_body(Response(URL, body=body.encode())) == why


def test_a_redirect_to_a_login_page_is_a_login():
    page = b"<html><body>welcome</body></html>"
    assert answers.of_body(Response("https://sso.example.cn/cas/login?service=x", body=page)) == "login"
    assert answers.of_body(Response("https://sso.example.cn/cas/login?service=x", body=b"a,b\n1,2\n")) == ""


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (PageBlockedError, "blocked"),
        (PageUnreachableError, "unreadable"),
        (PageDriftedError, "drifted"),
        (PageError, "fault"),
    ],
)
def test_an_unusable_list_of_files(error, why):
    assert answers.of_page_error(error("x")) == why


# --- the reader's own process -----------------------------------------------------------------------------------------


def bomb() -> bytes:
    """A workbook of two cells, the second of which makes its reader ask for 549 GB."""
    body = downloads.as_xlsx([["名称"], ["x"]])
    return downloads.repacked(body, "xl/worksheets/sheet1.xml", '<c r="A2"', '<c r="XFD1048576"')


def test_a_file_is_read_in_a_process_of_its_own():
    assert read_apart("编号,名称\n1,甲\n".encode("gb18030"), "csv", whole=True).columns == ("编号", "名称")
    assert read_apart("编号,名称\n1,甲".encode(), "csv\0\nx", whole=False).columns == ("编号", "名称")


def test_a_file_that_kills_its_reader_says_nothing_of_the_city(caplog):
    assert read_apart(bomb(), "xlsx", whole=True) == FileReading("reader")
    assert "the reader of a file ended" in caplog.text


def test_a_file_that_holds_its_reader_up_is_given_up(monkeypatch, caplog):
    monkeypatch.setattr(apart, "file_policy", lambda: replace(file_policy(), reader_seconds=0))
    assert read_apart(b"a,b\n", "csv", whole=True) == FileReading("reader")
    assert "a file of 4 bytes was not read within 0 s" in caplog.text


def test_nothing_secret_is_where_hostile_bytes_are_parsed(monkeypatch):
    seen = {}
    monkeypatch.setenv("MONGODB_URI", "mongodb://u:secret@db")
    real = subprocess.run
    monkeypatch.setattr(apart.subprocess, "run", lambda *args, **more: seen.update(more) or real(*args, **more))
    assert read_apart(b"a,b\n1,2\n", "csv", whole=True).rows == 1
    assert "secret" not in repr(seen["env"])
