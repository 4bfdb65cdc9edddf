"""What is believed of a mail server: its answer to the message, and nothing else."""

import base64

import pytest

from alerts.delivery.message import Message
from alerts.delivery.sending import SendOutcome, deliver
from alerts.delivery.smtp import Server, server
from alerts.delivery.targets import targets_of
from alerts.text.target_urls import AddressError
from tests.alerts.delivery.receivers import Authority, Dialogue, MailBox, dialogue_server, mail_server

MESSAGE = Message("5f3a", "贵阳停更 251 天", "<p>贵阳</p>", "html", "贵阳\n", "zh")


def sent(
    said: Dialogue, more: str = "", user: str = "", to: str = "a@reader.cn", host: str = "127.0.0.1"
) -> SendOutcome:
    with dialogue_server(said, host) as port:
        place = f"[{host}]" if ":" in host else host
        [target] = targets_of(
            "desk", [f"mailto://{user}{place}:{port}?mode=insecure&from=watch@nightwatch.cn&to={to}{more}"]
        )
        return deliver(target, MESSAGE)


@pytest.mark.parametrize("bye", [b"221 bye", b"250 Bye", b"421 closing", b"500 what?", b"no code at all", b""])
def test_whatever_is_said_to_quit_a_mail_that_was_taken_is_confirmed(bye: bytes) -> None:
    said = Dialogue({"QUIT": bye})
    assert sent(said).confirmed
    assert len(said.mails) == 1
    assert len(said.heard("QUIT")) == 1


@pytest.mark.parametrize("yes", [b"250 taken", b"250-one\r\n250-two\r\n250 three", b"250", b"251 forwarded"])
def test_every_answer_that_begins_with_2_is_a_yes(yes: bytes) -> None:
    assert sent(Dialogue({"DOT": yes})).confirmed


@pytest.mark.parametrize(
    ("replies", "reason"),
    [
        ({"GREETING": b"554 not you"}, "554"),
        ({"GREETING": b""}, "closed"),
        ({"MAIL": b"530 log in first"}, "sender: 530 log in first"),
        ({"RCPT": b"550-no such\r\n550 user"}, "recipient: 550"),
        ({"RCPT": b"450 greylisted"}, "recipient: 450"),
        ({"DATA": b"451 later"}, "451"),
        ({"DOT": b"552 too big"}, "message: 552 too big"),
        ({"DOT": b"421 shutting down"}, "message: 421"),
    ],
)
def test_a_refusal_names_step_and_answer(replies: dict[str, bytes], reason: str) -> None:
    outcome = sent(Dialogue(replies))
    assert not outcome.confirmed
    assert reason in outcome.error
    assert "may have arrived" not in outcome.error


@pytest.mark.parametrize("answer", [b"", b"gibberish"])
def test_a_message_whose_answer_is_lost_may_have_arrived_and_keeps_its_id(answer: bytes) -> None:
    said = Dialogue({"DOT": answer})
    first = sent(said)
    said.replies = {}
    assert "may have arrived" in first.error
    assert sent(said).confirmed
    assert [b"Message-ID: <5f3a@nightwatch.cn>" in mail for mail in said.mails] == [True, True]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_a_relay_may_have_any_kind_of_address(host: str) -> None:
    said = Dialogue()
    with dialogue_server(said, "::1" if host == "::1" else "127.0.0.1") as port:
        place = f"[{host}]" if ":" in host else host
        named = [f"mailto://{place}:{port}?from=w@x.cn&to=a@b.cn", f"mailto://x.cn?smtp={place}:{port}&from=w@x.cn&to=a@b.cn",
                 f"mailto://x.cn:{port}?smtp={place}&from=w@x.cn&to=a@b.cn"]  # fmt: skip
        assert all(deliver(targets_of("desk", [address])[0], MESSAGE).confirmed for address in named)
    assert len(said.mails) == 3


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("relay.cn", "relay.cn", 0), ("Relay.cn:2525", "relay.cn", 2525), ("[::1]:25", "::1", 25), ("::1", "::1", 0),
     ("[fe80::1%eth0]", "fe80::1%eth0", 0), ("邮件.中国:465", "xn--5nq051n.xn--fiqs8s", 465), ("127.0.0.1:26", "127.0.0.1", 26)],
)  # fmt: skip
def test_a_server_is_read_as_people_write_it(text: str, host: str, port: int) -> None:
    found = server(text)
    assert found == Server(host, port)


@pytest.mark.parametrize("text", ["[::1", "[]:25", "a b", "relay.cn:x", ":25"])
def test_a_server_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(AddressError, match="no host"):
        server(text)


