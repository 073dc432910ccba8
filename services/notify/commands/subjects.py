"""What the owner of a matter says: a question to ask, or how it ended. In whatever order it arrives."""

from __future__ import annotations

import structlog

from services.notify.commands.ladder import fire, lapse, people_gone, present_chain, question_facts, whole_chain
from services.notify.commands.telling import Facts, Matter, Occasion, matter_of, tell
from services.notify.domain import acknowledgement, ladder, shift_change
from services.notify.domain.acknowledgement import Acknowledgement
from services.notify.domain.ladder import Rung
from services.notify.domain.policies import LATE_NOTICE, POLICIES, Ending, Notice, ending_of
from services.notify.store import acknowledgements as store
from services.notify.store.messages import drop_queued
from services.notify.store.recipients import load_team
from services.notify.store.subjects import Subject, keep_subject
from shared.contracts.codec import to_json
from shared.contracts.roster import ShiftChangeAnnounced, ShiftChangeFact
from shared.platform.ids import new_id
from shared.platform.work import Work

log = structlog.get_logger(__name__)

ANNOUNCED = "announced"


async def ask(work: Work, event: ShiftChangeAnnounced) -> None:
    """Open a question by its policy and climb what is due of its ladder at once.

    Where the owner's later word came first, the question is kept for the record and ends at once.
    """
    newer = await keep_subject(work, _subject(work, event, ANNOUNCED))
    earlier = await store.newest_about(work, shift_change.SUBJECT_TYPE, event.change_id)
    if (newer and newer.state == ANNOUNCED) or (earlier and earlier.subject_version >= _sequence(work)):
        return
    if earlier:
        await _settle(work, earlier, Ending(state="superseded"))
    ack = await _question(work, event)
    rungs = ladder.schedule(POLICIES[type(event)].ladder, ack.announced_at, ack.deadline, work.now)
    if newer is None:
        ack, rungs = await fire(work, ack, rungs, work.now)
    await store.add_acknowledgement(work, ack, rungs)
    if newer:
        await _settle(work, ack, Ending(state=newer.state, lapses=newer.state == "expired"))
    elif event.late_notice:
        await _notify(work, event, LATE_NOTICE, ack)


async def end(work: Work, event: ShiftChangeFact) -> None:
    """The owner says that the matter took its end: nothing is asked any more, and whoever must hear of it does."""
    ending = ending_of(event)
    if await keep_subject(work, _subject(work, event, ending.state)):
        return
    ack = await store.newest_about(work, shift_change.SUBJECT_TYPE, event.change_id)
    if ack:
        await _settle(work, ack, ending)
    if ending.notice:
        await _notify(work, event, ending.notice, ack)


async def _question(work: Work, event: ShiftChangeAnnounced) -> Acknowledgement:
    return Acknowledgement(
        acknowledgement_id=new_id(),
        subject_type=shift_change.SUBJECT_TYPE,
        subject_id=event.change_id,
        subject_version=_sequence(work),
        staff_no=event.staff_no,
        person_name=event.agent_name,
        team_id=event.team_id,
        team_name=event.team_name,
        chain=await present_chain(work, event.staff_no, event.team_id),
        content=to_json(event),
        announced_at=event.announced_at,
        deadline=event.confirm_by,
    )


async def _settle(work: Work, ack: Acknowledgement, ending: Ending) -> None:
    """Bring a question to the end that its owner reports."""
    if ack.state != "open" and not (ending.lapses and ack.state == "answered"):
        return
    rungs = await store.load_rungs(work, ack.acknowledgement_id)
    if ending.lapses:
        ack, rungs = await _say_that_time_is_over(work, ack, rungs)
    if ack.state == "open":
        ack = lapse(work, ack) if ending.lapses else _withdraw(work, ack, ending.state)
    await close(work, ack, rungs, ending.state)


async def close(work: Work, ack: Acknowledgement, rungs: tuple[Rung, ...], why: str) -> None:
    """Save a question that is over: no rung, no timer and no unsent message of it is left."""
    await store.save_acknowledgement(work, ack)
    await store.save_rungs(work, ack, ladder.cancel(rungs, why))
    await store.keep_timer(work, ack, rungs)
    await drop_queued(work, ack.acknowledgement_id, why)


async def _say_that_time_is_over(
    work: Work, ack: Acknowledgement, rungs: tuple[Rung, ...]
) -> tuple[Acknowledgement, tuple[Rung, ...]]:
    """Those above hear it, even if this word was faster than the timer, or an answer came too late to count."""
    waiting = ladder.cancel(ladder.revive(rungs, "supervisor"), "expired", target="recipient")
    return await fire(work, ack, waiting, max(work.now, ack.deadline))


def _withdraw(work: Work, ack: Acknowledgement, reason: str) -> Acknowledgement:
    withdrawn, event = acknowledgement.withdraw(ack, reason, work.now)
    work.record(event, sequence=withdrawn.version)
    return withdrawn


async def _notify(work: Work, event: ShiftChangeFact, notice: Notice, ack: Acknowledgement | None) -> None:
    """Tell a notice's targets, each person once. Who was never asked is not told that it is over."""
    if ack is None and notice.to == ("recipient",):
        return
    chain = await whole_chain(work, ack) if ack else await present_chain(work, event.staff_no, event.team_id)
    gone = await people_gone(work, chain)
    hearers = dict.fromkeys(staff_no for target in notice.to if (staff_no := ladder.reach(target, chain, gone)[1]))
    facts = await _notice_facts(work, event, ack)
    for staff_no in hearers:
        occasion = Occasion(name=notice.occasion, template=notice.template)
        await tell(work, staff_no, matter_of(ack) if ack else _matter(event), occasion, facts)
    if not hearers:
        log.warning("notice_reached_nobody", template=notice.template, subject_id=str(event.change_id))


async def _notice_facts(work: Work, event: ShiftChangeFact, ack: Acknowledgement | None) -> Facts:
    """What the event says, with the days of the question it is about, where that is known."""
    if ack:
        zone = ack.content["zone"]
        return lambda language: question_facts(ack)(language) | shift_change.facts(event, zone, language)
    team = await load_team(work, event.team_id)
    return lambda language: shift_change.facts(event, team.zone if team else "UTC", language)


def _matter(event: ShiftChangeFact) -> Matter:
    return Matter(subject_type=shift_change.SUBJECT_TYPE, subject_id=event.change_id, team_id=event.team_id)


def _subject(work: Work, event: ShiftChangeFact, state: str) -> Subject:
    return Subject(
        subject_type=shift_change.SUBJECT_TYPE,
        subject_id=event.change_id,
        sequence=_sequence(work),
        state=state,
        content=to_json(event),
    )


def _sequence(work: Work) -> int:
    assert work.cause is not None, "the owner's word comes as an event"
    return work.cause.sequence
