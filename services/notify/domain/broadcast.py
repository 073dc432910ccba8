"""Broadcasts: one text to many people, each of whom confirms it; a quiz shows whether it was understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.notify.domain.ladder import Step
from services.notify.domain.manner import Manner
from shared.contracts.notify import BroadcastCompleted
from shared.contracts.refusal import Fault, Refusal

LONGEST = timedelta(days=366)
"""How long a broadcast may be valid."""

TIMER = "broadcast"
"""Of every open broadcast: asks whoever has not been asked, and completes it when its time is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who is asked: everyone, or people with one of these roles in these teams (`branches` with all below them), and
    besides those the staff named. Teams are ids."""

    everyone: bool = False
    roles: tuple[str, ...] = ()
    teams: tuple[UUID, ...] = ()
    branches: tuple[UUID, ...] = ()
    staff: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizQuestion:
    """One question; `correct` is the place of the right choice, from 0."""

    question: str
    choices: tuple[str, ...]
    correct: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiz:
    """Passed with at least `pass_count` right answers."""

    questions: tuple[QuizQuestion, ...]
    pass_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """A broadcast as it stands: `open`, `closing` (taken back; questions are being withdrawn), `closed`."""

    broadcast_id: UUID
    title: str
    body: str
    audience: Audience
    quiz: Quiz | None
    manner: Manner
    ladder: tuple[Step, ...]
    zone: str
    announced_at: datetime
    ack_by: datetime
    announced_by: str
    state: str = "open"
    closed_at: datetime | None = None
    closed_by: str | None = None
    reason: str | None = None
    asked_count: int = 0
    version: int = 1

    @property
    def content(self) -> dict[str, Any]:
        """What its questions say."""
        return {"title": self.title, "body": self.body, "by": self.announced_by}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How far a broadcast got, in people. Told is not known: each count is one step further than the one before."""

    asked: int = 0
    reached: int = 0
    opened: int = 0
    confirmed: int = 0
    refused: int = 0
    understood: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(**{name: getattr(self, name) + getattr(other, name) for name in Tally.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class Marked:
    """A quiz attempt marked: which answers were right, and whether that is enough."""

    right: tuple[bool, ...]
    passed: bool


def require_sensible(*, audience: Audience, quiz: Quiz | None, ack_by: datetime, now: datetime) -> None:
    """Refuse a broadcast to nobody, one whose time is over, and a quiz without a right answer."""
    faults = []
    if not (audience.everyone or audience.roles or audience.teams or audience.branches or audience.staff):
        faults.append(Fault("audience", "audience-empty", {}))
    if ack_by <= now:
        faults.append(Fault("ack_by", "time-past", {}))
    if ack_by > now + LONGEST:
        faults.append(Fault("ack_by", "time-too-far", {"days": LONGEST.days}))
    for place, one in enumerate(quiz.questions if quiz else ()):
        if one.correct >= len(one.choices):
            faults.append(Fault(f"quiz.questions.{place}.correct", "choice-unknown", {}))
    if quiz and quiz.pass_count > len(quiz.questions):
        faults.append(Fault("quiz.pass_count", "choice-unknown", {}))
    if faults:
        raise Refusal("invalid-value", faults=tuple(faults))


def marked(quiz: Quiz, choices: Sequence[int]) -> Marked:
    """Mark a quiz. Refuses when there is not one choice for each question."""
    if len(choices) != len(quiz.questions):
        raise Refusal("invalid-value", faults=(Fault("choices", "choices-missing", {"count": len(quiz.questions)}),))
    right = tuple(choice == one.correct for choice, one in zip(choices, quiz.questions, strict=True))
    return Marked(right, sum(right) >= quiz.pass_count)


def taken_back(broadcast: Broadcast, *, by: str, reason: str, now: datetime) -> Broadcast:
    """Nobody need confirm it any more."""
    if broadcast.state != "open":
        raise Refusal("broadcast-closed")
    return replace(
        broadcast, state="closing", closed_at=now, closed_by=by, reason=reason, version=broadcast.version + 1
    )


def completed(broadcast: Broadcast, tally: Tally, now: datetime) -> tuple[Broadcast, BroadcastCompleted]:
    """It is over: its time has come, or it was taken back."""
    closed_at = broadcast.closed_at or now
    closed = replace(broadcast, state="closed", closed_at=closed_at, version=broadcast.version + 1)
    event = BroadcastCompleted(
        broadcast_id=broadcast.broadcast_id,
        title=broadcast.title,
        announced_by=broadcast.announced_by,
        announced_at=broadcast.announced_at,
        ack_by=broadcast.ack_by,
        completed_at=closed_at,
        outcome="taken_back" if broadcast.closed_by else "time_over",
        with_quiz=broadcast.quiz is not None,
        **{f"{name}_count": getattr(tally, name) for name in Tally.__dataclass_fields__},
    )
    return closed, event
