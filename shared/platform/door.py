"""The HTTP door: who asks, may they, was this asked before; then one command or one query.

@router.post("/teams", status_code=201, response_model=Team)
async def create_team(body: NewTeam, door: Door = opens("roster:configure")) -> Response:
    return await door.run(commands.create_team, status=201, **body.model_dump())
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import structlog
from asyncpg import IntegrityConstraintViolationError
from fastapi import Security
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from pydantic_core import to_json
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import Response

from shared.contracts.access import ALL_SCOPES
from shared.contracts.refusal import Refusal
from shared.platform import audit
from shared.platform.actor import Actor
from shared.platform.db import DATABASE_ERRORS, is_deadlock
from shared.platform.once import Once, once_of
from shared.platform.problems import language_of
from shared.platform.work import Database, Work

log = structlog.get_logger(__name__)

Command = Callable[..., Awaitable[Any]]
DEADLOCKS = 4
"""How often a command is run again after one."""


@dataclass(frozen=True, slots=True)
class Door:
    """An authenticated, authorised request to one service."""

    request: Request
    actor: Actor
    database: Database

    @property
    def language(self) -> str:
        """The language of texts for this caller: `zh-CN` or `en`."""
        return language_of(self.request)

    @property
    def if_match(self) -> int:
        """The version the caller saw. 428 without If-Match, 412 when it is not one of our tags."""
        raw = self.request.headers.get("if-match")
        if raw is None:
            raise Refusal("if-match-required")
        tag = raw.strip().removeprefix("W/").strip('"')
        if not (tag.isascii() and tag.isdigit() and len(tag) < 19):
            raise Refusal("if-match-invalid")
        return int(tag)

    async def run(self, command: Command, *, status: int = 200, **arguments: Any) -> Response:
        """Run a command in its transaction and answer with what it returns.

        With an Idempotency-Key the answer is stored in the same transaction; asked again, it is given again. What
        PostgreSQL has undone to end a deadlock is run again: a command consumes nothing that it is given.
        """
        once = await once_of(self.request, self.database.kernel, self.actor.sub)
        for _ in range(DEADLOCKS):
            try:
                return await self._run(once, command, status, arguments)
            except DATABASE_ERRORS as error:
                if not is_deadlock(error):
                    raise
                log.info("deadlock_undone", service=self.database.service, command=command.__name__)
        return await self._run(once, command, status, arguments)

    async def read(self, query: Command, *, status: int = 200, **arguments: Any) -> Response:
        """Run a query and answer with what it returns."""
        async with self.database.reading() as conn:
            return _answer(await query(conn, **arguments), status)

    async def _run(self, once: Once | None, command: Command, status: int, arguments: dict[str, Any]) -> Response:
        if once is not None:
            return await self._run_once(once, command, status, arguments)
        async with self._work() as work:
            return await self._done(work, _answer(await command(work, **arguments), status))

    async def _run_once(self, once: Once, command: Command, status: int, arguments: dict[str, Any]) -> Response:
        try:
            async with self._work() as work:
                if earlier := await once.earlier(work.conn):
                    return earlier
                answer = _answer(await command(work, **arguments), status)
                await once.keep(work, answer)
                return await self._done(work, answer)
        except (Refusal, IntegrityError, IntegrityConstraintViolationError):
            # The first request may have committed between our look and our lock; then its answer is ours too.
            async with self.database.reading() as conn:
                if earlier := await once.earlier(conn):
                    return earlier
            raise

    async def _done(self, work: Work, answer: Response) -> Response:
        """Write down in the same transaction that this was done."""
        await audit.note(work, self.request, answer.status_code)
        return answer

    def _work(self) -> AbstractAsyncContextManager[Work]:
        return self.database.work(self.actor, correlation_id=self.request.scope.get("correlation_id"))


def _answer(result: Any, status: int) -> Response:
    """Whatever a command or query returns, as a response: dataclasses and dicts become JSON, `version` an ETag."""
    if isinstance(result, Response):
        return result
    if result is None:
        return Response(status_code=204)
    version = result.get("version") if isinstance(result, Mapping) else getattr(result, "version", None)
    headers = {"ETag": f'"{version}"'} if version is not None else {}
    return Response(to_json(result, inf_nan_mode="null"), status, headers, "application/json")


class _Opens(SecurityBase):
    """The dependency behind `opens`; as a security scheme it shows in the OpenAPI document by itself."""

    scheme_name = "bearer"
    model = HTTPBearer(bearerFormat="JWT")

    def __init__(self, scope: str) -> None:
        if scope not in ALL_SCOPES:
            raise ValueError(f"no role has the scope {scope!r}; scopes are listed in shared.contracts.access")
        self.scope = scope

    async def __call__(self, request: Request) -> Door:
        state = request.app.state
        actor = await _authenticated(request)
        await state.rates.spend_as(actor)
        actor.require(self.scope)
        return Door(request, actor, state.database)


def opens(scope: str) -> Any:
    """The dependency of a route: authenticate the caller and require `scope`."""
    return Security(_Opens(scope), scopes=[scope])


async def _authenticated(request: Request) -> Actor:
    """Who asks. Wrong tokens are counted by address, so that guessing is slow."""
    try:
        actor: Actor = await request.app.state.verifier.actor(_bearer(request))
    except Refusal:
        if "authorization" in request.headers:  # without, the edge has counted it
            await request.app.state.rates.spend_at(request)
        raise
    return actor


def _bearer(request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Refusal("not-authenticated")
    return token.strip()
