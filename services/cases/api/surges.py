"""Surges over HTTP: what stands out, who has seen it, what was done, and what counts as one."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, Field
from starlette.responses import Response

from services.cases.api.contact_rows import Moment, Zone
from services.cases.api.problems import Names, announcement_of
from services.cases.commands import surges as commands
from services.cases.commands.problems import Announcement
from services.cases.domain.surge import Surge, SurgeRule
from services.cases.queries import surges as queries
from shared.contracts.refusal import Fault, Refusal
from shared.platform.door import Door, opens
from shared.platform.fields import Body, Code, Name, Text
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router

router = Router(tags=["surges"])

State = Literal["raised", "acknowledged", "acted"]
Minutes = Annotated[int, Field(ge=5, le=43_200)]


class SurgeProblem(Body):
    """What is behind a surge, as a known problem (see NewProblem): by default its owner's, about its topic."""

    title: Name
    cause: Text
    workaround: Text
    owner_team: Code = ""
    topics: Annotated[list[Code], Field(max_length=50)] = []
    eta_at: Moment | None = None
    next_word_at: Moment | None = None
    teams: Names = []
    ack_within_minutes: Annotated[int, Field(ge=5, le=43_200)] | None = None
    link_open_since: Moment | None = None

    def announcement(self) -> Announcement:
        """As the command takes it."""
        return announcement_of(self)


class ActOnSurge(Body):
    """What the department did about it; `problem` comes with the action of that name."""

    action: Literal["guidance", "training", "fix", "problem"]
    note: Text
    problem: SurgeProblem | None = None


class RuleChange(Body):
    """What counts as a surge; what is absent is as the centre's rule says. See SurgeRule."""

    enabled: bool = True
    threshold: Annotated[float, Field(ge=0, lt=100)] = 30.0
    min_contacts: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    min_customers: Annotated[int, Field(ge=1, le=10_000)] = 5
    window_minutes: Annotated[int, Field(ge=15, le=10_080, multiple_of=15)] = 240
    lift: Annotated[float, Field(ge=1, le=100)] = 1.2
    baseline_weeks: Annotated[int, Field(ge=1, le=52)] = 8
    ack_minutes: Minutes = 120
    act_minutes: Minutes = 2880
    zone: Zone = "Asia/Shanghai"


@router.get("/surges", response_model=Page[Surge], operation_id="list_surges")
async def list_surges(
    *,
    state: Annotated[list[State] | None, Query(description="one or more states")] = None,
    topic: Annotated[Name | None, Query()] = None,
    historic: Annotated[bool | None, Query(description="seen in imported history")] = None,
    updated_after: AwareDatetime | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("cases:read"),
) -> Response:
    """Surges, the latest first, each with the topic's share since its action."""
    return await door.read(
        queries.list_surges,
        states=state or [],
        topic=topic,
        historic=historic,
        updated_after=updated_after,
        limit=limit,
        after=after,
    )


@router.get("/surges/{surge_id}", response_model=Surge, operation_id="get_surge")
async def get_surge(surge_id: UUID, door: Door = opens("cases:read")) -> Response:
    """One surge."""
    return await door.read(queries.get_surge, surge_id=surge_id)


@router.post("/surges/{surge_id}/acknowledge", response_model=Surge, operation_id="acknowledge_surge")
async def acknowledge_surge(surge_id: UUID, door: Door = opens("cases:work")) -> Response:
    """The responsible department has seen it."""
    return await door.run(commands.acknowledge_surge, surge_id=surge_id)


@router.post("/surges/{surge_id}/act", response_model=Surge, operation_id="act_on_surge")
async def act_on_surge(surge_id: UUID, body: ActOnSurge, door: Door = opens("cases:work")) -> Response:
    """The responsible department says what it did about it."""
    if (body.action == "problem") != (body.problem is not None):
        raise Refusal("invalid-value", faults=(Fault("problem", "surge-problem-unclear", {}),))
    if body.problem:
        told = body.problem.announcement()
        return await door.run(commands.turn_into_problem, surge_id=surge_id, note=body.note, announcement=told)
    return await door.run(commands.act_on_surge, surge_id=surge_id, action=body.action, note=body.note)


@router.get("/surge-rules", response_model=Page[SurgeRule], operation_id="list_surge_rules")
async def list_surge_rules(limit: Limit = 50, after: After = None, door: Door = opens("cases:read")) -> Response:
    """What counts as a surge: the centre's rule (`*`) and those of single topics."""
    return await door.read(queries.list_rules, limit=limit, after=after)


@router.get("/surge-rules/{topic}", response_model=SurgeRule, operation_id="get_surge_rule")
async def get_surge_rule(topic: Name, door: Door = opens("cases:read")) -> Response:
    """The rule of one topic, or of the centre (`*`)."""
    return await door.read(queries.get_rule, topic=topic)


@router.put("/surge-rules/{topic}", response_model=SurgeRule, operation_id="keep_surge_rule")
async def keep_surge_rule(topic: Name, body: RuleChange, door: Door = opens("cases:configure")) -> Response:
    """Set the rule of one topic, or of the centre (`*`)."""
    changes = body.model_dump(exclude_unset=True)
    seen = door.if_match if "if-match" in door.request.headers else None
    return await door.run(commands.keep_rule, topic=topic, seen_version=seen, changes=changes)


@router.delete("/surge-rules/{topic}", status_code=204, operation_id="drop_surge_rule")
async def drop_surge_rule(topic: Name, door: Door = opens("cases:configure")) -> Response:
    """Let the centre's rule hold for this topic again."""
    return await door.run(commands.drop_rule, topic=topic)
