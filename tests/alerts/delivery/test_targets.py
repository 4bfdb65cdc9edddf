"""Addresses: read, shown, refused; never leaked."""

import base64
import logging
from pathlib import Path

import pytest

from alerts.delivery.message import Message
from alerts.delivery.sending import deliver
from alerts.delivery.targets import targets_of
from alerts.text.masking import MASKER, Masker, install, secrets_of
from alerts.text.target_urls import AddressError, expand, holds_secret, mask
from tests.alerts.delivery.receivers import Hook, web_server

SECRET = "s3cr3tT0ken99"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"mailto://me:{SECRET}@smtp.example.cn:465?to=a@b.cn", "mailto://smtp.example.cn:465/…"),
        (f"mailtos://smtp.example.cn/{SECRET}@b.cn", "mailtos://…"),
        (f"wecombot://{SECRET}", "wecombot://…"),
        (f"dingtalk://{SECRET}@{SECRET}", "dingtalk://…"),
        (f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={SECRET}", "https://qyapi.weixin.qq.com/…"),
        (f"tgram://123456:{SECRET}/1", "tgram://…"),
        (f"json://user:{SECRET}@hooks.example.cn/{SECRET}", "json://hooks.example.cn/…"),
        (f"mailto://first.last:{SECRET[:3]}/{SECRET}@smtp.example.cn", "mailto://…"),
        (f"mailto://first.last:12/{SECRET}@smtp.example.cn", "mailto://…"),
        (SECRET, "… (no service)"),
        (f"{SECRET * 3}://x", "… (no service)"),
        ("", "… (no service)"),
        ("http://[::1", "http://…"),
    ],
)
def test_an_address_is_shown_without_its_secrets(address: str, shown: str) -> None:
    assert mask(address) == shown


def test_values_from_the_environment_may_hold_any_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASS_WORD", "p@s/s:w#?&")
    assert expand("mailto://me:${PASS_WORD}@h.cn") == "mailto://me:p%40s%2Fs%3Aw%23%3F%26@h.cn"
    monkeypatch.setenv("WHOLE", f"wecombot://{SECRET}\n")
    assert expand("${WHOLE}") == f"wecombot://{SECRET}"


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(AddressError, match=r"\$\{NOT_SET_ANYWHERE\}"):
        expand("${NOT_SET_ANYWHERE}")
    with pytest.raises(AddressError, match="no variable name"):
        expand("json://${a b}")


@pytest.mark.parametrize("option", ["retry=3", "optional=yes", "overflow=split"])
def test_options_that_would_undo_the_outbox_are_refused(option: str) -> None:
    with pytest.raises(AddressError, match=option.partition("=")[0]) as raised:
        targets_of("me", [f"json://127.0.0.1/{SECRET}?{option}"])
    assert SECRET not in str(raised.value)


def test_an_unknown_service_is_refused_without_showing_the_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)
    for address in (f"nosuch://{SECRET}", f"wecombot://{SECRET}!", SECRET, "mailto://"):
        with pytest.raises(AddressError) as raised:
            targets_of("me", ["json://127.0.0.1", address])
        assert SECRET not in str(raised.value)
        assert "address 2" in str(raised.value)
    assert SECRET not in caplog.text


def test_a_target_keeps_its_reference_when_its_mail_password_changes() -> None:
    old, new = (
        targets_of("me", [f"mailto://u:{password}@smtp.example.cn?from=w@x.cn&to=a@b.cn,c@d.cn"])
        for password in ("one-password", "another-one")
    )
    assert [target.ref(b"k") for target in old] == [target.ref(b"k") for target in new]
    assert len({target.ref(b"k") for target in old}) == 2
    assert old[0].ref(b"k") != old[0].ref(b"other")


def test_several_chats_of_one_bot_are_several_targets() -> None:
    found = targets_of("me", ["tgram://123456789:abcdefg_hijklmnop/12315544/99887766"])
    assert [target.index for target in found] == [1, 2]


