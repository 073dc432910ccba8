"""Ways to reach a person, besides the in-app inbox that everybody has."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

from shared.contracts.refusal import Fault, Refusal

PersonalChannel = Literal["wecom", "dingtalk", "feishu", "sms", "email", "apprise", "captured"]
GroupChannel = Literal["wecom_group", "dingtalk_group", "feishu_group"]
ContactChannel = Literal[PersonalChannel, GroupChannel]

PERSONAL_CHANNELS: tuple[str, ...] = get_args(PersonalChannel)
"""In the order in which they are tried for somebody who has not said otherwise."""
GROUP_CHANNELS: tuple[str, ...] = get_args(GroupChannel)
"""A post to a group proves nothing: it carries no link, and nobody counts as reachable by it."""
INBOX = "inbox"

CODE_HOLDS = timedelta(minutes=10)
CODE_TRIES = 5
BETWEEN_CODES = timedelta(minutes=1)
CODES_A_DAY = 10

_SHAPES = {
    "sms": re.compile(r"\+?[0-9][0-9 -]{4,19}"),
    "email": re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}"),
    "apprise": re.compile(r"[a-z0-9_-]{1,40}(:\S{1,150})?"),
}
_ANY_ACCOUNT = re.compile(r"[^\s|]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One address of one person on one channel. Unverified ones receive nothing but the code that proves them.

    `code_number` counts the codes sent, `code_tries` the wrong answers to the latest one.
    """

    contact_id: UUID
    staff_no: str
    channel: str
    address: str
    added_at: datetime
    added_by: str
    verified_at: datetime | None = None
    verified_by: str | None = None
    code_number: int = 0
    code_sent_at: datetime | None = None
    code_tries: int = 0
    version: int = 1

    @property
    def is_personal(self) -> bool:
        """Whether it is the person's own, and no group's."""
        return self.channel not in GROUP_CHANNELS


def verified(contact: Contact, *, by: str, now: datetime) -> Contact:
    """The address is proved to be that person's, by themself or by a supervisor's word; kept with who and when."""
    return replace(contact, verified_at=now, verified_by=by, version=contact.version + 1)


def with_code(contact: Contact, sent_before: Sequence[datetime], now: datetime) -> Contact:
    """A fresh code is on its way; `sent_before` are the person's codes of the last day, whatever they were for.

    Refuses a second one within a minute, the eleventh of a day, and any for a group.
    """
    if not contact.is_personal:
        raise Refusal("contact-needs-vouching", channel=contact.channel)
    again_at = _next_code_at(sorted(sent_before), now)
    if now < again_at:
        raise Refusal("code-too-soon", retry_after=int((again_at - now).total_seconds()) + 1)
    return replace(
        contact, code_number=contact.code_number + 1, code_sent_at=now, code_tries=0, version=contact.version + 1
    )


def _next_code_at(sent: Sequence[datetime], now: datetime) -> datetime:
    if len(sent) >= CODES_A_DAY:
        return sent[-CODES_A_DAY] + timedelta(days=1)
    return sent[-1] + BETWEEN_CODES if sent else now


def tried(contact: Contact, *, right: bool, by: str, now: datetime) -> Contact:
    """Somebody enters a code: the contact is verified, or one more try is used up.

    Refuses when there is no code that could still be entered: none sent, too old, or tried too often.
    """
    if contact.code_sent_at is None or now >= contact.code_sent_at + CODE_HOLDS or contact.code_tries >= CODE_TRIES:
        raise Refusal("code-expired")
    if right:
        return verified(contact, by=by, now=now)
    return replace(contact, code_tries=contact.code_tries + 1, version=contact.version + 1)


def in_order(channels: Collection[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """A person's own channels in the order they are tried: as wished for, then the usual order."""
    order = [*wanted, *PERSONAL_CHANNELS]
    return tuple(dict.fromkeys(name for name in order if name in channels and name not in GROUP_CHANNELS))


def channels_for(contacts: Iterable[Contact], wanted: Sequence[str], used: Collection[str]) -> tuple[str, ...]:
    """Where a message goes: the inbox, the first of the person's own channels not yet used, and their groups.

    Groups, too, hear it once.
    """
    proved = [contact.channel for contact in contacts if contact.verified_at]
    personal = [name for name in in_order(proved, wanted) if name not in used]
    groups = [name for name in proved if name in GROUP_CHANNELS and name not in used]
    return (INBOX, *personal[:1], *groups)


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
