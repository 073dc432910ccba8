"""Climb questions' ladders: tell whoever a rung is for, once, and set the timers for the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import structlog

from services.notify.commands.above import Above, above
from services.notify.commands.telling import Facts, Occasion, Saying, matter_of, tell_all
from services.notify.domain import acknowledgement, ladder
from services.notify.domain.acknowledgement import Acknowledgement
from services.notify.domain.contact import PERSONAL_CHANNELS
from services.notify.domain.facts import facts_in
from services.notify.domain.ladder import Call, Rung
from services.notify.domain.local_time import moment, zone_of
from services.notify.domain.wording import passed_over
from services.notify.store import acknowledgements as store
from services.notify.store.crowd import load_contacts_of
from services.notify.store.messages import load_used_channels
from services.notify.store.recipients import load_people
from shared.platform.db import is_outage
from shared.platform.timers import Timer
from shared.platform.work import Work

log = structlog.get_logger(__name__)

TOGETHER = 500
"""So many ladders climb in one transaction."""


@dataclass(frozen=True, slots=True)
class Climb:
    """A question whose ladder is to be climbed up to an instant, in a transaction on behalf of what asks for that."""

    work: Work
    ack: Acknowledgement
    rungs: tuple[Rung, ...]
    until: datetime


async def climb_ladder(work: Work, timer: Timer) -> None:
    """The ladder's timer: fire what is due or, after the last rung, let the question lapse. What else is due climbs
    along, because many together cost little more than one; when one of them fails, this one climbs alone."""
    try:
        async with store.attempt(work):
            await _climb(work, [timer, *await store.take_due(work, TOGETHER - 1)])
    except Exception as error:
        if is_outage(error):
            raise
        log.warning("ladders_climb_alone", error=repr(error)[:300])
        await _climb(work, [timer])


async def _climb(work: Work, due: Sequence[Timer]) -> None:
    timers = {timer.subject_id: timer for timer in due}
    rungs = await store.load_rungs(work, timers)
    climbs, lapsed, others = [], [], []
    for ack in await store.load_questions(work, timers):
        steps = rungs[ack.acknowledgement_id]
        wake = ladder.next_wake(steps, ack.deadline)
        if ack.state != "open" or timers[ack.acknowledgement_id].version != wake.rung or wake.at > work.now:
            others.append((ack, steps))
        elif wake.rung < len(steps):
            climbs.append(Climb(work, ack, steps, work.now))
        else:
            lapsed.append((lapse(work, ack), steps))
    await store.save_questions(work, [*await fire(work, climbs), *lapsed, *others])


async def fire(work: Work, climbs: Sequence[Climb]) -> list[store.Question]:
    """Tell everybody whose rung is due; the questions and their rungs afterwards, not yet saved."""
    if not climbs:
        return []
    over = await above(work, {climb.ack.team_id for climb in climbs})
    climbs = [_with_chain(climb, over) for climb in climbs]
    gone = await _people_gone(work, climbs)
    exhausted = await _exhausted(work, climbs)
    after: list[store.Question] = []
    sayings: list[Saying] = []
    for climb in climbs:
        ack = climb.ack
        rungs, calls = ladder.climb(
            climb.rungs, ack.chain, gone, climb.until, exhausted=ack.acknowledgement_id in exhausted
        )
        for call in calls:
            ack, saying = _call(climb.work, ack, call, climb.rungs)
            sayings.append(saying)
        _complain(ack, rungs, climb.until)
        after.append((ack, rungs))
    await tell_all(work, sayings)
    return after


def lapse(work: Work, ack: Acknowledgement) -> Acknowledgement:
    """Nobody answered: note it, and tell the world."""
    lapsed, event = acknowledgement.lapse(ack, work.now)
    work.record(event, sequence=lapsed.version)
    return lapsed


def question_facts(ack: Acknowledgement) -> Facts:
    """What templates may say about a question."""

    def facts(language: str) -> dict[str, str]:
        said = facts_in(ack.manner.event_type, ack.content, ack.zone, language)
        deadline = moment(ack.deadline, zone_of(ack.zone), language)
        who = {"name": ack.person_name, "staff_no": ack.staff_no, "team": ack.team_name, "deadline": deadline}
        return said | who

    return facts


def _with_chain(climb: Climb, over: Above) -> Climb:
    ack = climb.ack
    return replace(climb, ack=replace(ack, chain=over.completed(ack.chain, ack.team_id)))


async def _people_gone(work: Work, climbs: Sequence[Climb]) -> frozenset[str]:
    """Those of the chains who have left."""
    names = {name for climb in climbs for name in climb.ack.chain.people}
    people = await load_people(work, names)
    return frozenset(staff_no for staff_no, person in people.items() if _has_left(person.left_on, work.now.date()))


async def _exhausted(work: Work, climbs: Sequence[Climb]) -> frozenset[object]:
    """The questions whose next rung wants a further channel of somebody who has none."""
    wanting = [
        climb.ack
        for climb in climbs
        if any(rung.target == ladder.NEXT_CHANNEL and ladder.is_due(rung, climb.until) for rung in climb.rungs)
    ]
    if not wanting:
        return frozenset()
    contacts = await load_contacts_of(work, {ack.staff_no for ack in wanting})
    out = set()
    for ack in wanting:
        proved = {one.channel for one in contacts.get(ack.staff_no, ()) if one.verified_at}
        used = await load_used_channels(work, ack.acknowledgement_id, ack.staff_no)
        if not (proved & set(PERSONAL_CHANNELS)) - used:
            out.add(ack.acknowledgement_id)
    return frozenset(out)


def _call(work: Work, ack: Acknowledgement, call: Call, before: Sequence[Rung]) -> tuple[Acknowledgement, Saying]:
    """One person is told: the one asked is asked or reminded, those above hear of the silence."""
    manner, rung, asks = ack.manner, call.rung, ladder.is_recipient(call.target)
    if asks:
        asked_before = any(one.state == "sent" and ladder.is_recipient(one.target) for one in before)
        template = manner.reminder if asked_before else manner.asked
    else:
        template = manner.silent if rung.due_at < ack.deadline else manner.overdue
        ack, event = acknowledgement.escalate(ack, rung.number, call.target, call.staff_no, work.now)
        work.record(event, sequence=ack.version)
    beyond = call.target == ladder.NEXT_CHANNEL
    occasion = Occasion(name="rung", number=rung.number, template=template, asks=asks, beyond=beyond)
    return ack, Saying(call.staff_no, matter_of(ack), occasion, _facts(ack, call.passed))


def _facts(ack: Acknowledgement, passed: tuple[str, ...]) -> Facts:
    said = question_facts(ack)
    return lambda language: said(language) | {"passed": passed_over(passed, language)}


def _complain(ack: Acknowledgement, rungs: Sequence[Rung], until: datetime) -> None:
    for rung in rungs:
        if rung.state == "unreachable" and rung.sent_at == until:
            log.warning("rung_reached_nobody", acknowledgement_id=str(ack.acknowledgement_id), rung=rung.number)


def _has_left(left_on: date | None, today: date) -> bool:
    return left_on is not None and left_on < today
