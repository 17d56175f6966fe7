"""Mail by SMTP: in the clear to this machine, encrypted to every other."""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from frontdesk.basics.errors import Rejected, Unavailable
from frontdesk.ports.mail import Message

_SECONDS = 20
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class SmtpMail:
    """`url` is `smtp://USER:PASSWORD@HOST:587` (STARTTLS) or `smtps://…:465`; user and password may be left out."""

    def __init__(self, url: str, sender: str) -> None:
        self._parts = urlsplit(url)
        self._sender = sender

    async def send(self, message: Message) -> None:
        await asyncio.to_thread(self._send, message)

    async def check(self) -> None:
        await asyncio.to_thread(lambda: self._connected().quit())

    def _send(self, message: Message) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._sender, ", ".join(message.to), message.subject
        mail["Message-ID"] = f"<{message.id}@frontdesk>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        server = self._connected()
        try:
            server.send_message(mail)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise _meaning(error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable("The mail server did not take the message") from error
        finally:
            server.close()

    def _connected(self) -> smtplib.SMTP:
        parts, context = self._parts, ssl.create_default_context()
        host, is_encrypted = parts.hostname or "", parts.scheme == "smtps"
        try:
            server = (
                smtplib.SMTP_SSL(host, parts.port or 465, timeout=_SECONDS, context=context)
                if is_encrypted
                else smtplib.SMTP(host, parts.port or 587, timeout=_SECONDS)
            )
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable("The mail server cannot be reached") from error
        try:
            if not is_encrypted and host not in _LOOPBACK:
                server.starttls(context=context)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
        except (OSError, smtplib.SMTPException) as error:
            server.close()
            if isinstance(error, smtplib.SMTPAuthenticationError):
                raise Rejected("The mail server refuses the user or the password") from error
            raise Unavailable("The mail server broke the conversation off") from error
        return server


def _meaning(error: smtplib.SMTPException) -> Rejected | Unavailable:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    else:
        codes = [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []
    if any(400 <= code < 500 for code in codes):
        return Unavailable("The mail server asks to try again later")
    return Rejected("The mail server refuses the message")
