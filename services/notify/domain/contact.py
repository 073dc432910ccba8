"""Ways to reach a person, besides the in-app inbox that everybody has."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from shared.contracts.refusal import Fault, Refusal

PersonalChannel = Literal["sms", "email", "wecom", "dingtalk", "feishu", "captured"]
PERSONAL_CHANNELS: tuple[str, ...] = get_args(PersonalChannel)
INBOX = "inbox"

_SHAPES = {
    "sms": re.compile(r"\+?[0-9][0-9 -]{4,19}"),
    "email": re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}"),
}
_ANY_ACCOUNT = re.compile(r"\S{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One address of one person on one channel. Unverified ones receive nothing."""

    contact_id: UUID
    staff_no: str
    channel: str
    address: str
    added_at: datetime
    added_by: str
    verified_at: datetime | None = None
    verified_by: str | None = None
    version: int = 1


def vouched(contact: Contact, *, by: str, now: datetime) -> Contact:
    """A supervisor says that the address is that person's; kept with who and when."""
    return replace(contact, verified_at=now, verified_by=by, version=contact.version + 1)


def require_address(channel: str, address: str) -> None:
    """Refuse an address that cannot be one of this channel."""
    if not _SHAPES.get(channel, _ANY_ACCOUNT).fullmatch(address):
        raise Refusal("invalid-value", faults=(Fault("address", "address-invalid", {"channel": channel}),))


def masked(channel: str, address: str) -> str:
    """An address as those see it who need not know it: `138****0000`, `l****@example.com`, `zh****`."""
    if channel == "email":
        name, _, domain = address.partition("@")
        return f"{name[:1]}****@{domain}"
    if channel == "sms":
        return f"{address[:3]}****{address[-4:] if len(address) >= 11 else ''}"
    return f"{address[:2] if len(address) > 4 else ''}****"
