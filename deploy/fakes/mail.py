"""A mail server that keeps what it is given, and behaves as its reader's name says (`li.throttled@example.com`)."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

SILENT_SECONDS = 30


@dataclass
class Mailbox:
    """What arrived, and what is answered next."""

    taken: list[EmailMessage] = field(default_factory=list)
    plan: deque[str] = field(default_factory=deque)

    async def handle_RCPT(  # noqa: N802 - named by the library
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take the reader's address, or say that there is none."""
        mood = self._mood(address)
        if mood == "invalid-user":
            return f"550 5.1.1 <{address}>: no such user here"
        if mood == "throttled":
            return "450 4.2.1 the user is receiving mail too quickly: rate limit"
        if mood == "busy":
            return "451 4.3.0 mail server temporarily rejected message"
        envelope.rcpt_tos.append(address)
        envelope.mood = mood
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - named by the library
        """Take the message; in two moods the answer never comes."""
        if envelope.mood == "refused":
            return "554 5.7.1 message refused: spam"
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        if envelope.mood == "silent":
            await asyncio.sleep(SILENT_SECONDS)
        if envelope.mood == "cut":
            server.transport.abort()
        return "250 2.0.0 OK queued"

    def _mood(self, address: str) -> str:
        if self.plan:
            return self.plan.popleft()
        return address.partition("@")[0].rpartition(".")[2]


class MailServer:
    """The mailbox behind a port of its own."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.mailbox = Mailbox()
        self.port = port
        self._listening = False
        self._controller = Controller(self.mailbox, hostname=host, port=port)

    def start(self) -> None:
        """Listen, on a thread."""
        self._controller.start()
        self._listening = True

    def stop(self) -> None:
        """Close the port; again is no error."""
        if self._listening:
            self._listening = False
            self._controller.stop()
