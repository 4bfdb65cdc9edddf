"""Mail with headers of our own: a stable Message-ID, List-Unsubscribe, text beside HTML, folded encoded subjects.

Apprise's plugin sets a random Message-ID, derives the text part from the HTML and does not fold headers. Address
syntax, provider defaults and the SMTP session stay Apprise's.
"""

import smtplib
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from apprise import NotifyFormat, NotifyType
from apprise.exception import AppriseImproperlyConfigured
from apprise.plugins.email.base import NotifyEmail
from apprise.plugins.email.smtp import AppriseSMTPController


class DigestMail(NotifyEmail):  # type: ignore[no-untyped-call]
    """One mail to one recipient."""

    def __init__(self, *, message_id: str = "", text: str = "", language: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self.message_id = message_id
        self.text = text
        self.language = language

    def send(
        self,
        body: str,
        title: str = "",
        notify_type: NotifyType = NotifyType.INFO,
        attach: object = None,
        body_format: NotifyFormat | None = None,
        **kwargs: Any,
    ) -> bool:
        """Send; the reason of a failure is logged as a warning, which is how it reaches the outbox."""
        html = body if body_format == NotifyFormat.HTML else ""
        message = self._message(title, self.text or body, html)
        self.throttle()  # type: ignore[no-untyped-call]
        try:
            with AppriseSMTPController(
                host=self.smtp_host,
                port=self.port or 0,  # 0: the usual port of the mode
                secure_mode=str(self.secure_mode),
                user=self.user,
                password=self.password,
                verify_certificate=self.verify_certificate,
                socket_connect_timeout=self.socket_connect_timeout,
            ) as session:
                return session.sendmail(self._sender, [self.targets[0][1]], message.as_string(policy=SMTP))
        except (OSError, smtplib.SMTPException, RuntimeError, AppriseImproperlyConfigured) as error:
            self.logger.warning("The mail server did not take the message: %s", error)
            return False

    @property
    def _sender(self) -> str:
        return str(self.from_addr[1])

    def _message(self, subject: str, text: str, html: str) -> EmailMessage:
        name, sender = self.from_addr[0], self._sender
        message = EmailMessage(policy=SMTP)
        message["Subject"] = subject
        message["From"] = Address(str(name or ""), addr_spec=sender)
        message["To"] = Address(str(self.targets[0][0] or ""), addr_spec=self.targets[0][1])
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{self.message_id}@{sender.rpartition('@')[2]}>"
        self._list_headers(message, sender)
        message.set_content(text, cte="base64")
        if html:
            message.add_alternative(html, subtype="html", cte="base64")
        for key, value in self.headers.items():
            if key not in message:
                message[key] = value
        return message

    def _list_headers(self, message: EmailMessage, sender: str) -> None:
        """What tells a mail program that nobody waits for an answer, and how to leave."""
        message["Auto-Submitted"] = "auto-generated"
        message["Precedence"] = "bulk"
        if self.language:
            message["Content-Language"] = self.language
        answer_to = next(iter(self.reply_to), sender)
        if self.reply_to:
            message["Reply-To"] = Address(addr_spec=answer_to)
        message["List-Unsubscribe"] = f"<mailto:{answer_to}?subject=unsubscribe>"
