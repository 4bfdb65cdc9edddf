"""Mail as a mail server gets it."""

import re

import pytest

from alerts.delivery.message import Message
from alerts.delivery.sending import deliver
from alerts.delivery.targets import Target, targets_of
from tests.alerts.delivery.receivers import MailBox, mail_server

PASSWORD = "hunter2secret"


def targets(port: int, to: str = "a@reader.cn", more: str = "") -> list[Target]:
    address = f"mailto://watch:{PASSWORD}@127.0.0.1:{port}?mode=insecure&from=watch@nightwatch.cn&to={to}{more}"
    return targets_of("desk", [address.replace(f"watch:{PASSWORD}@", "")])


def message(subject: str = "贵阳停更 251 天；另有 3 城 27 条变化") -> Message:
    return Message("5f3a", subject, "<p>贵阳停更</p>", "html", "贵阳停更\n", "zh")


def test_a_mail_has_what_programs_and_people_need() -> None:
    box = MailBox(strict=True)
    with mail_server(box) as port:
        [target] = targets(port)
        assert deliver(target, message()).confirmed
    [mail] = box.mails
    assert mail["Subject"] == "贵阳停更 251 天；另有 3 城 27 条变化"
    assert mail["Message-ID"] == "<5f3a@nightwatch.cn>"
    assert mail["List-Unsubscribe"] == "<mailto:watch@nightwatch.cn?subject=unsubscribe>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "zh"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail.get_body(("plain",)).get_content().splitlines() == ["贵阳停更"]
    assert mail.get_body(("html",)).get_content().splitlines() == ["<p>贵阳停更</p>"]
    assert len(mail.get_all("Message-ID")) == 1
    assert mail["Date"]


@pytest.mark.parametrize("length", [1, 20, 60, 109, 400])
def test_a_strict_server_takes_a_chinese_subject_of_any_length(length: int) -> None:
    box = MailBox(strict=True)
    with mail_server(box) as port:
        [target] = targets(port)
        assert deliver(target, message("贵" * length)).confirmed
    assert re.sub(r"\s", "", box.mails[0]["Subject"]) == "贵" * length


def test_a_server_that_is_not_strict_for_comparison_refuses_nothing() -> None:
    box = MailBox()
    with mail_server(box) as port:
        assert deliver(targets(port)[0], message()).confirmed
    assert box.recipients == ["a@reader.cn"]


def test_every_recipient_is_a_target_and_one_refusal_is_ones_own() -> None:
    box = MailBox(refused=frozenset({"gone@reader.cn"}))
    with mail_server(box) as port:
        found = targets(port, "a@reader.cn,gone@reader.cn", "&cc=c@reader.cn&bcc=b@reader.cn")
        outcomes = [deliver(target, message()) for target in found]
    assert [outcome.confirmed for outcome in outcomes] == [True, False, True, True]
    assert box.recipients == ["a@reader.cn", "c@reader.cn", "b@reader.cn"]
    assert "550" in outcomes[1].error
    assert "gone@" not in outcomes[1].error
    assert [mail["To"] for mail in box.mails] == ["a@reader.cn", "c@reader.cn", "b@reader.cn"]
    assert not any(mail["Cc"] for mail in box.mails)


def test_a_header_injected_by_a_subject_is_one_line() -> None:
    box = MailBox()
    with mail_server(box) as port:
        assert not deliver(targets(port)[0], message("x\r\nBcc: all@reader.cn")).confirmed
        assert deliver(targets(port)[0], message("x Bcc: all@reader.cn")).confirmed
    assert box.recipients == ["a@reader.cn"]


def test_no_server_is_a_no_with_a_reason() -> None:
    with mail_server(MailBox()) as port:
        pass
    outcome = deliver(targets(port)[0], message())
    assert not outcome.confirmed
    assert "refused" in outcome.error.lower()


def test_a_password_a_server_does_not_take_is_not_in_the_error() -> None:
    with mail_server(MailBox()) as port:
        address = f"mailto://watch:{PASSWORD}@127.0.0.1:{port}?mode=insecure&from=watch@nightwatch.cn&to=a@reader.cn"
        [target] = targets_of("desk", [address])
        outcome = deliver(target, message())
    assert not outcome.confirmed
    assert PASSWORD not in outcome.error
    assert PASSWORD not in repr(target)


def test_text_only_mail_has_no_html() -> None:
    box = MailBox()
    with mail_server(box) as port:
        assert deliver(targets(port)[0], Message("m", "s", "只有文字", "text")).confirmed
    assert box.mails[0].get_content_type() == "text/plain"
    assert box.mails[0].get_content().splitlines() == ["只有文字"]
