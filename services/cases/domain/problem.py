"""Known problems: a fault of a system or a process, announced with what people need, updated, fixed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.cases import (
    NoticeField,
    NoticeRequested,
    ProblemAnnounced,
    ProblemFact,
    ProblemFixed,
    ProblemOverdue,
    ProblemUpdated,
)
from shared.contracts.privacy import mask_phones_in
from shared.contracts.refusal import Fault, Refusal

SUBJECT = "cases.problem"
REMIND_EVERY = timedelta(hours=2)
ANNOUNCED, UPDATED, FIXED = "announced", "updated", "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A known problem as it stands. `revision` counts the words given about it."""

    problem_id: UUID
    version: int = 1
    number: str
    state: str = "open"
    revision: int = 1
    title: str
    cause: str
    workaround: str
    eta_at: datetime | None = None
    next_word_at: datetime | None = None
    owner_team_id: UUID
    owner_team_name: str
    topics: tuple[str, ...]
    team_ids: tuple[UUID, ...] = ()
    announced_at: datetime
    announced_by: str
    ack_by: datetime
    fix: str | None = None
    fixed_at: datetime | None = None
    fixed_by: str | None = None
    surge_id: UUID | None = None
    overdue_count: int = 0
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word given about a problem, as people were told it. `kind`: announced, updated, fixed."""

    word_id: UUID
    problem_id: UUID
    revision: int
    kind: str
    said: Mapping[str, str]
    at: datetime
    by: str
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """How many cases and customers a problem touches."""

    case_count: int = 0
    customer_count: int = 0


def require_outlook(problem: Problem, now: datetime) -> None:
    """Refuse without a time of the fix or of the next word, or with one that has passed."""
    if faults := tuple(_outlook_faults(problem, now)):
        raise Refusal("invalid-value", faults=faults)


def _outlook_faults(problem: Problem, now: datetime) -> Iterator[Fault]:
    if problem.eta_at is None and problem.next_word_at is None:
        yield Fault("eta_at", "problem-without-outlook", {})
    for name in ("eta_at", "next_word_at"):
        at = getattr(problem, name)
        if at is not None and at <= now:
            yield Fault(name, "time-passed", {})


def announced(problem: Problem, reach: Reach, *, word_id: UUID) -> tuple[Word, ProblemAnnounced]:
    """The first word, and the news of it."""
    require_outlook(problem, problem.announced_at)
    word = _word(problem, ANNOUNCED, problem.workaround, word_id=word_id, by=problem.announced_by)
    return word, ProblemAnnounced(**_fact(problem, reach), surge_id=problem.surge_id)


def updated(
    problem: Problem, reach: Reach, *, news: str, changes: Mapping[str, Any], word_id: UUID, by: str, now: datetime
) -> tuple[Problem, Word, ProblemUpdated]:
    """There is news; a time that was given and has passed needs another."""
    require_open(problem)
    kept = {name: None for name in ("eta_at", "next_word_at") if (at := getattr(problem, name)) and at <= now}
    after = _next(problem, now, **(kept | dict(changes)), revision=problem.revision + 1)
    require_outlook(after, now)
    word = _word(after, UPDATED, news, word_id=word_id, by=by)
    return after, word, ProblemUpdated(**_fact(after, reach), news=news, updated_at=now)


def fixed(
    problem: Problem, reach: Reach, *, fix: str, word_id: UUID, by: str, now: datetime
) -> tuple[Problem, Word, ProblemFixed]:
    """It is over."""
    require_open(problem)
    after = _next(problem, now, state="fixed", revision=problem.revision + 1, fix=fix, fixed_at=now, fixed_by=by)
    word = _word(after, FIXED, fix, word_id=word_id, by=by)
    return after, word, ProblemFixed(**_fact(after, reach), fix=fix, fixed_at=now)


def overdue(problem: Problem, reach: Reach, *, now: datetime) -> tuple[Problem, ProblemOverdue]:
    """The fix, or the next word, was announced for a time that has passed."""
    due_at = next_word_due(problem)
    after = _next(problem, now, overdue_count=problem.overdue_count + 1)
    event = ProblemOverdue(**_fact(after, reach), due_at=due_at, overdue_at=now, step=after.overdue_count)
    return after, event


def require_open(problem: Problem) -> None:
    """Refuse what is fixed."""
    if problem.state != "open":
        raise Refusal("problem-fixed", number=problem.number)


def next_word_due(problem: Problem) -> datetime:
    """By when somebody has to say something: the next word, or the fix."""
    return min(at for at in (problem.next_word_at, problem.eta_at) if at is not None)


def notice(
    problem: Problem, word: Word, customers: tuple[UUID, ...], *, request_id: UUID, now: datetime
) -> NoticeRequested:
    """The request to tell these customers this word."""
    return NoticeRequested(
        request_id=request_id,
        matter_type=SUBJECT,
        matter_id=problem.problem_id,
        matter_version=word.revision,
        template=f"{SUBJECT}.{word.kind}",
        fields=tuple(NoticeField(name=name, value=value) for name, value in word.said.items()),
        customers=customers,
        requested_at=now,
    )


def _word(problem: Problem, kind: str, text: str, *, word_id: UUID, by: str) -> Word:
    outlook = {name: at.isoformat() for name in ("eta_at", "next_word_at") if (at := getattr(problem, name))}
    said = {
        "number": problem.number,
        "title": problem.title,
        "workaround": problem.workaround,
        "text": text,
        **(outlook if kind != FIXED else {}),
    }
    return Word(
        word_id=word_id,
        problem_id=problem.problem_id,
        revision=problem.revision,
        kind=kind,
        said={name: mask_phones_in(value) for name, value in said.items()},
        at=problem.updated_at,
        by=by,
    )


_FACT = [field.name for field in fields(ProblemFact) if field.name not in ("case_count", "customer_count")]


def _fact(problem: Problem, reach: Reach) -> dict[str, Any]:
    told = {name: getattr(problem, name) for name in _FACT}
    return told | asdict(reach)


def _next(problem: Problem, now: datetime, **changes: Any) -> Problem:
    return replace(problem, **changes, version=problem.version + 1, updated_at=now)
