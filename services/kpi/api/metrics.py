"""Routes of the metrics: the catalogue, a metric's points, and the facts behind them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from fastapi import Query
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from services.kpi.api.asking import Asked, AskedFacts, AskedPoints, Queries, question_of, sight_of, with_team_id
from services.kpi.domain.question import Question
from services.kpi.queries.catalogue import Catalogue, catalogue
from services.kpi.queries.export import exported_csv, exported_xlsx
from services.kpi.queries.facts import FactView, facts_behind
from services.kpi.queries.points import Answers, Series, many_series, metric_series
from shared.platform.door import Door, opens
from shared.platform.paging import Page
from shared.platform.routing import Router
from shared.platform.web import Code

router = Router(tags=["metrics"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/metrics", response_model=Catalogue, operation_id="list_metrics")
async def list_metrics(door: Door = opens("kpi:read")) -> Catalogue:
    """The catalogue: every metric with its formula in both languages, unit, direction and version."""
    return catalogue()


@router.post("/metrics:query", response_model=Answers, operation_id="query_metrics")
async def query_metrics(body: Queries, door: Door = opens("kpi:read")) -> Response:
    """The points of many metrics, of one moment."""
    sight = await sight_of(door)
    questions = [question_of(sight, query.metric, await with_team_id(door, query)) for query in body.queries]
    return await door.read(_quickly(many_series), questions=questions)


@router.get("/metrics/{metric_id}", response_model=Series, operation_id="read_metric")
async def read_metric(
    metric_id: Code, asked: Annotated[AskedPoints, Query()], door: Door = opens("kpi:read")
) -> Response:
    """The points of a metric: one without `grain` and `by`."""
    return await door.read(_quickly(metric_series), question=await _question(door, metric_id, asked))


@router.get("/metrics/{metric_id}/facts", response_model=Page[FactView], operation_id="list_metric_facts")
async def list_metric_facts(
    metric_id: Code, asked: Annotated[AskedFacts, Query()], door: Door = opens("kpi:read")
) -> Response:
    """The facts behind a point, oldest first: asked like the point, with its group as a filter."""
    what = await _question(door, metric_id, asked)
    return await door.read(facts_behind, question=what, side=asked.side, limit=asked.limit, after=asked.after)


@router.get(
    "/metrics/{metric_id}/export.xlsx",
    response_class=Response,
    responses={200: {"content": {XLSX: {}}, "description": "The points as a sheet"}},
    operation_id="export_metric_xlsx",
)
async def export_metric_xlsx(
    metric_id: Code, asked: Annotated[AskedPoints, Query()], door: Door = opens("kpi:read")
) -> Response:
    """The points of a metric as an Excel sheet."""
    what = await _question(door, metric_id, asked)

    async def file(conn: AsyncConnection) -> Response:
        content = await exported_xlsx(conn, question=what, language=door.language)
        return Response(content, media_type=XLSX, headers=_named(f"{metric_id}.xlsx"))

    return await door.read(file)


@router.get(
    "/metrics/{metric_id}/export.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}, "description": "The points as comma-separated values"}},
    operation_id="export_metric_csv",
)
async def export_metric_csv(
    metric_id: Code, asked: Annotated[AskedPoints, Query()], door: Door = opens("kpi:read")
) -> Response:
    """The points of a metric as comma-separated values."""
    what = await _question(door, metric_id, asked)

    async def file(conn: AsyncConnection) -> Response:
        content = await exported_csv(conn, question=what, language=door.language)
        return Response(content, media_type="text/csv", headers=_named(f"{metric_id}.csv"))

    return await door.read(file)


async def _question(door: Door, metric_id: str, asked: Asked) -> Question:
    return question_of(await sight_of(door), metric_id, await with_team_id(door, asked))


def _quickly(query: Callable[..., Awaitable[Series | Answers]]) -> Callable[..., Awaitable[Response]]:
    """A query whose answer is written by msgspec, in a quarter of the time: it may have points by the thousand."""

    async def answered(conn: AsyncConnection, **asked: Any) -> Response:
        return Response(_ENCODER.encode(await query(conn, **asked)), media_type="application/json")

    return answered


_ENCODER = msgspec.json.Encoder()


def _named(file_name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{file_name}"'}