@pytest.mark.parametrize(
    ("feature", "expected"), [(b"AUTH PLAIN", "plain"), (b"AUTH LOGIN", "login"), (b"AUTH=LOGIN", "login")]
)
def test_users_and_passwords_go_as_utf_8(feature: bytes, expected: str) -> None:
    said = Dialogue({"AUTH": b"235 in" if expected == "plain" else b"334 VXNlcm5hbWU6"}, (feature,))
    user, password = "用户", "Pässwort-密码/@:?"
    said.replies[base64.b64encode(password.encode()).upper().decode()] = b"235 in"
    quoted = "%E7%94%A8%E6%88%B7:P%C3%A4sswort-%E5%AF%86%E7%A0%81%2F%40%3A%3F@"
    outcome = sent(said, user=quoted)
    assert outcome.confirmed, outcome.error
    if expected == "plain":
        assert said.heard("AUTH") == [b"AUTH PLAIN " + base64.b64encode(f"\0{user}\0{password}".encode())]
    else:
        assert base64.b64encode(password.encode()) in said.lines


def test_a_server_that_repeats_the_login_gives_nothing_away() -> None:
    user, password = "bot", "hunter2-geheim"
    forms = [
        base64.b64encode(text.encode()).decode() for text in (f"\0{user}\0{password}", password, f"{user}:{password}")
    ]
    echo = f"535 5.7.8 AUTH PLAIN {' '.join(forms)} {forms[0].rstrip('=')} refused for {password}".encode()
    outcome = sent(Dialogue({"AUTH": echo}, (b"AUTH PLAIN",)), user=f"{user}:{password}@")
    assert not outcome.confirmed
    assert "535" in outcome.error
    assert "refused for ***" in outcome.error
    assert not any(form.rstrip("=") in outcome.error for form in (*forms, password))


def test_a_recipient_outside_ascii_needs_a_server_that_takes_one() -> None:
    to = "%E7%94%A8%E6%88%B7@xn--fsqu00a.xn--fiqs8s"
    said = Dialogue(features=(b"SMTPUTF8", b"8BITMIME"))
    assert sent(said, to=to).confirmed
    assert said.heard("RCPT") == ["rcpt TO:<用户@xn--fsqu00a.xn--fiqs8s>".encode()]
    assert b"SMTPUTF8" in said.heard("MAIL")[0]
    assert "To: 用户@".encode() in said.mails[0]
    refused = sent(Dialogue(), to=to)
    assert not refused.confirmed
    assert "SMTPUTF8" in refused.error


def test_a_sender_outside_ascii_is_answered_to_its_own_address() -> None:
    said = Dialogue(features=(b"SMTPUTF8", b"8BITMIME"))
    with dialogue_server(said) as port:
        address = f"mailto://127.0.0.1:{port}?from=夜巡 <巡查@例子.中国>&to=a@b.cn&reply=李 <li@b.cn>"
        [target] = targets_of("desk", [address])
        assert deliver(target, MESSAGE).confirmed
    assert b"<5f3a@xn--fsqu00a.xn--fiqs8s>" in said.mails[0]
    assert b"List-Unsubscribe: <mailto:li@b.cn?subject=unsubscribe>" in said.mails[0]


def test_tls_is_asked_for_and_never_done_without(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    said = Dialogue()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    with dialogue_server(said, context=authority.context("localhost")) as port:
        [target] = targets_of("desk", [f"mailtos://localhost:{port}?mode=ssl&from=w@x.cn&to=a@b.cn"])
        outcome = deliver(target, MESSAGE)
        assert outcome.confirmed, outcome.error
    with dialogue_server(said) as port:
        [target] = targets_of("desk", [f"mailtos://localhost:{port}?mode=starttls&from=w@x.cn&to=a@b.cn"])
        outcome = deliver(target, MESSAGE)
    assert not outcome.confirmed
    assert "STARTTLS" in outcome.error
    assert len(said.mails) == 1


def test_a_mail_goes_through_starttls_with_a_name_that_fits(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    box = MailBox()
    with mail_server(box, authority.context("localhost")) as port:
        good, bad = (
            deliver(targets_of("desk", [f"mailtos://{host}:{port}?from=w@x.cn&to=a@b.cn{more}"])[0], MESSAGE)
            for host, more in (("localhost", ""), ("127.0.0.1", ""))
        )
        anyhow = targets_of("desk", [f"mailtos://127.0.0.1:{port}?from=w@x.cn&to=c@b.cn&verify=no"])[0]
        assert deliver(anyhow, MESSAGE).confirmed
    assert good.confirmed, good.error
    assert "certificate" in bad.error.lower()
    assert box.recipients == ["a@b.cn", "c@b.cn"]


def test_port_465_begins_with_tls() -> None:
    modes = {
        address: targets_of("desk", [f"{address}?from=w@x.cn&to=a@b.cn"])[0].plugin().secure_mode  # type: ignore[attr-defined]
        for address in ("mailtos://h.cn:465", "mailtos://h.cn", "mailtos://h.cn:587", "mailto://h.cn:25")
    }
    assert modes == {
        "mailtos://h.cn:465": "ssl",
        "mailtos://h.cn": "starttls",
        "mailtos://h.cn:587": "starttls",
        "mailto://h.cn:25": "insecure",
    }
