"""Known problems over HTTP: announced, updated, fixed; whose cases they explain and whom they reached."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, Field
from starlette.responses import Response

from services.cases.api.contact_rows import Moment
from services.cases.commands import problems as commands
from services.cases.commands.problems import Announcement
from services.cases.domain.problem import Problem
from services.cases.queries import problems as queries
from services.cases.queries.problems import LinkedCase, ProblemView, Progress, Unreached
from shared.platform.door import Door, opens
from shared.platform.fields import Body, Code, Name, Text
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router

router = Router(tags=["known problems"])

Names = Annotated[list[Code], Field(max_length=500)]


class NewProblem(Body):
    """A fault of a system or a process, with what everybody needs to know.

    `eta_at` is when it is fixed, `next_word_at` when there is news: one of them at least. `teams` are told (none:
    everybody). Unfinished cases about its topics opened at or after `link_open_since` are linked.
    """

    title: Name
    cause: Text
    workaround: Text
    owner_team: Code
    topics: Annotated[list[Code], Field(min_length=1, max_length=50)]
    eta_at: Moment | None = None
    next_word_at: Moment | None = None
    teams: Names = []
    ack_within_minutes: Annotated[int, Field(ge=5, le=43_200)] | None = None
    link_open_since: Moment | None = None

    def announcement(self) -> Announcement:
        """As the command takes it."""
        return announcement_of(self)


def announcement_of(body: Body) -> Announcement:
    """A request's fields as the command takes them: each topic once."""
    told: dict[str, Any] = {name: getattr(body, name) for name in type(body).model_fields}
    return Announcement(**told | {name: tuple(dict.fromkeys(told[name])) for name in ("topics", "teams")})


class ProblemNews(Body):
    """The next word; what is absent stays, but a time that has passed needs another."""

    news: Text
    cause: Text = ""
    workaround: Text = ""
    eta_at: Moment | None = None
    next_word_at: Moment | None = None


class ProblemFix(Body):
    """What was done: it resolves the linked cases."""

    fix: Text


class LinkCases(Body):
    """Cases that the problem explains: these, or all unfinished ones about its topics opened at or after a time."""

    case_ids: Annotated[list[UUID], Field(max_length=1000)] = []
    opened_since: Moment | None = None


@router.post("/problems", status_code=201, response_model=ProblemView, operation_id="announce_problem")
async def announce_problem(body: NewProblem, door: Door = opens("cases:work")) -> Response:
    """Tell departments and branches, who acknowledge, and every customer with a linked case."""
    return await door.run(commands.announce_problem, status=201, announcement=body.announcement())


@router.get("/problems", response_model=Page[Problem], operation_id="list_problems")
async def list_problems(
    *,
    state: Literal["open", "fixed"] | None = None,
    topic: Annotated[Code | None, Query()] = None,
    updated_after: AwareDatetime | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("cases:read"),
) -> Response:
    """Known problems, the latest first."""
    return await door.read(
        queries.list_problems, state=state, topic=topic, updated_after=updated_after, limit=limit, after=after
    )


@router.get("/problems/{problem_id}", response_model=ProblemView, operation_id="get_problem")
async def get_problem(problem_id: UUID, door: Door = opens("cases:read")) -> Response:
    """One known problem, every word given about it, and whom the last one reached."""
    return await door.read(queries.get_problem, problem_id=problem_id)


@router.post("/problems/{problem_id}/update", response_model=ProblemView, operation_id="update_problem")
async def update_problem(problem_id: UUID, body: ProblemNews, door: Door = opens("cases:work")) -> Response:
    """Give the next word; everybody told before is told again."""
    changes: dict[str, str | datetime] = {
        name: getattr(body, name) for name in body.model_fields_set - {"news"} if getattr(body, name) is not None
    }
    return await door.run(commands.update_problem, problem_id=problem_id, news=body.news, changes=changes)


@router.post("/problems/{problem_id}/fix", response_model=ProblemView, operation_id="fix_problem")
async def fix_problem(problem_id: UUID, body: ProblemFix, door: Door = opens("cases:work")) -> Response:
    """It is over: everybody is told, then the linked cases are resolved."""
    return await door.run(commands.fix_problem, problem_id=problem_id, fix=body.fix)


@router.post("/problems/{problem_id}/cases", response_model=ProblemView, operation_id="link_problem_cases")
async def link_problem_cases(problem_id: UUID, body: LinkCases, door: Door = opens("cases:work")) -> Response:
    """Link cases that the problem explains; their customers are told."""
    return await door.run(commands.link_cases, problem_id=problem_id, case_ids=body.case_ids, since=body.opened_since)


@router.get("/problems/{problem_id}/cases", response_model=Page[LinkedCase], operation_id="list_problem_cases")
async def list_problem_cases(
    problem_id: UUID,
    outcome: Annotated[Code | None, Query(description="what the fix did to them")] = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("cases:read"),
) -> Response:
    """The linked cases."""
    return await door.read(queries.list_linked_cases, problem_id=problem_id, outcome=outcome, limit=limit, after=after)


@router.delete("/problems/{problem_id}/cases/{case_id}", response_model=ProblemView, operation_id="unlink_problem_case")
async def unlink_problem_case(problem_id: UUID, case_id: UUID, door: Door = opens("cases:work")) -> Response:
    """Unlink a case that the problem does not explain after all."""
    return await door.run(commands.unlink_case, problem_id=problem_id, case_id=case_id)


@router.get("/problems/{problem_id}/progress", response_model=Progress, operation_id="get_problem_progress")
async def get_problem_progress(problem_id: UUID, door: Door = opens("cases:read")) -> Response:
    """Which departments and branches acknowledged the last word."""
    return await door.read(queries.get_progress, problem_id=problem_id)


@router.get("/problems/{problem_id}/unreached", response_model=Page[Unreached], operation_id="list_unreached")
async def list_unreached(
    problem_id: UUID,
    revision: Annotated[int | None, Query(ge=1, le=1_000_000, description="the last word by default")] = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("cases:read"),
) -> Response:
    """Customers whom a word did not reach, and cases that name no customer."""
    now = door.database.clock.now()
    return await door.read(
        queries.list_unreached, problem_id=problem_id, revision=revision, now=now, limit=limit, after=after
    )
