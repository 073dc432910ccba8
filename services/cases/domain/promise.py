"""A promise to a customer: "we call you by 15:00". Open it is kept, broken by time, or cancelled with a reason.

A broken promise can still be kept, late.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.contracts.cases import PromiseBroken, PromiseCancelled, PromiseKept, PromiseMade
from shared.contracts.event import Event
from shared.contracts.refusal import Fault, Refusal

STATES = ("open", "kept", "broken", "cancelled")
WARN_AT = 0.75
"""A promise warns when three quarters of its time have passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A promise as it is now. `handoff_id`: it owes the customer the word of that hand-off."""

    promise_id: UUID
    case_id: UUID
    handoff_id: UUID | None = None
    state: str = "open"
    promised_by: str
    promised_by_name: str
    text: str
    made_at: datetime
    due_at: datetime
    warned_at: datetime | None = None
    broken_at: datetime | None = None
    kept_at: datetime | None = None
    kept_by: str | None = None
    contact_id: UUID | None = None
    cancelled_at: datetime | None = None
    cancelled_by: str | None = None
    why: str | None = None
    version: int = 1
    updated_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether it is still to be kept in time."""
        return self.state == "open"

    @property
    def warn_at(self) -> datetime:
        """When whoever promised is warned."""
        return self.made_at + (self.due_at - self.made_at) * WARN_AT


def require_future(due_at: datetime, now: datetime, *, field: str = "due_at") -> None:
    """Refuse what would be due before it is said."""
    if due_at <= now:
        raise Refusal("promise-in-the-past", faults=(Fault(field, "promise-in-the-past", {}),))


def made(promise: Promise, facts: dict[str, Any]) -> tuple[Promise, Event]:
    """Somebody promises a customer something."""
    return promise, PromiseMade(**_fact(promise, facts), handoff_id=promise.handoff_id)


def kept(
    promise: Promise, facts: dict[str, Any], *, by: str, contact_id: UUID | None, now: datetime
) -> tuple[Promise, Event]:
    """It is kept, in time or late."""
    if promise.state not in ("open", "broken"):
        raise Refusal(f"promise-{promise.state}")
    after = _next(promise, now, state="kept", kept_at=now, kept_by=by, contact_id=contact_id)
    event = PromiseKept(
        **_fact(after, facts), kept_at=now, kept_by=by, in_time=now <= promise.due_at, contact_id=contact_id
    )
    return after, event


def warned(promise: Promise, *, now: datetime) -> Promise:
    """Its time is running out."""
    return _next(promise, now, warned_at=now)


def broken(promise: Promise, facts: dict[str, Any], *, now: datetime) -> tuple[Promise, Event]:
    """The time passed and nothing had happened."""
    after = _next(promise, now, state="broken", broken_at=now)
    return after, PromiseBroken(**_fact(after, facts), broken_at=now)


def cancelled(promise: Promise, facts: dict[str, Any], *, by: str, why: str, now: datetime) -> tuple[Promise, Event]:
    """It is taken back."""
    if not promise.is_open:
        raise Refusal(f"promise-{promise.state}")
    after = _next(promise, now, state="cancelled", cancelled_at=now, cancelled_by=by, why=why)
    return after, PromiseCancelled(**_fact(after, facts), cancelled_at=now, cancelled_by=by, why=why)


def _fact(promise: Promise, facts: dict[str, Any]) -> dict[str, Any]:
    return facts | {
        "promise_id": promise.promise_id,
        "promised_by": promise.promised_by,
        "promised_by_name": promise.promised_by_name,
        "text": promise.text,
        "made_at": promise.made_at,
        "due_at": promise.due_at,
    }


def _next(promise: Promise, now: datetime, **changes: Any) -> Promise:
    return replace(promise, **changes, version=promise.version + 1, updated_at=max(now, promise.updated_at))
