"""Broadcasts: announced, spread to everybody concerned (joiners too), taken back, completed; and their quizzes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notify.commands.above import Above
from services.notify.commands.ladder import Climb, fire
from services.notify.commands.recipients import keep_person
from services.notify.domain import acknowledgement, broadcast, ladder
from services.notify.domain.acknowledgement import Acknowledgement
from services.notify.domain.broadcast import TIMER, Audience, Broadcast, Quiz, QuizQuestion
from services.notify.domain.families import BROADCAST
from services.notify.domain.policies import in_force, manner_of
from services.notify.store import acknowledgements as questions
from services.notify.store import broadcasts as store
from services.notify.store.crowd import Member, load_managers, load_on_duty, load_teams
from services.notify.store.messages import drop_queued
from services.notify.store.policies import load_policies
from services.notify.store.recipients import load_team_named
from services.notify.store.subjects import Subject, keep_subjects
from shared.contracts.refusal import Refusal
from shared.contracts.roster import AgentFact
from shared.platform.ids import new_id
from shared.platform.timers import Timer, set_timers
from shared.platform.work import Work

AT_ONCE = 2_000
"""So many people are asked in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastView:
    """A broadcast as it stands. Its people are being asked from now on; see its progress."""

    broadcast_id: UUID
    title: str
    body: str
    state: str
    announced_at: datetime
    announced_by: str
    ack_by: datetime
    closed_at: datetime | None
    reason: str | None
    with_quiz: bool
    asked_count: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizResult:
    """An attempt at a quiz: which answers were right, and whether the quiz is passed."""

    acknowledgement_id: UUID
    attempt: int
    right: tuple[bool, ...]
    passed: bool


async def announce_broadcast(
    work: Work,
    *,
    title: str,
    body: str,
    audience: Mapping[str, Any],
    ack_by: datetime,
    quiz: Mapping[str, Any] | None,
) -> BroadcastView:
    """Announce a broadcast; everybody in its audience is asked from now on, whoever joins until `ack_by`, too."""
    meant = await _audience(work, audience)
    asked = _quiz(quiz) if quiz else None
    broadcast.require_sensible(audience=meant, quiz=asked, ack_by=ack_by, now=work.now)
    policy = in_force(BROADCAST, await load_policies(work, BROADCAST), ())
    assert policy.asks is not None, "a broadcast asks"
    made = Broadcast(
        broadcast_id=new_id(),
        title=title,
        body=body,
        audience=meant,
        quiz=asked,
        manner=manner_of(policy),
        ladder=policy.asks.ladder,
        zone=await _zone(work, meant),
        announced_at=work.now,
        ack_by=ack_by,
        announced_by=work.actor.name or work.actor.staff_no or work.actor.sub,
    )
    await store.add_broadcast(work, made)
    await keep_subjects(work, [_subject(made)])
    await _wake(work, [made.broadcast_id])
    return _view(made)


async def take_back_broadcast(work: Work, *, broadcast_id: UUID, reason: str) -> BroadcastView:
    """Nobody need confirm it any more: open questions are withdrawn."""
    found = await store.load_broadcast(work, broadcast_id)
    await _require_audience(work, found.audience)
    taken = broadcast.taken_back(found, by=work.actor.staff_no or work.actor.sub, reason=reason, now=work.now)
    await store.save_broadcast(work, taken)
    await keep_subjects(work, [_subject(taken)])
    await _wake(work, [broadcast_id])
    return _view(taken)


async def spread_broadcast(work: Work, timer: Timer) -> None:
    """The broadcast's timer: ask the next of those who have not been asked; withdraw, or complete it when it is over.

    Each firing does so many; it wakes itself until nothing is left.
    """
    found = await store.load_broadcast(work, timer.subject_id)
    if found.state == "closing":
        if await _withdraw_some(work, found) == AT_ONCE:
            await _wake(work, [found.broadcast_id])
            return
        await _complete(work, found)
    elif found.state == "open" and work.now < found.ack_by:
        count = await _ask_some(work, found)
        next_at = work.now if count == AT_ONCE else found.ack_by
        await set_timers(work, [Timer(kind=TIMER, subject_id=found.broadcast_id, due_at=next_at)])
    elif found.state == "open":
        await _complete(work, found)


async def welcome(work: Work, event: AgentFact) -> None:
    """Note a person; whoever comes to belong to the audience of an open broadcast is asked, too."""
    await keep_person(work, event)
    await _wake(work, await store.load_open_ids(work))


async def answer_quiz(work: Work, *, acknowledgement_id: UUID, choices: Sequence[int]) -> QuizResult:
    """The person asked answers a broadcast's quiz, as often as they like. Passing confirms nothing by itself."""
    ack = await questions.load_acknowledgement(work, acknowledgement_id)
    if work.actor.staff_no != ack.staff_no:
        raise Refusal("not-yours")
    found = await store.load_broadcast(work, ack.subject_id) if ack.subject_type == BROADCAST else None
    if found is None or found.quiz is None:
        raise Refusal("quiz-missing")
    if ack.state not in ("open", "answered"):
        acknowledgement.require_answerable(ack, work.now)
    marked = broadcast.marked(found.quiz, choices)
    attempt = await store.add_quiz_attempt(work, acknowledgement_id, list(choices), marked, work.now)
    return QuizResult(acknowledgement_id=acknowledgement_id, attempt=attempt, right=marked.right, passed=marked.passed)


