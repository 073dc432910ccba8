"""E-mail over SMTP. "250" to the message's data is accepted, not delivered; before the data nothing was sent."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import formatdate, parseaddr

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from services.notify.channels.port import OutcomeUnknown, Outgoing
from services.notify.domain.message import Report
from services.notify.settings import NotifySettings

_BUSY = {421, 450, 451, 452}
_FASTER_THAN_ALLOWED = ("rate", "too many", "throttl", "frequen", "4.7.")


class Email:
    """One mail server. Whether a repeated Message-ID is dropped is up to the reader's server: it is not relied on."""

    deduplicates = False
    pace = None
    at_once = 20

    def __init__(self, settings: NotifySettings) -> None:
        self._settings = settings
        self._sender = parseaddr(settings.mail_from)[1]

    async def send(self, outgoing: Outgoing) -> Report:
        """Send once, on a connection of its own."""
        server = self._server()
        try:
            await server.connect()
            await server.mail(self._sender)
            await server.rcpt(outgoing.address)
        except (SMTPException, OSError) as error:
            server.close()
            return _refused(error)
        try:
            return await self._data(server, outgoing)
        finally:
            server.close()

    async def close(self) -> None:
        """There is nothing to let go of."""

    async def _data(self, server: SMTP, outgoing: Outgoing) -> Report:
        try:
            answer = await server.data(self._message(outgoing).as_bytes())
        except SMTPResponseException as error:
            return _refused(error)
        except (SMTPException, OSError) as error:
            raise OutcomeUnknown(f"no answer to the data ({type(error).__name__})") from None
        return Report("accepted", f"{answer.code} {answer.message}")

    def _server(self) -> SMTP:
        chosen = self._settings
        return aiosmtplib.SMTP(
            hostname=chosen.smtp_host,
            port=chosen.smtp_port,
            username=chosen.smtp_username or None,
            password=chosen.smtp_password.get_secret_value() or None,
            use_tls=chosen.smtp_security == "tls",
            start_tls=chosen.smtp_security == "starttls",
            timeout=chosen.send_seconds,
        )

    def _message(self, outgoing: Outgoing) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._settings.mail_from
        message["To"] = outgoing.address
        message["Subject"] = " ".join(outgoing.title.split())
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{outgoing.message_id}@{self._sender.partition('@')[2] or 'localhost'}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = outgoing.language
        message.set_content(f"{outgoing.text}\n\n{outgoing.link}\n" if outgoing.link else f"{outgoing.text}\n")
        return message


def _refused(error: Exception) -> Report:
    """What a server's refusal means; nothing was taken."""
    if not isinstance(error, SMTPResponseException):
        refused = next(iter(getattr(error, "recipients", [])), None)
        if isinstance(refused, SMTPResponseException):
            return _refused(refused)
        return Report("try-again", f"no connection ({type(error).__name__})", "provider-busy")
    words = f"{error.code} {error.message}"
    if error.code in _BUSY:
        fast = any(sign in words.lower() for sign in _FASTER_THAN_ALLOWED)
        return Report("throttled", words, "throttled") if fast else Report("try-again", words, "provider-busy")
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return Report("try-again", words, "credentials-refused")
    unknown = error.code in (550, 551, 553)
    return Report("failed", words, "address-unknown" if unknown else "refused")
