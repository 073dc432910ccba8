"""Routes of alert rules, alerts and patterns."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from services.kpi.api import examples
from services.kpi.api.asking import sight_of
from services.kpi.api.targets import GroupBy, Value
from services.kpi.commands import alerts as commands
from services.kpi.domain.alert import Rule
from services.kpi.domain.pattern import Pattern
from services.kpi.queries.alerts import AlertView, alert_list, pattern_list, rule_list
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router
from shared.platform.web import Body, Code, Name, Text

router = Router(tags=["alerts"])

Direction = Literal["above", "below"]
Minutes = Annotated[int, Field(ge=0, le=10_080)]
WindowMinutes = Annotated[int, Field(ge=15, le=44_640)]
Least = Annotated[int, Field(ge=1, le=1_000_000)]
AlertState = Literal["pending", "raised", "resolved"]


class NewRule(Body):
    """Bad for `for_minutes` beyond the threshold, on at least `least_n` facts: raised; past `clear_at`: resolved."""

    model_config = examples.shown(examples.RULE)

    name: Name
    metric: Code
    group_by: GroupBy = "centre"
    group: Text | None = None
    direction: Direction | None = None
    threshold: Value
    clear_at: Value | None = None
    for_minutes: Minutes = 15
    window_minutes: WindowMinutes = 60
    least_n: Least = 20


class ChangedRule(Body):
    """What is left out stays; `active` false: watched no more."""

    model_config = examples.shown(examples.CHANGED_RULE)

    name: Name | None = None
    threshold: Value | None = None
    clear_at: Value | None = None
    for_minutes: Minutes | None = None
    window_minutes: WindowMinutes | None = None
    least_n: Least | None = None
    active: bool | None = None


class Decision(Body):
    """What a lead makes of a proposal."""

    model_config = examples.shown(examples.DECISION)

    note: Text | None = None


@router.post("/alert-rules", status_code=201, response_model=Rule, operation_id="add_alert_rule")
async def add_alert_rule(body: NewRule, door: Door = opens("kpi:configure")) -> Response:
    """Watch a metric of the centre, of each group of a sort, or of one group."""
    return await door.run(commands.add_rule, status=201, **body.model_dump())


@router.get("/alert-rules", response_model=Page[Rule], operation_id="list_alert_rules")
async def list_alert_rules(limit: Limit = 50, after: After = None, door: Door = opens("kpi:read")) -> Response:
    """Every rule, by name."""
    return await door.read(rule_list, limit=limit, after=after)


@router.patch("/alert-rules/{rule_id}", response_model=Rule, operation_id="change_alert_rule")
async def change_alert_rule(rule_id: UUID, body: ChangedRule, door: Door = opens("kpi:configure")) -> Response:
    """Watch otherwise, or no more."""
    changes = {name: value for name, value in body.model_dump().items() if value is not None}
    return await door.run(commands.change_rule, rule_id=rule_id, seen=door.if_match, changes=changes)


@router.get("/alerts", response_model=Page[AlertView], operation_id="list_alerts")
async def list_alerts(
    state: AlertState | None = None,
    rule_id: UUID | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("kpi:read"),
) -> Response:
    """What was raised, oldest first; each group's at most once at a time. Of teams and agents, those in one's sight."""
    return await door.read(
        alert_list, sight=await sight_of(door), state=state, rule_id=rule_id, limit=limit, after=after
    )


@router.get("/patterns", response_model=Page[Pattern], operation_id="list_patterns")
async def list_patterns(
    state: Literal["proposed", "taken_up", "dismissed"] | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("kpi:read"),
) -> Response:
    """Proposals about agents of the own teams: what a lead should look at, never a verdict."""
    return await door.read(pattern_list, sight=await sight_of(door), state=state, limit=limit, after=after)


@router.post("/patterns/{pattern_id}/take-up", response_model=Pattern, operation_id="take_up_pattern")
async def take_up_pattern(pattern_id: UUID, body: Decision | None = None, door: Door = opens("kpi:decide")) -> Response:
    """The lead will talk about it with the agent."""
    return await door.run(commands.decide_pattern, pattern_id=pattern_id, state="taken_up", note=_note(body))


@router.post("/patterns/{pattern_id}/dismiss", response_model=Pattern, operation_id="dismiss_pattern")
async def dismiss_pattern(pattern_id: UUID, body: Decision | None = None, door: Door = opens("kpi:decide")) -> Response:
    """There is nothing in it."""
    return await door.run(commands.decide_pattern, pattern_id=pattern_id, state="dismissed", note=_note(body))


def _note(body: Decision | None) -> str | None:
    return body.note if body else None