async def _ask_some(work: Work, found: Broadcast) -> int:
    members = await store.load_not_asked(work, found, AT_ONCE)
    if not members:
        return 0
    over = Above(await load_teams(work), await load_on_duty(work), await load_managers(work))
    rungs = ladder.schedule(found.ladder, max(found.announced_at, work.now), found.ack_by, work.now)
    climbs = [Climb(work, _question(work, found, member, over), rungs, work.now) for member in members]
    await questions.add_questions(work, await fire(work, climbs))
    await store.save_broadcast(work, replace(found, asked_count=found.asked_count + len(members)))
    return len(members)


def _question(work: Work, found: Broadcast, member: Member, over: Above) -> Acknowledgement:
    return Acknowledgement(
        acknowledgement_id=new_id(),
        subject_type=BROADCAST,
        subject_id=found.broadcast_id,
        subject_version=1,
        staff_no=member.staff_no,
        person_name=member.name,
        team_id=member.team_id,
        team_name=member.team_name,
        chain=over.chain(member.staff_no, member.team_id),
        zone=found.zone,
        manner=found.manner,
        content=found.content,
        announced_at=work.now,
        deadline=found.ack_by,
    )


async def _withdraw_some(work: Work, found: Broadcast) -> int:
    ids = await store.load_still_open(work, found.broadcast_id, AT_ONCE)
    rungs = await questions.load_rungs(work, ids)
    withdrawn = []
    for ack in await questions.load_questions(work, ids):
        over, event = acknowledgement.withdraw(ack, "taken_back", work.now)
        work.record(event, sequence=over.version)
        withdrawn.append((over, ladder.cancel(rungs[ack.acknowledgement_id], "taken_back")))
    await questions.save_questions(work, withdrawn)
    await drop_queued(work, {over.acknowledgement_id: "taken_back" for over, _ in withdrawn})
    return len(ids)


async def _complete(work: Work, found: Broadcast) -> None:
    closed, event = broadcast.completed(found, await store.load_tally(work, found.broadcast_id), work.now)
    await store.save_broadcast(work, closed)
    work.record(event, sequence=closed.version)


async def _audience(work: Work, given: Mapping[str, Any]) -> Audience:
    """The audience with its teams by id; a supervisor addresses the own teams only."""
    places = {name: [await load_team_named(work, team) for team in given[name]] for name in ("teams", "branches")}
    for team in (*places["teams"], *places["branches"]):
        work.actor.require_team(team.team_id, team.code)
    audience = Audience(
        everyone=given["everyone"],
        roles=tuple(given["roles"]),
        staff=tuple(given["staff"]),
        teams=tuple(team.team_id for team in places["teams"]),
        branches=tuple(team.team_id for team in places["branches"]),
    )
    await _require_audience(work, audience)
    return audience


async def _require_audience(work: Work, audience: Audience) -> None:
    """Refuse unless the caller may speak to all of them."""
    if work.actor.sees_all:
        return
    if audience.everyone or audience.staff or not (audience.teams or audience.branches):
        raise Refusal("not-yours")
    teams = await load_teams(work)
    for team_id in (*audience.teams, *audience.branches):
        work.actor.require_team(team_id, teams[team_id].code if team_id in teams else "")


async def _zone(work: Work, audience: Audience) -> str:
    """The zone that times are shown in: that of the first team addressed, else the one most teams are in."""
    teams = await load_teams(work)
    named = [teams[team_id].zone for team_id in (*audience.teams, *audience.branches) if team_id in teams]
    zones = [team.zone for team in teams.values()]
    return next(iter(named), max(set(zones), key=zones.count) if zones else "UTC")


async def _wake(work: Work, broadcast_ids: Sequence[UUID]) -> None:
    await set_timers(work, [Timer(kind=TIMER, subject_id=one, due_at=work.now) for one in broadcast_ids])


def _quiz(given: Mapping[str, Any]) -> Quiz:
    asked = tuple(QuizQuestion(**{**one, "choices": tuple(one["choices"])}) for one in given["questions"])
    return Quiz(questions=asked, pass_count=given["pass_count"] or len(asked))


def _subject(found: Broadcast) -> Subject:
    return Subject(
        subject_type=BROADCAST,
        subject_id=found.broadcast_id,
        sequence=found.version,
        state="announced" if found.state == "open" else "withdrawn",
        content=found.content,
    )


def _view(found: Broadcast) -> BroadcastView:
    names = [name for name in BroadcastView.__dataclass_fields__ if name != "with_quiz"]
    return BroadcastView(**{name: getattr(found, name) for name in names}, with_quiz=found.quiz is not None)
