"""Mail with headers of our own: a stable Message-ID, List-Unsubscribe, text beside HTML, folded encoded subjects.

Apprise's plugin sets a random Message-ID, derives the text part from the HTML, does not fold headers and tells the
server's reason for a refusal to nobody. Address syntax, options and provider defaults stay Apprise's.
"""

import smtplib
import ssl
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from apprise import NotifyFormat, NotifyType
from apprise.plugins.email.base import NotifyEmail

from alerts.enclosures import Attachment


class DigestMail(NotifyEmail):  # type: ignore[no-untyped-call]
    """One mail to one recipient."""

    def __init__(
        self,
        *,
        message_id: str = "",
        text: str = "",
        language: str = "",
        attachment: Attachment | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self.message_id = message_id
        self.text = text
        self.language = language
        self.attachment = attachment

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
            with self._session() as session:
                session.send_message(message, self._sender, [self.targets[0][1]])
        except (OSError, smtplib.SMTPException) as error:
            self.logger.warning("The mail server did not take the message: %s", error)
            return False
        return True

    def _session(self) -> smtplib.SMTP:
        """A session as the address asks for it: plain, TLS from the start, or STARTTLS; logged in where it has a user.

        Raises OSError or SMTPException.
        """
        context = ssl.create_default_context()
        if not self.verify_certificate:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        place, seconds = (self.smtp_host, self.port or 0), self.socket_connect_timeout
        if self.secure_mode == "ssl":
            session: smtplib.SMTP = smtplib.SMTP_SSL(*place, timeout=seconds, context=context)
        else:
            session = smtplib.SMTP(*place, timeout=seconds)
        try:
            if self.secure_mode == "starttls":
                session.starttls(context=context)
            if self.user and self.password:
                session.login(self.user, self.password)
        except (OSError, smtplib.SMTPException):
            session.close()
            raise
        return session

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
        if self.language:
            message["Content-Language"] = self.language
        if self.attachment:
            # As bytes, so that they arrive as they were frozen: as text, line ends would be the transport's.
            message.add_attachment(
                self.attachment.content,
                maintype="text",
                subtype="csv",
                params={"charset": "utf-8"},
                filename=self.attachment.filename,
            )
        for key, value in self.headers.items():
            if key not in message:
                message[key] = value
        return message

    def _list_headers(self, message: EmailMessage, sender: str) -> None:
        """What tells a mail program that nobody waits for an answer, and how to leave."""
        message["Auto-Submitted"] = "auto-generated"
        message["Precedence"] = "bulk"
        answer_to = next(iter(self.reply_to), sender)
        if self.reply_to:
            message["Reply-To"] = Address(addr_spec=answer_to)
        message["List-Unsubscribe"] = f"<mailto:{answer_to}?subject=unsubscribe>"
