"""Policies as data: which event asks whom, with what ladder, and what each ending means for the question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.notify.domain import shift_change
from services.notify.domain.ladder import Step
from shared.contracts.codec import from_json
from shared.contracts.event import Event
from shared.contracts.roster import (
    ShiftChangeAnnounced,
    ShiftChangeConfirmed,
    ShiftChangeExpired,
    ShiftChangeRefused,
    ShiftChangeResolved,
    ShiftChangeSuperseded,
    ShiftChangeWithdrawn,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How one kind of event asks its person, and what is said on each kind of rung."""

    subject_type: str
    asked: str
    reminder: str
    silent: str
    overdue: str
    ladder: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A plain message, outside the ladder, to these targets. `occasion`: each is told at most once for it."""

    template: str
    to: tuple[str, ...]
    occasion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What the subject is now by its owner's word, and who is told so.

    `lapses`: the silence itself ended it, so whoever the ladder leads up to must have heard.
    """

    state: str
    notice: Notice | None = None
    lapses: bool = False


POLICIES: dict[type[Event], Policy] = {
    ShiftChangeAnnounced: Policy(
        subject_type=shift_change.SUBJECT_TYPE,
        asked="shift_change.asked",
        reminder="shift_change.reminder",
        silent="shift_change.silent",
        overdue="shift_change.overdue",
        ladder=(
            Step("+0", "recipient"),
            Step("50%", "recipient"),
            Step("75%", "lead"),
            Step("deadline", "supervisor"),
        ),
    ),
}

LATE_NOTICE = Notice(template="shift_change.late_notice", to=("supervisor",), occasion="late-notice")

_OVER = Notice(template="shift_change.over", to=("recipient",), occasion="over")

ENDINGS: dict[type[Event], Ending] = {
    ShiftChangeConfirmed: Ending(state="confirmed"),
    ShiftChangeRefused: Ending(
        state="refused",
        notice=Notice(template="shift_change.refused", to=("lead", "supervisor"), occasion="refused"),
    ),
    ShiftChangeExpired: Ending(state="expired", lapses=True),
    ShiftChangeSuperseded: Ending(state="superseded", notice=_OVER),
    ShiftChangeWithdrawn: Ending(state="withdrawn", notice=_OVER),
    ShiftChangeResolved: Ending(
        state="resolved",
        notice=Notice(template="shift_change.resolved", to=("recipient",), occasion="over"),
    ),
}


def ending_of(event: Event) -> Ending:
    """How this event ends the question. A newer question in its place needs no notice of its own."""
    ending = ENDINGS[type(event)]
    replaced = isinstance(event, ShiftChangeSuperseded) and event.by_change_id is not None
    return Ending(state=ending.state, lapses=ending.lapses) if replaced else ending


def policy_of(subject_type: str) -> Policy:
    """The policy by which questions about this kind of subject are asked."""
    return next(policy for policy in POLICIES.values() if policy.subject_type == subject_type)


def facts_of(subject_type: str, content: Mapping[str, Any], language: str) -> dict[str, str]:
    """What the templates of a question may name; `content` is the event that it is about, as JSON."""
    assert subject_type == shift_change.SUBJECT_TYPE
    event = from_json(ShiftChangeAnnounced, dict(content))
    return shift_change.facts(event, event.zone, language)
