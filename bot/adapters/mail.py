"""E-mail to staff: the port, its errors, and the adapter on SMTP.

Nothing here logs, and no error quotes the server: its answers may hold the address.
"""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

ANSWERS_WITHIN = 10.0
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Mail:
    """One letter in plain text. ``message_id`` is the same for the same letter, without the brackets."""

    to: str
    subject: str
    body: str
    message_id: str


class MailNotSent(Exception):
    """The server surely did not take it. ``code`` is SMTP's, or 0 when it did not get so far."""

    def __init__(self, code: int = 0) -> None:
        """The code only: the server's words can quote the address."""
        super().__init__(f"SMTP {code}")
        self.code = code


class MailUnknown(Exception):
    """The connection broke after the letter was on its way: the server may have taken it."""


class MailApi(Protocol):
    """Sends letters, one at a time, each tried once."""

    def send(self, mail: Mail) -> None:
        """Hand it to the server. Raises :class:`MailNotSent` or :class:`MailUnknown`."""
        ...

    def ready(self) -> None:
        """Raise :class:`MailNotSent` unless the server answers and takes the account."""
        ...


class SmtpMail:
    """:class:`MailApi` on SMTP, with TLS wherever the server offers it; a password never travels without."""

    def __init__(self, url: str, sender: str) -> None:
        """``url`` is ``smtp://user:password@host:port`` or ``smtps://…``. Opens no connection yet."""
        parts = urlsplit(url)
        self._tls = parts.scheme == "smtps"
        self._host = parts.hostname or ""
        self._port = parts.port or (465 if self._tls else 587)
        self._account = (unquote(parts.username or ""), unquote(parts.password or ""))
        self._sender = sender

    def send(self, mail: Mail) -> None:
        """See :class:`MailApi`."""
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self._sender, mail.to, mail.subject
        letter["Message-ID"] = f"<{mail.message_id}@{self._sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(mail.body)
        server = self._signed_in()
        try:
            self._accepted(server, mail.to)
            self._hand_over(server, letter.as_bytes())
        finally:
            # What the server says to a goodbye changes nothing.
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def ready(self) -> None:
        """See :class:`MailApi`."""
        self._signed_in().close()

    def _signed_in(self) -> smtplib.SMTP:
        try:
            server = self._connected()
            user, password = self._account
            if user:
                server.login(user, password)
            return server
        except smtplib.SMTPResponseException as error:
            raise MailNotSent(error.smtp_code) from None
        except (OSError, smtplib.SMTPException):
            raise MailNotSent from None

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._tls:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=ANSWERS_WITHIN, context=context)
        server = smtplib.SMTP(self._host, self._port, timeout=ANSWERS_WITHIN)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif self._account[0] and self._host not in LOCAL:
            server.close()
            raise MailNotSent
        return server

    def _accepted(self, server: smtplib.SMTP, to: str) -> None:
        try:
            for code, _ in (server.mail(self._sender), server.rcpt(to)):
                if code >= 400:
                    raise MailNotSent(code)
        except (OSError, smtplib.SMTPException):
            raise MailNotSent from None

    def _hand_over(self, server: smtplib.SMTP, letter: bytes) -> None:
        try:
            code, _ = server.data(letter)
        except smtplib.SMTPDataError as error:
            raise MailNotSent(error.smtp_code) from None
        except (OSError, smtplib.SMTPException):
            raise MailUnknown from None
        if code >= 400:
            raise MailNotSent(code)
