"""What came back of a known problem's words: who of those asked knows it, and whom of the customers it reached."""

from __future__ import annotations

from datetime import datetime

from services.cases.commands.ending import inform_customer
from services.cases.store import problems as store
from shared.contracts.notify import (
    AcknowledgementFact,
    AcknowledgementGiven,
    AcknowledgementLapsed,
    AcknowledgementOpened,
    AcknowledgementRefused,
    MessageDelivered,
    MessageFailed,
)
from shared.platform.work import Work


async def note_opened(work: Work, event: AcknowledgementOpened) -> None:
    """Somebody who was asked looked at it."""
    await _note_answer(work, event, "opened", event.opened_at)


async def note_given(work: Work, event: AcknowledgementGiven) -> None:
    """Somebody who was asked knows it now."""
    await _note_answer(work, event, "given", event.answered_at)


async def note_refused(work: Work, event: AcknowledgementRefused) -> None:
    """Somebody who was asked does not take it."""
    await _note_answer(work, event, "refused", event.answered_at, event.reason)


async def note_lapsed(work: Work, event: AcknowledgementLapsed) -> None:
    """Somebody who was asked stayed silent to the end."""
    await _note_answer(work, event, "lapsed", event.lapsed_at)


async def _note_answer(
    work: Work, event: AcknowledgementFact, state: str, at: datetime, note: str | None = None
) -> None:
    problem = await store.find_problem(work.conn, event.subject_id)
    if problem:
        await store.note_acknowledgement(work.conn, problem, event.staff_no, state=state, at=at, note=note)


async def note_delivered(work: Work, event: MessageDelivered) -> None:
    """A word reached a customer: their cases about it say so."""
    if event.subject_id is None or event.customer_id is None:
        return
    problem = await store.find_problem(work.conn, event.subject_id)
    revision = await store.settle_notice(
        work.conn,
        event.subject_id,
        event.customer_id,
        "delivered",
        revision=event.subject_version,
        channel=event.channel,
        now=work.now,
    )
    if problem is None or revision is None:
        return
    text = problem.fix if problem.fix and revision == problem.revision else problem.workaround
    for case_id in await store.cases_of_customer(work.conn, problem.problem_id, event.customer_id):
        await inform_customer(work, case_id=case_id, channel=event.channel, text=text, handoff_id=None)


async def note_unreached(work: Work, event: MessageFailed) -> None:
    """A word did not reach a customer."""
    if event.subject_id is not None and event.customer_id is not None:
        await store.settle_notice(
            work.conn,
            event.subject_id,
            event.customer_id,
            "failed",
            revision=event.subject_version,
            channel=event.channel,
            reason=event.reason,
            now=work.now,
        )
