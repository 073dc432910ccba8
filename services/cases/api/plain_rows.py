"""Contacts told plainly, as other systems nearly always do: read by msgspec in a fifth of the time.

Whatever is told in any other way is none of this module's business: `contact_rows` judges it, and says what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from services.cases.domain.contact import Row, Told, tell

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

_Name = Annotated[str, Meta(min_length=1, max_length=200)] | None
_Code = Annotated[str, Meta(min_length=1, max_length=64)]
_Moment = Annotated[datetime, Meta(tz=True)]
_Seconds = Annotated[float, Meta(ge=0, le=864_000)] | None


class _Plain(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A ContactRow without its leniencies."""

    queued_at: _Moment
    external_id: _Name = None
    channel: _Code = "phone"
    direction: Literal["inbound", "outbound"] = "inbound"
    queue: _Name = None
    agent: _Name | UnsetType = UNSET
    staff_no: _Name | UnsetType = UNSET
    team: _Name = None
    customer_id: UUID | None = None
    customer_external_id: _Code | None = None
    topic: _Name = None
    answered_at: _Moment | None = None
    ended_at: _Moment | None = None
    answered: bool | None = None
    abandoned: bool | None = None
    wait_seconds: _Seconds = None
    talk_seconds: _Seconds = None
    hold_seconds: _Seconds = None
    wrap_seconds: _Seconds = None
    transferred: bool = False
    resolved: bool | None = None
    rating: Annotated[int, Meta(ge=1, le=5)] | None = None
    converted: bool | None = None


_PLAIN = msgspec.json.Decoder(list[_Plain])


class _NotPlain(Exception):
    """Somebody else has to read this."""


def plain_rows(first: int, lines: Sequence[bytes | msgspec.Raw]) -> list[Row] | None:
    """The rows, numbered from `first`; none when one of them is not told plainly."""
    text = b",".join(lines)
    if b"\\" in text:  # what an escape may stand for is left to whoever knows which characters can be stored
        return None
    try:
        plain = _PLAIN.decode(b"[%b]" % text)
        if len(plain) != len(lines):
            return None
        return [Row(number, _told(one), ()) for number, one in enumerate(plain, start=first)]
    except (msgspec.MsgspecError, _NotPlain, ValueError, RecursionError):
        return None


def _told(one: _Plain) -> Told:
    if one.agent is not UNSET and one.staff_no is not UNSET:
        raise _NotPlain
    agent = one.agent or one.staff_no or None
    return tell(
        external_id=_clean(one.external_id),
        channel=_clean(one.channel) or "",
        direction=one.direction,
        queue=_clean(one.queue),
        agent=_clean(agent),
        team=_clean(one.team),
        customer_id=one.customer_id,
        customer_external_id=_clean(one.customer_external_id),
        topic=_clean(one.topic),
        queued_at=_in_utc(one.queued_at),
        answered_at=_in_utc(one.answered_at) if one.answered_at else None,
        ended_at=_in_utc(one.ended_at) if one.ended_at else None,
        answered=one.answered,
        abandoned=one.abandoned,
        wait_seconds=one.wait_seconds,
        talk_seconds=one.talk_seconds,
        hold_seconds=one.hold_seconds,
        wrap_seconds=one.wrap_seconds,
        transferred=one.transferred,
        resolved=one.resolved,
        rating=one.rating,
        converted=one.converted,
    )


def _clean(text: str | None) -> str | None:
    """A text that has nothing around it to be stripped off."""
    if text is None or text.strip() == text:
        return text
    raise _NotPlain


def _in_utc(moment: datetime) -> datetime:
    moment = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    if EARLIEST <= moment <= LATEST:
        return moment
    raise _NotPlain
