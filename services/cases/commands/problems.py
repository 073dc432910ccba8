"""Known problems: announced, updated, fixed; whose cases they explain; who is told.

Telling customers, noting links and applying the fix are jobs on durable timers: each piece is one transaction that sets
the timer for the next, so that whoever is killed in between leaves nobody out and tells nobody twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.cases.commands.ending import settle_case
from services.cases.commands.linking import link_to
from services.cases.domain import problem as rules
from services.cases.domain.case_ending import with_news
from services.cases.domain.contact import DEFAULT_ZONE
from services.cases.domain.problem import Problem, Word, next_word_due
from services.cases.queries.problems import ProblemView, view_problem
from services.cases.queries.sight import person_of, sight_of
from services.cases.store import problems as store
from services.cases.store.cases import find_case, load_case
from shared.contracts.event import Event
from shared.contracts.refusal import Fault, Refusal
from shared.platform.ids import new_id
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work

SUBJECT = rules.SUBJECT
TELL = "problem-tell"
NOTE = "problem-note"
SETTLE = "problem-settle"
WORD_DUE = "problem-word-due"

TOLD_AT_ONCE = 500
"""Customers to one request (as the event's contract says)."""

CASES_AT_ONCE = 100
NEXT = timedelta(microseconds=1)
"""The next piece is another transaction's."""

ACK_WITHIN = timedelta(hours=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """A problem as somebody wants it announced. Teams are ids or codes; times are instants."""

    title: str
    cause: str
    workaround: str
    owner_team: str
    topics: tuple[str, ...]
    eta_at: datetime | None = None
    next_word_at: datetime | None = None
    teams: tuple[str, ...] = ()
    ack_within_minutes: int | None = None
    link_open_since: datetime | None = None


async def announce_problem(work: Work, *, announcement: Announcement, surge_id: UUID | None = None) -> ProblemView:
    """Tell departments and branches, and everybody who waits with a case about it."""
    problem = await _new_problem(work, announcement, surge_id)
    rules.require_outlook(problem, work.now)
    await store.save_problem(work.conn, problem)
    if announcement.link_open_since:
        by = problem.announced_by
        await store.link_open_cases(work.conn, problem, since=announcement.link_open_since, now=work.now, by=by)
    word, event = rules.announced(problem, await store.reach_of(work.conn, problem.problem_id), word_id=new_id())
    await _give_word(work, problem, word, event)
    await set_timers(work, [_job(NOTE, problem.problem_id, work.now)])
    return await view_problem(work.conn, problem)


async def _new_problem(work: Work, told: Announcement, surge_id: UUID | None) -> Problem:
    owner, told_teams = await _named_teams(work, told)
    await _require_speaker(work, owner.team_id)
    within = timedelta(minutes=told.ack_within_minutes) if told.ack_within_minutes else ACK_WITHIN
    return Problem(
        problem_id=new_id(),
        number=await store.next_number(work.conn, work.now.astimezone(ZoneInfo(DEFAULT_ZONE)).date()),
        title=told.title,
        cause=told.cause,
        workaround=told.workaround,
        eta_at=told.eta_at,
        next_word_at=told.next_word_at,
        owner_team_id=owner.team_id,
        owner_team_name=owner.name,
        topics=told.topics,
        team_ids=told_teams,
        announced_at=work.now,
        announced_by=person_of(work.actor).staff_no,
        ack_by=work.now + within,
        surge_id=surge_id,
        updated_at=work.now,
    )


async def _named_teams(work: Work, told: Announcement) -> tuple[Any, tuple[UUID, ...]]:
    """The owner and the teams to be told; refuses every team and topic that nobody knows, all at once."""
    owner = await store.find_team(work.conn, told.owner_team)
    teams = [await store.find_team(work.conn, name) for name in told.teams]
    topics = await store.known_topics(work.conn, told.topics)
    faults = [Fault("owner_team", "team-unknown", {"team": told.owner_team})] if owner is None else []
    faults += [
        Fault(f"teams.{place}", "team-unknown", {"team": told.teams[place]})
        for place, team in enumerate(teams)
        if team is None
    ]
    faults += [
        Fault(f"topics.{place}", "topic-unknown", {"topic": topic})
        for place, topic in enumerate(told.topics)
        if topic not in topics
    ]
    if faults or owner is None:
        raise Refusal("invalid-value", faults=tuple(faults))
    return owner, tuple(team.team_id for team in teams if team)


async def update_problem(work: Work, *, problem_id: UUID, news: str, changes: Mapping[str, Any]) -> ProblemView:
    """Give the next word; everybody told before is told again."""
    problem = await _theirs(work, problem_id)
    reach = await store.reach_of(work.conn, problem_id)
    by = person_of(work.actor).staff_no
    after, word, event = rules.updated(
        problem, reach, news=news, changes=changes, word_id=new_id(), by=by, now=work.now
    )
    await store.save_problem(work.conn, after)
    await _give_word(work, after, word, event)
    return await view_problem(work.conn, after)


async def fix_problem(work: Work, *, problem_id: UUID, fix: str) -> ProblemView:
    """It is over: everybody told before is told, and linked cases are resolved with the fix."""
    problem = await _theirs(work, problem_id)
    reach = await store.reach_of(work.conn, problem_id)
    by = person_of(work.actor).staff_no
    after, word, event = rules.fixed(problem, reach, fix=fix, word_id=new_id(), by=by, now=work.now)
    await store.save_problem(work.conn, after)
    await _give_word(work, after, word, event)
    return await view_problem(work.conn, after)


async def _give_word(work: Work, problem: Problem, word: Word, event: Event) -> None:
    """Keep a word, tell it, and watch for the next."""
    await store.add_word(work.conn, word)
    work.record(event, sequence=problem.version)
    await set_timers(work, [_job(TELL, word.word_id, work.now)])
    if problem.state == "open":
        due = Timer(
            kind=WORD_DUE, subject_id=problem.problem_id, due_at=next_word_due(problem), version=problem.revision
        )
        await set_timers(work, [due])
    else:
        await cancel_timers(work, WORD_DUE, [problem.problem_id])


async def link_cases(work: Work, *, problem_id: UUID, case_ids: Sequence[UUID], since: datetime | None) -> ProblemView:
    """Say that the problem explains these cases (or all unfinished ones about its topics opened `since`).

    Their customers are told how it stands.
    """
    problem = await store.load_problem(work.conn, problem_id)
    rules.require_open(problem)
    by = person_of(work.actor).staff_no
    if since is not None:
        await _require_speaker(work, problem.owner_team_id)
        await store.link_open_cases(work.conn, problem, since=since, now=work.now, by=by)
    await _require_workers(work, case_ids)
    await store.link_cases(work.conn, problem_id, case_ids, now=work.now, by=by)
    word = await store.latest_word(work.conn, problem_id)
    await set_timers(work, [_job(NOTE, problem_id, work.now), _job(TELL, word.word_id, work.now)])
    return await view_problem(work.conn, problem)


async def _require_workers(work: Work, case_ids: Sequence[UUID]) -> None:
    """Refuse cases that are not there or not the caller's to see."""
    sight = await sight_of(work.conn, work.actor)
    faults = []
    for place, case_id in enumerate(case_ids):
        case = await find_case(work.conn, case_id, lock=False)
        if case is None or not sight.sees(case):
            faults.append(Fault(f"case_ids.{place}", "case-unknown", {}))
    if faults:
        raise Refusal("invalid-value", faults=tuple(faults))


async def unlink_case(work: Work, *, problem_id: UUID, case_id: UUID) -> ProblemView:
    """Say that the problem does not explain a case after all."""
    problem = await store.load_problem(work.conn, problem_id)
    rules.require_open(problem)
    await _require_workers(work, [case_id])
    if not await store.unlink_case(work.conn, problem_id, case_id):
        raise Refusal("not-found", noun="case of the problem", what=case_id)
    return await view_problem(work.conn, problem)


async def tell_customers(work: Work, timer: Timer) -> None:
    """Ask for the next customers to be told a word."""
    word = await store.find_word(work.conn, timer.subject_id)
    if word is None:
        return
    problem = await store.load_problem(work.conn, word.problem_id)
    untold = await store.take_untold(work.conn, word.problem_id, word.revision, at_most=TOLD_AT_ONCE, now=work.now)
    if untold:
        event = rules.notice(problem, word, tuple(untold), request_id=new_id(), now=work.now)
        work.record(event, sequence=1)
        await set_timers(work, [_job(TELL, word.word_id, work.now + NEXT)])
        return
    await store.mark_told(work.conn, word.word_id, now=work.now)
    if word.kind == rules.FIXED:
        await set_timers(work, [_job(SETTLE, problem.problem_id, work.now)])


async def note_links(work: Work, timer: Timer) -> None:
    """Let the timelines of the next linked cases say so."""
    taken = await store.take_unnoted(work.conn, timer.subject_id, at_most=CASES_AT_ONCE, now=work.now)
    for case_id in taken:
        case = await load_case(work.conn, case_id)
        await link_to(work, case, "problem", timer.subject_id, "explained_by")
    if taken:
        await set_timers(work, [_job(NOTE, timer.subject_id, work.now + NEXT)])


async def apply_fix(work: Work, timer: Timer) -> None:
    """Resolve the next linked cases with the fix; one that cannot move on keeps the reason."""
    problem = await store.find_problem(work.conn, timer.subject_id)
    if problem is None or problem.fix is None:
        return
    taken = await store.take_unsettled(work.conn, problem.problem_id, at_most=CASES_AT_ONCE, now=work.now)
    told = await store.customers_reached(work.conn, problem.problem_id, problem.revision)
    for case_id in taken:
        outcome = await _resolve(work, case_id, problem.fix, told)
        await store.note_outcome(work.conn, problem.problem_id, case_id, outcome)
    if taken:
        await set_timers(work, [_job(SETTLE, problem.problem_id, work.now + NEXT)])


async def _resolve(work: Work, case_id: UUID, fix: str, told: Collection[UUID]) -> str:
    """Resolve one case; who heard what was wrong, and not yet that it is fixed, has not been told how it ended."""
    case = await load_case(work.conn, case_id)
    if not case.is_active:
        return f"already_{case.state}"
    if case.informed_at and case.customer_id not in told:
        case = with_news(case, now=work.now)
    try:
        await settle_case(work, case, resolution=fix)
    except Refusal as refusal:  # a required field was never asked, say: its owner has to go on
        return refusal.code
    return "resolved"


async def ask_for_word(work: Work, timer: Timer) -> None:
    """The next word, or the fix, was announced for now and did not come."""
    problem = await store.find_problem(work.conn, timer.subject_id)
    if problem is None or problem.state != "open" or problem.revision != timer.version:
        return
    after, event = rules.overdue(problem, await store.reach_of(work.conn, problem.problem_id), now=work.now)
    await store.save_problem(work.conn, after)
    work.record(event, sequence=after.version)
    due_at = work.now + rules.REMIND_EVERY
    await set_timers(
        work, [Timer(kind=WORD_DUE, subject_id=problem.problem_id, due_at=due_at, version=problem.revision)]
    )


async def _theirs(work: Work, problem_id: UUID) -> Problem:
    problem = await store.load_problem(work.conn, problem_id)
    await _require_speaker(work, problem.owner_team_id)
    return problem


async def _require_speaker(work: Work, owner_team_id: UUID) -> None:
    """The owner department speaks for a problem, and so does whoever leads a team or sees all."""
    if work.actor.sees_all or {"lead", "supervisor"} & set(work.actor.roles):
        return
    if owner_team_id not in (await sight_of(work.conn, work.actor)).teams:
        raise Refusal("not-yours")


def _job(kind: str, subject_id: UUID, due_at: datetime) -> Timer:
    return Timer(kind=kind, subject_id=subject_id, due_at=due_at)
