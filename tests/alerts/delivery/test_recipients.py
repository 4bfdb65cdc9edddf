"""Recipients as people write them: each becomes a target, or the file is refused."""

import pytest

from alerts.delivery.message import Message
from alerts.delivery.recipients import Mailbox, mailbox, mailboxes
from alerts.delivery.sending import deliver
from alerts.delivery.targets import targets_of
from alerts.text.target_urls import AddressError
from tests.alerts.delivery.receivers import Hook, web_server

MAIL = "mailto://relay.example.cn:25?from=watch@example.cn"


def reached(address: str) -> list[str]:
    return [one.parsed["recipient"].address for one in targets_of("desk", [address])]


@pytest.mark.parametrize("between", [",", ";", "、", "，", "；", " ", ", ", "\n", ";\n  ", "%3B", "%20", "%EF%BC%8C"])
def test_whatever_stands_between_two_recipients_both_are_reached(between: str) -> None:
    assert reached(f"{MAIL}&to=li@example.cn{between}wang@example.org") == ["li@example.cn", "wang@example.org"]


def test_to_cc_bcc_and_path_are_all_recipients_and_a_double_is_one() -> None:
    address = f"{MAIL.replace('?', '/p@example.cn/q@example.cn?')}&to=a@example.cn&cc=b@example.cn;a@EXAMPLE.cn&bcc=c@example.cn"
    assert reached(address) == [f"{name}@example.cn" for name in "pqabc"]


def test_the_same_address_twice_is_one_target() -> None:
    found = targets_of(
        "desk", ["json://127.0.0.1/a", f"{MAIL}&to=a@example.cn", "json://127.0.0.1/a", f"{MAIL}&to=a@example.cn"]
    )
    assert [(one.index, one.schema) for one in found] == [(1, "json"), (2, "mailto")]


def test_names_and_domains_outside_ascii_are_read() -> None:
    listed = '"Li, Si" <li@example.cn>; 王 五 <wang@例子.中国>，用户@例子。测试'
    assert mailboxes(listed, "to") == [
        Mailbox("li@example.cn", "Li, Si"),
        Mailbox("wang@xn--fsqu00a.xn--fiqs8s", "王 五"),
        Mailbox("用户@xn--fsqu00a.xn--0zwm56d"),
    ]
    assert mailbox("Desk@Straße.de") == Mailbox("Desk@xn--strae-oqa.de")


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("desk@@example.cn", r"`to` \(…@@example.cn\) is no mail address: it has more than one @"),
        ("a@example.cn,b.example.cn", r"`to`, number 2 of 2 \(12 characters\) is no mail address: it has no @"),
        ("a＠example.cn", "it has no @"),
        ("a@example..cn", "what stands behind the @ is no domain"),
        ("a@-example.cn", "what stands behind the @ is no domain"),
        ("a@", "what stands behind the @ is no domain"),
        ("@example.cn", "what stands before the @ cannot be a mailbox"),
        ("a..b@example.cn", "what stands before the @ cannot be a mailbox"),
        (f"{'a' * 65}@example.cn", "what stands before the @ cannot be a mailbox"),
        ("Desk <a@example.cn", "what stands before|it has no @"),
        ("", "`to` names nobody"),
        (",;", "`to` names nobody"),
        ("a@example.cn#b@example.cn", "more than one @"),
    ],
)
def test_a_recipient_that_is_none_refuses_the_address(to: str, why: str) -> None:
    with pytest.raises(AddressError, match=why) as refused:
        targets_of("desk", [f"{MAIL}&to={to}"])
    assert "desk@" not in str(refused.value)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("&to=a@example.cn&to=b@example.cn", "the option 'to' stands there twice"),
        ("&to=a@example.cn&b@example.cn", r"option 3 behind the \? \(…\) is none of this service"),
        ("&too=a@example.cn", r"option 2 behind the \? \('too'\) is none of this service"),
        ("&cc=a@@example.cn", "`cc`"),
        ("&bcc=", "`bcc` names nobody"),
        ("&reply=nobody", "`reply`"),
        ("&to=a@example.cn&mode=startls", "secure mode specified"),
        ("&to=a@example.cn&smtp=bad host", "names as mail server is no host"),
        ("&to=a@example.cn&redirect=yes", "the option 'redirect' cannot be used"),
    ],
)
def test_an_option_that_would_lose_somebody_is_refused(more: str, why: str) -> None:
    with pytest.raises(AddressError, match=why):
        targets_of("desk", [MAIL + more])


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("bark://127.0.0.1", "names no recipient"),
        ("barks://api.day.app/", "names no recipient"),
        ("tgram://123456789:abcdefg_hijklmnop/12315544/no-chat!", "would be left out"),
        ("dingtalk://0123456789abcdef0123456789abcdef/13800138000/nobody", "would be left out"),
        ("mailto://127.0.0.1:25?to=a@example.cn", "`from` is no mail address"),
        ("growl://127.0.0.1", "cannot use it"),
    ],
)
def test_a_service_with_nobody_to_reach_is_refused(address: str, why: str) -> None:
    with pytest.raises(AddressError, match=why):
        targets_of("desk", [address])


@pytest.mark.parametrize("between", ["/", ",", "、", "，", ";"])
def test_chats_and_devices_are_separated_as_mail_addresses_are(between: str) -> None:
    assert len(targets_of("desk", [f"tgram://123456789:abcdefg_hijklmnop/12315544{between}99887766"])) == 2
    assert len(targets_of("desk", [f"bark://127.0.0.1/{'d' * 22}{between}{'e' * 22}"])) == 2


def test_people_who_are_only_called_by_name_make_no_second_message() -> None:
    assert len(targets_of("desk", ["dingtalk://0123456789abcdef0123456789abcdef/13800138000/13900139000"])) == 1


def test_a_log_is_sent_to_and_never_confirmed() -> None:
    [target] = targets_of("desk", ["rsyslog://127.0.0.1:9"])
    outcome = deliver(target, Message("m", "t", "b", "text"))
    assert (outcome.confirmed, outcome.judged, target.confirms) == (True, False, False)


def test_a_success_that_nobody_answered_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    hook = Hook()
    with web_server(hook) as port:
        [target] = targets_of("desk", [f"json://127.0.0.1:{port}/x"])
        plugin = type(target.plugin())
        monkeypatch.setattr(plugin, "send", lambda self, **kwargs: True)
        outcome = deliver(target, Message("m", "t", "b", "text"))
    assert not hook.requests
    assert not outcome.confirmed
    assert "nobody answered" in outcome.error
