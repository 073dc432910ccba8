"""Routes of scorecards, rankings and the performance quadrant."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from services.kpi.api import examples
from services.kpi.api.asking import sight_of
from services.kpi.api.targets import Day, Value
from services.kpi.commands import scores as commands
from services.kpi.commands.scores import PublishedCards
from services.kpi.domain.period import HOME_ZONE
from services.kpi.domain.ranking import BY_CATEGORY, LEAST_FACTS
from services.kpi.domain.scorecard import Card, Definition, Stage, Weighed
from services.kpi.queries.scores import (
    CardView,
    Quadrant,
    Ranking,
    card_list,
    card_view,
    definition_list,
    quadrant,
    ranking,
    ranking_list,
)
from services.kpi.queries.values import Span
from shared.contracts.access import ROLES
from shared.contracts.refusal import Refusal
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router
from shared.platform.web import Body, Code, Name, Text

router = Router(tags=["scores"])


def _known_role(role: str) -> str:
    if role not in ROLES:
        raise PydanticCustomError("not-one-of", "no role", {"expected": ", ".join(ROLES)})
    return role


Purpose = Literal["pay", "team_award", "appraisal"]
Category = Literal["volume", "quality", "skill", "attendance"]
Role = Annotated[Code, AfterValidator(_known_role)]
Least = Annotated[int, Field(ge=1, le=1_000_000)]


class WeighedMetric(Body):
    """One metric of a card; weights make 100 together."""

    metric: Code
    weight: Annotated[int, Field(ge=1, le=100)]
    target: Annotated[Value, Field(gt=0)]


class NewDefinition(Body):
    """What a card weighs, for agents of a role; a newcomer is in their first two months."""

    model_config = examples.shown(examples.DEFINITION)

    name: Name
    role: Role = "agent"
    stage: Stage = "established"
    weighed: Annotated[list[WeighedMetric], Field(min_length=1, max_length=20)]


class ChangedDefinition(Body):
    """What is left out stays."""

    model_config = examples.shown(examples.CHANGED_DEFINITION)

    name: Name | None = None
    weighed: Annotated[list[WeighedMetric], Field(min_length=1, max_length=20)] | None = None


class Days(Body):
    """Whole days in a zone, the last included."""

    from_: Day = Field(alias="from")
    to: Day
    tz: Code = HOME_ZONE

    @property
    def span(self) -> Span:
        """The period."""
        return Span(self.from_, self.to, self.tz)


class PublishingCards(Days):
    """For everybody a definition is meant for, or one team of them."""

    model_config = examples.shown(examples.CARDS)

    definition_id: UUID
    team_id: UUID | None = None
    purpose: Purpose | None = None


class AskedRanking(Days):
    """Agents or teams, by a metric or by what a category stands for; who has less than `min_n` facts is not ranked."""

    of: Literal["agent", "team"] = "agent"
    metric: Code | None = None
    category: Category | None = None
    min_n: Least = LEAST_FACTS

    @property
    def by(self) -> str:
        """The metric meant; 422 `ranking-by-nothing` without either."""
        if not (self.metric or self.category):
            raise Refusal("ranking-by-nothing")
        return self.metric or BY_CATEGORY[str(self.category)]


class PublishingRanking(AskedRanking):
    """A ranking that is kept and told; `purpose`: what its facts count for."""

    model_config = examples.shown(examples.RANKING)

    purpose: Purpose | None = None


def _weighed(given: list[WeighedMetric]) -> tuple[Weighed, ...]:
    return tuple(Weighed(one.metric, one.weight, one.target) for one in given)


@router.post("/scorecard-definitions", status_code=201, response_model=Definition, operation_id="define_scorecard")
async def define_scorecard(body: NewDefinition, door: Door = opens("kpi:configure")) -> Response:
    """Say what a card weighs. Weights make 100; newcomers are not asked for speed."""
    given = {"name": body.name, "role": body.role, "stage": body.stage, "weighed": _weighed(body.weighed)}
    return await door.run(commands.define_scorecard, status=201, **given)


@router.get("/scorecard-definitions", response_model=Page[Definition], operation_id="list_scorecard_definitions")
async def list_scorecard_definitions(
    limit: Limit = 50, after: After = None, door: Door = opens("kpi:read")
) -> Response:
    """What cards weigh: everybody may know it before it counts."""
    return await door.read(definition_list, limit=limit, after=after)


@router.patch("/scorecard-definitions/{definition_id}", response_model=Definition, operation_id="redefine_scorecard")
async def redefine_scorecard(
    definition_id: UUID, body: ChangedDefinition, door: Door = opens("kpi:configure")
) -> Response:
    """Weigh otherwise from now on: a new version; published cards stay as they are."""
    weighed = _weighed(body.weighed) if body.weighed is not None else None
    return await door.run(
        commands.redefine_scorecard,
        definition_id=definition_id,
        seen=door.if_match,
        name=body.name,
        weighed=weighed,
    )


@router.post("/scorecards:publish", response_model=PublishedCards, operation_id="publish_scorecards")
async def publish_scorecards(body: PublishingCards, door: Door = opens("kpi:configure")) -> Response:
    """Publish cards for a period that is over; published again, only what changed becomes a revision."""
    return await door.run(
        commands.publish_scorecards,
        definition_id=body.definition_id,
        span=body.span,
        team_id=body.team_id,
        purpose=body.purpose,
    )


@router.get("/scorecards", response_model=Page[Card], operation_id="list_scorecards")
async def list_scorecards(
    agent: Text | None = None, limit: Limit = 50, after: After = None, door: Door = opens("kpi:read")
) -> Response:
    """Published cards as they are now: one's own, one's team's, or all."""
    return await door.read(card_list, sight=await sight_of(door), staff_no=agent, limit=limit, after=after)


