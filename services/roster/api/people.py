"""Teams, agents and shift codes."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import AfterValidator, AliasChoices, AwareDatetime, Field

from services.roster.commands import people as commands
from services.roster.domain.agent import Agent
from services.roster.domain.code import ShiftCode
from services.roster.domain.team import Team
from services.roster.queries import people as queries
from shared.contracts.access import ROLES
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router
from shared.platform.web import Body, Code, Text

router = Router()


def _to_the_minute(moment: time) -> time:
    if moment.tzinfo or moment.second or moment.microsecond:
        raise ValueError("a local time of the form HH:MM")
    return moment


def _sane(day: date) -> date:
    if not date(1950, 1, 1) <= day <= date(2200, 1, 1):
        raise ValueError("a day between 1950 and 2200")
    return day


def _known_role(role: str) -> str:
    if role not in ROLES:
        raise ValueError(f"one of {', '.join(ROLES)}")
    return role


TimeOfDay = Annotated[time, AfterValidator(_to_the_minute)]
Day = Annotated[date, AfterValidator(_sane)]
Role = Annotated[str, AfterValidator(_known_role)]
Name = Annotated[Text, Field(max_length=200)]
Language = Literal["zh-CN", "en"]
Level = Literal["off", "warning", "error"]
Status = Literal["active", "trainee", "suspended"]
UpdatedAfter = Annotated[AwareDatetime | None, Query(description="only what changed after this, in order of change")]


class Checks(Body):
    """How much each check of a draft weighs; `error` stops publication. What is not given stays."""

    overlap: Level = "error"
    code: Level = "error"
    employment: Level = "error"
    team: Level = "error"
    leave: Level = "error"
    contact: Level = "error"
    escalation: Level = "error"
    rest: Level = "warning"
    weekly_hours: Level = "warning"
    consecutive_days: Level = "warning"
    headcount: Level = "warning"
    short_notice: Level = "warning"


class Headcount(Body):
    """At least so many agents at work at every moment of an interval, on these weekdays (1 Monday … 7 Sunday)."""

    weekdays: list[Annotated[int, Field(ge=1, le=7)]] = Field([1, 2, 3, 4, 5, 6, 7], min_length=1, max_length=7)
    starts: TimeOfDay
    ends: TimeOfDay
    agents: int = Field(ge=1, le=10_000)


class Settings(Body):
    """What a team decides for itself; what is not given stays."""

    confirm_within_minutes: int = Field(720, ge=1, le=60 * 24 * 31)
    min_notice_minutes: int = Field(120, ge=0, le=60 * 24 * 7)
    quiet_from: TimeOfDay = time(22)
    quiet_to: TimeOfDay = time(8)
    grace_minutes: int = Field(10, ge=0, le=240)
    tolerance_minutes: int = Field(5, ge=0, le=120)
    swap_approval: Literal["lead", "auto"] = "lead"
    leave_code: Code | None = None
    decide_within_minutes: int = Field(1_440, ge=1, le=60 * 24 * 31)
    min_rest_minutes: int = Field(660, ge=0, le=60 * 24)
    max_weekly_minutes: int = Field(2_880, ge=1, le=60 * 24 * 7)
    max_consecutive_days: int = Field(6, ge=1, le=31)
    short_notice_minutes: int = Field(720, ge=0, le=60 * 24 * 31)
    headcount: list[Headcount] = Field([], max_length=50)
    checks: Checks = Field(default_factory=Checks)


class NewTeam(Body):
    """A team to be made. `lead` and `supervisor` are staff numbers, of people who may be hired later."""

    name: Name
    code: Code | None = None
    zone: Annotated[str, Field(max_length=64, validation_alias=AliasChoices("zone", "timezone"))] = "Asia/Shanghai"
    lead: Code | None = None
    supervisor: Code | None = None
    parent_id: UUID | None = None
    settings: Settings = Field(default_factory=Settings)


class TeamChange(Body):
    """What is to change of a team."""

    name: Name = ""
    zone: Annotated[str, Field(max_length=64, validation_alias=AliasChoices("zone", "timezone"))] = ""
    lead: Code | None = None
    supervisor: Code | None = None
    parent_id: UUID | None = None
    settings: Settings = Field(default_factory=Settings)


@router.post("/teams", status_code=201, response_model=Team, operation_id="create_team", tags=["teams"])
async def create_team(body: NewTeam, door: Door = opens("roster:configure")) -> Response:
    """Make a team."""
    given = body.model_dump() | {"settings": body.settings.model_dump()}
    return await door.run(commands.create_team, status=201, **given)


@router.get("/teams", response_model=Page[Team], operation_id="list_teams", tags=["teams"])
async def list_teams(
    *,
    parent: UUID | None = None,
    code: Annotated[Code | None, Query()] = None,
    updated_after: UpdatedAfter = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("roster:read"),
) -> Response:
    """The teams."""
    return await door.read(
        queries.list_teams, parent=parent, code=code, updated_after=updated_after, limit=limit, after=after
    )


@router.get("/teams/{team_id}", response_model=Team, operation_id="get_team", tags=["teams"])
async def get_team(team_id: UUID, door: Door = opens("roster:read")) -> Response:
    """One team."""
    return await door.read(queries.team_of, team_id=team_id)


@router.patch("/teams/{team_id}", response_model=Team, operation_id="change_team", tags=["teams"])
async def change_team(team_id: UUID, body: TeamChange, door: Door = opens("roster:configure")) -> Response:
    """Change a team (If-Match)."""
    return await door.run(commands.change_team, team_id=team_id, version=door.if_match, changes=_given(body))


class NewAgent(Body):
    """Somebody to be taken on."""

    staff_no: Code
    name: Name
    team_id: UUID
    roles: list[Role] = Field(["agent"], min_length=1, max_length=len(ROLES))
    skills: list[Code] = Field([], max_length=100)
    hired_on: Day
    left_on: Day | None = None
    language: Language = "zh-CN"
    mentor: Code | None = None
    status: Status = "active"


class AgentChange(Body):
    """What is to change of an agent; `left_on` is their last day."""

    name: Name = ""
    team_id: UUID = UUID(int=0)
    roles: list[Role] = Field([], min_length=1, max_length=len(ROLES))
    skills: list[Code] = Field([], max_length=100)
    hired_on: Day = date.min
    left_on: Day | None = None
    language: Language = "zh-CN"
    mentor: Code | None = None
    status: Status = "active"


@router.post("/agents", status_code=201, response_model=Agent, operation_id="hire_agent", tags=["agents"])
async def hire_agent(body: NewAgent, door: Door = opens("roster:plan")) -> Response:
    """Take somebody on."""
    given = _tuples(body.model_dump())
    return await door.run(commands.hire_agent, status=201, standing=given.pop("status"), **given)


@router.get("/agents", response_model=Page[Agent], operation_id="list_agents", tags=["agents"])
async def list_agents(
    *,
    team: Annotated[Code | None, Query(description="the team's id or code")] = None,
    staff_no: Annotated[Code | None, Query()] = None,
    skill: Annotated[Code | None, Query(description="who has it")] = None,
    mentor: Annotated[Code | None, Query(description="whose mentor is this staff number")] = None,
    standing: Annotated[Status | None, Query(alias="status")] = None,
    on: Annotated[Day | None, Query(description="who is on the staff that day")] = None,
    updated_after: UpdatedAfter = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("roster:read"),
) -> Response:
    """The agents that the caller sees."""
    return await door.read(
        queries.list_agents,
        actor=door.actor,
        team=team,
        staff_no=staff_no,
        skill=skill,
        mentor=mentor,
        standing=standing,
        on=on,
        updated_after=updated_after,
        limit=limit,
        after=after,
    )


@router.get("/agents/{agent_id}", response_model=Agent, operation_id="get_agent", tags=["agents"])
async def get_agent(agent_id: UUID, door: Door = opens("roster:read")) -> Response:
    """One agent."""
    return await door.read(queries.agent, actor=door.actor, agent_id=agent_id)


@router.patch("/agents/{agent_id}", response_model=Agent, operation_id="change_agent", tags=["agents"])
async def change_agent(agent_id: UUID, body: AgentChange, door: Door = opens("roster:plan")) -> Response:
    """Change an agent (If-Match)."""
    changes = _tuples(_given(body))
    return await door.run(commands.change_agent, agent_id=agent_id, version=door.if_match, changes=changes)


class Pause(Body):
    """A break within a shift, in local time."""

    starts: TimeOfDay
    ends: TimeOfDay


class NewShiftCode(Body):
    """A code of the sheet. Without times it is a day off; it crosses midnight when it ends no later than it starts."""

    code: Code
    name: Name
    team_id: UUID | None = None
    starts: TimeOfDay | None = None
    ends: TimeOfDay | None = None
    breaks: list[Pause] = Field([], max_length=20)


class ShiftCodeChange(Body):
    """What is to change of a shift code; published versions keep what they were published with."""

    name: Name = ""
    starts: TimeOfDay | None = None
    ends: TimeOfDay | None = None
    breaks: list[Pause] = Field([], max_length=20)


@router.post(
    "/shift-codes", status_code=201, response_model=ShiftCode, operation_id="create_shift_code", tags=["shift codes"]
)
async def create_shift_code(body: NewShiftCode, door: Door = opens("roster:plan")) -> Response:
    """Make a shift code, for a team or for the house."""
    return await door.run(commands.create_shift_code, status=201, **_tuples(body.model_dump()))


@router.get("/shift-codes", response_model=Page[ShiftCode], operation_id="list_shift_codes", tags=["shift codes"])
async def list_shift_codes(
    *,
    team: Annotated[Code | None, Query(description="the team's id or code: what its sheet may use")] = None,
    code: Annotated[Code | None, Query()] = None,
    updated_after: UpdatedAfter = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("roster:read"),
) -> Response:
    """The shift codes; with `team` those that its sheet may use."""
    return await door.read(
        queries.list_shift_codes, team=team, code=code, updated_after=updated_after, limit=limit, after=after
    )


@router.get("/shift-codes/{code_id}", response_model=ShiftCode, operation_id="get_shift_code", tags=["shift codes"])
async def get_shift_code(code_id: UUID, door: Door = opens("roster:read")) -> Response:
    """One shift code."""
    return await door.read(queries.shift_code, code_id=code_id)


@router.patch(
    "/shift-codes/{code_id}", response_model=ShiftCode, operation_id="change_shift_code", tags=["shift codes"]
)
async def change_shift_code(code_id: UUID, body: ShiftCodeChange, door: Door = opens("roster:plan")) -> Response:
    """Change a shift code (If-Match)."""
    changes = _tuples(_given(body))
    return await door.run(commands.change_shift_code, code_id=code_id, version=door.if_match, changes=changes)


def _given(body: Body) -> dict[str, Any]:
    """The fields that the caller sent; the defaults of a change's model only say what is optional."""
    return body.model_dump(exclude_unset=True)


def _tuples(given: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
