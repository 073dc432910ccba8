"""Climb a question's ladder: tell whoever a rung is for, once, and set the timer for the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import structlog

from services.notify.commands.telling import Facts, Occasion, matter_of, tell
from services.notify.domain import acknowledgement, ladder
from services.notify.domain.acknowledgement import Acknowledgement
from services.notify.domain.ladder import Call, Chain, Rung
from services.notify.domain.policies import facts_of, policy_of
from services.notify.domain.wording import passed_over
from services.notify.store import acknowledgements as store
from services.notify.store.recipients import load_people, load_team
from shared.platform.timers import Timer
from shared.platform.work import Work

log = structlog.get_logger(__name__)


async def climb_ladder(work: Work, timer: Timer) -> None:
    """The ladder's timer: fire what is due or, after the last rung, let the question lapse."""
    ack = await store.load_acknowledgement(work, timer.subject_id)
    rungs = await store.load_rungs(work, ack.acknowledgement_id)
    wake = ladder.next_wake(rungs, ack.deadline)
    if ack.state == "open" and timer.version == wake.rung and wake.at <= work.now:
        if wake.rung < len(rungs):
            ack, rungs = await fire(work, ack, rungs, work.now)
        else:
            ack = lapse(work, ack)
        await store.save_acknowledgement(work, ack)
        await store.save_rungs(work, ack, rungs)
    await store.keep_timer(work, ack, rungs)


async def fire(
    work: Work, ack: Acknowledgement, rungs: Sequence[Rung], until: datetime
) -> tuple[Acknowledgement, tuple[Rung, ...]]:
    """Tell everybody whose rung is due by `until`; the question and its rungs afterwards, not yet saved."""
    ack = replace(ack, chain=await whole_chain(work, ack))
    asked_before = any(rung.state == "sent" and rung.target == "recipient" for rung in rungs)
    after, calls = ladder.climb(rungs, ack.chain, await people_gone(work, ack.chain), until)
    for call in calls:
        ack = await _call(work, ack, call, asked_before)
    for rung in after:
        if rung.state == "unreachable" and rung.sent_at == until:
            log.warning("rung_reached_nobody", acknowledgement_id=str(ack.acknowledgement_id), rung=rung.number)
    return ack, after


def lapse(work: Work, ack: Acknowledgement) -> Acknowledgement:
    """Nobody answered: note it, and tell the world."""
    lapsed, event = acknowledgement.lapse(ack, work.now)
    work.record(event, sequence=lapsed.version)
    return lapsed


async def whole_chain(work: Work, ack: Acknowledgement) -> Chain:
    """The chain as it was when the question began; what was not known then (roster's team came later) is as it is now.

    Who took over since then is not told: the ladder climbs the people it started with.
    """
    if ack.chain.lead and ack.chain.supervisor:
        return ack.chain
    now = await present_chain(work, ack.staff_no, ack.team_id)
    return replace(ack.chain, lead=ack.chain.lead or now.lead, supervisor=ack.chain.supervisor or now.supervisor)


async def present_chain(work: Work, staff_no: str, team_id: UUID) -> Chain:
    """The people above somebody in a team, as of now."""
    team = await load_team(work, team_id)
    return Chain(recipient=staff_no, lead=team.lead if team else None, supervisor=team.supervisor if team else None)


async def people_gone(work: Work, chain: Chain) -> frozenset[str]:
    """Those of a chain who have left."""
    names = [name for name in (chain.recipient, chain.lead, chain.supervisor) if name]
    people = await load_people(work, names)
    return frozenset(staff_no for staff_no, person in people.items() if _has_left(person.left_on, work.now.date()))


def question_facts(ack: Acknowledgement) -> Facts:
    """What templates may say about a question."""
    return lambda language: facts_of(ack.subject_type, ack.content, language)


async def _call(work: Work, ack: Acknowledgement, call: Call, asked_before: bool) -> Acknowledgement:
    policy, rung = policy_of(ack.subject_type), call.rung
    if call.target == "recipient":
        template = policy.reminder if asked_before else policy.asked
    else:
        template = policy.silent if rung.due_at < ack.deadline else policy.overdue
        ack, event = acknowledgement.escalate(ack, rung.number, call.target, call.staff_no, work.now)
        work.record(event, sequence=ack.version)
    occasion = Occasion(name="rung", number=rung.number, template=template, asks=call.target == "recipient")

    def facts(language: str) -> dict[str, str]:
        return {**question_facts(ack)(language), "passed": passed_over(call.passed, language)}

    await tell(work, call.staff_no, matter_of(ack), occasion, facts)
    return ack


def _has_left(left_on: date | None, today: date) -> bool:
    return left_on is not None and left_on < today