@pytest.mark.parametrize("level", [logging.DEBUG, 1])
def test_nothing_logged_while_sending_holds_a_secret(caplog: pytest.LogCaptureFixture, level: int) -> None:
    caplog.set_level(level)
    for name in ("apprise", "urllib3.connectionpool", "requests"):
        caplog.set_level(level, name)
    hook = Hook(answer=lambda request: (500, SECRET.encode()))
    with web_server(hook) as port:
        address = f"json://user:{SECRET}@127.0.0.1:{port}/path/{SECRET}/x?+Authorization=Bearer%20{SECRET}"
        [target] = targets_of("me", [address])
        outcome = deliver(target, Message("m", "t", "b", "text"))
        assert SECRET in hook.requests[0].path
    assert "JSON" in caplog.text
    assert SECRET not in caplog.text
    assert SECRET not in outcome.error
    assert SECRET not in repr(target)


def test_tokens_in_the_request_line_are_masked(caplog: pytest.LogCaptureFixture, services: Hook) -> None:
    for name in ("apprise", "urllib3.connectionpool", "requests"):
        caplog.set_level(1, name)
    services.answer = lambda request: (200, b'{"errcode": 1, "errmsg": "' + request.path.encode() + b'"}')
    for address in (f"wecombot://{SECRET}", f"dingtalk://{SECRET}", f"feishu://{SECRET}", f"schan://{SECRET}"):
        [target] = targets_of("me", [address])
        assert SECRET not in deliver(target, Message("m", "t", "b", "text")).error
    assert any(SECRET in request.path for request in services.requests)
    assert SECRET not in caplog.text
    assert "***" in caplog.text


def test_the_masker_knows_plain_and_encoded_forms() -> None:
    masker = Masker()
    masker.learn(["mailto://me:p%40ss%2Fword@smtp.example.cn?to=a@b.cn"])
    assert masker.hide("login p@ss/word or p%40ss%2Fword at smtp.example.cn") == "login *** or *** at smtp.example.cn"
    assert "smtp.example.cn:465" not in secrets_of("mailto://u:pw12345@smtp.example.cn:465")


def test_what_was_logged_in_with_is_masked_as_it_goes_over_the_line() -> None:
    masker = Masker()
    masker.learn(["mailtos://bot:p%40ss%20w%C3%B6rd@smtp.example.cn?to=a@b.cn"])
    plain = "p@ss wörd"
    for form in (f"\0bot\0{plain}", f"bot\0bot\0{plain}", f"bot:{plain}", plain, "bot"):
        coded = base64.b64encode(form.encode()).decode()
        assert masker.hide(f"AUTH {coded} no") in {"AUTH *** no", "AUTH ***= no", "AUTH ***== no"}
    for form in (plain, "p%40ss%20w%C3%B6rd", "p%40ss+w%C3%B6rd", "p%40ss%20w%c3%b6rd"):
        assert masker.hide(f"said {form}") == "said ***"


@pytest.mark.parametrize(
    ("written", "holds"),
    [
        (f"wecombot://{SECRET}", True),
        ("${WECOM}", False),
        ("wecombot://${KEY}", False),
        (f"mailtos://me:{SECRET}@smtp.example.cn?to=a@b.cn", True),
        ("mailtos://${USER}:${PASSWORD}@smtp.example.cn?to=a@b.cn", False),
        ("mailto://relay.example.cn?from=w@x.cn&to=a@b.cn", False),
        (f"nightwatch+https://h.cn/x?secret={SECRET}{SECRET}", True),
        ("nightwatch+https://h.cn/x?secret=${HOOK_SECRET}", False),
        (f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={SECRET}", True),
        ("tgram://${TOKEN}/12315544", True),
    ],
)
def test_a_key_in_the_file_itself_is_seen(written: str, *, holds: bool) -> None:
    assert holds_secret(written) == holds


def test_an_exception_in_a_log_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    install()
    MASKER.learn([f"wecombot://{SECRET}"])
    try:
        Path(f"/nowhere/{SECRET}").read_text()
    except OSError:
        logging.getLogger("apprise").exception("failed for %s", SECRET)
    assert SECRET not in caplog.text
