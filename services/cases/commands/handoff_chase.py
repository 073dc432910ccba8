"""Chasing silent hand-offs, and what notify heard of those who were asked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.cases.commands import handoffs as commands
from services.cases.commands.word import HANDOFF
from services.cases.domain import handoff as rules
from services.cases.domain import handoff_chase as chase
from services.cases.domain.case import Case, facts_of
from services.cases.domain.handoff import Handoff, Reply
from services.cases.queries.working_hours import hours_of_team
from services.cases.store import handoffs as store
from services.cases.store.cases import add_entry_at, find_case
from services.cases.store.people import person_named
from shared.contracts.notify import (
    AcknowledgementGiven,
    AcknowledgementLapsed,
    AcknowledgementOpened,
    AcknowledgementRefused,
    MessageDelivered,
    MessageFailed,
)
from shared.platform.timers import Timer, set_timers
from shared.platform.work import Work

SUBJECT = "cases.handoff"


async def chase_handoff(work: Work, timer: Timer) -> None:
    """One step of the chase: somebody is told, or it goes back to the sender."""
    found = await _found(work, timer.subject_id)
    if found is None or found[1].next_step_at is None:
        return
    case, handoff = found
    assert handoff.next_step_at
    if handoff.next_step_at > work.now:
        await set_timers(work, [Timer(kind=HANDOFF, subject_id=handoff.handoff_id, due_at=handoff.next_step_at)])
        return
    step = chase.next_step(handoff)
    if step.gives_up:
        await commands.give_up(work, case, handoff)
        return
    await _step(work, case, handoff, step)


async def _step(work: Work, case: Case, handoff: Handoff, step: chase.ChaseStep) -> None:
    own = step.clock == chase.WORD
    hours = await hours_of_team(work.conn, case.team_id if own else handoff.to_team_id, case.zone)
    after, event = chase.chased(handoff, facts_of(case), step, hours, now=work.now)
    await store.save_handoff(work.conn, after)
    work.record(event, sequence=after.version)
    assert after.next_step_at
    await set_timers(work, [Timer(kind=HANDOFF, subject_id=after.handoff_id, due_at=after.next_step_at)])
    data = {"handoff_id": after.handoff_id, "clock": step.clock, "step": step.number, "told": list(step.told)}
    await add_entry_at(work.conn, case.case_id, "handoff_overdue", "shared", data, at=work.now, by=None, by_name=None)


async def take_acceptance(work: Work, event: AcknowledgementGiven) -> None:
    """The receiver pressed "confirm" on the link: that is an explicit acceptance. Too late, it is only kept.

    Of a partner outside the system the sender is asked; their "confirm" is no reply of the partner's.
    """
    found = await _found(work, event.subject_id) if event.subject_type == SUBJECT else None
    if found is None:
        return
    case, handoff = found
    if handoff.state == "requested" and not handoff.external:
        reply = await _reply(work, handoff, event.staff_no, event.answered_at)
        await commands.accept(work, case, handoff, reply, note=None)
        return
    await _keep_note(work, handoff, "answered_too_late", event.answered_at, event.staff_no, said="accepted")


async def take_refusal(work: Work, event: AcknowledgementRefused) -> None:
    """The receiver pressed "refuse" on the link and said why. Too late, it is only kept."""
    found = await _found(work, event.subject_id) if event.subject_type == SUBJECT else None
    if found is None:
        return
    case, handoff = found
    if handoff.state == "requested" and not handoff.external:
        reply = await _reply(work, handoff, event.staff_no, event.answered_at)
        await commands.refuse(work, case, handoff, reply, reason=event.reason)
        return
    await _keep_note(work, handoff, "answered_too_late", event.answered_at, event.staff_no, said="refused")


async def note_opened(work: Work, event: AcknowledgementOpened) -> None:
    """The receiver looked at it. Opened is not accepted."""
    if event.subject_type == SUBJECT and (found := await _found(work, event.subject_id)):
        await _keep_note(work, found[1], "opened", event.opened_at, event.staff_no, channel=event.channel)


async def note_lapsed(work: Work, event: AcknowledgementLapsed) -> None:
    """notify's ladder is at its end; the chase here goes on by its own clock."""
    if event.subject_type == SUBJECT and (found := await _found(work, event.subject_id)):
        await _keep_note(work, found[1], "silent", event.lapsed_at, event.staff_no)


async def note_delivery(work: Work, event: MessageDelivered) -> None:
    """A message about it reached somebody's channel. Delivered is not known."""
    if event.subject_type == SUBJECT and event.subject_id and (found := await _found(work, event.subject_id)):
        details = {"channel": event.channel, "level": event.level}
        await _keep_note(work, found[1], "delivered", event.delivered_at, event.staff_no, **details)


async def note_failure(work: Work, event: MessageFailed) -> None:
    """A message about it did not reach somebody."""
    if event.subject_type == SUBJECT and event.subject_id and (found := await _found(work, event.subject_id)):
        details = {"channel": event.channel, "reason": event.reason}
        await _keep_note(work, found[1], "failed", event.failed_at, event.staff_no, **details)


async def _found(work: Work, handoff_id: UUID) -> tuple[Case, Handoff] | None:
    """A hand-off with its case, both locked, the case first."""
    case_id = await store.case_of(work.conn, "handoff", handoff_id)
    case = await find_case(work.conn, case_id) if case_id else None
    handoff = await store.find_handoff(work.conn, handoff_id)
    return (case, handoff) if case and handoff else None


async def _reply(work: Work, handoff: Handoff, staff_no: str, said_at: datetime) -> Reply:
    """Clocks of two services may differ a little: nobody replies before being asked."""
    person = await person_named(work.conn, staff_no)
    return Reply(by=staff_no, name=person.name if person else staff_no, at=max(said_at, handoff.requested_at))


async def _keep_note(work: Work, handoff: Handoff, what: str, at: datetime, by: str | None, **details: object) -> None:
    await store.save_handoff(work.conn, rules.noted(handoff, what, at=at, by=by, details=details))
