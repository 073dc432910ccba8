"""`/livez`, `/readyz`, `/metrics`."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic_core import to_json
from sqlalchemy import func, select, text
from starlette.requests import Request
from starlette.responses import Response

from shared.platform.db import DATABASE_ERRORS, is_outage
from shared.platform.ids import made_at
from shared.platform.metrics import OUTBOX_OLDEST, OUTBOX_UNSENT, PARKED_OPEN
from shared.platform.newest import newest
from shared.platform.routing import Router
from shared.platform.work import Database

router = Router(include_in_schema=False)


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
    checks = {"database": _database_answers, "migrations": _migrations_current, **more}
    found: dict[str, str] = {}
    for name, check in checks.items():
        try:
            found[name] = await check(database)
        except Exception as error:  # whatever it is, the process cannot say that it is ready
            found[name] = type(error).__name__
    return Readiness(all(answer == "ok" for answer in found.values()), found)


async def _database_answers(database: Database) -> str:
    async with database.reading() as conn:
        await conn.execute(text("SELECT 1"))
    return "ok"


async def _migrations_current(database: Database) -> str:
    """Older than the code is not ready; newer is, for while a fleet is being updated."""
    async with database.reading() as conn:
        found = await conn.execute(text(f"SELECT version_num FROM {database.service}.alembic_version"))
    at, wanted = str(found.scalar_one()), _newest(database.service)
    return "ok" if at >= wanted else f"at {at}, {wanted} needed"


@cache
def _newest(service: str) -> str:
    return newest(service)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus' text format; without the database's own gauges while it is away."""
    try:
        await observe(request.app.state.database)
    except DATABASE_ERRORS as error:
        if not is_outage(error):
            raise
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def observe(database: Database) -> None:
    """Read the gauges that only the database knows."""
    kernel = database.kernel
    async with database.reading() as conn:
        waiting = kernel.outbox.c.sent_at.is_(None)
        unsent = await conn.execute(select(func.count()).select_from(kernel.outbox).where(waiting))
        first = select(kernel.outbox.c.event_id).where(waiting).order_by(kernel.outbox.c.position).limit(1)
        oldest = (await conn.execute(first)).scalar_one_or_none()
        parked = await conn.execute(
            select(func.count()).select_from(kernel.parked).where(kernel.parked.c.replayed_at.is_(None))
        )
    OUTBOX_UNSENT.labels(database.service).set(unsent.scalar_one())
    OUTBOX_OLDEST.labels(database.service).set(time.time() - made_at(oldest) if oldest else 0)
    PARKED_OPEN.labels(database.service).set(parked.scalar_one())
