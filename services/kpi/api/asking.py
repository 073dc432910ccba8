"""How a metric is asked for: what to look at, by whom, checked once for every route that answers with figures."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from services.kpi.api import examples
from services.kpi.domain.cuts import Cut
from services.kpi.domain.period import FIRST_DAY, HOME_ZONE, LAST_DAY, Grain
from services.kpi.domain.question import Question, Sight, question
from services.kpi.queries.facts import Side
from services.kpi.queries.teams import id_of_team, ids_of_teams
from shared.contracts.refusal import Refusal
from shared.platform.door import Door
from shared.platform.paging import After, Limit
from shared.platform.web import Body, Code, Text

Dimension = Literal[
    "agent",
    "team",
    "topic",
    "channel",
    "queue",
    "cause",
    "deviation",
    "case_type",
    "target",
    "to_team",
    "step",
    "root_cause",
]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)

MOST_QUERIES = 50


def _when(raw: Any) -> date | datetime:
    """A date, or a time with offset. In a URL an unescaped `+` arrives as a space, which is put right here."""
    text = raw.strip().replace(" ", "+") if isinstance(raw, str) else ""
    try:
        when = date.fromisoformat(text) if len(text) == len("2026-03-01") else datetime.fromisoformat(text)
    except ValueError as error:
        raise PydanticCustomError("time-unreadable", "neither a date nor a time") from error
    if isinstance(when, datetime) and when.tzinfo is None:
        raise PydanticCustomError("offset-missing", "no offset")
    if not FIRST_DAY.year <= when.year <= LAST_DAY.year:
        raise PydanticCustomError("time-unreadable", "out of range")
    return when


When = Annotated[
    date | datetime,
    PlainValidator(_when),
    WithJsonSchema({"type": "string", "examples": ["2026-03-01", "2026-03-01T08:00:00+08:00"]}),
]
Seconds = Annotated[int, Field(ge=0, le=86_400)]


class AskedOfTeam(Body):
    """Of the centre, or of one team."""

    team: Text | None = Field(None, description="a team's id or code")


class Belonging(AskedOfTeam):
    """Of whom and of what. `without` asks for what has no such dimension: the group that `by` calls null."""

    agent: Text | None = None
    topic: Text | None = None
    channel: Text | None = None
    queue: Text | None = None
    cause: Text | None = None
    deviation: Text | None = None
    case_type: Text | None = None
    target: Text | None = Field(None, description="the SLA target: first_response, next_update, resolution")
    to_team: Text | None = None
    step: Text | None = None
    root_cause: Text | None = None
    without: Dimension | None = None

    def filters(self) -> dict[str, str | None]:
        """What facts must have; none: have no such dimension. 422 `filter-contradicts` where both are asked of one."""
        given = {name: getattr(self, name) for name in DIMENSIONS}
        found: dict[str, str | None] = {name: value for name, value in given.items() if value is not None}
        if self.without in found:
            raise Refusal("filter-contradicts", fields=(self.without, "without"), what=self.without)
        return found | ({self.without: None} if self.without else {})


class AskedClosed(Belonging):
    """What to look at in a closed period."""

    by: Dimension | None = Field(None, description="one point for each of these")


class AskedWhole(Belonging):
    """What to look at, whole. Dates are days in `tz`, the last included; times are quarter hours, the last excluded."""

    from_: When | None = Field(None, alias="from", description="a date or a time; from the beginning when left out")
    to: When | None = Field(None, description="a date (included) or a time (excluded); until the end when left out")
    tz: Code = Field(HOME_ZONE, description="IANA zone of the days")
    threshold: Seconds | None = Field(None, description="the X of a service level; 20 when left out")
    short: Seconds | None = Field(None, description="an abandon below this is short; 5 when left out")


class Asked(AskedWhole):
    """What to look at, and in which steps."""

    grain: Grain | None = Field(None, description="one point for each of these steps; needs `from` and `to`")


class AskedPoints(Asked):
    """What to look at, and one point for each what."""

    by: Dimension | None = Field(None, description="one point (or series) for each of these")


class AskedFacts(Asked):
    """What to look at, and which facts of it."""

    side: Side | None = Field(None, description="counted by this side only")
    limit: Limit = 50
    after: After = None


class MetricQuery(AskedPoints):
    """One of many."""

    metric: Code


class Queries(Body):
    """Up to 50 at once."""

    model_config = examples.shown(examples.QUERIES)

    queries: list[MetricQuery] = Field(min_length=1, max_length=MOST_QUERIES)


OfTeam = TypeVar("OfTeam", bound=AskedOfTeam)


async def with_team_id(door: Door, asked: OfTeam) -> OfTeam:
    """The same, with its team by the id that facts have: people name a team by its code."""
    if asked.team is None:
        return asked
    async with door.database.reading() as conn:
        return asked.model_copy(update={"team": await id_of_team(conn, asked.team)})


def question_of(sight: Sight, metric_id: str, asked: AskedWhole, grain: Grain | None = None) -> Question:
    """What is asked, checked. Refuses what the metric does not have, and what the asker may not see."""
    settings = {Cut.THRESHOLD: asked.threshold, Cut.SHORT: asked.short}
    return question(
        metric_id=metric_id,
        sight=sight,
        zone=asked.tz,
        from_=asked.from_,
        to=asked.to,
        by=getattr(asked, "by", None),
        grain=grain or getattr(asked, "grain", None),
        filters=asked.filters(),
        settings={cut: seconds for cut, seconds in settings.items() if seconds is not None},
    )


async def sight_of(door: Door) -> Sight:
    """Agents see themselves, leads and supervisors their teams, managers, quality and systems everything."""
    actor = door.actor
    if actor.sees_all or not {"lead", "supervisor"} & set(actor.roles):
        return Sight(actor.sees_all, actor.staff_no)
    async with door.database.reading() as conn:
        known = await ids_of_teams(conn, codes=actor.teams)
    return Sight(False, actor.staff_no, (*actor.teams, *known))
