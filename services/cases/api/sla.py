"""SLA policies, calendars and clocks over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from services.cases.api.contact_rows import Zone
from services.cases.commands import sla_rules as commands
from services.cases.domain.business_calendar import BusinessCalendar, DatedHours, OpenHours, WeekHours
from services.cases.domain.sla_policy import HandoffTerms, Policy, Target
from services.cases.queries import sla as queries
from shared.platform.door import Door, opens
from shared.platform.fields import Body, Code, Name
from shared.platform.ids import new_id
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router

router = Router(tags=["service levels"])

Minutes = Annotated[int, Field(ge=1, le=500_000)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["09:00"])]


class GivenTarget(Body):
    """What is due within so many working minutes; for one quadrant (1-4) or customers' tier only, when given."""

    target: Literal["first_response", "next_update", "resolution"]
    minutes: Minutes
    quadrant: Annotated[int, Field(ge=1, le=4)] | None = None
    tier: Code | None = None

    def made(self) -> Target:
        """As the domain knows it."""
        return Target(target=self.target, seconds=self.minutes * 60, quadrant=self.quadrant, tier=self.tier)


class GivenTerms(Body):
    """Terms of hand-offs, in working minutes and days."""

    ack_minutes: Minutes = 60
    chase_minutes: Minutes = 30
    work_days: Annotated[int, Field(ge=1, le=365)] = 3
    overdue_minutes: Minutes = 240
    progress_minutes: Minutes = 120
    word_minutes: Minutes = 120


Targets = Annotated[list[GivenTarget], Field(min_length=1, max_length=100)]
Percents = Annotated[list[Annotated[int, Field(ge=1, le=99)]], Field(max_length=10)]
Escalations = Annotated[list[Minutes], Field(max_length=10)]
Pauses = Annotated[list[Literal["waiting_customer", "waiting_team"]], Field(max_length=2)]


class NewPolicy(Body):
    """A policy to add. `calendar` by code; none: each team's own."""

    code: Code
    name: Name
    calendar: Code | None = None
    targets: Targets
    warn_percent: Percents = [75]
    escalate_after_minutes: Escalations = [60, 240]
    pauses: Pauses = ["waiting_customer"]
    handoff: GivenTerms = GivenTerms()


class PolicyChange(Body):
    """What the next version says otherwise; what is absent stays."""

    name: Name = ""
    calendar: Code | None = None
    targets: Targets = []
    warn_percent: Percents = []
    escalate_after_minutes: Escalations = []
    pauses: Pauses = []
    handoff: GivenTerms = GivenTerms()


class GivenHours(Body):
    """From `start` to `end`, local; an end not after the start is on the next day."""

    start: Clock
    end: Clock

    def made(self) -> OpenHours:
        """As the domain knows it."""
        return OpenHours(self.start, self.end)


HoursOfDay = Annotated[list[GivenHours], Field(max_length=20)]


class GivenWeek(Body):
    """The hours that begin on each day of the week."""

    mon: HoursOfDay = []
    tue: HoursOfDay = []
    wed: HoursOfDay = []
    thu: HoursOfDay = []
    fri: HoursOfDay = []
    sat: HoursOfDay = []
    sun: HoursOfDay = []

    def made(self) -> WeekHours:
        """As the domain knows it."""
        return WeekHours(**{day: _made(getattr(self, day)) for day in type(self).model_fields})


class GivenDate(Body):
    """The hours of one date in place of the regular ones; none: closed."""

    on: Annotated[date, Field(ge=date(2000, 1, 1), le=date(2200, 12, 31))]
    windows: HoursOfDay = []
    name: Name | None = None

    def made(self) -> DatedHours:
        """As the domain knows it."""
        return DatedHours(self.on, _made(self.windows), self.name)


Dates = Annotated[list[GivenDate], Field(max_length=2000)]
Teams = Annotated[list[Code], Field(max_length=500)]


class NewCalendar(Body):
    """A calendar to add. `zone` none: that of the case or team. `teams`: codes of those who work by it."""

    code: Code
    name: Name
    zone: Zone | None = None
    windows: GivenWeek
    make_up: HoursOfDay = []
    overrides: Dates = []
    holidays: bool = True
    teams: Teams = []


