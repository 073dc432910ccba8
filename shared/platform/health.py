"""`/livez`, `/readyz`, `/metrics`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic_core import to_json
from sqlalchemy import func, select, text
from starlette.requests import Request
from starlette.responses import Response

from shared.platform.metrics import OUTBOX_UNSENT, PARKED_OPEN
from shared.platform.work import Database

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a process can do its work, and each check behind that."""

    ready: bool
    checks: dict[str, str] = field(default_factory=dict)


@router.get("/livez")
async def livez() -> Response:
    """The process runs."""
    return Response('{"status":"ok"}', media_type="application/json")


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """The database answers, migrations are current, and what else the process needs (app.state.checks)."""
    readiness = await ready(request.app.state.database, getattr(request.app.state, "checks", {}))
    return Response(to_json(readiness), 200 if readiness.ready else 503, media_type="application/json")


async def ready(database: Database, more: dict[str, Any]) -> Readiness:
    """Run every check; a check that raises or answers anything but "ok" makes the process unready."""
    checks = {"database": _database_answers, **more}
    found: dict[str, str] = {}
    for name, check in checks.items():
        try:
            found[name] = await check(database)
        except Exception as error:
            found[name] = type(error).__name__
    return Readiness(all(answer == "ok" for answer in found.values()), found)


async def _database_answers(database: Database) -> str:
    async with database.reading() as conn:
        await conn.execute(text("SELECT 1"))
    return "ok"


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus' text format."""
    await observe(request.app.state.database)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def observe(database: Database) -> None:
    """Read the gauges that only the database knows."""
    kernel = database.kernel
    async with database.reading() as conn:
        unsent = await conn.execute(
            select(func.count()).select_from(kernel.outbox).where(kernel.outbox.c.sent_at.is_(None))
        )
        parked = await conn.execute(
            select(func.count()).select_from(kernel.parked).where(kernel.parked.c.replayed_at.is_(None))
        )
    OUTBOX_UNSENT.labels(database.service).set(unsent.scalar_one())
    PARKED_OPEN.labels(database.service).set(parked.scalar_one())