@router.get("/scorecards/{scorecard_id}", response_model=CardView, operation_id="read_scorecard")
async def read_scorecard(scorecard_id: UUID, door: Door = opens("kpi:read")) -> Response:
    """A card with every formula, number and weight, and its earlier revisions."""
    return await door.read(card_view, scorecard_id=scorecard_id, sight=await sight_of(door))


@router.get("/rankings", response_model=Ranking, operation_id="read_ranking")
async def read_ranking(asked: Annotated[AskedRanking, Query()], door: Door = opens("kpi:read")) -> Response:
    """Agents or teams ranked as it is now: rates by Wilson's bound, too few facts without a rank."""
    sight = await sight_of(door)
    return await door.read(ranking, of=asked.of, metric=asked.by, span=asked.span, least=asked.min_n, sight=sight)


@router.get("/rankings/published", response_model=Page[Ranking], operation_id="list_published_rankings")
async def list_published_rankings(
    metric: Code | None = None, limit: Limit = 50, after: After = None, door: Door = opens("kpi:read")
) -> Response:
    """Rankings as they were published, oldest first."""
    return await door.read(ranking_list, metric=metric, limit=limit, after=after)


@router.post("/rankings:publish", response_model=Ranking, operation_id="publish_ranking")
async def publish_ranking(body: PublishingRanking, door: Door = opens("kpi:configure")) -> Response:
    """Publish a ranking of a period that is over; facts that count for something else already are flagged."""
    return await door.run(
        commands.publish_ranking,
        of=body.of,
        metric=body.by,
        span=body.span,
        least=body.min_n,
        purpose=body.purpose,
    )


@router.get("/quadrant", response_model=Quadrant, operation_id="read_quadrant")
async def read_quadrant(asked: Annotated[Days, Query()], door: Door = opens("kpi:read")) -> Response:
    """Every agent by mean handle time and contacts handled, against the medians of both."""
    return await door.read(quadrant, span=asked.span, sight=await sight_of(door))
