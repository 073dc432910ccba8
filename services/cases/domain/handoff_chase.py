"""Chasing a silent hand-off: one step after the other on the calendar of whoever is to act, until it is done.

Not accepted: the receiver is reminded, then its lead and the duty manager hear, then it goes back to the sender.
Not answered: the receiver, then its lead and the duty manager, then everybody up to the supervisor, again and again.
Answered, and the customer not told: the sender, then its lead and the duty manager, again and again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.cases.domain.handoff import Handoff, fact_of, noted
from services.cases.domain.working_time import WorkingTime, minutes_after
from shared.contracts.cases import HandoffOverdue

ACKNOWLEDGEMENT, WORK, WORD, PROGRESS = "acknowledgement", "work", "word", "progress"

_CLOCKS = {"requested": ACKNOWLEDGEMENT, "accepted": WORK, "answered": WORD}
_TOLD: dict[str, tuple[tuple[str, ...], ...]] = {
    ACKNOWLEDGEMENT: (("receiver",), ("lead", "duty_manager")),
    WORK: (("receiver",), ("lead", "duty_manager"), ("receiver", "lead", "duty_manager", "supervisor")),
    WORD: (("sender",), ("sender", "duty_manager")),
    PROGRESS: (("receiver", "lead"), ("lead", "duty_manager"), ("lead", "duty_manager", "supervisor")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaseStep:
    """The next step of a chase: the nth of one clock, and the roles that hear of it; nobody: it goes back."""

    clock: str
    number: int
    told: tuple[str, ...]

    @property
    def gives_up(self) -> bool:
        """Whether the chase ends here and the hand-off returns to its sender."""
        return not self.told


def next_step(handoff: Handoff) -> ChaseStep:
    """What happens when the step that is due falls due."""
    clock = _CLOCKS[handoff.state]
    number = handoff.chased + 1
    return ChaseStep(clock=clock, number=number, told=told_at(clock, number, external=handoff.external))


def told_at(clock: str, number: int, *, external: bool) -> tuple[str, ...]:
    """Who hears of the nth step; nobody when the chase of that clock ends there.

    Of those outside the system nobody can be told: the sender has to get their reply.
    """
    told = _told_inside(clock, number)
    if not external or not told:
        return told
    return ("sender",) if number == 1 else ("sender", "duty_manager")


def _told_inside(clock: str, number: int) -> tuple[str, ...]:
    steps = _TOLD[clock]
    if number <= len(steps):
        return steps[number - 1]
    return () if clock == ACKNOWLEDGEMENT else steps[-1]


def chased(
    handoff: Handoff, facts: dict[str, Any], step: ChaseStep, hours: WorkingTime, *, now: datetime
) -> tuple[Handoff, HandoffOverdue]:
    """One step of the chase, and when the next one is due."""
    assert handoff.next_step_at
    terms = handoff.terms
    minutes = terms.chase_minutes if step.clock == ACKNOWLEDGEMENT else terms.overdue_minutes
    details = {"clock": step.clock, "step": step.number, "told": list(step.told)}
    after = noted(handoff, "overdue", at=now, details=details)
    after = replace(
        after, chased=step.number, next_step_at=minutes_after(hours, max(handoff.next_step_at, now), minutes)
    )
    return after, overdue(after, facts, step, now=now)


def overdue(handoff: Handoff, facts: dict[str, Any], step: ChaseStep, *, now: datetime) -> HandoffOverdue:
    """The news of one step."""
    return HandoffOverdue(**fact_of(handoff, facts), overdue_at=now, clock=step.clock, step=step.number, told=step.told)
