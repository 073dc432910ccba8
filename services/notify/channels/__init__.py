"""The ways a message leaves the house, behind one small port."""

from __future__ import annotations

from collections.abc import Mapping

from services.notify.channels.captured import Captured
from services.notify.channels.inbox import Inbox
from services.notify.channels.port import Channel, Outgoing
from services.notify.domain.contact import INBOX, PERSONAL_CHANNELS

__all__ = ["Channel", "Outgoing", "channels"]


def channels() -> Mapping[str, Channel]:
    """Every channel by name. In development each personal one is captured: nothing leaves the machine."""
    captured = Captured()
    return {INBOX: Inbox(), **dict.fromkeys(PERSONAL_CHANNELS, captured)}
