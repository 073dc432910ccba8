"""What roster reacts to: events and timers."""

from __future__ import annotations

from services.roster.commands import changes, contacts, corrections, duty, leave, open_shifts, swaps, unresolved
from services.roster.commands.publishing import EXPIRY
from services.roster.commands.settlement import settle_due
from services.roster.commands.shifts import SETTLEMENT
from services.roster.domain.change import Escalation
from shared.contracts.event import Event
from shared.contracts.notify import (
    AcknowledgementGiven,
    AcknowledgementOpened,
    AcknowledgementRefused,
    ContactRemoved,
    ContactVerified,
    EscalationRaised,
    MessageDelivered,
    MessageFailed,
)
from shared.platform.consumer import Handler
from shared.platform.timers import Handler as TimerHandler
from shared.platform.work import Work


async def mark_change_opened(work: Work, event: AcknowledgementOpened) -> None:
    """The agent looked at a shift change."""
    if event.subject_type == changes.SUBJECT:
        await changes.mark_opened(
            work, change_id=event.subject_id, staff_no=event.staff_no, channel=event.channel, at=event.opened_at
        )


async def confirm_answered_change(work: Work, event: AcknowledgementGiven) -> None:
    """The agent said yes through notify."""
    if event.subject_type == changes.SUBJECT:
        await changes.take_confirmation(
            work,
            change_id=event.subject_id,
            staff_no=event.staff_no,
            channel=event.channel,
            shown=event.shown,
            at=event.answered_at,
        )


async def refuse_answered_change(work: Work, event: AcknowledgementRefused) -> None:
    """The agent said no through notify."""
    if event.subject_type == changes.SUBJECT:
        await changes.take_refusal(
            work,
            change_id=event.subject_id,
            staff_no=event.staff_no,
            channel=event.channel,
            reason=event.reason,
            shown=event.shown,
            at=event.answered_at,
        )


async def note_delivered_message(work: Work, event: MessageDelivered) -> None:
    """Evidence that the agent could know."""
    if event.subject_type == changes.SUBJECT and event.subject_id and event.staff_no:
        details = {"message_id": str(event.message_id), "channel": event.channel, "level": event.level}
        await changes.note_delivery(
            work, change_id=event.subject_id, staff_no=event.staff_no, at=event.delivered_at, details=details
        )


async def note_failed_message(work: Work, event: MessageFailed) -> None:
    """Evidence that the agent could not know."""
    if event.subject_type == changes.SUBJECT and event.subject_id and event.staff_no:
        details = {"message_id": str(event.message_id), "channel": event.channel, "reason": event.reason}
        await changes.note_failure(
            work, change_id=event.subject_id, staff_no=event.staff_no, at=event.failed_at, details=details
        )


async def note_raised_escalation(work: Work, event: EscalationRaised) -> None:
    """The rung that a silent agent's question has reached."""
    if event.subject_type == changes.SUBJECT:
        reached = Escalation(rung=event.rung, target=event.target, staff_no=event.target_staff_no, at=event.raised_at)
        await changes.note_escalation(work, change_id=event.subject_id, escalation=reached)


async def keep_verified_contact(work: Work, event: ContactVerified) -> None:
    """Somebody can be reached on a channel of their own."""
    await contacts.keep_contact(work, event, verified=True)


async def forget_removed_contact(work: Work, event: ContactRemoved) -> None:
    """A way to reach somebody is gone."""
    await contacts.keep_contact(work, event, verified=False)


HANDLERS: dict[type[Event], Handler] = {
    AcknowledgementOpened: mark_change_opened,
    AcknowledgementGiven: confirm_answered_change,
    AcknowledgementRefused: refuse_answered_change,
    MessageDelivered: note_delivered_message,
    MessageFailed: note_failed_message,
    EscalationRaised: note_raised_escalation,
    ContactVerified: keep_verified_contact,
    ContactRemoved: forget_removed_contact,
}

TIMERS: dict[str, TimerHandler] = {
    EXPIRY: changes.expire_change,
    SETTLEMENT: settle_due,
    swaps.LAPSE: swaps.lapse_swap,
    swaps.CHASE: swaps.chase_swap,
    open_shifts.LAPSE: open_shifts.lapse_open_shift,
    open_shifts.CHASE: open_shifts.chase_open_shift,
    leave.CHASE: leave.chase_leave,
    corrections.CHASE: corrections.chase_correction,
    unresolved.CHASE: unresolved.chase_unresolved,
    duty.HANDOVER: duty.hand_over_duty,
}
