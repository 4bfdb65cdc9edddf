"""Our own mail plugin: a stable Message-ID, List-Unsubscribe, text beside HTML, folded and encoded subjects.

Apprise's plugin sets a random Message-ID, derives the text part from the HTML, does not fold headers, drops recipients
that it cannot parse and does not report why the server refused a mail. Options and provider defaults stay Apprise's.
"""

import ssl
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from smtplib import SMTPException
from typing import Any
from urllib.parse import quote, unquote

from apprise import NotifyFormat, NotifyType
from apprise.plugins.email.base import NotifyEmail

from alerts.delivery.answers import note
from alerts.delivery.message import Message
from alerts.delivery.recipients import Mailbox, mailbox, mailboxes
from alerts.delivery.smtp import Server, server, submit
from alerts.text.target_urls import AddressError

TLS_PORT = 465
"""Port on which TLS begins with the first byte (RFC 8314)."""
_UNNAMED = "watch@sender.invalid"
"""Placeholder for the sender while Apprise reads the other options: it accepts only ASCII addresses."""


def read(address: str, parsed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Arguments of `DigestMail`, one set for each distinct recipient that the address names.

    `parsed` is what Apprise made of the address. Raises AddressError for an invalid recipient, sender or server.
    """
    asked: Mapping[str, str] = parsed["qsd"]
    path = [str(one) for one in parsed["targets"]][: -1 if asked.get("to") else None]
    listed = [box for text in path for box in mailboxes(text, "path")]
    listed += [box for name in ("to", "cc", "bcc") if name in asked for box in mailboxes(asked[name], name)]
    place = server(parsed["smtp_host"] or ("" if _is_name(parsed["host"]) else _host_part(address)))
    if not place and not parsed["host"]:
        raise AddressError("it names no mail server; write mailtos://USER:PASSWORD@HOST?from=…&to=….")
    sender = _sender(parsed, parsed["host"] if _is_name(parsed["host"]) or not place else place.host)
    common = {
        **parsed,
        "smtp_host": place.host if place else "",
        "port": parsed["port"] or (place.port if place else None),
        "sender": sender,
        "reply_to": mailboxes(asked["reply"], "reply") if "reply" in asked else [],
    }
    recipients = {box.address: box for box in listed or [sender]}
    return [{**common, "targets": [box.address], "recipient": box} for box in recipients.values()]


def _is_name(host: str) -> bool:
    return bool(host) and not host.startswith("[")


def _host_part(address: str) -> str:
    """Host and port as written in the address; Apprise drops forms that it does not know."""
    rest = address.partition("://")[2]
    for end in "/?#":
        rest = rest.partition(end)[0]
    return unquote(rest.rpartition("@")[2])


def _sender(parsed: Mapping[str, Any], host: str) -> Mailbox:
    """The sender: `from`, else the user of the address, with the server's host if it has none."""
    written, name = str(parsed["from_addr"] or ""), parsed["qsd"].get("name") or ""
    try:
        if "@" in written:
            box = mailbox(written)
            return Mailbox(box.address, str(name or box.name))
        user = unquote(str(parsed["user"] or ""))
        address = user if "@" in user else f"{user}@{host}"
        return Mailbox(mailbox(address).address, str(name or written or "opendata-nightwatch"))
    except AddressError as error:
        raise AddressError(f"`from` is no mail address: {error} Write ?from=watch@example.cn.") from None


class DigestMail(NotifyEmail):  # type: ignore[no-untyped-call]
    """One mail to one recipient."""

    socket_connect_timeout = 10
    socket_read_timeout = 45.0
    """A server may examine a mail for long before it accepts it (RFC 5321, 4.5.3.2)."""

    def __init__(
        self,
        *,
        recipient: Mailbox,
        sender: Mailbox,
        reply_to: Sequence[Mailbox] = (),
        message: Message | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{**kwargs, "targets": None, "cc": None, "bcc": None, "from_addr": _UNNAMED})  # type: ignore[no-untyped-call]
        self.recipient = recipient
        self.sender = sender
        self.answers_to = tuple(reply_to)
        self.message = message or Message("", "", "", "text")
        if self.port == TLS_PORT and not kwargs.get("secure_mode"):
            self.secure_mode = "ssl"

    def send(
        self,
        body: str,
        title: str = "",
        notify_type: NotifyType = NotifyType.INFO,
        attach: object = None,
        body_format: NotifyFormat | None = None,
        **kwargs: Any,
    ) -> bool:
        """Send once; the reason of a failure is logged as a warning, from which the outbox gets it."""
        html = body if body_format == NotifyFormat.HTML else ""
        try:
            message = self._composed(title, self.message.text or body, html)
            reply = submit(self._server, message, self.sender.address, self.recipient.address)
        except (OSError, SMTPException, ValueError) as error:
            self.logger.warning("The mail server did not take the message: %s", error)
            return False
        note(reply)
        return True

    @property
    def _server(self) -> Server:
        """The server with the address's options: plain, TLS from the start, or STARTTLS; with a login or without."""
        context = ssl.create_default_context()
        if not self.verify_certificate:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return Server(
            host=self.smtp_host,
            port=self.port or 0,
            mode=str(self.secure_mode),
            context=context,
            user=self.user or "",
            password=self.password or "",
            connect_seconds=self.socket_connect_timeout,
            reply_seconds=self.socket_read_timeout,
        )

    def _composed(self, subject: str, text: str, html: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["Subject"] = subject
        message["From"] = _header(self.sender)
        message["To"] = _header(self.recipient)
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{self.message.id}@{self.sender.address.rpartition('@')[2]}>"
        # For mail programs: the mail is automatic, needs no answer, and how to unsubscribe.
        message["Auto-Submitted"] = "auto-generated"
        message["Precedence"] = "bulk"
        if self.answers_to:
            message["Reply-To"] = [_header(one) for one in self.answers_to]
        answer_to = next(iter(self.answers_to), self.sender).address
        message["List-Unsubscribe"] = f"<mailto:{quote(answer_to, safe='@+')}?subject=unsubscribe>"
        message.set_content(text, cte="base64")
        if html:
            message.add_alternative(html, subtype="html", cte="base64")
        if self.message.language:
            message["Content-Language"] = self.message.language
        if self.message.attachment:
            # As bytes, so that the content stays unchanged: the line ends of text may be converted on the way.
            message.add_attachment(
                self.message.attachment.content,
                maintype="text",
                subtype="csv",
                params={"charset": "utf-8"},
                filename=self.message.attachment.filename,
            )
        for key, value in self.headers.items():
            if key not in message:
                message[key] = value
        return message


def _header(box: Mailbox) -> Address:
    local, _, domain = box.address.rpartition("@")
    return Address(box.name, username=local, domain=domain)