class CalendarChange(Body):
    """What the next version says otherwise; what is absent stays."""

    name: Name = ""
    zone: Zone | None = None
    windows: GivenWeek = GivenWeek()
    make_up: HoursOfDay = []
    overrides: Dates = []
    holidays: bool = True
    teams: Teams = []


AllVersions = Annotated[bool, Query(description="every version, not only the newest")]


@router.post("/sla-policies", status_code=201, response_model=Policy, operation_id="create_sla_policy")
async def create_sla_policy(body: NewPolicy, door: Door = opens("cases:configure")) -> Response:
    """Add a policy; case types name it by its code."""
    policy = Policy(policy_id=new_id(), version=1, since=door.database.clock.now(), **_told(body))
    return await door.run(commands.create_policy, status=201, policy=policy)


@router.get("/sla-policies", response_model=Page[Policy], operation_id="list_sla_policies")
async def list_sla_policies(
    *,
    code: Annotated[Code | None, Query()] = None,
    all_versions: AllVersions = False,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("cases:read"),
) -> Response:
    """Policies by code."""
    return await door.read(queries.list_policies, code=code, all_versions=all_versions, limit=limit, after=after)


@router.get("/sla-policies/{policy_id}", response_model=Policy, operation_id="get_sla_policy")
async def get_sla_policy(policy_id: UUID, door: Door = opens("cases:read")) -> Response:
    """A policy in its newest version."""
    return await door.read(queries.get_policy, policy_id=policy_id)


@router.patch("/sla-policies/{policy_id}", response_model=Policy, operation_id="change_sla_policy")
async def change_sla_policy(policy_id: UUID, body: PolicyChange, door: Door = opens("cases:configure")) -> Response:
    """Make the next version; open clocks follow it and keep what they have counted."""
    return await door.run(
        commands.change_policy, policy_id=policy_id, seen_version=door.if_match, changes=_told(body, given_only=True)
    )


@router.post("/calendars", status_code=201, response_model=BusinessCalendar, operation_id="create_calendar")
async def create_calendar(body: NewCalendar, door: Door = opens("cases:configure")) -> Response:
    """Add a calendar."""
    calendar = BusinessCalendar(calendar_id=new_id(), version=1, since=door.database.clock.now(), **_told(body))
    return await door.run(commands.create_calendar, status=201, calendar=calendar)


@router.get("/calendars", response_model=Page[BusinessCalendar], operation_id="list_calendars")
async def list_calendars(
    *,
    code: Annotated[Code | None, Query()] = None,
    all_versions: AllVersions = False,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("cases:read"),
) -> Response:
    """Calendars by code."""
    return await door.read(queries.list_calendars, code=code, all_versions=all_versions, limit=limit, after=after)


@router.get("/calendars/{calendar_id}", response_model=BusinessCalendar, operation_id="get_calendar")
async def get_calendar(calendar_id: UUID, door: Door = opens("cases:read")) -> Response:
    """A calendar in its newest version."""
    return await door.read(queries.get_calendar, calendar_id=calendar_id)


@router.patch("/calendars/{calendar_id}", response_model=BusinessCalendar, operation_id="change_calendar")
async def change_calendar(calendar_id: UUID, body: CalendarChange, door: Door = opens("cases:configure")) -> Response:
    """Make the next version; open clocks follow it and keep what they have counted."""
    return await door.run(
        commands.change_calendar,
        calendar_id=calendar_id,
        seen_version=door.if_match,
        changes=_told(body, given_only=True),
    )


@router.get("/cases/{case_id}/sla", response_model=queries.CaseSla, operation_id="get_case_sla")
async def get_case_sla(case_id: UUID, door: Door = opens("cases:read")) -> Response:
    """A case's clocks, with each counted and each skipped stretch of time."""
    return await door.read(queries.case_sla, actor=door.actor, case_id=case_id, now=door.database.clock.now())


def _told(body: Body, *, given_only: bool = False) -> dict[str, Any]:
    names = body.model_fields_set if given_only else type(body).model_fields
    return {name: _made(getattr(body, name)) for name in names}


def _made(value: Any) -> Any:
    """A part of a body as the domain knows it."""
    if isinstance(value, GivenTerms):
        return HandoffTerms(**value.model_dump())
    if isinstance(value, list):
        return tuple(_made(one) for one in value)
    return value.made() if hasattr(value, "made") else value
